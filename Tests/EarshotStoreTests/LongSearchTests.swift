import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Testing

/// More messages have the words than are put in order by themselves: the newest are found, as if all were looked at.
@Suite struct LongSearchTests {
    private static let base: UInt64 = 1_800_000_000_000
    private let samples: Samples
    private let store: Store

    init() throws {
        self.samples = try Samples()
        self.store = try Store.inMemory(reader: Envelope.kept)
    }

    private var talk: ConversationID { self.samples.conversation }
    private var own: ConversationID { Derive.conversation(self.samples.anna.person, self.samples.anna.person) }
    private var room: ConversationID { Derive.talk(self.samples.charter.room) }

    private func fact(
        _ content: Content, in conversation: ConversationID, log: LogID, seq: UInt64 = 1, prev: EnvelopeID? = nil,
        clock: UInt64
    ) -> (id: EnvelopeID, fact: Fact) {
        let envelope = Envelope.sign(
            conversation: conversation, device: self.samples.anna.device, log: log, seq: seq, prev: prev, parents: [],
            stamp: HybridTime(raw: clock << 16), membership: conversation == self.room ? 1 : 0, kind: content.kind,
            payload: content.payload, with: self.samples.anna.signing
        ).envelope
        return (
            envelope.id,
            .envelope(
                envelope, content, author: self.samples.anna.person,
                arrived: Timestamp(milliseconds: Self.base + 90_000))
        )
    }

    /// Two conversations and a room, of which the end is hidden. What comes later is most often newer, and at times
    /// much older or as old; some of it is edited and deleted.
    private func fill(_ count: Int, _ random: inout SeededRandom) throws {
        var ids: [ConversationID: [EnvelopeID]] = [:]
        let roomLog = Derive.log(generation: self.samples.anna.device.bytes, self.room)
        var said: UInt64 = 0
        var facts: [Fact] = [
            .members(self.room, [self.samples.anna.person, self.samples.bob.person]),
            .shown(self.room, Stretch(log: roomLog, membership: 1), ShownLimit(all: 900, words: 900)),
        ]
        for number in 0..<count {
            let place = UInt64(random.happens(50) ? Int.random(in: 0..<count, using: &random) : number / 3)
            let word = ["common", "commonly", "un common", "un-common"][Int.random(in: 0...3, using: &random)]
            var content = Content.text(.init("\(word) \(number) word"))
            let conversation = [self.own, self.talk, self.talk, self.room][Int.random(in: 0...3, using: &random)]
            let target = ids[conversation]?.suffix(3_000).randomElement(using: &random)
            switch (target, Int.random(in: 0..<40, using: &random)) {
            case (let target?, 0): content = .edit(target: target, text: "other, and now un-common")
            case (let target?, 1): content = .delete(target: target)
            default: break
            }
            let log = try #require(LogID((0..<16).map { UInt8(truncatingIfNeeded: UInt64(number) >> ($0 * 8)) }))
            let new: (id: EnvelopeID, fact: Fact)
            if conversation == self.room {
                said += 1
                // Of one log, and never at the same time as others.
                new = self.fact(
                    content, in: conversation, log: roomLog, seq: said, prev: ids[conversation]?.last,
                    clock: Self.base + 2 * UInt64(number) + 1)
            } else {
                new = self.fact(content, in: conversation, log: log, clock: Self.base + 2 * place)
            }
            ids[conversation, default: []].append(new.id)
            facts.append(new.fact)
            guard facts.count > 400 || number == count - 1 else { continue }
            try self.store.commit(facts, me: self.samples.anna.person)
            facts = []
            if Bool.random(using: &random) { while try self.store.index(atMost: 300) {} }
        }
    }

    /// All that is found, so many at a time.
    private func pages(_ query: String, in conversation: ConversationID?, _ size: Int) throws -> [EnvelopeID] {
        var all: [EnvelopeID] = []
        while true {
            let found = try self.store.search(query, in: conversation, before: all.last, limit: size).map(\.id)
            all += found
            if found.count < size { return all }
        }
    }

    @Test(arguments: [5, 6]) func theNewestAreFound(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        try self.fill(12_000, &random)
        let histories = try [self.own, self.talk, self.room].map { try self.store.history($0, limit: 12_000) }
        #expect(histories[2].count < 900 && histories[1].count > 4_096)
        let all = histories.flatMap { $0 }.sorted { ($0.at, $0.id) > ($1.at, $1.id) }
        for query in ["common", "common word", "un-common", "un comm", "wor", "other", "commonl word"] {
            for limit in [1, 40, 3_000, 12_000] {
                func newest(_ among: some Sequence<Message>, _ most: Int? = nil) -> [EnvelopeID] {
                    Array(among.filter { Store.finds(query, in: $0.text) }.map(\.id).prefix(most ?? limit))
                }
                #expect(try self.store.search(query, limit: limit).map(\.id) == newest(all), "\(query), \(limit)")
                if limit == 3_000 {
                    #expect(try self.pages(query, in: nil, limit) == newest(all, 12_000), "\(query), page by page")
                }
                for history in histories {
                    guard let conversation = history.first?.conversation else { continue }
                    let found = try self.store.search(query, in: conversation, limit: limit).map(\.id)
                    #expect(found == newest(history.reversed()), "\(query), \(limit)")
                    guard limit == 3_000 else { continue }
                    let paged = try self.pages(query, in: conversation, 1_500)
                    #expect(paged == newest(history.reversed(), 12_000), "\(query), page by page")
                }
            }
        }
        #expect(self.store.isIndexWhole() && self.store.fault() == nil)
    }
}
