import EarshotModel

/// What waits for oneself, and what is asked of readers.
extension Methods {
    package static let inbox: [any Method.Type] = [
        Inbox.self, Acknowledge.self, Remind.self, ReceiptsOf.self, SetLifetime.self,
    ]

    /// What waits: unread messages by conversation, requests, offers, invitations, acknowledgements owed.
    package struct Inbox: Method {
        package typealias Answer = InboxView
        package static let name = "inbox"
        package static let summary =
            "What waits: unread messages by conversation, requests, offers, invitations, acknowledgements owed."
        package static let mayAnswerMuch = true

        package init() {}
    }

    /// Says that one has taken note of a message that asks for it.
    package struct Acknowledge: Method {
        package typealias Answer = MessageReference
        package static let name = "acknowledge"
        package static let summary = "Says that one has taken note of a message that asks for it."

        /// The id of a message, or its beginning.
        package let id: String

        package init(_ id: String) { self.id = id }
    }

    /// Reminds those who have not acknowledged a message of one's own.
    package struct Remind: Method {
        package typealias Answer = [ReceiptView]
        package static let name = "remind"
        package static let summary =
            "Reminds those who have not acknowledged a message of one's own; answers with who they are."

        /// The id of a message, or its beginning.
        package let id: String

        package init(_ id: String) { self.id = id }
    }

    /// Who has a message of one's own, has read it and has acknowledged it.
    package struct ReceiptsOf: Method {
        package typealias Answer = [ReceiptView]
        package static let name = "receipts"
        package static let summary = "Who has a message of one's own, has read it and has acknowledged it."

        /// The id of a message, or its beginning.
        package let id: String

        package init(_ id: String) { self.id = id }
    }

    /// Says after how long messages of a talk of two, or of a room of one's own, are dropped.
    package struct SetLifetime: Method {
        package typealias Answer = LifetimeView
        package static let name = "lifetime"
        package static let summary =
            "After how long messages with somebody, or in a room, are dropped; with `lifetime` it is changed."

        /// Whom, by a name or an id, or a #room.
        package let who: String
        /// Ms; 0 is never. Nothing is changed without it.
        package let lifetime: Int64?
        package var people: [String] { [self.who] }

        package init(who: String, lifetime: Int64? = nil) {
            self.who = who
            self.lifetime = lifetime
        }
    }
}
