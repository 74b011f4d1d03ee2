extension Refusal {
    /// About a room. Rooms are as people see them (`#ops`), owners and members by name.
    package enum Room: Hashable, Sendable {
        case unknownID
        case unknown(room: String)
        case invitesPeople(room: String)
        case invited(room: String)
        case removed(room: String)
        case left(room: String, isOpen: Bool)
        case notOwner(room: String, owner: String?)
        case ownerInvites(room: String, owner: String?)
        case full(room: String)
        case youAreIn(room: String)
        case isIn(room: String, name: String, isInvited: Bool)
        case isYours(room: String)
        case isNotIn(room: String, name: String, isInvited: Bool)
        /// - Parameter name: whom they took out; `nil` is ourselves.
        case wasTaken(room: String, owner: String?, name: String?)
        case ownerLeaves(room: String)
        case notWriter(room: String)
        /// Those who are in it have not told what there is in it.
        case notTold(room: String)
        case allWrite(room: String)
        case spent(room: String, owner: String?)
        case blankName, longName, longNameOrTopic
        case manyCharacters
        case nameInUse(room: String, id: String)
        case noInvitation(room: String)
        case lifetimeBelowZero
        /// - Parameter days: the most.
        case lifetimeTooLong(days: Int)
        case openFromJoin
        case pinElsewhere(room: String)
        case isPinned, isNotPinned
    }
}
