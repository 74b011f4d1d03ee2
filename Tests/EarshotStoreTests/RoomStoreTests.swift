import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// What the store keeps and shows of rooms (Protocol.md 17).
@Suite struct RoomStoreTests {
    private let samples: Samples
    private let charter: Charter
    private let store: Store
    private let talk: ConversationID

    init() throws {
        self.samples = try Samples()
        self.charter = Charter(
            name: "ops", owner: self.samples.anna.person, salt: [UInt8](repeating: 4, count: 16), startsAtJoin: true)
        self.talk = Derive.talk(self.charter.room)
        self.store = try Store.inMemory(reader: Envelope.kept)
        try self.store.commit([.members(self.talk, [self.samples.anna.person])], me: self.samples.anna.person)
    }

    private var me: PersonID { self.samples.anna.person }
    private var bobsLog: LogID { Derive.log(generation: self.samples.bob.device.bytes, self.talk) }

    /// Envelopes of Bob's in the talk, in a chain.
    private func said(_ contents: [Content], membership: UInt64 = 1) -> [Envelope] {
        var before: Envelope?
        return contents.enumerated().map { index, content in
            let envelope = Envelope.sign(
                conversation: self.talk, device: self.samples.bob.device, log: self.bobsLog,
                seq: UInt64(index) + 1, prev: before?.id, parents: [],
                stamp: HybridTime(raw: UInt64(1_700_000_000_000 + index) << 16), membership: membership,
                kind: content.kind, payload: content.payload, with: self.samples.bob.signing
            ).envelope
            before = envelope
            return envelope
        }
    }

    private func fact(_ envelope: Envelope) -> Fact {
        .envelope(
            envelope, Content(of: envelope), author: self.samples.bob.person,
            arrived: Timestamp(milliseconds: 1_700_000_100_000))
    }

    private func shown(_ upTo: UInt64, words: UInt64? = nil) -> Fact {
        .shown(self.talk, Stretch(log: self.bobsLog, membership: 1), ShownLimit(all: upTo, words: words ?? upTo))
    }

    private var texts: [String] { get throws { try self.store.history(self.talk, limit: 100).map(\.text) } }

    @Test func whatDoesNotCountIsKeptAndNotShown() throws {
        let words = self.said([.text(.init("one")), .text(.init("two")), .text(.init("three"))])
        try self.store.commit(words.map(self.fact), me: self.me)
        #expect(try self.texts.isEmpty)
        #expect(try self.store.search("two", limit: 10).isEmpty)
        #expect(try self.store.unread(self.talk, me: self.me) == 0)
        #expect(try self.store.envelopes(self.bobsLog, from: 1, to: 3, mostBytes: 1 << 20).count == 3)
        try self.store.commit([self.shown(2)], me: self.me)
        #expect(try self.texts == ["one", "two"])
        #expect(try self.store.search("two", limit: 10).count == 1)
        #expect(try self.store.unread(self.talk, me: self.me) == 2)
        try self.store.commit([self.shown(1)], me: self.me)
        #expect(try self.texts == ["one"])
        #expect(try self.store.search("two", limit: 10).isEmpty)
        try self.store.commit([self.shown(.max)], me: self.me)
        #expect(try self.texts == ["one", "two", "three"])
    }

    @Test func inAnAnnouncementRoomReactionsCountWhereWordsDoNot() throws {
        let word = Content.text(.init("news"))
        let all = self.said([word])
        let id = all[0].id
        let more = self.said([word, .reaction(target: id, emoji: "👍", on: true), .text(.init("more"))])
        try self.store.commit(more.map(self.fact) + [self.shown(.max, words: 1)], me: self.me)
        let history = try self.store.history(self.talk, limit: 10)
        #expect(history.map(\.text) == ["news"])
        #expect(history.first?.reactions.map(\.emoji) == ["👍"])
    }

    /// Facts in any order: the same messages are shown, and those that the simulated disk shows.
    @Test func inWhateverOrderFactsComeTheSameIsShown() throws {
        for seed in 0..<60 as Range<UInt64> {
            var chance = SeededRandom(seed: seed)
            let first = self.said([.text(.init("a"))])[0]
            let words = self.said([
                .text(.init("a")), .text(.init("b")), .edit(target: first.id, text: "a, edited"),
                .reaction(target: first.id, emoji: "x", on: true), .text(.init("c")),
                .edit(target: first.id, text: "a, edited again"), .text(.init("d")),
            ])
            var limits = (0..<4).map { _ in UInt64.random(in: 0...8, using: &chance) }
            let last = limits[3]
            var facts = words.map(self.fact)
            var places = (0...facts.count).map { $0 }
            places.shuffle(using: &chance)
            for place in places.prefix(4).sorted().reversed() {
                facts.insert(self.shown(limits.removeLast()), at: min(place, facts.count))
            }
            let store = try Store.inMemory(reader: Envelope.kept)
            try store.commit([.members(self.talk, [self.me])], me: self.me)
            var disk = SimulatedDisk(generation: [UInt8](repeating: 5, count: 32))
            // Some in one commit, some in their own.
            var rest = facts[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...3, using: &chance)
                try store.commit(Array(rest.prefix(count)), me: self.me)
                rest = rest.dropFirst(count)
            }
            disk.commit(facts)
            let shown = try store.history(self.talk, limit: 100)
            let expected = words.filter { [1, 5, 7, 2].contains($0.seq) && disk.shows($0) }.map(\.id)
            #expect(Set(shown.map(\.id)) == Set(expected), "seed \(seed)")
            guard let message = shown.first(where: { $0.id == first.id }) else { continue }
            let edits = words.filter { [3, 6].contains($0.seq) && disk.shows($0) }
            let text = edits.last.map { $0.seq == 6 ? "a, edited again" : "a, edited" } ?? "a"
            #expect(message.text == text, "seed \(seed), last limit \(last)")
            #expect(message.reactions.count == (disk.shows(words[3]) ? 1 : 0), "seed \(seed)")
        }
    }

    @Test func theStartKnowsRoomsAndWhereLogsBegin() throws {
        let room = KnownRoom(
            id: self.charter.room, charter: self.charter, standing: .joined, inviter: self.samples.bob.person,
            number: 3, since: Timestamp(milliseconds: 9))
        let start = LogStart(
            log: self.bobsLog, device: self.samples.bob.device, seq: 70,
            id: EnvelopeID(hash: self.samples.bob.person.hash))
        let operation = Envelope.sign(
            conversation: self.charter.room.operations, device: self.samples.bob.device,
            log: Derive.log(generation: self.samples.bob.device.bytes, self.charter.room.operations), seq: 1, prev: nil,
            parents: [], stamp: HybridTime(raw: 1), membership: 1, kind: 21, payload: [], with: self.samples.bob.signing
        ).envelope
        try self.store.commit(
            [
                .room(room), .members(self.talk, [self.me, self.samples.bob.person]), .begins(self.talk, start),
                self.shown(9, words: 4), self.fact(operation),
            ], me: self.me)
        let snapshot = try self.store.snapshot()
        #expect(snapshot.rooms == [room])
        #expect(snapshot.operations.map(\.wire) == [operation.wire])
        #expect(snapshot.operations.map(\.author) == [self.samples.bob.person])
        #expect(snapshot.shown == [Stretch(log: self.bobsLog, membership: 1): ShownLimit(all: 9, words: 4)])
        #expect(snapshot.starts == [self.bobsLog: 70])
        #expect(snapshot.heads.first { $0.log == self.bobsLog }?.seq == 70)
        #expect(try self.store.history(self.charter.room.operations, limit: 10).isEmpty, "nobody reads operations")
    }

    @Test func whoOfARoomHasAMessage() throws {
        let log = Derive.log(generation: self.samples.anna.device.bytes, self.talk)
        let word = Envelope.sign(
            conversation: self.talk, device: self.samples.anna.device, log: log, seq: 1, prev: nil, parents: [],
            stamp: HybridTime(raw: 1_700_000_000_000 << 16), membership: 1, kind: 1,
            payload: Content.text(.init("hello", extras: TextExtras(asks: true, mentions: [self.samples.bob.person])))
                .payload,
            with: self.samples.anna.signing
        ).envelope
        let others = (1...3 as ClosedRange<UInt8>).compactMap { PersonID([UInt8](repeating: $0, count: 32)) }
        let at = Timestamp(milliseconds: 1_700_000_000_500)
        try self.store.commit(
            [
                .members(self.talk, Set(others + [self.me])),
                .shown(self.talk, Stretch(log: log, membership: 1), .everything),
                .envelope(word, Content(of: word), author: self.me, arrived: at),
            ], me: self.me)
        let device = DeviceID(hash: others[0].hash)
        try self.store.commit(
            [
                .held(self.talk, log, by: device, of: others[0], seq: 1, id: word.id, at: at),
                .read(self.talk, log, by: others[1], seq: 1, at: at),
            ], me: self.me)
        let message = try #require(try self.store.message(word.id))
        #expect(message.receipts == Message.RoomReceipts(members: 3, delivered: 2, read: 1))
        #expect(message.deliveredAt != nil && message.readAt == nil)
        #expect(message.asks && message.mentions == [self.samples.bob.person])
        #expect(try self.store.receipts(of: word.id).count == 3)
    }

    @Test func anAcknowledgementIsOwedUntilItIsGiven() throws {
        let word = Content.text(.init("please read", extras: TextExtras(asks: true, mentions: [self.me])))
        let asked = self.said([word])[0]
        try self.store.commit([self.shown(.max), self.fact(asked)], me: self.me)
        var waiting = try self.store.waiting(for: self.me)
        #expect(waiting.map(\.owed) == [[asked.id]])
        #expect(waiting.first?.unread == 1 && waiting.first?.mentions == 1)
        let log = Derive.log(generation: self.samples.anna.device.bytes, self.talk)
        let yes = Envelope.sign(
            conversation: self.talk, device: self.samples.anna.device, log: log, seq: 1, prev: nil, parents: [],
            stamp: HybridTime(raw: 1_700_000_000_900 << 16), membership: 1, kind: 7,
            payload: Content.acknowledge(target: asked.id).payload, with: self.samples.anna.signing
        ).envelope
        try self.store.commit(
            [
                .shown(self.talk, Stretch(log: log, membership: 1), .everything),
                .envelope(yes, Content(of: yes), author: self.me, arrived: Timestamp(milliseconds: 1_700_000_000_901)),
                .read(self.talk, self.bobsLog, by: self.me, seq: 1, at: Timestamp(milliseconds: 1_700_000_000_902)),
            ], me: self.me)
        waiting = try self.store.waiting(for: self.me)
        #expect(waiting.isEmpty)
        #expect(try self.store.message(asked.id)?.acknowledgements.map(\.person) == [self.me])
    }

    @Test func aMessageGoesWhenItsTimeIsOver() throws {
        let word = Content.text(.init("for a minute", extras: TextExtras(lifetime: 60_000)))
        let said = self.said([word])[0]
        try self.store.commit([self.shown(.max), self.fact(said)], me: self.me)
        let end = try #require(try self.store.nextExpiry())
        #expect(end.milliseconds == 1_700_000_160_000)
        #expect(try self.store.dropExpired(at: Timestamp(milliseconds: end.milliseconds - 1), me: self.me).dropped == 0)
        #expect(try self.store.dropExpired(at: end, me: self.me).dropped == 1)
        #expect(try self.store.message(said.id)?.isDeleted == true)
        #expect(try self.store.nextExpiry() == nil)
        let left = try self.store.envelopes(self.bobsLog, from: 1, to: 1, mostBytes: 1 << 20)
        #expect(left == [.gone(seq: 1, said.id)])
    }

    /// In a talk of two the number of a stay says nothing.
    @Test func aNumberHidesNothingInATalkOfTwo() throws {
        let word = Envelope.sign(
            conversation: self.samples.conversation, device: self.samples.bob.device, log: self.bobsLog, seq: 1,
            prev: nil, parents: [], stamp: HybridTime(raw: 1_700_000_000_000 << 16), membership: .max, kind: 1,
            payload: Content.text(.init("hello")).payload, with: self.samples.bob.signing
        ).envelope
        try self.store.commit([self.fact(word)], me: self.me)
        #expect(try self.store.history(self.samples.conversation, limit: 10).map(\.text) == ["hello"])
    }
}
