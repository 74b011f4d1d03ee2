import EarshotModel
import EarshotStore
import EarshotWire
import Glibc
import Noise

/// The database alone: one message a commit, as in a conversation, and many, as after an absence.
enum Commits {
    static func measure(_ place: Workplace, rounds: Int) throws -> [Figure] {  // lint: table
        mkdir(place.folder("commits"), 0o700)
        let store = try Store(
            path: place.folder("commits/earshot.db"), generation: randomBytes(32), reader: Envelope.kept)
        let anna = try Handshakes.identity("Anna")
        let bob = try Handshakes.identity("Bob")
        let conversation = Derive.conversation(anna.person, bob.person)
        let log = Derive.log(generation: randomBytes(32), conversation)
        var prev: EnvelopeID?
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let words = ["lunch", "plans", "noon", "the", "second", "floor", "machine", "cake", "draft", "again"]
        func message(_ number: Int) -> Fact {
            let text =
                "message \(number) "
                + (0..<8).map { words[(number &* 31 &+ $0 &* 7) % words.count] }.joined(separator: " ")
            let content = Content.text(.init(text))
            let envelope = Envelope.sign(
                conversation: conversation, device: anna.device, log: log, seq: UInt64(number + 1), prev: prev,
                parents: [],
                stamp: HybridTime(raw: (1_800_000_000_000 + UInt64(number)) << 16), kind: content.kind,
                payload: content.payload, with: anna.signing)
            prev = envelope.envelope.id
            return .envelope(envelope.envelope, content, author: anna.person, arrived: now)
        }
        let facts = (0..<rounds * 2).map(message)
        var single: [Double] = []
        for fact in facts.prefix(rounds) {
            let began = seconds()
            _ = try store.commit([fact], me: anna.person)
            single.append((seconds() - began) * 1e6)
        }
        let began = seconds()
        var rest = facts.dropFirst(rounds)
        while !rest.isEmpty {
            _ = try store.commit(Array(rest.prefix(256)), me: anna.person)
            rest = rest.dropFirst(256)
        }
        let each = (seconds() - began) / Double(rounds) * 1e6
        var held: [Double] = []
        for number in 0..<rounds {
            guard case .envelope(let envelope, _, _, _) = facts[number] else { continue }
            let began = seconds()
            _ = try store.commit(
                [.held(conversation, log, by: bob.device, of: bob.person, seq: envelope.seq, id: envelope.id, at: now)],
                me: anna.person)
            held.append((seconds() - began) * 1e6)
        }
        let pages = try Self.pages(store, anna, bob, conversation, log, (rounds * 2..<rounds * 2 + 320).map(message))
        store.close()
        return [
            Figure(
                "commit of one message", Spread(single).median, "µs",
                note: "on disk; p99 \(Int(Spread(single).at(0.99)))"),
            Figure("commit of 256 messages, each", each, "µs"),
            Figure(
                "commit of one tick", Spread(held).median, "µs",
                note: "safe from our own crash; p99 \(Int(Spread(held).at(0.99)))"),
            Figure("pages a commit of one message writes", pages.message, ""),
            Figure("pages a commit of one tick writes", pages.tick, ""),
            Figure("pages a commit of 256 ticks writes", pages.ticks, ""),
        ]
    }

    /// Pages that commits add to the log, where it did not begin anew meanwhile.
    private static func pages(
        _ store: Store, _ anna: Identity, _ bob: Identity, _ conversation: ConversationID, _ log: LogID, _ facts: [Fact]
    ) throws -> (message: Double, tick: Double, ticks: Double) {
        func pages(_ facts: [Fact]) throws -> Double? {
            let before = store.pagesInLog
            _ = try store.commit(facts, me: anna.person)
            let after = store.pagesInLog
            return after > before ? Double(after - before) : nil
        }
        func tick(_ fact: Fact) -> Fact? {
            guard case .envelope(let envelope, _, _, let at) = fact else { return nil }
            return .held(conversation, log, by: bob.device, of: bob.person, seq: envelope.seq, id: envelope.id, at: at)
        }
        let single = try facts.prefix(64).compactMap { try pages([$0]) }
        _ = try store.commit(Array(facts.dropFirst(64)), me: anna.person)
        let ticks = try facts.prefix(64).compactMap { fact in try tick(fact).flatMap { try pages([$0]) } }
        let many = try facts.last.flatMap(tick).flatMap { try pages([$0]) } ?? 0
        return (Spread(single).median, Spread(ticks).median, many)
    }
}
