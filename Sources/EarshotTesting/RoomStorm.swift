import EarshotModel
import EarshotRules
import EarshotWire

/// Many nodes in many rooms, in bad weather: lines that break, partitions, crashes. Afterwards nothing may be lost,
/// nothing may have come twice, and all must see the same room.
package struct RoomStorm {
    package struct Size: Sendable {
        package var nodes = 16
        package var rooms = 4
        package var members = 8
        package var messages = 400

        package init() {}

        /// - Parameter numbers: nodes, rooms, members of each, and messages.
        package init?(_ numbers: [Int]) {
            guard numbers.count == 4, numbers.allSatisfy({ $0 > 0 }), numbers[2] <= numbers[0] else { return nil }
            (self.nodes, self.rooms, self.members, self.messages) = (numbers[0], numbers[1], numbers[2], numbers[3])
        }
    }

    /// What became of it.
    package struct Outcome: Sendable {
        /// On any disk: what a crash took before it was kept was never said.
        package var messages = 0
        /// Times a member of a room lacks a message of it.
        package var missing = 0
        /// Times an envelope was kept twice.
        package var doubles = 0
        /// Rooms of which not all members see the same.
        package var divided = 0
        /// Ms of fair weather until all was level.
        package var levelAfter: UInt64 = 0
        package var steps = 0
        /// Of all frames that were sent, for each node.
        package var bytesEach = 0

        package var isWell: Bool { self.missing == 0 && self.doubles == 0 && self.divided == 0 }
    }

    private let size: Size
    private var lan: SimulatedLAN
    private var rooms: [(room: SimulatedLAN.Room, hosts: [Int])] = []
    private var said: [ConversationID: [EnvelopeID]] = [:]
    private var count = 0
    private var chance: SeededRandom

    package init(_ size: Size, seed: UInt64) throws {
        self.size = size
        self.chance = SeededRandom(seed: seed)
        self.lan = try SimulatedLAN(names: (0..<size.nodes).map { "P\($0)" }, seed: seed)
        for number in 0..<size.rooms {
            let hosts = Array((0..<size.nodes).shuffled(using: &self.chance).prefix(size.members))
            self.lan.acquaint(hosts[0], with: Array(hosts.dropFirst()))
            let room = try self.lan.room("room \(number)", by: hosts[0], with: Array(hosts.dropFirst()))
            self.rooms.append((room, hosts))
        }
    }

    /// The storm, and the fair weather after it.
    package mutating func run() -> Outcome {
        self.lan.weather = .storm
        (self.lan.weather.breaking, self.lan.weather.crashing) = (2, 0)
        while self.count < self.size.messages { self.step() }
        var outcome = Outcome()
        outcome.levelAfter = self.settle(most: 900_000)
        for (room, hosts) in self.rooms {
            outcome.messages += (self.said[room.talk] ?? []).count { self.isKept($0) }
            outcome.missing += hosts.reduce(0) { $0 + self.lacks(room, at: $1) }
            outcome.divided += self.lan.hashes(of: room, hosts: hosts).count == 1 ? 0 : 1
        }
        outcome.doubles = self.lan.hosts.reduce(0) { $0 + $1.disk.doubles }
        (outcome.steps, outcome.bytesEach) = (self.lan.steps, self.lan.bytes / self.size.nodes)
        return outcome
    }

    /// One word, or something else that happens.
    private mutating func step() {
        guard let (room, hosts) = self.rooms.randomElement(using: &self.chance),
            let host = hosts.randomElement(using: &self.chance)
        else { return }
        switch Int.random(in: 0..<200, using: &self.chance) {
        case 0: self.lan.crash(host, downFor: UInt64.random(in: 1...60_000, using: &self.chance))
        case 1:
            let groups = self.lan.hosts.map { _ in Int.random(in: 0...1, using: &self.chance) }
            self.lan.partition(groups)
        case 2...3:
            self.lan.partition(self.lan.hosts.map { _ in 0 })
            self.lan.sightAll()
        case 4...6:
            let number = Int.random(in: 0..<1_000, using: &self.chance)
            self.lan.ask(host) { (try? $0.set(.topic, of: room.id, text: "topic \(number)", at: $1)) ?? [] }
        default:
            if let id = try? self.lan.say("word", from: host, in: room) {
                self.said[room.talk, default: []].append(id)
                self.count += 1
            }
        }
        self.lan.run(for: UInt64.random(in: 1...400, using: &self.chance))
    }

    /// Fair weather, until everybody has everything; how many ms that took.
    private mutating func settle(most: UInt64) -> UInt64 {
        self.lan.weather = .fair
        self.lan.partition(self.lan.hosts.map { _ in 0 })
        self.lan.sightAll()
        let start = self.lan.now
        while self.lan.now < start + most {
            self.lan.run(for: 1_000)
            if self.rooms.allSatisfy({ room, hosts in hosts.allSatisfy { self.lacks(room, at: $0) == 0 } }) { break }
        }
        return self.lan.now - start
    }

    private func lacks(_ room: SimulatedLAN.Room, at host: Int) -> Int {
        let shown = Set(self.lan.shown(room, at: host))
        return (self.said[room.talk] ?? []).count { !shown.contains($0) && self.isKept($0) }
    }

    private func isKept(_ id: EnvelopeID) -> Bool { self.lan.hosts.contains { $0.disk.places(contain: id) } }
}
