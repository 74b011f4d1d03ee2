/// What an envelope says, read from its kind and payload (Protocol.md 7).
package enum Content: Hashable, Sendable {
    /// Words. Long text comes in several envelopes: `part` counts from 0 and `first` names part 0, once `part` is
    /// above 0.
    case text(Text)
    /// New words for an earlier message of the same person.
    case edit(target: EnvelopeID, text: String)
    /// A request to forget an earlier message of the same person.
    case delete(target: EnvelopeID)
    /// A sign put to anyone's message, or taken back.
    case reaction(target: EnvelopeID, emoji: String, on: Bool)
    /// Files that may be had.
    case file(FileOffer)
    /// What has become of an offer at its receiver.
    case answer(target: EnvelopeID, Answer, TransferNotes = TransferNotes())
    /// The author has taken note of a message that asked for it.
    case acknowledge(target: EnvelopeID)
    /// Whoever has not acknowledged a message of the author is asked again.
    case remind(target: EnvelopeID)
    /// From now on messages in this talk of two are dropped after so many ms; 0 is never.
    case lifetime(UInt64)
    /// Come into a room.
    case invitation(Invitation)
    /// What changes a room; says something in a room's conversation of operations alone.
    case room(RoomOperation)
    /// A kind that this version does not know, or a payload that does not fit its kind.
    case unknown(kind: UInt32)

    package struct Text: Hashable, Sendable {
        package let text: String
        package let replyTo: EnvelopeID?
        package let part: UInt32
        package let parts: UInt32
        package let first: EnvelopeID?
        package let extras: TextExtras

        package init(
            _ text: String, replyTo: EnvelopeID? = nil, part: UInt32 = 0, parts: UInt32 = 1, first: EnvelopeID? = nil,
            extras: TextExtras = TextExtras()
        ) {
            self.text = text
            self.replyTo = replyTo
            self.part = part
            self.parts = parts
            self.first = first
            self.extras = extras
        }
    }

    /// A receiver's word on an offer.
    package enum Answer: UInt32, Sendable {
        case declined = 1
        /// Every byte is on disk, under its name.
        case complete = 2
    }
}

/// What a text may bring beside its words.
package struct TextExtras: Hashable, Sendable {
    /// Readers are asked to acknowledge it.
    package var asks: Bool
    /// Persons whom it names, at most 64.
    package var mentions: [PersonID]
    /// Every holder drops it so many ms after it came to them; 0 is never.
    package var lifetime: UInt64

    package init(asks: Bool = false, mentions: [PersonID] = [], lifetime: UInt64 = 0) {
        self.asks = asks
        self.mentions = mentions
        self.lifetime = lifetime
    }
}

extension Content {
    /// What fewer may do in an announcement room.
    package var isWords: Bool {
        switch self {
        case .text, .edit, .delete, .file: true
        case .reaction, .answer, .acknowledge, .remind, .lifetime, .invitation, .room, .unknown: false
        }
    }
}
