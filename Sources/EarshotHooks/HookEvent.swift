import EarshotConfig
import EarshotControl
import EarshotModel

/// What a hook is given of an event: a line for its input, variables, and where its answers go.
package struct HookEvent: Hashable, Sendable {
    /// The event as JSON, on one line, without its end.
    package let line: String
    /// `EARSHOT_…`, and what they are.
    package let variables: [String: String]
    /// The conversation that answers go to, as the door takes it; `nil` where there is none to answer in.
    package let place: String?
    /// The message that can be cited.
    package let message: String?

    /// Bytes of a text in a variable at most; the line has all of it.
    private static let longestText = 8_192

    package init(_ event: EventView) {
        var line: [UInt8] = []
        JSONWriter.write(event, to: &line)
        self.line = String(decoding: line, as: UTF8.self)
        self.place = Self.place(event)
        self.message = event.message?.id.description
        let doer = event.doer
        let found: [String: String?] = [
            "EARSHOT_EVENT": event.name, "EARSHOT_FROM": doer?.person.description,
            "EARSHOT_FROM_NAME": doer.map { SafeText.name($0.name) }, "EARSHOT_TRUST": doer?.trust?.rawValue,
            "EARSHOT_ROOM": event.room?.description, "EARSHOT_ROOM_NAME": event.room.flatMap { _ in event.roomName },
            "EARSHOT_MESSAGE": self.message,
            "EARSHOT_TRANSFER": event.transfer?.id.description,
            "EARSHOT_TEXT": event.saidText.map(Self.shortened),
        ]
        self.variables = found.compactMapValues { $0 }
    }

    /// Only where somebody said or did something to us that can be answered. An answer to a receipt would have one
    /// itself, and so on.
    private static func place(_ event: EventView) -> String? {
        switch event.what {
        case .message, .edit, .reaction, .offer:
            if let room = event.room { return "room:\(room)" }
            if let message = event.message, message.mine { return message.to?.description }
            return event.doer?.person.description
        case .presence(let person, online: _): return person.person.description
        case .room(let room): return "room:\(room.id)"
        case .delete, .receipt, .request, .contact, .typing, .live, .peer, .warning, .talk, .transfer, .verification,
            .invitation:
            return nil
        }
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > Self.longestText else { return text }
        var bytes = 0
        let kept = text.unicodeScalars.prefix { scalar in
            bytes += UTF8.width(scalar)
            return bytes <= Self.longestText
        }
        return String(String.UnicodeScalarView(kept))
    }
}
