import EarshotControl
import EarshotModel

/// Waiting a moment for the ticks of what was just sent.
enum Ticks {
    /// Ms. Between two machines of one network a tick takes a few.
    private static let moment: Int64 = 300

    /// The answer of `send`, with the states that were reached while those had a moment who are here. The client is
    /// subscribed since before it was sent.
    static func settled(_ sent: [SentView], _ client: ControlClient) throws(DoorError) -> [SentView] {
        var list = sent
        let until = Deadline(milliseconds: Self.moment)
        while list.contains(where: Self.isUnderWay), let incoming = try client.next(until: until) {
            guard case .event(let event) = incoming, let message = event.message,
                message.state != .queued || message.leftWith != nil,
                let index = list.firstIndex(where: { $0.id == message.id })
            else { continue }
            list[index].leftWith = message.leftWith
            list[index].state = message.state
            list[index].deliveredAt = message.deliveredAt ?? list[index].deliveredAt
            list[index].readAt = message.readAt ?? list[index].readAt
            (list[index].reason, list[index].waitsFor) = (message.reason, message.waitsFor)
        }
        return list
    }

    /// Whether the other is here, and has only not said yet that it has come; or somebody is about to keep it.
    private static func isUnderWay(_ sent: SentView) -> Bool {
        sent.state == .queued
            && (sent.waitsFor == .acknowledgement || sent.leaves == true && sent.leftWith == nil)
    }

    /// `delivered to`, before a name.
    static func words(_ state: MessageState) -> String {
        switch state {
        case .delivered: "delivered to"
        case .read: "read by"
        case .queued, .received, .requested: "queued for"
        }
    }
}
