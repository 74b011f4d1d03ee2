/// What people see: a text with its edits, reactions and states folded in.
package struct Message: Sendable, Hashable {
    package struct Reaction: Sendable, Hashable {
        package let person: PersonID
        package let emoji: String

        package init(person: PersonID, emoji: String) {
            self.person = person
            self.emoji = emoji
        }
    }

    package struct Acknowledgement: Sendable, Hashable {
        package let person: PersonID
        package let at: Timestamp

        package init(person: PersonID, at: Timestamp) {
            self.person = person
            self.at = at
        }
    }

    /// How many members a room has beside the author, and how many of them have a message and have read it.
    package struct RoomReceipts: Sendable, Hashable {
        package let members: Int
        package let delivered: Int
        package let read: Int

        package init(members: Int, delivered: Int, read: Int) {
            self.members = members
            self.delivered = delivered
            self.read = read
        }
    }

    package var id: EnvelopeID
    package var conversation: ConversationID
    package var author: PersonID
    package var device: DeviceID
    package var log: LogID
    package var seq: UInt64
    /// All parts that are here, joined; empty once deleted.
    package var text: String
    /// Whether all parts are here.
    package var isComplete: Bool
    package var replyTo: EnvelopeID?
    /// When it was written, as it is shown: a stamp that cannot be right counts as the time of arrival (Protocol.md 6).
    package var at: Timestamp
    package var arrived: Timestamp
    package var editedAt: Timestamp?
    package var isDeleted: Bool
    package var reactions: [Reaction]
    /// For our own: on a disk of the other's since.
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    /// A kind this version cannot show.
    package var unknownKind: UInt32?
    /// Why it could not be put into the history: its bytes are kept, and it is tried again at the next start.
    package var problem: String?
    /// Files that were offered.
    package var offer: FileOffer?
    /// In a room the number of its author's stay; else 0.
    package var membership: UInt64 = 0
    /// Readers are asked to acknowledge it, and who has, each once.
    package var asks = false
    package var acknowledgements: [Acknowledgement] = []
    /// When its author last reminded those who have not.
    package var remindedAt: Timestamp?
    /// Whom it names.
    package var mentions: [PersonID] = []
    /// When it goes by itself.
    package var expires: Timestamp?
    package var invitation: Invitation?
    /// In a room: how many of the others have it. It counts as delivered when the first has it, and as read when all
    /// have read it.
    package var receipts: RoomReceipts?
    /// Of our own that nobody else has yet: who keeps it for its reader, sealed.
    package var keepers: [PersonID] = []
    /// Where it stands in the database, for paging.
    package var order: Int64

    package init(
        id: EnvelopeID, conversation: ConversationID, author: PersonID, device: DeviceID, log: LogID, seq: UInt64,
        text: String,
        isComplete: Bool, replyTo: EnvelopeID?, at: Timestamp, arrived: Timestamp, editedAt: Timestamp?,
        isDeleted: Bool,
        reactions: [Reaction], deliveredAt: Timestamp?, readAt: Timestamp?, unknownKind: UInt32?, order: Int64
    ) {
        self.id = id
        self.conversation = conversation
        self.author = author
        self.device = device
        self.log = log
        self.seq = seq
        self.text = text
        self.isComplete = isComplete
        self.replyTo = replyTo
        self.at = at
        self.arrived = arrived
        self.editedAt = editedAt
        self.isDeleted = isDeleted
        self.reactions = reactions
        self.deliveredAt = deliveredAt
        self.readAt = readAt
        self.unknownKind = unknownKind
        self.order = order
    }
}

/// Something on disk that changed, and with which commit.
package struct Change: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case said, edited, deleted, reacted, delivered, read, left
    }
    package enum Subject: Sendable, Hashable {
        case message(Message, Kind)
        case contact(Contact)
    }

    /// Commits are counted; a reader who has seen everything up to a cursor asks for what came after.
    package let cursor: UInt64
    package let subject: Subject

    /// Where it stands among the changes of its commit.
    package var order: Int64 {
        switch self.subject {
        case .message(let message, _): message.order
        case .contact: .max
        }
    }

    /// What tells those of one order apart.
    package var person: PersonID {
        switch self.subject {
        case .message: PersonID(hash: .zero)
        case .contact(let contact): contact.person
        }
    }

    package init(cursor: UInt64, subject: Subject) {
        self.cursor = cursor
        self.subject = subject
    }
}
