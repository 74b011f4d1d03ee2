import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// Many nodes in many rooms, in bad weather: nothing is lost, nothing comes twice, and all see the same room.
/// `EARSHOT_STORM="nodes rooms members messages seeds"` runs more of it; `earshot-bench storm` still more.
@Suite struct RoomsStormTests {
    @Test func nothingIsLostAndAllAgree() throws {
        let numbers = (ProcessInfo.processInfo.environment["EARSHOT_STORM"] ?? "").split(separator: " ")
            .compactMap { Int($0) }
        let size = RoomStorm.Size(Array(numbers.prefix(4))) ?? RoomStorm.Size()
        for seed in 0..<UInt64(numbers.count == 5 ? numbers[4] : 3) {
            var storm = try RoomStorm(size, seed: 1_000 + seed)
            let outcome = storm.run()
            #expect(outcome.isWell, "seed \(seed): \(outcome)")
            print(
                "storm: seed \(seed), \(size.nodes) nodes, \(size.rooms) rooms of \(size.members), "
                    + "\(outcome.messages) messages, level \(outcome.levelAfter) ms after the storm, "
                    + "\(outcome.steps) steps, \(outcome.bytesEach) bytes a node")
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
