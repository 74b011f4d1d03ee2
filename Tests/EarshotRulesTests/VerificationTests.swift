import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Comparing keys by a short string (Protocol.md 18), as values: two machines, and between them what the tests make of
/// the frames.
@Suite struct VerificationTests {
    typealias Action = Verification.Action

    /// Anna called, so she commits.
    struct Two {
        let lines: [VerifyLine]
        var machines = [Verification(), Verification()]
        /// What each was told, and whom each holds to be verified.
        var told: [[Verification.Stage]] = [[], []]
        var verified = [false, false]
        var warned = [false, false]
        /// Frames on their way, by who gets them.
        var wire: [(to: Int, step: Verify)] = []
        private var drawn: UInt8 = 0

        /// - Parameter handshakes: what each side holds the session's hash to be: two where somebody is in the middle.
        init(handshakes: [UInt8] = [3, 3], isContact: Bool = true) throws {
            let samples = try Samples()
            let (anna, bob) = (samples.anna, samples.bob)
            self.lines = [0, 1].map { side in
                VerifyLine(
                    link: LinkID(raw: 1), person: side == 0 ? bob.person : anna.person,
                    ends: SessionEnds(
                        initiator: .init(anna.person, anna.device), responder: .init(bob.person, bob.device),
                        handshake: [UInt8](repeating: handshakes[side], count: 32)),
                    isInitiator: side == 0, isContact: isContact)
            }
        }

        mutating func chance() -> Hash32 {
            self.drawn += 1
            return Hash32([UInt8](repeating: self.drawn, count: 32)) ?? .zero
        }

        mutating func take(_ actions: [Action], _ side: Int) {
            for action in actions {
                switch action {
                case .transmit(let frames, _):
                    for case .verify(let step) in frames { self.wire.append((1 - side, step)) }
                case .verified(let person):
                    #expect(person == self.lines[side].person)
                    self.verified[side] = true
                case .tell(_, let stage): self.told[side].append(stage)
                case .warn: self.warned[side] = true
                }
            }
        }

        mutating func start(_ side: Int, now: UInt64 = 0) throws {
            let chance = self.chance()
            self.take(
                try self.machines[side].start(self.lines[side].person, [self.lines[side]], chance: chance, now: now),
                side)
        }

        mutating func say(_ side: Int, _ yes: Bool, now: UInt64 = 0) throws {
            self.take(try self.machines[side].say(yes, to: self.lines[side].person, now: now), side)
        }

        mutating func hear(_ side: Int, _ step: Verify, now: UInt64 = 0) {
            let chance = self.chance()
            self.take(self.machines[side].receive(step, self.lines[side], chance: chance, now: now), side)
        }

        /// Delivers what is on its way, and what follows, in order.
        mutating func settle(now: UInt64 = 0) {
            while !self.wire.isEmpty {
                let (side, step) = self.wire.removeFirst()
                self.hear(side, step, now: now)
            }
        }

        /// What each sees on the screen.
        var strings: [ShortString?] {
            [0, 1].map { side in
                guard case .comparing(let string, _, _)? = self.machines[side].stage(of: self.lines[side].person)
                else { return nil }
                return string
            }
        }

        var ends: [Verification.End?] {
            self.told.map { stages in if case .ended(let end)? = stages.last { end } else { nil } }
        }

        static func comparing() throws -> Two {
            var two = try Two()
            try two.start(0)
            try two.start(1)
            two.settle()
            return two
        }
    }

    @Test(arguments: [[0, 1], [1, 0]]) func whoeverBeginsBothSeeTheSame(_ order: [Int]) throws {
        var two = try Two()
        try two.start(order[0])
        two.settle()
        #expect(two.told[order[1]] == [.asked] && two.told[order[0]] == [.waiting])
        #expect(two.strings == [nil, nil])
        try two.start(order[1])
        two.settle()
        let strings = two.strings
        #expect(strings[0] != nil && strings[0] == strings[1])
        try two.say(0, true)
        two.settle()
        #expect(two.verified == [false, false], "one yes is not enough")
        try two.say(1, true)
        two.settle()
        #expect(two.verified == [true, true] && two.ends == [.verified, .verified])
        #expect(two.machines.allSatisfy { $0.persons.isEmpty && $0.wakeAt == nil })
    }

    @Test func bothBeginAtOnce() throws {
        let two = try Two.comparing()
        #expect(two.strings[0] != nil && two.strings[0] == two.strings[1])
    }

    @Test func somebodyInTheMiddleIsSeen() throws {
        var two = try Two(handshakes: [3, 4])
        try two.start(0)
        try two.start(1)
        // Whoever relays the frames between two sessions cannot make the commitment fit both.
        two.settle()
        #expect(two.ends == [.noMatch, .broken] && two.verified == [false, false])
        // And who relays the openings of a run of their own with each shows two strings.
        let (reveal, answer) = (two.chance(), two.chance())
        let mine = Derive.shortString(reveal: reveal, answer: answer, two.lines[0].ends)
        #expect(mine != Derive.shortString(reveal: reveal, answer: answer, two.lines[1].ends))
    }

    @Test(arguments: [0, 1]) func oneNoAndNobodyIsVerified(_ side: Int) throws {
        var two = try Two.comparing()
        try two.say(1 - side, true)
        try two.say(side, false)
        two.settle()
        #expect(two.ends == [.noMatch, .noMatch] && two.verified == [false, false])
        #expect(throws: Verification.Refusal.nothingToCompare) { try two.say(0, true) }
    }

    @Test func threeFailuresInARowPause() throws {
        var two = try Two()
        for round in 0..<3 {
            try two.start(0)
            try two.start(1)
            two.settle()
            try two.say(1, false)
            two.settle()
            #expect(two.warned == (round == 2 ? [true, true] : [false, false]))
        }
        #expect(throws: Verification.Refusal.paused(Limits.verifyPause)) { try two.start(0) }
        two.hear(1, .ask)
        #expect(two.wire.map(\.step) == [.withdraw], "they are told that nobody compares now")
        two.wire = []
        try two.start(0, now: Limits.verifyPause)
        try two.start(1, now: Limits.verifyPause)
        two.settle(now: Limits.verifyPause)
        #expect(two.strings[0] != nil && two.strings[0] == two.strings[1])
    }

    @Test func aSuccessBetweenThemCountsFromTheBeginning() throws {
        var two = try Two()
        for yes in [false, false, true, false, false] {
            try two.start(0)
            try two.start(1)
            two.settle()
            try two.say(0, yes)
            if yes { try two.say(1, true) }
            two.settle()
        }
        #expect(two.warned == [false, false])
    }

    @Test func aRevealThatDoesNotFitTheCommitmentEndsIt() throws {
        var two = try Two()
        try two.start(1)
        two.hear(1, .ask)
        two.hear(1, .commit(two.chance()))
        two.wire = []
        two.hear(1, .reveal(two.chance()))
        #expect(two.wire.map(\.step) == [.noMatch] && two.ends[1] == .broken && two.strings[1] == nil)
    }

    /// Each step at each moment: what comes out of turn in an exchange ends it, and nobody is ever verified by it.
    @Test func nothingOutOfTurnVerifies() throws {
        let value = Hash32([UInt8](repeating: 9, count: 32)) ?? .zero
        var tried = 0
        for moment in 0..<6 {
            for side in 0..<2 {
                let base = try Self.upTo(moment)
                let me = base.lines[1 - side].person
                let steps: [Verify] = [
                    .commit(value), .answer(value), .reveal(value), .match(me), .match(base.lines[side].person),
                    .noMatch, .withdraw, .ask, .other(99), .refused,
                ]
                for step in steps {
                    var two = base
                    two.hear(side, step)
                    if case .match(let person) = step, person == me, moment == 5 {
                        #expect(two.verified[side], "the only one that fits")
                    } else {
                        #expect(two.verified == [false, false], "\(step) at \(moment) to \(side)")
                    }
                    // What was on its way still comes, and it ends or goes on without a trap.
                    two.settle()
                    tried += 1
                }
            }
        }
        #expect(tried == 120)
    }

    /// A run, stopped after so many steps: nobody asks, one asks, both and the commit is out, the answer is out, both
    /// compare, both have said yes and nothing was heard.
    static func upTo(_ moment: Int) throws -> Two {
        var two = try Two()
        guard moment > 0 else { return two }
        try two.start(0)
        guard moment > 1 else { return two }
        two.wire = []
        try two.start(1)
        two.wire = []
        two.hear(0, .ask)
        two.hear(1, .ask)
        guard moment > 2 else { return two }
        let commit = two.wire.removeFirst()
        two.hear(1, commit.step)
        guard moment > 3 else { return two }
        two.settle()
        guard moment > 4 else { return two }
        try two.say(0, true)
        try two.say(1, true)
        two.wire = []
        return two
    }

    @Test(arguments: 1..<6) func aSessionThatEndsEndsItAndAskingSurvives(_ moment: Int) throws {
        var two = try Self.upTo(moment)
        for side in 0..<2 { two.take(two.machines[side].closed(LinkID(raw: 1)), side) }
        #expect(two.verified == [false, false])
        if moment == 1 {
            #expect(two.machines[0].stage(of: two.lines[0].person) == .waiting, "the next session asks again")
            two.wire = []
            two.take(two.machines[0].opened(two.lines[0]), 0)
            #expect(two.wire.map(\.step) == [.ask])
        } else {
            #expect(two.ends == [.sessionEnded, .sessionEnded])
            #expect(two.machines.allSatisfy { $0.persons.isEmpty })
        }
    }

    @Test(arguments: 1..<6) func whatTakesTooLongIsGivenUpAndTheOtherIsTold(_ moment: Int) throws {
        var two = try Self.upTo(moment)
        two.wire = []
        let due = try #require(two.machines[0].wakeAt)
        #expect(two.machines[0].late(now: due - 1).isEmpty && two.machines[0].late(now: due).count == 1)
        two.take(two.machines[0].tooLate(two.lines[0].person, [two.lines[0]], now: due), 0)
        two.settle(now: due)
        #expect(two.ends[0] == .tooLate && two.verified == [false, false])
        if moment > 1 { #expect(two.ends[1] == .withdrawn) }
        #expect(two.machines[0].wakeAt == nil)
    }

    @Test(arguments: [0, 1]) func eitherMayStopAndTheOtherIsTold(_ side: Int) throws {
        var two = try Two.comparing()
        two.take(two.machines[side].stop(two.lines[side].person, [two.lines[side]]), side)
        two.settle()
        #expect(two.ends[side] == .stopped && two.ends[1 - side] == .withdrawn)
        #expect(two.verified == [false, false] && two.machines.allSatisfy { $0.persons.isEmpty })
        // An ask that nobody answered is taken back, too.
        try two.start(side)
        two.settle()
        two.take(two.machines[side].stop(two.lines[side].person, [two.lines[side]]), side)
        two.settle()
        #expect(two.ends[1 - side] == .withdrawn && two.machines[1 - side].persons.isEmpty)
    }

    @Test func aSecondStartIsRefusedAndAStrangersAskIsNotTold() throws {
        var two = try Two()
        try two.start(0)
        #expect(throws: Verification.Refusal.underWay) { try two.start(0) }
        var strangers = try Two(isContact: false)
        try strangers.start(0)
        strangers.settle()
        #expect(strangers.told[1].isEmpty)
        try strangers.start(1)
        strangers.settle()
        #expect(strangers.strings[0] != nil && strangers.strings[0] == strangers.strings[1])
    }

    @Test func everyDoubledFrameIsIgnoredOrEndsIt() throws {
        for doubled in 0..<6 {
            var two = try Two()
            try two.start(0)
            try two.start(1)
            var count = 0
            while !two.wire.isEmpty, count < 64 {
                let (side, step) = two.wire.removeFirst()
                two.hear(side, step)
                if count == doubled { two.hear(side, step) }
                count += 1
            }
            let strings = two.strings
            #expect(strings[0] == strings[1] || strings.contains(nil))
            #expect(two.verified == [false, false])
        }
    }

    @Test func everyLostFrameLeavesNobodyVerified() throws {
        for lost in 0..<5 {
            var two = try Two()
            try two.start(0)
            try two.start(1)
            var count = 0
            while !two.wire.isEmpty {
                let (side, step) = two.wire.removeFirst()
                if count != lost { two.hear(side, step) }
                count += 1
            }
            #expect(two.strings[1] == nil && two.verified == [false, false], "\(lost)")
        }
    }
}
