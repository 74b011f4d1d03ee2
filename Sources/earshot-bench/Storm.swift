import EarshotTesting

/// Whole engines in bad weather, seed after seed, for as long as there is time: what is lost, doubled or seen otherwise
/// by some is an error.
enum Storm {
    /// - Parameter seconds: after which no other seed is begun.
    static func measure(_ size: RoomStorm.Size, firstSeed: UInt64, for duration: Double) throws -> [Figure] {
        let (began, used) = (seconds(), processor())
        var (seeds, messages, steps, slowest) = (0, 0, 0, UInt64(0))
        repeat {
            let seed = firstSeed + UInt64(seeds)
            var storm = try RoomStorm(size, seed: seed)
            let outcome = storm.run()
            guard outcome.isWell else { throw BenchError.broken("seed \(seed): \(outcome)") }
            (seeds, messages, steps) = (seeds + 1, messages + outcome.messages, steps + outcome.steps)
            slowest = max(slowest, outcome.levelAfter)
            let words = [
                "seed \(seed), \(outcome.messages) messages", "level \(outcome.levelAfter) ms after the storm",
                "\(outcome.steps) steps", "\(outcome.bytesEach) bytes a node",
                "\(Figure.short(processor() - used)) s of processor so far",
            ]
            print("storm: " + words.joined(separator: ", "))
        } while seconds() - began < duration
        return [
            Figure(
                "a storm over \(size.rooms) rooms of \(size.members), \(size.nodes) nodes", Double(messages),
                "messages",
                note: """
                    \(seeds) seeds; a fifth of the datagrams lost, a tenth doubled, lines that break, partitions, \
                    crashes; none lost, none doubled, all rooms seen alike; level at most \(slowest) ms after it; \
                    \(steps) steps, \(Figure.short(processor() - used)) s of processor
                    """)
        ]
    }
}
