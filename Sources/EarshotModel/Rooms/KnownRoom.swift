/// To whom something is written: a person, in the talk of two, or a room.
package enum Recipient: Hashable, Sendable {
    case person(PersonID)
    case room(RoomID)

    /// The other of a talk of two.
    package var person: PersonID? {
        if case .person(let person) = self { person } else { nil }
    }

    package var room: RoomID? {
        if case .room(let room) = self { room } else { nil }
    }
}

/// A room as this node has to do with it, kept on disk. Who is in it follows from its operations.
package struct KnownRoom: Hashable, Sendable {
    /// What it is to us.
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        /// Somebody added us; we have not answered.
        case invited
        /// We are in it, or on the way into an open one.
        case joined
        /// We left, or declined.
        case left
        /// The owner took us out.
        case removed
    }

    package let id: RoomID
    package let charter: Charter
    package var standing: Standing
    /// Who invited us.
    package var inviter: PersonID?
    /// The number of our membership; 0 before there is one.
    package var number: UInt64
    /// When the standing last changed.
    package var since: Timestamp

    package init(
        id: RoomID, charter: Charter, standing: Standing, inviter: PersonID?, number: UInt64, since: Timestamp
    ) {
        self.id = id
        self.charter = charter
        self.standing = standing
        self.inviter = inviter
        self.number = number
        self.since = since
    }
}

/// Up to which place of a log what was written there under one membership is shown: all of it, and words and files,
/// which fewer may write in an announcement room (Protocol.md 17).
package struct ShownLimit: Hashable, Sendable {
    package let all: UInt64
    package let words: UInt64

    package static let nothing = ShownLimit(all: 0, words: 0)
    package static let everything = ShownLimit(all: .max, words: .max)

    package init(all: UInt64, words: UInt64) {
        self.all = all
        self.words = words
    }
}

/// What a device wrote in a log while one membership lasted.
package struct Stretch: Hashable, Sendable {
    package let log: LogID
    package let membership: UInt64

    package init(log: LogID, membership: UInt64) {
        self.log = log
        self.membership = membership
    }
}
