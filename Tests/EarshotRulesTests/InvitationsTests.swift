import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Inviting and joining by a code (Protocol.md 18), as values. Anna invites.
@Suite struct InvitationsTests {
    struct Two {
        let lines: [VerifyLine]
        var machines = [Invitations(), Invitations()]
        var news: [Invitations.News] = []
        var outcomes: [Invitations.Outcome] = []
        var verified = [false, false]
        var wire: [(to: Int, step: Verify)] = []
        private var drawn: UInt8 = 0
        let code = InviteCode(typed: "482 019 337")

        init(handshakes: [UInt8] = [3, 3]) throws {
            let samples = try Samples()
            let (anna, bob) = (samples.anna, samples.bob)
            self.lines = [0, 1].map { side in
                VerifyLine(
                    link: LinkID(raw: 1), person: side == 0 ? bob.person : anna.person,
                    ends: SessionEnds(
                        initiator: .init(anna.person, anna.device), responder: .init(bob.person, bob.device),
                        handshake: [UInt8](repeating: handshakes[side], count: 32)),
                    isInitiator: side == 0, isContact: false)
            }
        }

        mutating func chance() -> [UInt8] {
            self.drawn += 1
            return [UInt8](repeating: self.drawn, count: 64)
        }

        mutating func take(_ actions: [Invitations.Action], _ side: Int) {
            for action in actions {
                switch action {
                case .transmit(let frames, _):
                    for case .verify(let step) in frames { self.wire.append((1 - side, step)) }
                case .verified: self.verified[side] = true
                case .tell(let news): self.news.append(news)
                case .outcome(let outcome): self.outcomes.append(outcome)
                }
            }
        }

        mutating func invite(lifetime: UInt64 = 1_000, count: Int = 1) throws {
            let code = try #require(self.code)
            let now = Moment(wall: Timestamp(milliseconds: 5_000), uptime: 0)
            self.take(self.machines[0].invite(code, lifetime: lifetime, count: count, at: now), 0)
        }

        mutating func join(_ typed: String = "482019337", now: UInt64 = 0) throws {
            let code = try #require(InviteCode(typed: typed))
            let chance = self.chance()
            self.take(self.machines[1].join(code, [self.lines[1]], chance: chance, now: now), 1)
        }

        mutating func hear(_ side: Int, _ step: Verify, now: UInt64 = 0) {
            let chance = self.chance()
            self.take(self.machines[side].receive(step, self.lines[side], chance: chance, now: now), side)
        }

        mutating func settle(now: UInt64 = 0) {
            while !self.wire.isEmpty {
                let (side, step) = self.wire.removeFirst()
                self.hear(side, step, now: now)
            }
        }
    }

    @Test func theRightCodeMakesBothVerifiedAndIsGoodOnce() throws {
        var two = try Two()
        try two.invite()
        try two.join()
        two.settle()
        #expect(two.verified == [true, true])
        #expect(two.outcomes == [.joined(two.lines[1].person)] && two.news == [.joined(two.lines[0].person)])
        #expect(two.machines[0].open == nil && !two.machines[1].isJoining)
        try two.join()
        two.settle()
        #expect(two.outcomes.last == .nobodyInvites, "used")
    }

    @Test func threeWrongCodesAndTheRightOneIsGoodNoMore() throws {
        var two = try Two()
        try two.invite()
        for left in [2, 1, 0] {
            try two.join("111111111")
            two.settle()
            #expect(two.news.last == .failed(two.lines[0].person, triesLeft: left))
            #expect(two.outcomes.last == .wrong(two.lines[1].person))
        }
        try two.join()
        two.settle()
        #expect(two.outcomes.last == .nobodyInvites && two.verified == [false, false])
    }

    @Test func inAWindowWhoeverComesNextHasACodeOfTheirOwn() throws {
        var two = try Two()
        try two.invite(count: 3)
        try two.join("111111111")
        two.settle()
        #expect(two.machines[0].open?.triesLeft == 2 && two.machines[0].open?.joinsLeft == 3)
        try two.join()
        two.settle()
        let second = try #require(two.machines[0].open)
        #expect(second.code != two.code && second.joinsLeft == 2 && second.triesLeft == Limits.codeTries)
        #expect(second.wrongTries == 1 && second.expires.milliseconds == 6_000, "the window is the same")
        try two.join()
        two.settle()
        #expect(two.outcomes.last == .wrong(two.lines[1].person), "the first code was good once")
        try two.join(second.code.digits)
        two.settle()
        let third = try #require(two.machines[0].open)
        #expect(third.joinsLeft == 1 && third.wrongTries == 2 && third.code != second.code)
        try two.join(third.code.digits, now: 999)
        two.settle(now: 999)
        #expect(two.machines[0].open == nil && two.outcomes.count { $0 == .joined(two.lines[1].person) } == 3)
    }

    @Test func threeWrongTriesCloseAWindowWhoeverCouldStillCome() throws {
        var two = try Two()
        try two.invite(count: 3)
        for _ in 0..<Limits.codeTries {
            try two.join("111111111")
            two.settle()
        }
        #expect(two.machines[0].open == nil && two.news.last == .failed(two.lines[0].person, triesLeft: 0))
    }

    @Test func somebodyInTheMiddleUsesUpOneTry() throws {
        var two = try Two(handshakes: [3, 4])
        try two.invite()
        try two.join()
        two.settle()
        #expect(two.verified == [false, false])
        #expect(two.machines[0].open?.triesLeft == 2 && two.outcomes == [.wrong(two.lines[1].person)])
    }

    @Test func whatIsNoPointIsAFailedTryAndAnsweredAlike() throws {
        for bad in [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32)] {
            var two = try Two()
            try two.invite()
            two.hear(0, .joinShare(try #require(Hash32(bad))))
            #expect(two.wire.map(\.step) == [.refused] && two.machines[0].open?.triesLeft == 2)
            #expect(two.news == [.failed(two.lines[0].person, triesLeft: 2)])
        }
        // The same from whoever pretends to have invited.
        var two = try Two()
        try two.join()
        two.wire = []
        two.hear(1, .invites)
        two.wire = []
        two.hear(1, .inviteShare(.zero))
        #expect(two.outcomes == [.wrong(two.lines[1].person)] && two.verified == [false, false])
    }

    @Test func aTagWithoutAShareTellsNothing() throws {
        var two = try Two()
        try two.invite()
        two.hear(0, .joinTag(.zero))
        #expect(two.wire.map(\.step) == [.refused] && two.machines[0].open?.triesLeft == 3)
        two.wire = []
        two.hear(1, .inviteTag(.zero))
        two.hear(1, .inviteShare(.zero))
        two.hear(1, .refused)
        #expect(two.outcomes.isEmpty && two.wire.isEmpty && two.verified == [false, false])
    }

    @Test func aSecondShareInARunIsAFailedTry() throws {
        var two = try Two()
        try two.invite()
        try two.join()
        two.hear(0, two.wire.removeFirst().step)
        two.hear(1, two.wire.removeFirst().step)
        let share = two.wire.removeFirst().step
        two.hear(0, share)
        two.wire = []
        two.hear(0, share)
        #expect(two.wire.map(\.step) == [.refused] && two.machines[0].open?.triesLeft == 2)
    }

    @Test func anExpiredCodeIsGoodNoMoreAndItIsTold() throws {
        var two = try Two()
        try two.invite(lifetime: 500)
        #expect(two.machines[0].wakeAt == 500 && two.machines[0].open?.expires.milliseconds == 5_500)
        try two.join(now: 499)
        two.settle(now: 500)
        #expect(two.outcomes == [.nobodyInvites] && two.news == [.expired])
        // Also where the share came in time and the tag did not.
        try two.invite(lifetime: 500)
        try two.join(now: 0)
        for _ in 0..<4 {
            let (side, step) = two.wire.removeFirst()
            two.hear(side, step, now: 499)
        }
        two.settle(now: 500)
        #expect(two.outcomes.last == .wrong(two.lines[1].person) && two.verified == [false, false])
    }

    @Test func cancellingEndsItAndANewCodeReplacesTheOld() throws {
        var two = try Two()
        #expect(two.machines[0].cancel() == nil)
        try two.invite()
        try two.invite()
        #expect(two.news == [.cancelled] && two.machines[0].open != nil)
        two.take(two.machines[0].cancel() ?? [], 0)
        #expect(two.news == [.cancelled, .cancelled] && two.machines[0].open == nil)
    }

    @Test func whoDoesNotAnswerIsWaitedForAWhileOnly() throws {
        var two = try Two()
        try two.join()
        two.wire = []
        #expect(two.machines[1].wakeAt == Limits.whoInvitesTime)
        two.take(two.machines[1].wake(now: Limits.whoInvitesTime), 1)
        #expect(two.outcomes == [.nobodyInvites])
        // And who says they invite and then nothing more.
        try two.join()
        two.hear(1, .invites)
        two.take(two.machines[1].wake(now: Limits.codeRunTime), 1)
        #expect(two.outcomes == [.nobodyInvites, .tooLate])
    }

    @Test(arguments: 1..<6) func aSessionThatEndsLeavesNothingHalf(_ steps: Int) throws {
        var two = try Two()
        try two.invite()
        try two.join()
        for _ in 0..<steps where !two.wire.isEmpty {
            let (side, step) = two.wire.removeFirst()
            two.hear(side, step)
        }
        for side in 0..<2 { two.take(two.machines[side].closed(LinkID(raw: 1), now: 0), side) }
        #expect(!two.machines[1].isJoining && two.outcomes.count == 1)
        // Whoever joins says first that they have the secret, so it is the inviter who may know it alone.
        #expect(two.verified == (steps < 5 ? [false, false] : [true, false]))
    }

    @Test func ofSeveralWhoInviteNobodyIsChosen() throws {
        var two = try Two()
        let other = VerifyLine(
            link: LinkID(raw: 2), person: two.lines[0].person, ends: two.lines[1].ends, isInitiator: false,
            isContact: true)
        let code = try #require(two.code)
        two.take(two.machines[1].join(code, [two.lines[1], other], chance: two.chance(), now: 0), 1)
        two.take(two.machines[1].receive(.invites, two.lines[1], chance: [], now: 0), 1)
        #expect(two.outcomes.isEmpty)
        two.take(two.machines[1].receive(.invites, other, chance: [], now: 0), 1)
        #expect(two.outcomes == [.several([two.lines[1].person, other.person].sorted())])
        two.take(two.machines[1].join(code, [], chance: two.chance(), now: 0), 1)
        #expect(two.outcomes.last == .nobodyInvites)
    }
}
