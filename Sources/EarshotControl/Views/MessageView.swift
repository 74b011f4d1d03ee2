import EarshotModel

/// How far a message has got.
package enum MessageState: String, Keyword {
    /// Ours, and not known to be with them.
    case queued
    case delivered
    case read
    /// Somebody else's.
    case received
    /// The first words of somebody who waits for an answer: no message yet, and its id is that of the person.
    case requested

    /// Ours, and the other has it.
    package var isDelivered: Bool {
        switch self {
        case .delivered, .read: true
        case .queued, .received, .requested: false
        }
    }
}

/// How a piece of a text looks (docs/Control.md, Messages).
package enum SpanKind: String, Keyword {
    case strong, emphasis, strike, code, block, quote, link, mark

    package init(_ kind: StyledSpan.Kind) {
        self =
            switch kind {
            case .strong: .strong
            case .emphasis: .emphasis
            case .strike: .strike
            case .code: .code
            case .block: .block
            case .quote: .quote
            case .link: .link
            case .mark: .mark
            }
    }
}

/// A message as the door shows it (docs/Control.md, Messages).
package struct MessageView: View {
    package struct Reaction: View {
        package var emoji: String
        package var from: PersonID
        package init(emoji: String, from: PersonID) {
            self.emoji = emoji
            self.from = from
        }
    }

    /// A piece of the text that looks otherwise than the rest, by the signs in it.
    package struct Span: View {
        package var kind: SpanKind
        /// Unicode scalars from the beginning of the text; `to` is not included.
        package var from: Int64
        package var to: Int64

        package init(_ span: StyledSpan) {
            self.kind = SpanKind(span.kind)
            self.from = Int64(clamping: span.from)
            self.to = Int64(clamping: span.to)
        }
    }

    package var id: EnvelopeID
    package var from: PersonID
    package var fromName: String
    package var to: PersonID?
    package var toName: String
    /// The room it was said in; then `to` is nobody.
    package var room: RoomID?
    package var roomName: String?
    package var mine: Bool
    /// Clean: no control characters but line ends and tabs. Empty when it was deleted.
    package var text: String
    /// How pieces of the text look, where any does otherwise than the rest.
    package var spans: [Span]?
    package var state: MessageState
    /// When it was written; when it came, where that cannot be right.
    package var at: Timestamp
    package var replyTo: EnvelopeID?
    /// How the answered message begins.
    package var replyText: String?
    package var edited: Timestamp?
    package var deleted: Bool?
    package var reactions: [Reaction]?
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    package var arrivedAt: Timestamp?
    /// Parts of a long text are still on their way.
    package var incomplete: Bool?
    /// It is an offer.
    package var file: FileView?
    /// A kind of message that this version does not know.
    package var unknownKind: Int64?
    /// It is kept, and could not be put into the history.
    package var problem: String?
    /// Why it still waits, in words and in one word.
    package var reason: String?
    package var waitsFor: WaitReason?
    /// Of our own that waits: who keeps it for its reader, sealed.
    package var leftWith: [PersonReference]?
    /// In a room, of our own: how many of the others have it and have read it.
    package var receipts: ReceiptCounts?
    /// Readers are asked to acknowledge it, and who has.
    package var asks: Bool?
    package var acknowledged: [PersonID]?
    /// When its author last reminded those who have not.
    package var remindedAt: Timestamp?
    /// Whom it names.
    package var mentions: [PersonID]?
    /// When it is dropped.
    package var expires: Timestamp?
    /// It invites to this room.
    package var invitation: RoomReference?
    /// What we think of the other.
    package var trust: Trust?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(
        id: EnvelopeID, from: PersonID, fromName: String, to: PersonID?, toName: String, mine: Bool, text: String,
        state: MessageState, at: Timestamp
    ) {
        self.id = id
        self.from = from
        self.fromName = fromName
        self.to = to
        self.toName = toName
        self.mine = mine
        self.text = text
        self.state = state
        self.at = at
    }
}

/// How many of a room have a message of ours; ourselves aside.
package struct ReceiptCounts: View {
    package var members: Int64
    package var delivered: Int64
    package var read: Int64

    package init(members: Int64, delivered: Int64, read: Int64) {
        self.members = members
        self.delivered = delivered
        self.read = read
    }
}

/// A room by its id, and what it is called.
package struct RoomReference: View {
    package var room: RoomID
    package var name: String

    package init(room: RoomID, name: String) {
        self.room = room
        self.name = name
    }
}

/// What became of something that was sent, for one person or one room.
package struct SentView: View {
    package var id: EnvelopeID
    package var state: MessageState
    package var to: PersonID?
    package var toName: String
    package var room: RoomID?
    /// Why it still waits, in words and in one word.
    package var reason: String?
    package var waitsFor: WaitReason?
    /// Somebody keeps it for its reader, or will in a moment.
    package var leftWith: [PersonReference]?
    package var leaves: Bool?
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    /// Where several were waited for: how many have it, and of how many. In a room these are members who have joined,
    /// else the person's devices.
    package var deliveredTo: Int64?
    package var recipients: Int64?
    /// What was offered, and what of it does not go or goes under another name.
    package var file: FileView?
    package var notSent: [OmissionView]?
    package var notSentCount: Int64?
    package var renamed: [RenamingView]?
    package var renamedCount: Int64?
    /// In a room: the transfers of those it was offered to.
    package var transfers: [EnvelopeID]?
    /// The share of what is still being written.
    package var share: ShareID?
    /// What we think of the other.
    package var trust: Trust?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(id: EnvelopeID, state: MessageState, to: PersonID?, toName: String) {
        self.id = id
        self.state = state
        self.to = to
        self.toName = toName
    }
}

/// A message that was deleted, for whoever wants to see whether it was the right one.
package struct DeletedView: View {
    package var id: EnvelopeID
    /// How it began.
    package var text: String
    package var at: Timestamp
    package var to: PersonID?
    package var toName: String?
    package var room: RoomID?
    package var file: FileView?
    /// What we think of the other.
    package var trust: Trust?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(id: EnvelopeID, text: String, at: Timestamp) {
        self.id = id
        self.text = text
        self.at = at
    }
}

/// Which message something was done to.
package struct MessageReference: View {
    package var id: EnvelopeID
    package init(id: EnvelopeID) { self.id = id }
}
