import EarshotModel
import EarshotRules
import EarshotWire
import Testing

/// Numbers alone: what to ask for, and what to tell (Protocol.md 9).
@Suite struct SyncTests {
    private let log: LogID
    private let other: LogID

    init() throws {
        self.log = try #require(LogID([UInt8](repeating: 1, count: 16)))
        self.other = try #require(LogID([UInt8](repeating: 2, count: 16)))
    }

    @Test func whatIsOfferedIsAskedForInSpans() {
        var sync = Sync()
        sync.offer(self.log, offered: 1_000, held: 0, now: 0)
        #expect(sync.next(now: 0).map(\.range) == [1...512, 513...1_000])
        #expect(sync.next(now: 0).isEmpty, "asked for once")
        #expect(sync.isAsked(self.log, 1_000) && !sync.isAsked(self.log, 1_001) && !sync.isAsked(self.other, 1))
    }

    @Test func whatIsHeldIsNotAskedFor() {
        var sync = Sync()
        sync.offer(self.log, offered: 5, held: 5, now: 0)
        #expect(sync.next(now: 0) == [])
        #expect(sync.wakeAt == nil)
        sync.offer(self.log, offered: 7, held: 5, now: 0)
        #expect(sync.next(now: 0).map(\.range) == [6...7])
        sync.moved(self.log, held: 7, now: 1)
        #expect(sync.next(now: 1) == [])
        #expect(sync.wakeAt == nil)
    }

    @Test func fourWantsForOneLogAreOpenAndEightInAll() {
        var sync = Sync()
        for log in [self.log, self.other] { sync.offer(log, offered: .max / 2, held: 0, now: 0) }
        #expect(
            sync.next(now: 0).map(\.log).sorted() == [
                self.log, self.log, self.log, self.log, self.other, self.other, self.other, self.other,
            ])
        sync.moved(self.log, held: 512, now: 1)
        #expect(sync.next(now: 1).map(\.range) == [2_049...2_560])
    }

    @Test func aWantThatNobodyAnswersIsAskedAgain() {
        var sync = Sync()
        sync.offer(self.log, offered: 3, held: 0, now: 100)
        _ = sync.next(now: 100)
        #expect(sync.wakeAt == 100 + Limits.wantTime)
        sync.forgetOverdue(now: 99 + Limits.wantTime)
        #expect(sync.next(now: 99 + Limits.wantTime).isEmpty)
        sync.forgetOverdue(now: 100 + Limits.wantTime)
        #expect(sync.next(now: 100 + Limits.wantTime).map(\.range) == [1...3])
    }

    @Test func nothingIsToldToWhoHasNotAcceptedUs() {
        var sync = Sync()
        #expect(sync.tell(said: 3, held: 0) == .nothing)
        sync.hear()
        #expect(sync.isHeard)
        #expect(sync.tell(said: 3, held: 0) == .push(1...3))
        #expect(sync.tell(said: 3, held: 0) == .nothing, "told once")
        #expect(sync.tell(said: 4, held: 3) == .push(4...4))
    }

    @Test func muchIsOfferedAndNotPushed() {
        var sync = Sync()
        sync.hear()
        #expect(sync.tell(said: 33, held: 0) == .heads)
        #expect(sync.tell(said: 34, held: 0) == .nothing, "one offer at a time")
        sync.served(to: 33)
        #expect(sync.tell(said: 34, held: 33) == .push(34...34))
    }

    @Test func aLogBegunAnewIsToldFromItsBeginning() {
        var sync = Sync()
        sync.hear()
        _ = sync.tell(said: 5, held: 0)
        sync.beganAnew()
        #expect(sync.tell(said: 1, held: 0) == .push(1...1))
    }
}
