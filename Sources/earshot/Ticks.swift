import EarshotControl

/// Waiting a moment for the ticks of what was just sent.
enum Ticks {
    /// Ms. Between two machines of one network a tick takes a few.
    private static let moment: Int64 = 300

    /// The answer of `send`, with the states that were reached while those had a moment who are here. The client is
    /// subscribed since before it was sent.
    static func settled(_ sent: JSON, _ client: ControlClient) throws(DoorError) -> JSON {
        var list = sent.array ?? []
        let until = Deadline(milliseconds: Self.moment)
        while list.contains(where: Self.isUnderWay), let line = try client.next(until: until) {
            guard let message = line["params"]?["message"], let id = message["id"], let state = message["state"],
                state != "queued",
                let index = list.firstIndex(where: { $0["id"] == id }), var one = list[index].object
            else { continue }
            for key in ["state", "deliveredAt", "readAt"] { one[key] = message[key] ?? one[key] }
            one["reason"] = nil
            list[index] = .object(one)
        }
        return .array(list)
    }

    /// Whether the other is here, and has only not said yet that it has come.
    private static func isUnderWay(_ sent: JSON) -> Bool {
        sent["state"]?.string == "queued" && sent["reason"]?.string == "on its way"
    }

    /// `delivered to`, before a name.
    static func words(_ state: String) -> String {
        switch state {
        case "delivered": "delivered to"
        case "read": "read by"
        default: "queued for"
        }
    }
}
