import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import GRDB
import Synchronization
import Testing

/// Random sequences of facts with every kind of text, on a disk that fails at every call SQLite makes. After each
/// fault the store takes the next message, and nothing that it said it has is missing.
@Suite(.serialized) struct StoreFuzzTests {
    let samples: Samples
    let folder: String
    static let noon: UInt64 = 1_800_000_000_000

    init() throws {
        self.samples = try Samples()
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("faulty-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    var anna: PersonID { self.samples.anna.person }
    var path: String { self.folder + "/earshot.db" }

    func open() throws -> Store {
        #expect(FaultyDisk.isReady)
        return try Store(path: self.path, generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
    }

    static let pieces = [
        "word ", "नमस्ते दुनिया ", "北京", "👨‍👩‍👧", "e\u{301}", "\u{301}", "\u{0}", "C++ ", "\r\n", "\u{200D}", "\u{FE0F}", "🇩🇪",
        "\u{202E}", "\"'); --", "\u{10FFFF}", "\u{1B}[2J", "\u{3099}",
        "ﷺ", "Ꜿ", " ", "\t",
    ]

    static func text(_ random: inout SeededRandom) -> String {
        let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return String(String(repeating: piece, count: 3_000).utf8.prefix(39_000)) ?? piece
        case 1: return ""
        default:
            return (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
            }.joined()
        }
    }

    /// What the next envelope says: everything there is, also what fits nothing.
    static func content(_ random: inout SeededRandom, _ ids: [EnvelopeID]) -> Content {
        let target = ids.suffix(12).randomElement(using: &random)
        switch (Int.random(in: 0..<10, using: &random), target) {
        case (0, let target?), (1, let target?): return .edit(target: target, text: self.text(&random))
        case (2, let target?): return .delete(target: target)
        case (3, let target?):
            return .reaction(
                target: target, emoji: ["👍", "\u{0}", "❤️"][Int.random(in: 0...2, using: &random)],
                on: Bool.random(using: &random))
        case (4, let target?): return .answer(target: target, .complete)
        case (5, let target?): return .text(.init(self.text(&random), part: 1, parts: 3, first: target))
        case (6, _): return .text(.init(self.text(&random), replyTo: target, parts: 3))
        case (8, let target?) where random.happens(500): return .acknowledge(target: target)
        case (9, _) where random.happens(300):
            let extras = TextExtras(
                asks: true, mentions: ids.map { PersonID(hash: $0.hash) }.suffix(3), lifetime: 60_000)
            return .text(.init(self.text(&random), extras: extras))
        case (7, _): return .unknown(kind: UInt32.random(in: 0...9_999, using: &random))
        default: return .text(.init(self.text(&random), replyTo: target))
        }
    }

    struct Run {
        var talk: Talk
        var ids: [EnvelopeID] = []
        /// What the store said it has, by log.
        var acknowledged: [LogID: UInt64] = [:]
        /// What Bob says in a room.
        private(set) var room: [Envelope] = []
        private var limits: [Stretch: ShownLimit] = [:]
        let charter: Charter

        init(_ samples: Samples) {
            self.talk = Talk(samples)
            self.charter = samples.charter
        }

        var roomTalk: ConversationID { Derive.talk(self.charter.room) }

        /// Facts about the room, in no order, and what is said in it.
        /// - Parameter hides: whether what was shown may be hidden again. A deletion that once counted is final, so
        ///   what is seen then depends on when it was folded.
        mutating func nextOfRoom(_ random: inout SeededRandom, count: Int, hides: Bool = true) -> [Fact] {
            let bob = self.talk.samples.bob
            let log = Derive.log(generation: bob.device.bytes, self.roomTalk)
            return (0..<count).map { _ in
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    let stretch = Stretch(log: log, membership: UInt64.random(in: 1...2, using: &random))
                    let words = UInt64.random(in: 0...30, using: &random)
                    let all = random.happens(500) ? .max : words
                    let before = hides ? .nothing : self.limits[stretch] ?? .nothing
                    let limit = ShownLimit(all: max(all, before.all), words: max(words, before.words))
                    self.limits[stretch] = limit
                    return .shown(self.roomTalk, stretch, limit)
                case 1: return .members(self.roomTalk, [self.talk.samples.anna.person, bob.person])
                default:
                    let content = StoreFuzzTests.content(&random, self.room.map(\.id))
                    let envelope = Envelope.sign(
                        conversation: self.roomTalk, device: bob.device, log: log, seq: UInt64(self.room.count) + 1,
                        prev: self.room.last?.id, parents: [],
                        stamp: HybridTime(raw: (StoreFuzzTests.noon + UInt64(self.room.count)) << 16),
                        membership: UInt64.random(in: 0...2, using: &random), kind: content.kind,
                        payload: content.payload, with: bob.signing
                    ).envelope
                    self.room.append(envelope)
                    return .envelope(
                        envelope, content, author: bob.person, arrived: Timestamp(milliseconds: StoreFuzzTests.noon))
                }
            }
        }

        mutating func next(_ random: inout SeededRandom, count: Int) -> [VerifiedEnvelope] {
            (0..<count).map { _ in
                let content = StoreFuzzTests.content(&random, self.ids)
                let author = Bool.random(using: &random) ? self.talk.samples.anna : self.talk.samples.bob
                let clock = StoreFuzzTests.noon &+ UInt64.random(in: 0...3, using: &random) &* 3_600_000
                self.ids.append(self.talk.say(content, by: author, clock: clock, sees: Bool.random(using: &random)))
                return self.talk.said[self.talk.said.count - 1]
            }
        }
    }

    /// As the node does: what could not be committed is given again later, in order.
    func commit(_ store: Store, _ envelopes: [VerifiedEnvelope], _ more: [Fact], _ run: inout Run) throws {
        let facts = envelopes.map { run.talk.fact($0, arrived: .init(milliseconds: Self.noon)) } + more
        let outcome = try store.take(facts, me: self.anna)
        #expect(outcome.refused.isEmpty)
        for case .envelope(let envelope, _, _, _) in facts { run.acknowledged[envelope.log] = envelope.seq }
    }

    func check(_ store: Store, _ run: Run, _ what: Comment) throws {
        for (log, seq) in run.acknowledged {
            #expect(try store.snapshot().heads.first { $0.log == log }?.seq == seq, what)
            var held: UInt64 = 0
            while held < seq {
                let some = try store.envelopes(log, from: held + 1, to: seq, mostBytes: 1 << 22)
                guard !some.isEmpty else { break }
                held += UInt64(some.count)
            }
            #expect(held == seq, what)
        }
    }

    @Test func aCommitThatWaitsIsWrittenWithOneCallAndTakenBackWithIt() throws {
        let store = try self.open()
        defer { store.close() }
        let facts = self.samples.words("one", "two", "three").map {
            Fact.envelope(
                $0.envelope, Content(of: $0.envelope), author: self.anna, arrived: Timestamp(milliseconds: Self.noon))
        }
        try store.commit([facts[0]], me: self.anna)
        // A second call would fail.
        FaultyDisk.fail(.write, after: 1, lasts: true)
        defer { FaultyDisk.mend() }
        try store.commit([facts[1]], me: self.anna)
        FaultyDisk.fail(.write, after: 0, lasts: false)
        #expect(throws: StoreError.self) { try store.commit([facts[2]], me: self.anna) }
        #expect(FaultyDisk.mend() == 1)
        #expect(try store.history(self.samples.conversation, limit: 9).map(\.text) == ["one", "two"])
        try store.commit([facts[2]], me: self.anna)
        #expect(try store.history(self.samples.conversation, limit: 9).map(\.text) == ["one", "two", "three"])
    }

    @Test(arguments: FaultyDisk.Fault.allCases) func afterEveryFaultTheNextMessageIsTaken(fault: FaultyDisk.Fault)
        throws
    {
        var random = SeededRandom(seed: 40)
        let store = try self.open()
        var run = Run(self.samples)
        var waiting: [VerifiedEnvelope] = []
        var facts: [Fact] = []
        for round in 0..<40 {
            waiting += run.next(&random, count: Int.random(in: 1...6, using: &random))
            facts += run.nextOfRoom(&random, count: Int.random(in: 0...4, using: &random))
            FaultyDisk.fail(fault, after: round % 12, lasts: round % 3 == 0)
            do {
                try self.commit(store, waiting, facts, &run)
                (waiting, facts) = ([], [])
            } catch let error as StoreError {
                #expect(error.trouble != nil, "\(error)")
                if fault == .full { #expect(error.trouble == .full, "\(error)") }
            }
            _ = try? store.index(atMost: 3)
            _ = try? store.search("word", limit: 3)
            _ = try? store.history(self.samples.conversation, limit: 50)
            _ = try? store.dropExpired(at: Timestamp(milliseconds: Self.noon + 60_000), me: self.anna)
            FaultyDisk.mend()
            try self.commit(store, waiting, facts, &run)
            (waiting, facts) = ([], [])
            try self.check(store, run, "\(fault), round \(round)")
        }
        while try store.index(atMost: 100) {}
        let shown = try store.history(self.samples.conversation, limit: 1_000)
        #expect(shown.allSatisfy { $0.problem == nil })
        #expect(store.fault() == nil && store.isIndexWhole())
        store.close()
        let again = try self.open()
        try self.check(again, run, "reopened")
        #expect(again.fault() == nil && again.isIndexWhole())
        #expect(try again.history(self.samples.conversation, limit: 1_000).map(\.id) == shown.map(\.id))
        again.close()
    }

    /// A store that refuses every fifth row of these tables, by chance, for as long as it is open.
    func openRefusing(_ seed: UInt64) throws -> Store {
        let store = try self.open()
        let random = Mutex(SeededRandom(seed: seed + 100))
        try store.withConnection { db in
            db.add(
                function: DatabaseFunction("chance", argumentCount: 0) { _ in
                    random.withLock { Int.random(in: 0..<5, using: &$0) == 0 }
                })
            for table in ["message", "part", "amendment", "sign"] {
                try db.execute(
                    sql: """
                        CREATE TEMP TRIGGER refused_\(table) BEFORE INSERT ON main.\(table) WHEN chance()
                        BEGIN SELECT RAISE(ABORT, 'by chance'); END
                        """)
            }
        }
        return store
    }

    /// What people see, without what depends on when it came.
    func picture(_ store: Store, _ conversation: ConversationID) throws -> [String] {
        try store.history(conversation, limit: 1_000).map { message in
            let reactions = message.reactions.map { "\($0.emoji)\($0.person)" }
            return
                """
                \(message.id) \(message.text.utf8.count) \(message.text.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) \
                \(message.isDeleted) \(message.isComplete) \(reactions) \(message.editedAt == nil)
                """
        }
    }

    static let seeds = ProcessInfo.processInfo.environment["EARSHOT_FUZZ_SEEDS"].flatMap { Int($0) } ?? 12

    /// Rows that the tables refuse, at random: bytes first, what they say set aside, and after a restart all of it is
    /// there.
    @Test func whatCannotBeFoldedIsKeptAndFoldedLater() throws {
        var aside = 0
        for seed in 0..<Self.seeds {
            let fuzz = try StoreFuzzTests()
            defer { try? FileManager.default.removeItem(atPath: fuzz.folder) }
            var random = SeededRandom(seed: UInt64(seed))
            var run = Run(self.samples)
            let store = try fuzz.openRefusing(UInt64(seed))
            let clean = try Store.inMemory(reader: Envelope.kept)
            for _ in 0..<25 {
                let envelopes = run.next(&random, count: Int.random(in: 1...5, using: &random))
                let facts = run.nextOfRoom(&random, count: Int.random(in: 0...4, using: &random), hides: false)
                try fuzz.commit(store, envelopes, facts, &run)
                try clean.commit(
                    envelopes.map { run.talk.fact($0, arrived: .init(milliseconds: Self.noon)) } + facts,
                    me: self.anna)
                try fuzz.check(store, run, "seed \(seed)")
                if seed % 3 == 0 { _ = try store.history(self.samples.conversation, limit: 5) }
            }
            aside += try store.asideCount()
            store.close()
            let again = try fuzz.open()
            #expect(try again.asideCount() == 0, "seed \(seed)")
            for conversation in [self.samples.conversation, run.roomTalk] {
                let seen = try fuzz.picture(again, conversation)
                let difference = try seen.difference(from: fuzz.picture(clean, conversation))
                #expect(difference.isEmpty, "seed \(seed): \(difference)")
            }
            again.close()
        }
        #expect(aside > 0)
    }

    /// The same, whatever comes first.
    @Test func whateverComesFirstTheSameIsSeen() throws {
        for seed in 0..<Self.seeds {
            var random = SeededRandom(seed: UInt64(seed) + 7_000)
            var run = Run(self.samples)
            let envelopes = run.next(&random, count: 60)
            var pictures: Set<[String]> = []
            for _ in 0..<4 {
                let store = try Store.inMemory(reader: Envelope.kept)
                for envelope in envelopes.shuffled(using: &random) {
                    try store.commit([run.talk.fact(envelope, arrived: .init(milliseconds: Self.noon))], me: self.anna)
                    if random.happens(50) { _ = try store.history(self.samples.conversation, limit: 5) }
                }
                pictures.insert(try self.picture(store, self.samples.conversation))
                let shown = try store.history(self.samples.conversation, limit: 1_000)
                let places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1.id, $0) })
                for envelope in envelopes.map(\.envelope) {
                    for ancestor in [envelope.prev].compactMap({ $0 }) + envelope.parents {
                        if let own = places[envelope.id], let its = places[ancestor] {
                            #expect(its < own, "seed \(seed)")
                        }
                    }
                }
            }
            if let first = pictures.first {
                for other in pictures { #expect(other.difference(from: first).isEmpty, "seed \(seed)") }
            }
        }
    }

    /// Bytes of the file that are others than were written: said as damage, mended from what is left, and never a loop.
    @Test func aDamagedFileIsMendedFromWhatIsLeft() throws {
        var mended = 0
        for seed in 0..<24 {
            let fuzz = try StoreFuzzTests()
            var random = SeededRandom(seed: UInt64(seed))
            var run = Run(self.samples)
            do {
                let store = try fuzz.open()
                for _ in 0..<12 {
                    let facts = run.nextOfRoom(&random, count: 3)
                    try fuzz.commit(store, run.next(&random, count: 4), facts, &run)
                }
                while try store.index(atMost: 100) {}
                store.close()
            }
            try fuzz.scratch(&random)
            guard let store = try? fuzz.open() else { continue }
            let picture = try? store.history(self.samples.conversation, limit: 1_000)
            let isWhole = store.fault() == nil && picture != nil
            if !isWhole {
                do {
                    let repair = try store.repair(me: self.anna, generation: [UInt8](repeating: 8, count: 32))
                    mended += 1
                    if repair.lost == 0 { try fuzz.check(store, run, "seed \(seed)") }
                } catch let error as StoreError {
                    #expect(error.trouble == .damaged, "\(error)")
                    continue
                }
            }
            #expect(store.fault() == nil, "seed \(seed)")
            try store.commit([.setting("name", "Anna")], me: self.anna)
            _ = try store.search("word", limit: 3)
            _ = try store.history(self.samples.conversation, limit: 1_000)
            store.close()
        }
        #expect(mended > 0)
    }

    /// How far logs go stands on few pages. Where those cannot be read, the envelopes tell it.
    @Test func logsAreToldByTheirEnvelopes() throws {
        var random = SeededRandom(seed: 7)
        var run = Run(self.samples)
        let store = try self.open()
        for _ in 0..<6 {
            let facts = run.nextOfRoom(&random, count: 3)
            try self.commit(store, run.next(&random, count: 4), facts, &run)
        }
        let heads = try store.snapshot().heads
        let before = try self.picture(store, self.samples.conversation)
        store.close()
        let queue = try DatabaseQueue(path: self.path)
        try queue.write { db in try db.execute(sql: "DELETE FROM log") }
        try queue.close()
        let damaged = try self.open()
        let repair = try damaged.repair(me: self.anna, generation: [UInt8](repeating: 8, count: 32))
        #expect(repair.lost == 0)
        try self.check(damaged, run, "after the repair")
        #expect(Set(try damaged.snapshot().heads.map(\.id)) == Set(heads.map(\.id)))
        #expect(try self.picture(damaged, self.samples.conversation) == before)
        damaged.close()
    }

    /// Overwrites a page or two, not the first.
    func scratch(_ random: inout SeededRandom) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: self.path))
        defer { try? handle.close() }
        let pages = try handle.seekToEnd() / 4_096
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            try handle.seek(
                toOffset: UInt64.random(in: 1..<pages, using: &random) * 4_096
                    + UInt64.random(in: 0..<2_048, using: &random))
            try handle.write(contentsOf: Data(random.bytes(Int.random(in: 8...2_000, using: &random))))
        }
    }
}
