import EarshotModel

/// What waits for oneself (docs/Control.md, Inbox).
package struct InboxView: View {
    /// Where something was not read, or is owed; the conversations with the most first.
    package var conversations: [WaitingView]
    /// People who ask to talk.
    package var requests: [PersonView]
    /// Files that wait for an answer.
    package var offers: [TransferView]
    /// Rooms to which one is invited.
    package var invitations: [RoomView]

    package init(
        conversations: [WaitingView], requests: [PersonView], offers: [TransferView], invitations: [RoomView]
    ) {
        self.conversations = conversations
        self.requests = requests
        self.offers = offers
        self.invitations = invitations
    }

    /// Whether nothing waits.
    package var isEmpty: Bool {
        self.conversations.isEmpty && self.requests.isEmpty && self.offers.isEmpty && self.invitations.isEmpty
    }
}

/// What waits in one conversation.
package struct WaitingView: View {
    /// With whom, or in which room.
    package var person: PersonID?
    package var room: RoomID?
    package var name: String
    /// Messages of others that were not read, and how many of them name us.
    package var unread: Int64
    package var mentions: Int64
    /// Messages that ask for an acknowledgement that we have not given, the oldest first.
    package var owed: [MessageView]
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(name: String, unread: Int64, mentions: Int64, owed: [MessageView]) {
        self.name = name
        self.unread = unread
        self.mentions = mentions
        self.owed = owed
    }
}

/// How far one person is with a message of ours.
package struct ReceiptView: View {
    package var person: PersonID
    package var name: String
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    /// When they took note of it, where it asks for that.
    package var acknowledgedAt: Timestamp?

    package init(person: PersonID, name: String) {
        self.person = person
        self.name = name
    }
}

/// After how long messages of a conversation are dropped.
package struct LifetimeView: View {
    package var name: String
    /// Ms; 0 is never.
    package var lifetime: Int64

    package init(name: String, lifetime: Int64) {
        self.name = name
        self.lifetime = lifetime
    }
}
