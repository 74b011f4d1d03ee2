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
    /// A kind that this version does not know, or a payload that does not fit its kind.
    case unknown(kind: UInt32)

    package struct Text: Hashable, Sendable {
        package let text: String
        package let replyTo: EnvelopeID?
        package let part: UInt32
        package let parts: UInt32
        package let first: EnvelopeID?

        package init(
            _ text: String, replyTo: EnvelopeID? = nil, part: UInt32 = 0, parts: UInt32 = 1, first: EnvelopeID? = nil
        ) {
            self.text = text
            self.replyTo = replyTo
            self.part = part
            self.parts = parts
            self.first = first
        }
    }

    /// A receiver's word on an offer.
    package enum Answer: UInt32, Sendable {
        case declined = 1
        /// Every byte is on disk, under its name.
        case complete = 2
    }
}
