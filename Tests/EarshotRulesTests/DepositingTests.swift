import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Which words are left with whom, and when.
@Suite struct DepositingTests {
    private let samples: Samples
    private let (bob, carol, dave): (PersonID, PersonID, PersonID)
    private static let minute: UInt64 = 60_000
    private static let wall: UInt64 = 1_700_000_000_000

    init() throws {
        self.samples = try Samples()
        self.bob = self.samples.bob.person
        self.carol = PersonID(hash: self.samples.anna.device.hash)
        self.dave = PersonID(hash: self.samples.bob.device.hash)
    }

    private func moment(_ uptime: UInt64) -> Moment {
        Moment(wall: Timestamp(milliseconds: Self.wall + uptime), uptime: uptime)
    }

    private func situation(
        isHere: Bool = false, held: UInt64 = 0, said: UInt64 = 3, keepers: [PersonID]? = nil
    ) -> Depositing.Situation {
        Depositing.Situation(
            isHere: isHere,
            unsent: .init(
                conversation: self.samples.conversation, log: self.samples.log, held: held, said: said),
            prekeys: [self.samples.bobsPrekey], keepers: keepers ?? [self.carol, self.dave])
    }

    /// Carol and Dave keep mail, Bob has just gone.
    private func depositing(_ snapshot: MailSnapshot = MailSnapshot()) -> Depositing {
        var depositing = Depositing(snapshot, persons: [self.bob], now: 0)
        depositing.offered(true, by: self.carol, LinkID(raw: 1))
        depositing.offered(true, by: self.dave, LinkID(raw: 2))
        return depositing
    }

    private func settle(
        _ depositing: inout Depositing, _ situation: Depositing.Situation, at uptime: UInt64
    ) -> [Depositing.Action] {
        depositing.due(now: uptime).flatMap { person in
            person == self.bob ? depositing.settle(person, situation, at: self.moment(uptime)) : []
        }
    }

    private func order(_ actions: [Depositing.Action]) -> SealOrder? {
        for case .seal(let order) in actions { return order }
        return nil
    }

    /// The words are sealed and put, and the keeper answers so.
    private func leave(
        _ depositing: inout Depositing, _ order: SealOrder, _ answer: MailAnswer, at uptime: UInt64
    ) throws -> [Depositing.Action] {
        let count = Int(order.to - order.from) + 1
        let words = self.samples.chain((0..<count).map { .text(.init("\(order.number) \($0)")) })
        let sealed = try #require(
            order.seal(words.map { .envelope($0.envelope) }, at: self.moment(uptime).wall))
        #expect(sealed.to == order.to)
        let put = depositing.sealed(order, sealed.blob, to: sealed.to, at: self.moment(uptime))
        guard case .keep(.left(let trace))? = put.first else { throw StoryError.other }
        #expect(trace.blob == sealed.blob.id && trace.to < trace.from, "noted before it is given, as nothing")
        #expect(put.dropFirst() == [.put(sealed.blob, order.link)])
        return depositing.answered(sealed.blob.id, answer, order.link, at: self.moment(uptime))
    }

    @Test func nothingIsLeftBeforeTheirReaderWasAwayForAMinute() throws {
        var depositing = self.depositing()
        #expect(self.settle(&depositing, self.situation(), at: 1_000).isEmpty)
        #expect(depositing.wakeAt == Self.minute)
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        #expect(order.keeper == self.carol && order.from == 1 && order.to == 3 && order.recipient == self.bob)
        // They come back before anything was answered, and go again.
        depositing.touch(self.bob)
        #expect(self.settle(&depositing, self.situation(isHere: true), at: 70_000).isEmpty)
        depositing.gone(self.bob, now: 80_000)
        #expect(self.settle(&depositing, self.situation(), at: 90_000).isEmpty)
    }

    @Test func whatIsKeptIsNotedAndLeftOnce() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        depositing.touch(self.bob)
        #expect(self.settle(&depositing, self.situation(), at: 61_000).isEmpty, "one at a time")
        let answered = try self.leave(&depositing, order, .kept, at: 62_000)
        guard case .keep(.left(let deposit))? = answered.first else { throw StoryError.other }
        #expect(deposit.keeper == self.carol && deposit.from == 1 && deposit.to == 3 && answered.count == 1)
        #expect(self.settle(&depositing, self.situation(), at: 63_000).isEmpty)
        #expect(depositing.deposits == [deposit])
    }

    private enum StoryError: Error { case other }

    @Test func whoRefusesIsNotAskedForAWhile() throws {
        for answer in [MailAnswer.full, .refused] {
            var depositing = self.depositing()
            let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
            let refused = try self.leave(&depositing, order, answer, at: 61_000)
            guard case .keep(.leftGone)? = refused.first, refused.count == 1 else { throw StoryError.other }
            let other = try #require(self.order(self.settle(&depositing, self.situation(), at: 61_000)))
            #expect(other.keeper == self.dave)
            _ = try self.leave(&depositing, other, answer, at: 62_000)
            #expect(self.settle(&depositing, self.situation(), at: 62_000).isEmpty)
            let wake = try #require(depositing.wakeAt)
            #expect(wake >= 61_000 + Limits.keeperPause)
            #expect(self.order(self.settle(&depositing, self.situation(), at: wake + 1))?.keeper == self.carol)
        }
    }

    @Test func aKeeperThatDoesNotAnswerIsPassedOver() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        let sealed = try #require(self.samples.sealed(self.samples.words("a").map { .envelope($0.envelope) }))
        _ = depositing.sealed(order, sealed, to: 3, at: self.moment(Self.minute))
        let wake = try #require(depositing.wakeAt)
        let actions = self.settle(&depositing, self.situation(), at: wake)
        #expect(self.order(actions)?.keeper == self.dave)
        #expect(actions.contains(.answer(sealed.id, .withdrawn, LinkID(raw: 1))), "they may have it all the same")
        // And one that goes as well.
        depositing.closed(LinkID(raw: 2), at: self.moment(wake).wall)
        #expect(self.settle(&depositing, self.situation(), at: wake).isEmpty)
    }

    @Test func whatTheyHaveIsTakenBack() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        _ = try self.leave(&depositing, order, .kept, at: 62_000)
        let blob = try #require(depositing.deposits.first?.blob)
        depositing.touch(self.bob)
        let taken = self.settle(&depositing, self.situation(isHere: true, held: 3), at: 100_000)
        #expect(taken == [.keep(.leftGone(blob)), .answer(blob, .withdrawn, LinkID(raw: 1))])
        #expect(depositing.deposits.isEmpty)
    }

    @Test func aKeeperThatIsAwayIsToldLater() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        _ = try self.leave(&depositing, order, .kept, at: 62_000)
        let blob = try #require(depositing.deposits.first?.blob)
        depositing.closed(LinkID(raw: 1), at: self.moment(90_000).wall)
        depositing.touch(self.bob)
        #expect(self.settle(&depositing, self.situation(isHere: true, held: 3), at: 100_000).isEmpty)
        depositing.offered(false, by: self.carol, LinkID(raw: 5))
        depositing.touch(self.bob)
        let taken = self.settle(&depositing, self.situation(isHere: true, held: 3), at: 110_000)
        #expect(taken.last == .answer(blob, .withdrawn, LinkID(raw: 5)))
    }

    @Test func whatIsKeptNoLongerIsLeftAgain() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        _ = try self.leave(&depositing, order, .kept, at: 62_000)
        let blob = try #require(depositing.deposits.first?.blob)
        let late = Limits.keptTime + 63_000
        depositing.touch(self.bob)
        let actions = self.settle(&depositing, self.situation(), at: late)
        #expect(actions.first == .keep(.leftGone(blob)))
        #expect(self.order(actions)?.from == 1)
    }

    /// Each blob counts at its keeper, so lines that are written one by one become one.
    @Test func shortOnesAreMadeLonger() throws {
        var depositing = self.depositing()
        var uptime = Self.minute
        for said in UInt64(1)...20 {
            depositing.touch(self.bob)
            let order = try #require(self.order(self.settle(&depositing, self.situation(said: said), at: uptime)))
            #expect(order.from == 1 && order.to == said)
            let answered = try self.leave(&depositing, order, .kept, at: uptime)
            #expect(answered.count == (said == 1 ? 1 : 3), "the shorter one is taken back")
            uptime += 1_000
        }
        #expect(depositing.deposits.count == 1)
    }

    @Test func whatIsOnDiskIsKnownAfterARestart() throws {
        var snapshot = MailSnapshot()
        let deposit = Deposit(
            blob: Derive.blob([1]), keeper: self.carol, recipient: self.bob, device: self.samples.bob.device,
            conversation: self.samples.conversation, log: self.samples.log, from: 1, to: 2, size: 20_000,
            at: Timestamp(milliseconds: Self.wall))
        snapshot.left = [deposit]
        var depositing = self.depositing(snapshot)
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        #expect(order.from == 3 && order.to == 3, "only what is not left yet")
        #expect(depositing.deposits == [deposit])
    }

    @Test func withoutAKeyOrAKeeperNothingIsSealed() {
        var depositing = self.depositing()
        let bare = Depositing.Situation(
            isHere: false, unsent: self.situation().unsent, prekeys: [], keepers: [self.carol])
        #expect(self.settle(&depositing, bare, at: Self.minute).isEmpty)
        depositing.touch(self.bob)
        #expect(self.settle(&depositing, self.situation(keepers: []), at: Self.minute).isEmpty)
        // Who keeps, but not for us, is no keeper of ours.
        var closed = Depositing(MailSnapshot(), persons: [self.bob], now: 0)
        closed.offered(false, by: self.carol, LinkID(raw: 1))
        #expect(self.settle(&closed, self.situation(), at: Self.minute).isEmpty)
    }

    // MARK: what is not to lie there

    @Test func aBlobOfWhichNobodyHeardAnAnswerIsTakenBack() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        let sealed = try #require(self.samples.sealed(self.samples.words("a").map { .envelope($0.envelope) }))
        let put = depositing.sealed(order, sealed, to: 1, at: self.moment(Self.minute))
        guard case .keep(.left(let trace))? = put.first else { throw StoryError.other }
        // We crash before the answer; what is on disk is all that is known.
        var snapshot = MailSnapshot()
        snapshot.left = [trace]
        var again = Depositing(snapshot, persons: [self.bob], now: 0)
        #expect(again.deposits.isEmpty)
        #expect(self.settle(&again, self.situation(), at: 1_000).isEmpty, "the keeper is not here")
        again.offered(true, by: self.carol, LinkID(raw: 7))
        let actions = self.settle(&again, self.situation(), at: 2_000)
        #expect(actions == [.keep(.leftGone(sealed.id)), .answer(sealed.id, .withdrawn, LinkID(raw: 7))])
        // The same without a crash: the session ended.
        depositing.closed(LinkID(raw: 1), at: self.moment(62_000).wall)
        _ = self.settle(&depositing, self.situation(keepers: []), at: 62_000)
        depositing.offered(true, by: self.carol, LinkID(raw: 8))
        let after = self.settle(&depositing, self.situation(), at: 63_000)
        #expect(after.contains(.answer(sealed.id, .withdrawn, LinkID(raw: 8))))
        #expect(self.order(after)?.from == 1, "and it is left anew")
    }

    @Test func whatIsDroppedHereIsTakenBackAndTheRestLeftAgain() throws {
        var depositing = self.depositing()
        let order = try #require(self.order(self.settle(&depositing, self.situation(), at: Self.minute)))
        _ = try self.leave(&depositing, order, .kept, at: 62_000)
        let blob = try #require(depositing.deposits.first?.blob)
        depositing.dropped([(self.samples.log, 4)])
        #expect(self.settle(&depositing, self.situation(), at: 63_000).isEmpty, "that is not in it")
        depositing.dropped([(self.samples.log, 2)])
        let actions = self.settle(&depositing, self.situation(), at: 64_000)
        #expect(actions.prefix(2) == [.keep(.leftGone(blob)), .answer(blob, .withdrawn, LinkID(raw: 1))])
        let anew = try #require(self.order(actions))
        #expect(anew.from == 1 && anew.to == 3)
        // It is dropped while its blob is on the way.
        let words = self.samples.chain((0..<3).map { .text(.init("anew \($0)")) })
        let sealed = try #require(anew.seal(words.map { .envelope($0.envelope) }, at: self.moment(65_000).wall))
        _ = depositing.sealed(anew, sealed.blob, to: sealed.to, at: self.moment(65_000))
        depositing.dropped([(self.samples.log, 3)])
        let answered = depositing.answered(sealed.blob.id, .kept, anew.link, at: self.moment(66_000))
        #expect(
            answered == [
                .keep(.leftGone(sealed.blob.id)), .answer(sealed.blob.id, .withdrawn, LinkID(raw: 1)),
            ])
        #expect(self.order(self.settle(&depositing, self.situation(), at: 67_000))?.from == 1)
    }
}
