import EarshotModel
import EarshotRules
import EarshotTesting

/// How a room grows: whole engines under one clock, with links of 1 ms and no disk.
enum Growth {
    static func measure(_ sizes: [Int], messages: Int) throws -> [Figure] {
        var figures: [Figure] = []
        for size in sizes where size > 1 { figures += try Self.measure(size, messages: messages) }
        return figures
    }

    private static func measure(_ size: Int, messages: Int) throws -> [Figure] {
        let began = processor()
        var lan = try SimulatedLAN(names: (0..<size).map { "P\($0)" }, seed: 5)
        lan.weather.delay = 1...1
        // Of many adverts at once some are not heard; they are repeated.
        for _ in 0...size / 16 {
            lan.sightAll()
            lan.run(for: 2_000)
        }
        lan.acquaint(0, with: Array(1..<size))
        let (bytesBefore, start) = (lan.bytes, lan.now)
        lan.ask(0) { engine, _ in
            engine.roomMembers = max(engine.roomMembers, size)
            return []
        }
        let room = try lan.room("room", by: 0, with: Array(1..<size))
        while (0..<size).contains(where: { lan.members(of: room, at: $0).count < size }) {
            guard lan.now < start + 600_000 else { throw BenchError.broken("not all of \(size) see all members") }
            lan.run(for: 10)
        }
        let (level, toLevel) = (lan.now - start, lan.bytes - bytesBefore)
        lan.run(for: 60_000)
        var chance = SeededRandom(seed: 6)
        var times: [Double] = []
        let (bytes, steps, ready) = (lan.bytes, lan.steps, processor())
        for _ in 0..<messages {
            let start = lan.now
            let word = try lan.say("One line of text.", from: Int.random(in: 0..<size, using: &chance), in: room)
            var left = Array(0..<size)
            while !left.isEmpty {
                guard lan.now < start + 60_000 else { throw BenchError.broken("not all of \(size) see a message") }
                lan.run(for: 1)
                left.removeAll { lan.hosts[$0].disk.places(contain: word) }
            }
            times.append(Double(lan.now - start))
            lan.run(for: 500)
        }
        let spread = Spread(times)
        let each = Double(messages * size)
        return [
            Figure(
                "a room of \(size), links of 1 ms: seen by all, p99", spread.at(0.99), "ms", .atMost(100),
                note: """
                    median \(Figure.short(spread.median)), of \(messages); \
                    \(Figure.short(Double(lan.bytes - bytes) / each)) bytes and \
                    \(Figure.short(Double(lan.steps - steps) / each)) steps a member and message, with half a second \
                    of idling; \(Figure.short((processor() - ready) / each * 1e6)) µs of processor. All see all \
                    members \(level) ms after it was made, with \(Figure.short(Double(toLevel / size))) bytes a node; \
                    \(Figure.short(ready - began)) s of processor for all of them
                    """)
        ]
    }
}
