/// Where mail for a device lies at a keeper, on one day: 16 bytes that say nothing to whoever does not know the
/// device's mailbox key (Protocol.md 19).
package struct MailboxTag: ShortIdentifier {
    package let hash: Hash16
    package init(hash: Hash16) { self.hash = hash }
}

/// What tags of a device are made with: 32 random bytes, told to those it has accepted, with its prekey.
package struct MailboxKey: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }

    /// A secret among contacts: no log ever shows it.
    package var description: String { "a mailbox key" }
}

/// A sealed blob: the hash of its bytes.
package struct BlobID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }
}

/// What a keeper knows of a blob besides its bytes.
package struct KeptBlob: Sendable, Hashable {
    package let id: BlobID
    package let tag: MailboxTag
    /// Who left it here.
    package let depositor: PersonID
    /// Bytes.
    package let size: Int
    /// When it came.
    package let at: Timestamp

    package init(id: BlobID, tag: MailboxTag, depositor: PersonID, size: Int, at: Timestamp) {
        self.id = id
        self.tag = tag
        self.depositor = depositor
        self.size = size
        self.at = at
    }
}

/// Words of ours that lie with a keeper: one blob for one device.
package struct Deposit: Sendable, Hashable {
    package let blob: BlobID
    package let keeper: PersonID
    /// For whom it is sealed.
    package let recipient: PersonID
    package let device: DeviceID
    package let conversation: ConversationID
    package let log: LogID
    /// The places in our log that are in it, both ends included.
    package let from: UInt64
    package let to: UInt64
    /// Bytes of the blob.
    package let size: Int
    /// When the keeper had it on disk.
    package let at: Timestamp

    package init(
        blob: BlobID, keeper: PersonID, recipient: PersonID, device: DeviceID, conversation: ConversationID,
        log: LogID, from: UInt64, to: UInt64, size: Int, at: Timestamp
    ) {
        self.blob = blob
        self.keeper = keeper
        self.recipient = recipient
        self.device = device
        self.conversation = conversation
        self.log = log
        self.from = from
        self.to = to
        self.size = size
        self.at = at
    }
}

/// A prekey of ours with its private half.
package struct OwnPrekey: Sendable, Hashable {
    /// When it was made; what it is known by.
    package let made: Timestamp
    /// When the record that tells of it was signed last.
    package var issued: Timestamp
    /// Of the private half, 32 bytes.
    package let seed: [UInt8]
    package let mailbox: MailboxKey

    package init(made: Timestamp, issued: Timestamp, seed: [UInt8], mailbox: MailboxKey) {
        self.made = made
        self.issued = issued
        self.seed = seed
        self.mailbox = mailbox
    }
}

/// The signed record of another device, as it came.
package struct KnownPrekey: Sendable, Hashable {
    package let device: DeviceID
    package let person: PersonID
    package let wire: [UInt8]

    package init(device: DeviceID, person: PersonID, wire: [UInt8]) {
        self.device = device
        self.person = person
        self.wire = wire
    }
}

/// What must be on disk of sealed mail.
package enum MailFact: Sendable, Equatable {
    case own(OwnPrekey)
    /// The private half is erased.
    case ownGone(made: Timestamp)
    case known(KnownPrekey)
    case knownGone(DeviceID)
    case kept(KeptBlob, [UInt8])
    case keptGone(BlobID)
    case left(Deposit)
    case leftGone(BlobID)
}

/// What the disk remembers of sealed mail, without the bytes of blobs.
package struct MailSnapshot: Sendable {
    /// Oldest first.
    package var own: [OwnPrekey] = []
    package var known: [KnownPrekey] = []
    /// Oldest first.
    package var kept: [KeptBlob] = []
    package var left: [Deposit] = []

    package init() {}
}
