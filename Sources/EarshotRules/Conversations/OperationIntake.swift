import EarshotModel

/// The operations of rooms that were taken in: how much, and whether we were told what follows from them.
struct OperationIntake: Sendable {
    private var loads: [ConversationID: RoomLoad]
    /// Rooms of which some came since that.
    private var unsettled: Set<ConversationID> = []

    init(_ loads: [ConversationID: RoomLoad]) { self.loads = loads }

    mutating func take(bytes: Int, in room: ConversationID, by author: PersonID) {
        self.unsettled.insert(room)
        self.loads[room, default: RoomLoad()].add(bytes: bytes, by: author)
    }

    /// It is known what follows from all of them.
    mutating func settled(_ room: ConversationID) { self.unsettled.remove(room) }

    func isSettled(_ room: ConversationID) -> Bool { !self.unsettled.contains(room) }

    /// How much more is taken of somebody; `nil` is of nobody who is known.
    func space(for author: PersonID?, in room: ConversationID) -> RoomLoad.Space {
        (self.loads[room] ?? RoomLoad()).space(for: author)
    }
}
