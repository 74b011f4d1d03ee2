import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// What is hidden in a room counts for nothing, and is whole again when it is shown (Protocol.md 17).
@Suite struct RoomShownTests {
    private static let at = Timestamp(milliseconds: 1_800_000_100_000)
    private let samples: Samples
    private let store: Store
    private let talk: ConversationID

    init() throws {
        self.samples = try Samples()
        self.talk = Derive.talk(self.samples.charter.room)
        self.store = try Store.inMemory(reader: Envelope.kept)
    }

    private var me: PersonID { self.samples.anna.person }

    /// One log of somebody's.
    private struct Log {
        let identity: Identity
        let conversation: ConversationID
        private(set) var said: [Envelope] = []
        var id: LogID { Derive.log(generation: self.identity.device.bytes, self.conversation) }

        init(_ identity: Identity, _ conversation: ConversationID) {
            self.identity = identity
            self.conversation = conversation
        }

        mutating func say(_ content: Content, _ membership: UInt64 = 1, parents: [EnvelopeID] = []) -> Envelope {
            let envelope = Envelope.sign(
                conversation: self.conversation, device: self.identity.device, log: self.id,
                seq: UInt64(self.said.count) + 1, prev: self.said.last?.id, parents: parents,
                stamp: HybridTime(raw: (1_800_000_000_000 + UInt64(self.said.count)) << 16), membership: membership,
                kind: content.kind, payload: content.payload, with: self.identity.signing
            ).envelope
            self.said.append(envelope)
            return envelope
        }

        func fact(_ envelope: Envelope) -> Fact {
            .envelope(
                envelope, Content(of: envelope), author: self.identity.person, arrived: RoomShownTests.at)
        }

        func shown(_ all: UInt64, words: UInt64? = nil) -> Fact {
            .shown(
                self.conversation, Stretch(log: self.id, membership: 1), ShownLimit(all: all, words: words ?? all))
        }
    }

    private func commit(_ facts: [Fact]) throws { try self.store.commit(facts, me: self.me) }
    private var members: Fact { .members(self.talk, [self.me, self.samples.bob.person]) }
    private var texts: [String] { get throws { try self.store.history(self.talk, limit: 99).map(\.text) } }

    @Test(arguments: [false, true]) func whoHasNoStaySaysNothing(isKnownLater: Bool) throws {
        var log = Log(self.samples.bob, self.talk)
        let facts = [log.say(.text(.init("nobody")), 0), log.say(.text(.init("member")), 1)].map(log.fact)
        let room = [self.members, log.shown(.max)]
        try self.commit(isKnownLater ? facts : room)
        try self.commit(isKnownLater ? room : facts)
        #expect(try self.texts == ["member"])
        #expect(try self.store.unread(self.talk, me: self.me) == 1 && self.store.search("nobody", limit: 1).isEmpty)
    }

    @Test func aReactionThatIsHiddenLeavesTheOneBefore() throws {
        var log = Log(self.samples.bob, self.talk)
        let word = log.say(.text(.init("word")))
        let on = log.say(.reaction(target: word.id, emoji: "👍", on: true))
        let off = log.say(.reaction(target: word.id, emoji: "👍", on: false))
        try self.commit([self.members, log.shown(.max)] + [word, on, off].map(log.fact))
        #expect(try self.store.message(word.id)?.reactions.isEmpty == true)
        try self.commit([log.shown(2)])
        #expect(try self.store.message(word.id)?.reactions.map(\.emoji) == ["👍"])
        try self.commit([log.shown(1)])
        #expect(try self.store.message(word.id)?.reactions.isEmpty == true)
    }

    @Test func aLongTextIsAsMuchOfItAsIsShown() throws {
        var log = Log(self.samples.bob, self.talk)
        let first = log.say(.text(.init("one ", parts: 3)))
        let rest = [("two ", 1), ("three", 2)].map { text, part in
            log.say(.text(.init(text, part: UInt32(part), parts: 3, first: first.id)))
        }
        try self.commit([self.members, log.shown(.max)] + ([first] + rest).map(log.fact))
        for limit in [3, 2, 1, 0, 2, 3] as [UInt64] {
            try self.commit([log.shown(limit)])
            let shown = try self.store.history(self.talk, limit: 9)
            #expect(shown.map(\.text) == (limit == 0 ? [] : [limit == 3 ? "one two three" : "one "]), "\(limit)")
            #expect(shown.allSatisfy { $0.isComplete == (limit == 3) }, "\(limit)")
        }
    }

    /// Also of what is hidden: a delete and a lifetime are of every holder.
    @Test(arguments: [false, true]) func whatIsGoneDoesNotComeBack(isShown: Bool) throws {
        var log = Log(self.samples.bob, self.talk)
        let first = log.say(.text(.init("secret one", parts: 2, extras: TextExtras(lifetime: 60_000))))
        let part = log.say(.text(.init("secret two", part: 1, parts: 2, first: first.id)))
        let edit = log.say(.edit(target: first.id, text: "secret three"))
        try self.commit([self.members, log.shown(isShown ? .max : 0), log.fact(first)])
        let end = Timestamp(milliseconds: Self.at.milliseconds + 60_000)
        #expect(try self.store.nextExpiry() == end)
        #expect(try self.store.dropExpired(at: end, me: self.me).dropped == 1)
        try self.commit([log.fact(part), log.fact(edit), log.shown(.max)])
        let message = try #require(try self.store.message(first.id))
        #expect(message.text.isEmpty && message.isDeleted)
        let left = try self.store.envelopes(log.id, from: 1, to: 9, mostBytes: 1 << 20)
        #expect(left == [first, part, edit].map { .gone(seq: $0.seq, $0.id) })
        #expect(try self.store.nextExpiry() == nil)
    }

    @Test func aDeletionThatIsHiddenIsFinal() throws {
        var log = Log(self.samples.bob, self.talk)
        let word = log.say(.text(.init("word")))
        let edit = log.say(.edit(target: word.id, text: "edited"))
        let deletion = log.say(.delete(target: word.id))
        try self.commit([self.members, log.shown(.max)] + [word, deletion].map(log.fact))
        try self.commit([log.shown(2), log.fact(edit)])
        #expect(try self.store.history(self.talk, limit: 9).map(\.text) == [""])
    }

    @Test func whatIsPutToAMessageCountsInItsConversationAlone() throws {
        var (log, other) = (Log(self.samples.bob, self.talk), Log(self.samples.bob, self.samples.conversation))
        let word = log.say(.text(.init("word", extras: TextExtras(asks: true))))
        let put: [Content] = [
            .reaction(target: word.id, emoji: "👍", on: true), .edit(target: word.id, text: "from elsewhere"),
            .acknowledge(target: word.id), .remind(target: word.id), .delete(target: word.id),
        ]
        let facts = put.map { other.fact(other.say($0, 0)) }
        try self.commit(facts + [self.members, log.shown(.max), log.fact(word)])
        let later = put.map { other.fact(other.say($0, 0)) }
        try self.commit(later)
        let message = try #require(try self.store.message(word.id))
        #expect(message.text == "word" && message.reactions.isEmpty && message.acknowledgements.isEmpty)
        #expect(message.remindedAt == nil && !message.isDeleted)
    }

    @Test func anOrderThatIsMadeAnewShowsNothing() throws {
        var (log, own) = (Log(self.samples.bob, self.talk), Log(self.samples.anna, self.talk))
        let word = own.say(.text(.init("word")))
        let before = own.say(.text(.init("before")))
        let reaction = log.say(.reaction(target: word.id, emoji: "👍", on: true), parents: [before.id])
        try self.commit([self.members, own.shown(.max), own.fact(word), log.fact(reaction)])
        // What it names comes later than it.
        try self.commit([own.fact(before)])
        #expect(try self.texts == ["word", "before"])
        #expect(try self.store.message(word.id)?.reactions.isEmpty == true)
    }

    @Test func anInvitationIsOneInATalkOfTwoAlone() throws {
        let invitation = Content.invitation(Invitation(charter: self.samples.charter, number: 2))
        var (log, other) = (Log(self.samples.bob, self.talk), Log(self.samples.bob, self.samples.conversation))
        let (one, two) = (log.say(invitation), other.say(invitation, 0))
        try self.commit([self.members, log.shown(.max), log.fact(one), other.fact(two)])
        #expect(try self.store.message(one.id)?.invitation == nil && self.store.message(one.id)?.unknownKind == 22)
        #expect(try self.store.message(two.id)?.invitation?.number == 2)
    }

    @Test func whoHasAMessageIsNamedAlsoAfterTheyLeft() throws {
        var own = Log(self.samples.anna, self.talk)
        let (one, two) = (own.say(.text(.init("one"))), own.say(.text(.init("two"))))
        try self.commit([self.members, own.shown(.max), own.fact(one), own.fact(two)])
        let bob = self.samples.bob
        let carol = try #require(PersonID([UInt8](repeating: 77, count: 32)))
        try self.commit([
            .held(self.talk, own.id, by: bob.device, of: bob.person, seq: 1, id: one.id, at: Self.at),
            .members(self.talk, [self.me, carol]),
        ])
        #expect(Set(try self.store.receipts(of: one.id).map(\.person)) == [bob.person, carol])
        #expect(try self.store.receipts(of: two.id).map(\.person) == [carol])
        #expect(try self.store.queued(me: self.me) == 1)
        try self.commit([own.shown(1)])
        #expect(try self.store.queued(me: self.me) == 0, "what is shown to nobody waits for nobody")
    }

    /// Whoever asks for changes gets on, however much between them is hidden.
    @Test func hiddenMessagesAreNoChanges() throws {
        var (log, own) = (Log(self.samples.bob, self.talk), Log(self.samples.anna, self.talk))
        try self.commit([self.members, own.shown(.max)])
        let cursor = try self.store.cursor()
        for number in 0..<40 { try self.commit([log.fact(log.say(.text(.init("hidden \(number)"))))]) }
        try self.commit([own.fact(own.say(.text(.init("seen"))))])
        let changes = try self.store.changes(since: cursor, limit: 5)
        #expect(changes.count == 1)
        try self.commit([log.shown(1)])
        #expect(try self.store.changes(since: changes.last?.cursor ?? 0, limit: 5).count == 1)
    }

    /// What the next envelope says, of those before it.
    private func content(_ random: inout SeededRandom, _ log: Log) -> Content {
        let target = log.said.randomElement(using: &random)?.id
        let number = log.said.count
        switch (Int.random(in: 0..<11, using: &random), target) {
        case (0, let target?): return .edit(target: target, text: "edit \(number)")
        case (1, let target?): return .delete(target: target)
        case (2, let target?), (3, let target?):
            return .reaction(target: target, emoji: "👍", on: Bool.random(using: &random))
        case (4, let target?): return .acknowledge(target: target)
        case (5, let target?): return .remind(target: target)
        case (6, let target?):
            return .text(
                .init("part \(number)", part: UInt32.random(in: 1...2, using: &random), parts: 3, first: target))
        case (7, _): return .text(.init("long \(number)", parts: UInt32.random(in: 2...3, using: &random)))
        case (8, _): return .unknown(kind: 999)
        default: return .text(.init("text \(number)"))
        }
    }

    /// What people see of a message, and of those whose deletion is hidden nothing: once it counted it is final.
    private func picture(_ store: Store, without unsure: Set<EnvelopeID>) throws -> [String] {
        try store.history(self.talk, limit: 999).map { message in
            guard !unsure.contains(message.id) else { return "\(message.id)" }
            return """
                \(message.id) \(message.text) \(message.isComplete) \(message.isDeleted) \(message.editedAt == nil) \
                \(message.reactions) \(message.acknowledgements) \(message.remindedAt == nil)
                """
        }
    }

    private static let seeds = ProcessInfo.processInfo.environment["EARSHOT_FUZZ_SEEDS"].flatMap { Int($0) } ?? 40

    /// The same envelopes and the same last limits, in whatever order and in whatever commits: the same is shown, and
    /// just what the simulated disk shows.
    @Test func whateverComesFirstTheSameIsShown() throws {
        for seed in 0..<Self.seeds {
            var random = SeededRandom(seed: UInt64(seed) + 3_000)
            var logs = [Log(self.samples.anna, self.talk), Log(self.samples.bob, self.talk)]
            for _ in 0..<40 {
                let who = Int.random(in: 0...1, using: &random)
                _ = logs[who].say(self.content(&random, logs[who]), UInt64.random(in: 0...2, using: &random))
            }
            func limit() -> ShownLimit {
                let all = random.happens(300) ? UInt64.max : UInt64.random(in: 0...25, using: &random)
                return ShownLimit(
                    all: all, words: random.happens(500) ? all : UInt64.random(in: 0...25, using: &random))
            }
            let stretches = logs.flatMap { log in (1...2).map { Stretch(log: log.id, membership: $0) } }
            let last = stretches.map { Fact.shown(self.talk, $0, limit()) }
            var disk = SimulatedDisk(generation: [UInt8](repeating: 5, count: 32))
            disk.commit(last)
            let envelopes = logs.flatMap(\.said)
            let hidden = envelopes.filter { $0.membership == 0 || !disk.shows($0, isWords: Content(of: $0).isWords) }
            let unsure = Set(
                hidden.compactMap { if case .delete(let target) = Content(of: $0) { target } else { nil } })
            var pictures: Set<[String]> = []
            for _ in 0..<4 {
                let before = (0..<8).compactMap { _ in
                    stretches.randomElement(using: &random).map { Fact.shown(self.talk, $0, limit()) }
                }
                var facts = before + last
                for fact in logs.flatMap({ log in log.said.map(log.fact) }) {
                    facts.insert(fact, at: Int.random(in: 0...facts.count, using: &random))
                }
                facts.insert(self.members, at: Int.random(in: 0...facts.count, using: &random))
                let store = try Store.inMemory(reader: Envelope.kept)
                while !facts.isEmpty {
                    let count = Int.random(in: 1...9, using: &random)
                    try store.commit(Array(facts.prefix(count)), me: self.me)
                    facts.removeFirst(min(count, facts.count))
                    if random.happens(100) { while try store.index(atMost: 5) {} }
                    if random.happens(50) { _ = try store.history(self.talk, limit: 3) }
                }
                pictures.insert(try self.picture(store, without: unsure))
                let shown = Set(try store.history(self.talk, limit: 999).map(\.id))
                let isLine = envelopes.filter { envelope in
                    switch Content(of: envelope) {
                    case .text(let text): text.part == 0
                    case .unknown: true
                    default: false
                    }
                }
                let expected = Set(isLine.map(\.id)).subtracting(hidden.map(\.id))
                #expect(shown == expected, "seed \(seed)")
                let unread = try store.history(self.talk, limit: 999).filter { $0.author != self.me && !$0.isDeleted }
                #expect(try store.unread(self.talk, me: self.me) == unread.count, "seed \(seed)")
                #expect(try store.search("text", limit: 999).allSatisfy { shown.contains($0.id) }, "seed \(seed)")
                #expect(try Set(store.changes(since: 0, limit: 999).compactMap(\.messageID)) == shown, "seed \(seed)")
                #expect(store.isIndexWhole() && store.fault() == nil)
            }
            #expect(pictures.count == 1, "seed \(seed)")
            if let first = pictures.first {
                for other in pictures { #expect(other.difference(from: first).isEmpty, "seed \(seed)") }
            }
        }
    }
}

extension Change {
    fileprivate var messageID: EnvelopeID? {
        if case .message(let message, _) = self.subject { message.id } else { nil }
    }
}
