/// A room, known by its charter (Protocol.md 17).
package struct RoomID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }

    /// The conversation that holds the operations on the room.
    package var operations: ConversationID { ConversationID(hash: self.hash) }
    package init(operations: ConversationID) { self.hash = operations.hash }
}

/// What a room is from its beginning to its end. Its id is the hash of `bytes`.
package struct Charter: Hashable, Sendable {
    package let name: String
    /// Nobody in rooms that belong to everybody.
    package let owner: PersonID?
    /// Anybody may join.
    package let isOpen: Bool
    /// Only the owner and writers may write.
    package let isAnnouncement: Bool
    /// Who is added gets nothing that was said before.
    package let startsAtJoin: Bool
    /// Only the owner adds members.
    package let ownerInvites: Bool
    /// Byte for byte, as it goes over the wire.
    package let bytes: [UInt8]

    package init(
        name: String, owner: PersonID?, isOpen: Bool, isAnnouncement: Bool, startsAtJoin: Bool, ownerInvites: Bool,
        bytes: [UInt8]
    ) {
        self.name = name
        self.owner = owner
        self.isOpen = isOpen
        self.isAnnouncement = isAnnouncement
        self.startsAtJoin = startsAtJoin
        self.ownerInvites = ownerInvites
        self.bytes = bytes
    }
}

/// A person's stay in a room: each time they come back it is another one, with the next number.
package struct RoomMembership: Hashable, Sendable, Comparable {
    package let person: PersonID
    /// From 1.
    package let number: UInt64

    package init(_ person: PersonID, _ number: UInt64) {
        self.person = person
        self.number = number
    }

    package static func < (one: Self, other: Self) -> Bool {
        (one.person, one.number) < (other.person, other.number)
    }
}
