import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// Many nodes in many rooms, in bad weather: nothing is lost, nothing comes twice, and all see the same room.
/// `EARSHOT_STORM="nodes rooms members messages seeds"` runs more of it.
@Suite struct RoomsStormTests {
    private struct Size {
        var (nodes, rooms, members, messages, seeds) = (16, 4, 8, 400, 3)

        init() {
            let numbers = (ProcessInfo.processInfo.environment["EARSHOT_STORM"] ?? "").split(separator: " ")
                .compactMap { Int($0) }
            guard numbers.count == 5 else { return }
            (nodes, rooms, members, messages, seeds) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        }
    }

    private struct Story {
        var lan: SimulatedLAN
        var rooms: [(room: SimulatedLAN.Room, hosts: [Int])] = []
        var said: [ConversationID: [EnvelopeID]] = [:]
        var chance: SeededRandom

        init(_ size: Size, seed: UInt64) throws {
            self.chance = SeededRandom(seed: seed)
            self.lan = try SimulatedLAN(names: (0..<size.nodes).map { "P\($0)" }, seed: seed)
            for number in 0..<size.rooms {
                let hosts = Array((0..<size.nodes).shuffled(using: &self.chance).prefix(size.members))
                self.lan.acquaint(hosts[0], with: Array(hosts.dropFirst()))
                let room = try self.lan.room("room \(number)", by: hosts[0], with: Array(hosts.dropFirst()))
                self.rooms.append((room, hosts))
            }
        }

        /// One word, or something else that happens.
        mutating func step() {
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
                }
            }
            self.lan.run(for: UInt64.random(in: 1...400, using: &self.chance))
        }

        /// Fair weather, until everybody has everything; how many ms that took.
        mutating func settle(most: UInt64) -> UInt64 {
            self.lan.weather = .fair
            self.lan.partition(self.lan.hosts.map { _ in 0 })
            self.lan.sightAll()
            let start = self.lan.now
            while self.lan.now < start + most {
                self.lan.run(for: 1_000)
                if self.rooms.allSatisfy({ room, hosts in hosts.allSatisfy { self.lacks(room, at: $0) == 0 } }) {
                    break
                }
            }
            return self.lan.now - start
        }

        func lacks(_ room: SimulatedLAN.Room, at host: Int) -> Int {
            let shown = Set(self.lan.shown(room, at: host))
            return (self.said[room.talk] ?? []).count { !shown.contains($0) && self.isKept($0) }
        }

        /// Whether it is on any disk: what a crash took before it was kept was never said.
        func isKept(_ id: EnvelopeID) -> Bool { self.lan.hosts.contains { $0.disk.places(contain: id) } }
    }

    @Test func nothingIsLostAndAllAgree() throws {
        let size = Size()
        for seed in 0..<UInt64(size.seeds) {
            var story = try Story(size, seed: 1_000 + seed)
            var storm = SimulatedLAN.Weather.storm
            storm.breaking = 2
            storm.crashing = 0
            story.lan.weather = storm
            while story.said.values.reduce(0, { $0 + $1.count }) < size.messages { story.step() }
            let took = story.settle(most: 900_000)
            for (room, hosts) in story.rooms {
                for host in hosts {
                    #expect(story.lacks(room, at: host) == 0, "seed \(seed), host \(host)")
                    #expect(story.lan.hosts[host].disk.doubles == 0)
                }
                #expect(story.lan.hashes(of: room, hosts: hosts).count == 1, "seed \(seed)")
            }
            let words = story.said.values.reduce(0) { $0 + $1.count }
            print(
                "storm: seed \(seed), \(size.nodes) nodes, \(size.rooms) rooms of \(size.members), \(words) messages, "
                    + "level \(took) ms after the storm, \(story.lan.steps) steps, \(story.lan.bytes / size.nodes) bytes a node"
            )
        }
    }

    /// How long it takes until a room of so many sees one message and one new member, with links of 1 ms.
    @Test func howItGrows() throws {
        let sizes = (ProcessInfo.processInfo.environment["EARSHOT_GROWTH"] ?? "8 16").split(separator: " ")
            .compactMap { Int($0) }
        for size in sizes {
            var lan = try SimulatedLAN(names: (0..<size).map { "P\($0)" }, seed: 5)
            lan.weather.delay = 1...1
            // Of many adverts at once some are not heard; they are repeated.
            for _ in 0...size / 16 {
                lan.sightAll()
                lan.run(for: 2_000)
            }
            lan.acquaint(0, with: Array(1..<size))
            let room = try lan.room("room", by: 0, with: Array(1..<size))
            lan.run(for: 60_000)
            let (bytes, start) = (lan.bytes, lan.now)
            let word = try lan.say("hello", from: size - 1, in: room)
            while lan.now < start + 10_000, (0..<size).contains(where: { !lan.shown(room, at: $0).contains(word) }) {
                lan.run(for: 1)
            }
            let took = lan.now - start
            lan.run(for: 1_000)
            #expect(took <= 100, "\(size) members")
            print(
                "growth: \(size) members, a message seen by all after \(took) ms, "
                    + "\((lan.bytes - bytes) / size) bytes a node for it")
        }
    }
}
