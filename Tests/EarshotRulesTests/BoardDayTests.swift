import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// A board that is always on and keeps mail, ten people who come and go, a room of theirs: a day, in the simulated
/// network.
@Suite(.timeLimit(.minutes(10))) struct BoardDayTests {
    private static let board = 0
    private static let people = 10
    private static let hour: UInt64 = 3_600_000

    @Test func aDayLosesNothingAndLeavesNothingBehind() throws {
        let names = ["Board"] + (1...Self.people).map { "Person \($0)" }
        var lan = try SimulatedLAN(names: names, seed: 24)
        lan.introduceAll()
        lan.run(for: 60_000)
        lan.keepMail(Self.board, MailSettings(keeps: true))
        let hall = try lan.room("hall", by: Self.board, with: Array(1...Self.people))
        var chance = SeededRandom(seed: 25)
        var (words, mail): ([EnvelopeID], [(to: Int, id: EnvelopeID)]) = ([], [])
        var first: [String: Int] = [:]
        var mostKept = 0
        for hour in 0..<24 {
            // Who is here, in the first hour all; the others are each for themselves, as a laptop in a bag is.
            let share: UInt8 = hour == 0 ? 10 : hour < 8 ? 2 : 6
            let here = (1...Self.people).filter { _ in UInt8.random(in: 0...9, using: &chance) < share }
            lan.partition((0...Self.people).map { here.contains($0) || $0 == Self.board ? 0 : $0 })
            lan.sightAll()
            lan.run(for: 120_000)
            for one in here {
                words.append(try lan.say("\(hour)", from: one, in: hall))
                let other = Int.random(in: 1...Self.people, using: &chance)
                if other != one, let id = lan.say("for \(other)", from: one, to: other) { mail.append((other, id)) }
                lan.ask(one) { $0.settle(at: $1) }
            }
            lan.run(for: Self.hour - 120_000)
            mostKept = max(mostKept, lan.hosts[Self.board].disk.blobs.count)
            guard hour == 0 || hour == 23 else { continue }
            // All are together for a while: what is counted is what stays.
            lan.partition(names.map { _ in 0 })
            lan.sightAll()
            lan.run(for: 900_000)
            let census = Self.census(try #require(lan.hosts[Self.board].engine))
            if hour == 0 { first = census } else { self.expectNoMore(census, than: first) }
        }
        #expect(words.count > 60 && mail.count > 60 && mostKept > 5, "\(words.count) \(mail.count) \(mostKept)")
        for host in 0...Self.people { #expect(Set(lan.shown(hall, at: host)) == Set(words), "host \(host)") }
        for (to, id) in mail { #expect(lan.hosts[to].disk.stored.contains { $0.id == id }, "to \(to)") }
        #expect(lan.hosts.allSatisfy { $0.disk.doubles == 0 && $0.disk.left.isEmpty })
        #expect(lan.hosts[Self.board].disk.blobs.isEmpty, "what was read lies with nobody")
    }

    private func expectNoMore(_ census: [String: Int], than first: [String: Int]) {
        for (place, count) in census.sorted(by: { $0.key < $1.key }) {
            #expect(count <= first[place] ?? 0, "\(place): \(first[place] ?? 0) after an hour, \(count) after a day")
        }
    }

    /// How many there are of whatever the engine has several of, by where it is.
    private static func census(_ engine: Engine) -> [String: Int] {
        var counts: [String: Int] = [:]
        self.count(engine, "", &counts)
        return counts
    }

    private static func count(_ value: Any, _ place: String, _ counts: inout [String: Int], depth: Int = 0) {
        guard depth < 12, !(value is [UInt8]), !(value is String) else { return }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .collection, .set, .dictionary:
            counts[place, default: 0] += mirror.children.count
            for child in mirror.children { self.count(child.value, place, &counts, depth: depth + 1) }
        default:
            for child in mirror.children {
                let name = child.label.map { $0.hasPrefix(".") ? place : "\(place).\($0)" } ?? place
                self.count(child.value, name, &counts, depth: depth + 1)
            }
        }
    }
}
