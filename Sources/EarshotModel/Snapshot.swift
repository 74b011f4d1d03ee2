/// What the rules want to know when a node starts: everything on disk but the words themselves.
package struct Snapshot: Sendable {
    /// Where a log ends.
    package struct Head: Sendable, Hashable {
        package let conversation: ConversationID
        package let log: LogID
        package let device: DeviceID
        package let seq: UInt64
        package let id: EnvelopeID

        package init(conversation: ConversationID, log: LogID, device: DeviceID, seq: UInt64, id: EnvelopeID) {
            self.conversation = conversation
            self.log = log
            self.device = device
            self.seq = seq
            self.id = id
        }
    }

    /// How far a device holds a log.
    package struct Held: Sendable, Hashable {
        package let conversation: ConversationID
        package let log: LogID
        package let device: DeviceID
        package let seq: UInt64

        package init(conversation: ConversationID, log: LogID, device: DeviceID, seq: UInt64) {
            self.conversation = conversation
            self.log = log
            self.device = device
            self.seq = seq
        }
    }

    /// An envelope in a room's conversation of operations, and who wrote it as it was found when it came.
    package struct Operation: Sendable, Hashable {
        package let wire: [UInt8]
        package let author: PersonID?

        package init(wire: [UInt8], author: PersonID?) {
            self.wire = wire
            self.author = author
        }
    }

    /// How far a person has read a log.
    package struct ReadMark: Sendable, Hashable {
        package let conversation: ConversationID
        package let log: LogID
        package let person: PersonID
        package let seq: UInt64
        package let at: Timestamp

        package init(conversation: ConversationID, log: LogID, person: PersonID, seq: UInt64, at: Timestamp) {
            self.conversation = conversation
            self.log = log
            self.person = person
            self.seq = seq
            self.at = at
        }
    }

    /// Where a device was reached.
    package struct Address: Sendable, Hashable {
        package let device: DeviceID
        package let person: PersonID
        package let endpoint: Endpoint
        package let at: Timestamp

        package init(device: DeviceID, person: PersonID, endpoint: Endpoint, at: Timestamp) {
            self.device = device
            self.person = person
            self.endpoint = endpoint
            self.at = at
        }
    }

    /// The key by which a device is found.
    package struct KnownKey: Sendable, Hashable {
        package let device: DeviceID
        package let person: PersonID
        package let key: DiscoveryKey

        package init(device: DeviceID, person: PersonID, key: DiscoveryKey) {
            self.device = device
            self.person = person
            self.key = key
        }
    }

    /// 32 random bytes, drawn when the database was made or restored.
    package var generation: [UInt8]
    package var contacts: [Contact] = []
    /// Their bytes; the rules read and check them again.
    package var manifests: [[UInt8]] = []
    package var certificates: [[UInt8]] = []
    package var heads: [Head] = []
    package var held: [Held] = []
    /// The first text of conversations in which one person has written and nobody else is known to hold any of it.
    package var firstWords: [ConversationID: String] = [:]
    package var reads: [ReadMark] = []
    /// The highest stamp written or seen.
    package var latest = HybridTime(raw: 0)
    package var addresses: [Address] = []
    package var staticPeers: [String] = []
    package var discoveryKeys: [KnownKey] = []
    package var settings: [String: String] = [:]
    /// Those that something may come of.
    package var transfers: [Transfer] = []
    package var shares: [Share] = []
    package var rooms: [KnownRoom] = []
    /// The envelopes in the rooms' conversations of operations, in the order of their logs.
    package var operations: [Operation] = []
    package var shown: [Stretch: ShownLimit] = [:]
    /// Where logs begin of which we have nothing before.
    package var starts: [LogID: UInt64] = [:]
    /// What was agreed to lately and is over: when, and how many bytes it counts for.
    package var agreed: [(id: EnvelopeID, at: Timestamp, bytes: UInt64)] = []

    /// What persons, we among them, tell of themselves, and when they were last here.
    package var profiles: [PersonID: Profile] = [:]
    package var seen: [PersonID: Timestamp] = [:]
    /// Pictures that are on disk, and the bytes of our own.
    package var pictures: Set<PictureID> = []
    package var ownPicture: [UInt8] = []

    package var mail = MailSnapshot()

    package init(generation: [UInt8]) { self.generation = generation }
}
