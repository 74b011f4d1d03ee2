import EarshotModel
import EarshotWire

/// What others here tell of open rooms (Protocol.md 17, Open rooms of a network).
struct OpenRooms: Sendable {
    /// By link.
    private var told: [LinkID: (person: PersonID, rooms: [ToldRoom])] = [:]
    /// On how many links a room is told of.
    private var lines: [RoomID: Int] = [:]

    /// Each of them, and who tells of it, in the order of their ids.
    var offers: [(room: ToldRoom, by: Set<PersonID>)] {
        var offers: [RoomID: (room: ToldRoom, by: Set<PersonID>)] = [:]
        for (person, rooms) in self.told.values {
            for room in rooms { offers[room.charter.room, default: (room, [])].by.insert(person) }
        }
        return offers.sorted { $0.key < $1.key }.map(\.value)
    }

    func tellers(of id: RoomID) -> Set<PersonID> {
        Set(self.told.values.filter { $0.rooms.contains { $0.charter.room == id } }.map(\.person))
    }

    /// What is told on a link, from now on; `nil` if it is closed.
    /// - Returns: those that appeared, and those of which nobody tells any more, in the order of their ids.
    mutating func set(_ told: (person: PersonID, rooms: [ToldRoom])?, _ link: LinkID) -> [ToldRoom] {
        func byID(_ rooms: [ToldRoom]) -> [RoomID: ToldRoom] {
            Dictionary(rooms.map { ($0.charter.room, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let (before, now) = (byID(self.told[link]?.rooms ?? []), byID(told?.rooms ?? []))
        self.told[link] = told
        var news: [ToldRoom] = []
        for (id, room) in now where before[id] == nil {
            self.lines[id, default: 0] += 1
            if self.lines[id] == 1 { news.append(room) }
        }
        for (id, room) in before where now[id] == nil {
            guard let lines = self.lines[id], lines > 1 else {
                self.lines[id] = nil
                news.append(room)
                continue
            }
            self.lines[id] = lines - 1
        }
        return news.sorted { $0.charter.room < $1.charter.room }
    }
}
