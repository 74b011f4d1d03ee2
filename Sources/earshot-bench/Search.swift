import EarshotModel
import EarshotStore
import EarshotWire
import Glibc
import Noise

/// Searching a long history, whose words are as common as those of people: the second half as often as the first.
enum Search {
    private static let conversations = 40

    static func measure(_ place: Workplace, messages: Int) throws -> [Figure] {
        mkdir(place.folder("search"), 0o700)
        let store = try Store(
            path: place.folder("search/earshot.db"), generation: randomBytes(32), reader: Envelope.kept)
        let me = try Handshakes.identity("Anna")
        let talks = try Self.fill(store, me, messages)
        while try store.index(atMost: 2_000) {}
        var figures: [Figure] = []
        for (name, word) in [("commonest", 0), ("10th", 10), ("100th", 100), ("2,000th", 2_000)] {
            let word = Self.word(word)
            figures.append(
                try Self.time("search of the \(name) word", .atMost(50)) { try store.search(word, limit: 50) })
            figures.append(
                try Self.time("the same in one of \(Self.conversations) conversations", .atMost(50)) {
                    try store.search(word, in: talks[0], limit: 50)
                })
        }
        let two = Self.word(0) + " " + Self.word(1)
        figures.append(try Self.time("search of the two commonest words together") { try store.search(two, limit: 50) })
        figures.append(
            try Self.time("unread messages of a conversation, all unread") {
                try store.unread(talks[0], me: PersonID(hash: talks[0].hash))
            })
        store.close()
        return figures
    }

    private static func time<T>(_ name: String, _ goal: Figure.Goal? = nil, _ body: () throws -> T) throws -> Figure {
        var times: [Double] = []
        for _ in 0..<60 {
            let began = seconds()
            _ = try body()
            times.append((seconds() - began) * 1e3)
        }
        let spread = Spread(times)
        return Figure(name + ", p95", spread.at(0.95), "ms", goal, note: "median \(Figure.short(spread.median))")
    }

    /// Different words, of two to six letters.
    private static func word(_ number: Int) -> String {
        var rest = UInt64(number) &* 2_654_435_761 % 20_011 + 26
        var letters: [UInt8] = []
        while rest > 0 {
            letters.append(97 + UInt8(rest % 26))
            rest /= 26
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func fill(_ store: Store, _ me: Identity, _ messages: Int) throws -> [ConversationID] {
        let talks = (0..<Self.conversations).compactMap { _ in ConversationID(randomBytes(32)) }
        let log = talks.map { Derive.log(generation: randomBytes(32), $0) }
        var before: [Envelope?] = talks.map { _ in nil }
        var chance = SystemRandomNumberGenerator()
        var facts: [Fact] = []
        for number in 0..<messages {
            let words = (0..<10).map { _ in
                Self.word(Int(exp(Double.random(in: 0..<9.9, using: &chance))) - 1)
            }
            let content = Content.text(.init(words.joined(separator: " ")))
            let place = number % talks.count
            let at = 1_700_000_000_000 + UInt64(number) * 1_000
            let envelope = Envelope.sign(
                conversation: talks[place], device: me.device, log: log[place], seq: (before[place]?.seq ?? 0) + 1,
                prev: before[place]?.id, parents: [], stamp: HybridTime(raw: at << 16), kind: content.kind,
                payload: content.payload, with: me.signing
            ).envelope
            before[place] = envelope
            facts.append(.envelope(envelope, content, author: me.person, arrived: Timestamp(milliseconds: at)))
            if facts.count == 1_000 || number == messages - 1 {
                try store.commit(facts, me: me.person)
                facts = []
            }
        }
        return talks
    }
}
