import EarshotModel
import EarshotWire

/// The rooms as they were on disk, with what follows from their operations.
struct RestoredRooms {
    private(set) var rooms: [RoomID: Room] = [:]
    /// How much of each room's operations there is, by their conversations.
    private(set) var loads: [ConversationID: RoomLoad] = [:]

    private struct Operation {
        let envelope: Envelope
        let operation: RoomOperation
        /// Who wrote it, as it was found when it came.
        let author: PersonID?
    }

    init(_ snapshot: Snapshot, me: PersonID, _ manifests: ManifestChain) {
        for known in snapshot.rooms { self.rooms[known.id] = Room(known, me: me) }
        var operations: [RoomID: [Operation]] = [:]
        for one in snapshot.operations {
            guard let (envelope, content) = Envelope.kept(one.wire), case .room(let operation) = content else {
                continue
            }
            operations[RoomID(operations: envelope.conversation), default: []].append(
                Operation(envelope: envelope, operation: operation, author: one.author))
        }
        for (id, all) in operations { self.add(all, to: id, me, manifests) }
    }

    private mutating func add(_ operations: [Operation], to id: RoomID, _ me: PersonID, _ manifests: ManifestChain) {
        guard var room = self.rooms[id] else { return }
        // Where nobody kept who wrote it: among those whom some operation adds, or the owners.
        var persons = Set([me, room.charter.owner].compactMap { $0 })
        for one in operations {
            if case .add(let membership, _, _, _) = one.operation { persons.insert(membership.person) }
            if case .transfer(let person, _, _) = one.operation { persons.insert(person) }
        }
        var load = RoomLoad()
        for one in operations {
            // We hold certificates of their devices.
            let device = one.envelope.device
            guard
                let author = manifests.owner(of: device, among: [one.author].compactMap { $0 })
                    ?? manifests.owner(of: device, first: me, where: persons.contains)
            else { continue }
            room.add(RoomFold.Entry(one.envelope, one.operation, by: author))
            load.add(bytes: one.envelope.payload.count, by: author)
        }
        _ = room.refresh()
        self.rooms[id] = room
        self.loads[id.operations] = load
    }
}
