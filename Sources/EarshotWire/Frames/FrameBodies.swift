import EarshotModel

/// Why a session ends (Protocol.md 4).
package enum CloseCode: UInt32, Sendable {
    case goingAway = 0
    case unsupported = 1
    case protocolError = 2
    case replaced = 3
    case notWanted = 4
    case tooMany = 5
}

/// What its sender holds on disk of the logs of one conversation: offer and acknowledgement in one (Protocol.md 9).
package struct Heads: Hashable, Sendable {
    package var conversation: ConversationID
    package var marks: [Mark]
    /// Whether Heads are wanted in return.
    package var ask: Bool
    /// Of a room's operations: the hash of the state that follows from them (Protocol.md 17).
    package var state: Hash32?
    /// Of a room's operations: the newest manifest that is held of each member, at most 1,024.
    package var persons: [ManifestVersion]

    package init(
        conversation: ConversationID, marks: [Mark], ask: Bool = false, state: Hash32? = nil,
        persons: [ManifestVersion] = []
    ) {
        self.conversation = conversation
        self.marks = marks
        self.ask = ask
        self.state = state
        self.persons = persons
    }
}

/// Which manifest of a person somebody holds.
package struct ManifestVersion: Hashable, Sendable {
    package let person: PersonID
    package let version: UInt32

    package init(person: PersonID, version: UInt32) {
        self.person = person
        self.version = version
    }
}

/// An open room, as one who is in it tells others (Protocol.md 17).
package struct ToldRoom: Hashable, Sendable {
    package let charter: Charter
    package let members: UInt32
    package let topic: String

    package init(charter: Charter, members: UInt32, topic: String) {
        self.charter = charter
        self.members = members
        self.topic = topic
    }
}

/// One log as its holder has it.
package struct Mark: Hashable, Sendable {
    package var log: LogID
    package var device: DeviceID
    package var seq: UInt64
    /// The id at `seq`; nothing when `seq` is 0.
    package var id: EnvelopeID?
    /// Up to where the holder's person has read, and when.
    package var read: UInt64
    package var readAt: Timestamp
    /// Up to here the holder has nothing of it, and cannot be asked (Protocol.md 17).
    package var after: UInt64

    package init(
        log: LogID, device: DeviceID, seq: UInt64, id: EnvelopeID?, read: UInt64 = 0,
        readAt: Timestamp = Timestamp(milliseconds: 0), after: UInt64 = 0
    ) {
        self.log = log
        self.device = device
        self.seq = seq
        self.id = id
        self.read = read
        self.readAt = readAt
        self.after = after
    }
}

/// A request for envelopes of one log, both ends included (Protocol.md 9).
package struct Want: Hashable, Sendable {
    package let conversation: ConversationID
    package let log: LogID
    package let from: UInt64
    package let to: UInt64

    /// Fails unless 1 ≤ from ≤ to and the span is one that may be asked for.
    package init?(conversation: ConversationID, log: LogID, from: UInt64, to: UInt64) {
        guard from >= 1, to >= from, to - from < Limits.wantSpan else { return nil }
        self.conversation = conversation
        self.log = log
        self.from = from
        self.to = to
    }
}

/// Stands in the place of an envelope whose body was dropped (Protocol.md 9).
package struct Gone: Hashable, Sendable {
    package let conversation: ConversationID
    package let log: LogID
    package let seq: UInt64
    package let id: EnvelopeID

    package init(conversation: ConversationID, log: LogID, seq: UInt64, id: EnvelopeID) {
        self.conversation = conversation
        self.log = log
        self.seq = seq
        self.id = id
    }
}
