import EarshotControl
import EarshotModel
import Glibc

/// Rooms of real nodes: what a newcomer has to fetch, and how long it takes until all of eight have a message.
enum Rooms {
    private static let room = "#bench"
    private static let members = 8

    static func measure(_ place: Workplace, rounds: Int) throws -> [Figure] {
        try Self.newcomer(place, count: rounds * 10) + Self.ticks(place, rounds: max(20, rounds / 4))
    }

    private static func node(_ place: Workplace, _ name: String) throws -> NodeProcess {
        try NodeProcess(place.program, state: place.folder(name), name: name, settings: ["contacts.accept": "lan"])
    }

    /// Somebody joins a room in which much was said, and fetches all of it from a member.
    private static func newcomer(_ place: Workplace, count: Int) throws -> [Figure] {
        let anna = try Self.node(place, "Anna")
        let bob = try Self.node(place, "Bob")
        defer { for node in [anna, bob] { node.end() } }
        _ = try anna.door.ask(Methods.CreateRoom("bench"))
        let written = try Messages.pipeline(anna.door, to: Self.room, count: count, wait: .queued)
        let last = try anna.door.ask(Methods.History(who: Self.room, limit: 1)).first?.id
        try Messages.meet(anna, bob)
        _ = try anna.door.ask(Methods.InviteToRoom(room: Self.room, who: [bob.person.description]))
        try Self.awaitInvitation(bob)
        let began = seconds()
        let used = anna.processor + bob.processor
        _ = try bob.door.ask(Methods.JoinRoom(Self.room))
        try Await.until("a newcomer's history", within: 300) {
            try bob.door.ask(Methods.History(who: Self.room, limit: 1)).first?.id == last
        }
        let took = seconds() - began
        let each = (anna.processor + bob.processor - used) / Double(count) * 1e6
        let held = try bob.door.ask(Methods.History(who: Self.room, limit: 10_000)).count
        guard held == min(10_000, count) else {
            throw BenchError.broken("of \(count) messages in the room Bob holds \(held)")
        }
        return [
            Figure("messages written in a room of one", Double(count) / written, "/s"),
            Figure(
                "a newcomer's history", Double(count) / took, "/s", .atLeast(8_000),
                note: "\(count) messages of a room: verified and stored; from joining to the last"),
            Figure("a newcomer's history: processor, each", each, "µs", note: "both nodes together"),
        ]
    }

    private static func awaitInvitation(_ node: NodeProcess) throws {
        try Await.until("an invitation to a room") {
            try node.door.ask(Methods.ListRooms()).contains { $0.standing == .invited }
        }
    }

    /// One message after another, each until all others have it.
    private static func ticks(_ place: Workplace, rounds: Int) throws -> [Figure] {
        let anna = try Self.node(place, "Owner")
        let others = try (1..<Self.members).map { try Self.node(place, "Member\($0)") }
        defer { for node in [anna] + others { node.end() } }
        for other in others { try Messages.meet(anna, other) }
        _ = try anna.door.ask(Methods.CreateRoom("bench"))
        _ = try anna.door.ask(
            Methods.InviteToRoom(room: Self.room, who: Words(others.map(\.person.description))))
        for other in others {
            try Self.awaitInvitation(other)
            _ = try other.door.ask(Methods.JoinRoom(Self.room))
        }
        try Await.until("a room of \(Self.members)", every: 20) {
            try anna.door.ask(Methods.RoomInfo(Self.room)).joinedCount == Int64(Self.members)
        }
        // What follows from the joining is over.
        try Await.quiet([anna] + others)
        _ = try anna.door.ask(Methods.Subscribe())
        var times: [Double] = []
        let disk = try Disk.flushes(anna.state, rounds: 200)
        for _ in 0..<rounds {
            let began = seconds()
            _ = try anna.door.post(
                Methods.Send(to: [Self.room], text: "One line of text, as people write it.", wait: .queued))
            try Await.event("the tick of the last member", at: anna.door) { what -> Void? in
                guard case .receipt(let message) = what else { return nil }
                return message.receipts?.delivered == Int64(others.count) ? () : nil
            }
            times.append((seconds() - began) * 1_000)
        }
        let spread = Spread(times)
        return [
            Figure(
                "a room of \(Self.members) nodes: message to its last tick, p50", spread.median, "ms", .atMost(10),
                note: """
                    all on this machine and its disk; a bare write and fdatasync here \(Figure.short(disk * 1_000)) ms
                    """),
            Figure("the same, p99", spread.at(0.99), "ms", note: "of \(rounds)"),
        ]
    }
}
