/// What changes a room: an envelope in its conversation of operations (Protocol.md 17).
package enum RoomOperation: Hashable, Sendable {
    /// - Parameters:
    ///   - owner: the number of the owner as whom it is done; `nil` as a member.
    ///   - manifest: of that person; empty where it was left out.
    ///   - from: where the new member begins each log, in rooms that start at the join.
    case add(RoomMembership, owner: UInt64?, manifest: [UInt8] = [], from: [LogStart] = [])
    /// - Parameter cut: up to where the person's logs count.
    case remove(RoomMembership, owner: UInt64?, cut: [LogID: UInt64])
    /// Another owner, by the owner with this number.
    case transfer(PersonID, owner: UInt64, cut: [LogID: UInt64])
    case set(RoomSetting)
    /// The author has accepted the invitation.
    case joined
}

/// Where a member begins a log of which they get nothing that lies before.
package struct LogStart: Hashable, Sendable {
    package let log: LogID
    package let device: DeviceID
    /// The last envelope that they do not get, and its id.
    package let seq: UInt64
    package let id: EnvelopeID

    package init(log: LogID, device: DeviceID, seq: UInt64, id: EnvelopeID) {
        self.log = log
        self.device = device
        self.seq = seq
        self.id = id
    }
}

/// One change of one thing that can be set in a room.
package struct RoomSetting: Hashable, Sendable {
    /// What is set.
    package enum Key: Hashable, Sendable {
        case name
        case topic
        /// Ms after which messages are dropped; 0 is never.
        case lifetime
        /// Whether a person may write in an announcement room.
        case writer(PersonID)
        /// Whether a message is pinned.
        case pin(EnvelopeID)
    }

    package let key: Key
    /// Counted for each key, from 1.
    package let number: UInt64
    /// The number of the owner as whom it is set; `nil` as a member.
    package let owner: UInt64?
    package let text: String
    package let value: UInt64
    /// Up to where the person's logs count who may not write any more.
    package let cut: [LogID: UInt64]

    package init(
        _ key: Key, number: UInt64, owner: UInt64?, text: String = "", value: UInt64 = 0, cut: [LogID: UInt64] = [:]
    ) {
        self.key = key
        self.number = number
        self.owner = owner
        self.text = text
        self.value = value
        self.cut = cut
    }
}

/// An invitation to a room, as it lies in the talk of two.
package struct Invitation: Hashable, Sendable {
    package let charter: Charter
    /// Of the invited person's membership.
    package let number: UInt64

    package init(charter: Charter, number: UInt64) {
        self.charter = charter
        self.number = number
    }
}
