import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Testing

/// Causal order, then stamps, then ids, whatever the clocks said and in whatever order it came (Protocol.md 6).
@Suite struct OrderTests {
    static let noon: UInt64 = 1_800_000_000_000
    static let hour: UInt64 = 3_600_000
    static let tenYears: UInt64 = 315_576_000_000
    let samples: Samples
    init() throws { self.samples = try Samples() }

    func key(_ ancestor: OrderKey, _ stamp: UInt64) -> OrderKey {
        OrderKey(after: ancestor, stamp: HybridTime(raw: stamp))
    }

    @Test func aKeyIsAboveThoseOfItsAncestorsAndForgetsStampsThatTimeHasPassed() {
        let noon = self.key(.none, 1_200)
        #expect(noon.stamps == [1_200])
        let slow = self.key(noon, 1_100)
        #expect(slow.stamps == [1_200, 1_100] && noon < slow && slow.above?.raw == 1_200)
        #expect(self.key(slow, 1_101).stamps == [1_200, 1_101])
        #expect(self.key(slow, 1_100).stamps == [1_200, 1_100, 1_100])
        #expect(self.key(slow, 1_201).stamps == [1_201])
        let absurd = self.key(noon, .max)
        #expect(
            absurd.stamps == [1 << 62] && absurd < self.key(absurd, 1_300)
                && self.key(absurd, 1_300) < self.key(absurd, 1_301))
    }

    @Test func aKeyIsBoundedAndStillGrows() {
        var key = OrderKey.none
        for stamp in stride(from: UInt64(1_000), to: 0, by: -1) {
            let next = self.key(key, stamp)
            #expect(key < next && next.stamps.count <= 16)
            key = next
        }
        #expect(OrderKey(bytes: key.bytes) == key)
        #expect(OrderKey(bytes: [1, 2, 3]) == .none)
    }

    @Test func bytesCompareAsKeysDo() {
        var random = SeededRandom(seed: 4)
        let keys = (0..<60).map { _ in
            (0..<Int.random(in: 1...5, using: &random)).reduce(OrderKey.none) { key, _ in
                self.key(key, UInt64.random(in: 0...20, using: &random))
            }
        }
        for one in keys {
            for other in keys { #expect((one < other) == one.bytes.lexicographicallyPrecedes(other.bytes)) }
        }
    }

    /// Texts, edits and reactions of two persons, one of whose clocks is off.
    func story(_ random: inout SeededRandom, off: UInt64, ahead: Bool) -> Talk {
        var talk = Talk(self.samples)
        var ids: [EnvelopeID] = []
        for number in 0..<14 {
            let isBob = Bool.random(using: &random)
            let isOff = isBob && (3..<9).contains(number)
            let right = Self.noon + UInt64(number) * 60_000
            let clock = !isOff ? right : ahead ? right + off : right - off
            let content: Content =
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    ids.randomElement(using: &random).map { .edit(target: $0, text: "edit \(number)") }
                        ?? .text(.init("\(number)"))
                case 1:
                    ids.randomElement(using: &random).map { .reaction(target: $0, emoji: "👍", on: number % 2 == 0) }
                        ?? .text(.init("\(number)"))
                default: .text(.init("\(number)"))
                }
            let id = talk.say(
                content, by: isBob ? self.samples.bob : self.samples.anna, clock: clock,
                sees: Int.random(in: 0..<4, using: &random) > 0)
            if case .text = content { ids.append(id) }
        }
        return talk
    }

    @Test(arguments: [(hour, false), (hour, true), (tenYears, false), (tenYears, true)])
    func theOrderIsTheSameInWhateverOrderItCame(off: UInt64, ahead: Bool) throws {
        for seed in 0..<12 {
            var random = SeededRandom(seed: UInt64(seed))
            let talk = self.story(&random, off: off, ahead: ahead)
            var pictures: Set<[Message]> = []
            for _ in 0..<8 {
                let store = try Store.inMemory(reader: Envelope.kept)
                for envelope in talk.said.shuffled(using: &random) {
                    _ = try store.commit(
                        [talk.fact(envelope, arrived: .init(milliseconds: Self.noon))], me: self.samples.anna.person)
                    // Whoever reads in between sees an order of its own, and changes nothing of the last.
                    if random.happens(200) { _ = try store.history(self.samples.conversation, limit: 3) }
                }
                var messages = try store.history(self.samples.conversation, limit: 100)
                self.expectCausal(messages, talk)
                for index in messages.indices {
                    messages[index].order = 0
                    messages[index].at = .init(milliseconds: 0)
                    messages[index].editedAt = nil
                }
                pictures.insert(messages)
            }
            #expect(pictures.count == 1, "seed \(seed)")
        }
    }

    func expectCausal(_ messages: [Message], _ talk: Talk) {
        var places: [EnvelopeID: Int] = [:]
        for (place, message) in messages.enumerated() { places[message.id] = place }
        for envelope in talk.said.map(\.envelope) {
            guard let own = places[envelope.id] else { continue }
            for ancestor in [envelope.prev].compactMap({ $0 }) + envelope.parents {
                if let its = places[ancestor] { #expect(its < own) }
            }
        }
    }

    @Test func anAnswerStandsBelowWhatItAnswersThoughTheClockWasSetBack() throws {
        var talk = Talk(self.samples)
        _ = talk.say(.text(.init("question")), by: self.samples.bob, clock: Self.noon)
        _ = talk.say(.text(.init("answer")), by: self.samples.anna, clock: Self.noon - Self.hour)
        _ = talk.say(.text(.init("thanks")), by: self.samples.bob, clock: Self.noon + 1_000)
        let store = try Store.inMemory(reader: Envelope.kept)
        for envelope in talk.said {
            try store.commit(
                [talk.fact(envelope, arrived: .init(milliseconds: Self.noon + 5_000))], me: self.samples.bob.person)
        }
        let history = try store.history(self.samples.conversation, limit: 10)
        #expect(history.map(\.text) == ["question", "answer", "thanks"])
        #expect(
            history.map(\.at.milliseconds) == [Self.noon, Self.noon + 5_000, Self.noon + 1_000],
            "an hour before the question cannot be")
        let page = try store.history(self.samples.conversation, before: history[2].id, limit: 1)
        #expect(page.map(\.text) == ["answer"])
        #expect(try store.history(self.samples.conversation, before: page[0].id, limit: 1).map(\.text) == ["question"])
    }

    @Test func aSlipOfTenYearsIsOverWhenItIsOver() throws {
        var talk = Talk(self.samples)
        _ = talk.say(.text(.init("before")), by: self.samples.anna, clock: Self.noon)
        _ = talk.say(.text(.init("slip")), by: self.samples.anna, clock: Self.noon + Self.tenYears)
        // What was written beside each other afterwards is in the order of the clocks, not one of yours, one of mine.
        for (number, who) in [(1, "a"), (2, "a"), (3, "b"), (4, "a"), (5, "b")] {
            _ = talk.say(
                .text(.init("\(who)\(number)")), by: who == "a" ? self.samples.anna : self.samples.bob,
                clock: Self.noon + UInt64(number) * 1_000,
                sees: who == "b" && number == 3)
        }
        let store = try Store.inMemory(reader: Envelope.kept)
        for envelope in talk.said {
            try store.commit(
                [talk.fact(envelope, arrived: .init(milliseconds: Self.noon + 9_000))], me: self.samples.bob.person)
        }
        let history = try store.history(self.samples.conversation, limit: 10)
        #expect(history.map(\.text) == ["before", "slip", "a1", "a2", "b3", "a4", "b5"])
        #expect(history.allSatisfy { $0.at.milliseconds <= Self.noon + 9_000 }, "no date ten years from now")
        #expect(try store.snapshot().latest.milliseconds <= Self.noon + 9_000)
    }

    @Test func theLaterEditCountsThoughTheClockWasSetBack() throws {
        var talk = Talk(self.samples)
        let id = talk.say(.text(.init("one")), by: self.samples.anna, clock: Self.noon)
        _ = talk.say(.edit(target: id, text: "two"), by: self.samples.anna, clock: Self.noon + 1_000)
        _ = talk.say(.reaction(target: id, emoji: "👍", on: true), by: self.samples.anna, clock: Self.noon + 2_000)
        _ = talk.say(.edit(target: id, text: "three"), by: self.samples.anna, clock: Self.noon - Self.hour)
        _ = talk.say(.reaction(target: id, emoji: "👍", on: false), by: self.samples.anna, clock: Self.noon - Self.hour)
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 1, 4, 0, 2]] {
            let store = try Store.inMemory(reader: Envelope.kept)
            for index in order {
                try store.commit(
                    [talk.fact(talk.said[index], arrived: .init(milliseconds: Self.noon))], me: self.samples.anna.person
                )
            }
            let message = try #require(try store.history(self.samples.conversation, limit: 1).first)
            #expect(message.text == "three" && message.reactions.isEmpty, "\(order)")
        }
    }

    /// Found by fuzzing: a body that was dropped before what it answers had come.
    @Test func whatFollowsADeletedAnswerStandsBelowWhatItAnswered() throws {
        var talk = Talk(self.samples)
        _ = talk.say(.text(.init("ten years ahead")), by: self.samples.anna, clock: Self.noon + Self.tenYears)
        let answer = talk.say(.text(.init("answer")), by: self.samples.bob, clock: Self.noon)
        _ = talk.say(.text(.init("more")), by: self.samples.bob, clock: Self.noon + 1_000, sees: false)
        _ = talk.say(.delete(target: answer), by: self.samples.bob, clock: Self.noon + 2_000, sees: false)
        let store = try Store.inMemory(reader: Envelope.kept)
        for index in [1, 2, 3, 0] {
            try store.commit(
                [talk.fact(talk.said[index], arrived: .init(milliseconds: Self.noon))], me: self.samples.anna.person)
        }
        #expect(try store.history(self.samples.conversation, limit: 9).map(\.text) == ["ten years ahead", "", "more"])
    }

    @Test func aClockThatWasNeverSetSaysNothingOfTheStampsOfOthers() throws {
        var talk = Talk(self.samples)
        _ = talk.say(.text(.init("hello")), by: self.samples.anna, clock: Self.noon)
        let store = try Store.inMemory(reader: Envelope.kept)
        try store.commit([talk.fact(talk.said[0], arrived: .init(milliseconds: 60_000))], me: self.samples.bob.person)
        #expect(try store.history(self.samples.conversation, limit: 1).first?.at.milliseconds == Self.noon)
    }

    @Test func whatWasRememberedOfAWrongClockIsForgottenWhenItIsRight() {
        let noon = Timestamp(milliseconds: Self.noon)
        let far = HybridTime(raw: (Self.noon + Self.tenYears) << 16)
        let soon = HybridTime(raw: (Self.noon + 60_000) << 16)
        #expect(far.seen(soon, now: noon) == soon)
        #expect(soon.seen(far, now: noon) == soon)
        #expect(
            HybridTime.next(after: far.seen(soon, now: noon), now: noon) > soon,
            "above what was read, though another clock was wrong before")
    }

    /// Two whole nodes, one of whose clocks goes wrong and comes right again, with restarts between.
    @Test(arguments: [hour, tenYears], [true, false]) func bothEndsShowTheSame(off: UInt64, isAhead: Bool) throws {
        for seed in 0..<6 {
            var random = SeededRandom(seed: UInt64(seed))
            var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: UInt64(seed))
            lan.introduceAll()
            lan.run(for: 1_000)
            var said: [EnvelopeID] = []
            for step in 0..<60 {
                if step == 15 { lan.setClock(1, ahead: isAhead ? Int64(off) : -Int64(off)) }
                if step == 40 { lan.setClock(1, ahead: 0) }
                if random.happens(60) { lan.crash(Int.random(in: 0...1, using: &random), downFor: 500) }
                let from = Int.random(in: 0...1, using: &random)
                if let id = lan.say("\(step)", from: from, to: 1 - from) { said.append(id) }
                // Often long enough that the other has it, sometimes not.
                lan.run(for: random.happens(700) ? 2_000 : 5)
            }
            lan.run(for: 60_000)
            let last = lan.say("last", from: 0, to: 1)
            lan.run(for: 5_000)
            var pictures: [[EnvelopeID]] = []
            for host in lan.hosts {
                let store = try Store.inMemory(reader: Envelope.kept)
                for envelope in host.disk.stored {
                    let author =
                        lan.hosts.first { $0.identity.device == envelope.device }?.identity.person
                        ?? host.identity.person
                    try store.commit(
                        [
                            .envelope(
                                envelope, Content(of: envelope), author: author, arrived: .init(milliseconds: Self.noon)
                            )
                        ],
                        me: host.identity.person)
                }
                pictures.append(try store.history(host.disk.stored[0].conversation, limit: 1_000).map(\.id))
            }
            #expect(
                pictures[0] == pictures[1] && Set(pictures[0]).isSuperset(of: said) && pictures[0].last == last,
                "seed \(seed)")
            let places = Dictionary(uniqueKeysWithValues: pictures[0].enumerated().map { ($1, $0) })
            for envelope in lan.hosts[0].disk.stored {
                for ancestor in [envelope.prev].compactMap({ $0 }) + envelope.parents {
                    #expect((places[ancestor] ?? -1) < places[envelope.id] ?? -1)
                }
            }
        }
    }
}
