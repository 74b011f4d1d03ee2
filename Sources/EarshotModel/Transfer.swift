/// One offer, of ours to someone or of someone to us, and what has become of it: as it is kept.
package struct Transfer: Hashable, Sendable {
    package enum State: String, Sendable {
        /// The receiver has not said anything.
        case offered
        /// The receiver has said yes; it runs whenever it can.
        case accepted
        case paused
        case complete
        /// The receiver said no, before it began or while it came.
        case declined
        /// Its author took the offer back.
        case cancelled
        case failed

        /// Whether nothing more comes of it.
        package var isFinal: Bool {
            switch self {
            case .offered, .accepted, .paused: false
            case .complete, .declined, .cancelled, .failed: true
            }
        }
    }

    /// The offer's envelope; of what we offer to a room another one for each member, made from both.
    package let id: EnvelopeID
    /// The offer's envelope.
    package let message: EnvelopeID
    package let share: ShareID
    package let conversation: ConversationID
    /// The other of the two.
    package let person: PersonID
    /// Where the files are.
    package let device: DeviceID
    package let isIncoming: Bool
    package let offer: FileOffer
    package let at: Timestamp
    package var state: State
    /// Why it does not go on.
    package var reason: TransferReason?
    /// Where it goes, an absolute path; nothing until it is accepted.
    package var folder: String?
    /// Bytes of the stream that are on the receiver's disk.
    package var have: UInt64 = 0
    /// Length of the listing and of the whole stream, once they are known.
    package var listing: UInt64 = 0
    package var length: UInt64 = 0
    /// What the things at the top are called in `folder`, once they are there.
    package var names: [String] = []
    /// What did not come along, and what is called otherwise at its receiver's.
    package var notes = TransferNotes()
    /// What an offer of several things or a folder holds, once its listing was seen.
    package var contents: Contents?
    /// When we agreed to it, for quotas; `nil` until then.
    package var agreed: Timestamp?

    package init(
        id: EnvelopeID, share: ShareID, conversation: ConversationID, person: PersonID, device: DeviceID,
        isIncoming: Bool, offer: FileOffer,
        at: Timestamp, state: State = .offered, message: EnvelopeID? = nil
    ) {
        self.id = id
        self.message = message ?? id
        self.share = share
        self.conversation = conversation
        self.person = person
        self.device = device
        self.isIncoming = isIncoming
        self.offer = offer
        self.at = at
        self.state = state
    }

    /// Whether its listing must be seen before anybody can know what would come.
    package var isUnseen: Bool { self.isIncoming && self.contents == nil && !self.offer.saysAll }

    /// Bytes it counts for where somebody allowed only so many: all of it as soon as it is agreed to; of what ended
    /// early, what came.
    package var counted: UInt64 {
        switch self.state {
        case .offered, .accepted, .paused, .complete: max(self.offer.size, self.have)
        case .declined, .cancelled, .failed: self.have
        }
    }
}

/// Files of ours that are offered to one or several: where they are and how long their stream is.
package struct Share: Hashable, Sendable {
    /// A thing at the top of the listing and where it is here.
    package struct Root: Hashable, Sendable, Codable {
        package let name: String
        package let path: String

        package init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    package let id: ShareID
    package let key: [UInt8]
    package let roots: [Root]
    /// Bytes of the listing.
    package let listing: UInt64
    /// Bytes of all contents; of an open share those that are there so far.
    package var size: UInt64
    /// It still grows.
    package var isOpen: Bool

    package init(id: ShareID, key: [UInt8], roots: [Root], listing: UInt64, size: UInt64, isOpen: Bool) {
        self.id = id
        self.key = key
        self.roots = roots
        self.listing = listing
        self.size = size
        self.isOpen = isOpen
    }
}
