import EarshotModel
import EarshotTesting
import Testing

@testable import EarshotRules

@Suite struct TokenBucketTests {
    @Test func aFullBucketGivesItsBurstAndThenOneATime() {
        var bucket = TokenBucket(20, burst: 3)
        for _ in 0..<3 { #expect(bucket.take(now: 1_000) == nil) }
        let wait = bucket.take(now: 1_000)
        #expect(wait == 51, "one in twenty of a second, and a little")
        #expect(bucket.take(now: 1_051) == nil)
        #expect(bucket.take(now: 1_051) != nil)
    }

    @Test func whatIsNotTakenIsKeptOnlyUpToTheBurst() {
        var bucket = TokenBucket(8, per: 60_000, burst: 8)
        for _ in 0..<8 { #expect(bucket.take(now: 0) == nil) }
        #expect(bucket.take(now: 7_499) != nil)
        #expect(bucket.take(now: 7_500) == nil, "eight a minute are one in 7.5 s")
        for _ in 0..<8 { #expect(bucket.take(now: 3_600_000) == nil) }
        #expect(bucket.take(now: 3_600_000) != nil)
    }

    @Test func aClockThatGoesBackGivesNothing() {
        var bucket = TokenBucket(10, burst: 1)
        #expect(bucket.take(now: 5_000) == nil)
        #expect(bucket.take(now: 1_000) != nil)
        #expect(bucket.askedAt == 1_000)
    }

    @Test func whatIsTakenUpFrontIsEarnedBeforeAnyMoreIsThere() {
        var bucket = TokenBucket(1_000, burst: 100)
        #expect(bucket.take(upFront: 60, now: 0) == 0)
        #expect(bucket.take(upFront: 60, now: 0) == 20)
        #expect(bucket.take(now: 0) == 22, "what is owed comes first")
        #expect(bucket.take(upFront: 5_000_000, now: 10) == 5_000_010)
        #expect(bucket.take(upFront: 1, now: 5_000_020) == 1, "however long it takes")
        #expect(bucket.take(upFront: 101, now: 6_000_000) == 1, "no more than a burst is kept")
    }

    @Test func noNumberIsTooLarge() {
        var bucket = TokenBucket(.max, per: .max, burst: .max)
        for now in [0, 1, UInt64.max] { _ = bucket.take(now: now) }
        var none = TokenBucket(0, per: 0, burst: 0)
        #expect(none.take(now: .max) != nil)
        #expect(none.take(upFront: .max, now: .max) == .max)
        #expect(none.take(now: .max) == .max)
    }
}

@Suite struct BackoffTests {
    @Test func itDoublesUpToTheLongest() {
        let backoff = Backoff(first: 500, longest: 30_000)
        #expect(
            (0...9).map { backoff.wait(afterFailures: $0) }
                == [500, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
        #expect(backoff.wait(afterFailures: .max) == 30_000)
        #expect(Backoff(first: .max, longest: .max).wait(afterFailures: 9) == .max)
    }
}

@Suite struct TimersTests {
    @Test func theSoonestIsFirstHoweverTheyAreSet() {
        var timers = Timers<Int>()
        #expect(timers.next == nil && timers.isEmpty)
        for (key, at) in [(1, 30), (2, 10), (3, 20)] { timers.set(key, at: UInt64(at)) }
        #expect(timers.next == 10)
        timers.set(2, at: 40)
        #expect(timers.next == 20 && timers[2] == 40)
        timers.set(3, at: nil)
        #expect(timers.next == 30)
        #expect(timers.due(now: 29) == [])
        #expect(timers.due(now: 40) == [1, 2] && timers.isEmpty)
    }

    @Test func whatIsDueAtOnceComesInTheOrderInWhichItWasSet() {
        var timers = Timers<String>()
        for key in ["c", "a", "b"] { timers.set(key, at: 5) }
        timers.set("c", at: 5)
        #expect(timers.due(now: 5) == ["c", "a", "b"])
    }

    /// As a plain table would say it.
    @Test(arguments: UInt64(1)...8) func itSaysWhatATableSays(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var timers = Timers<UInt64>()
        var table: [UInt64: UInt64] = [:]
        for _ in 0..<2_000 {
            let (key, at) = (random.next() % 50, random.next() % 1_000)
            let isTakenAway = random.next().isMultiple(of: 4)
            timers.set(key, at: isTakenAway ? nil : at)
            table[key] = isTakenAway ? nil : at
            #expect(timers.next == table.values.min())
            guard random.next().isMultiple(of: 16) else { continue }
            let due = timers.due(now: at)
            #expect(Set(due) == Set(table.filter { $0.value <= at }.keys))
            #expect(due.map { table[$0] ?? 0 } == due.map { table[$0] ?? 0 }.sorted())
            table = table.filter { $0.value > at }
        }
    }
}

@Suite struct TimedTableTests {
    private struct Egg: Timed { var wakeAt: UInt64? }

    @Test func aChangeSetsTheTimer() {
        var table = TimedTable<Int, Egg>()
        table[1] = Egg(wakeAt: 50)
        table[2] = Egg(wakeAt: nil)
        #expect(table.next == 50)
        table[2]?.wakeAt = 20
        #expect(table.next == 20)
        table[2] = nil
        #expect(table.next == 50 && table.all.count == 1)
    }

    @Test func onlyThoseWhoseTimeHasComeAreTouched() {
        var table = TimedTable<Int, Egg>()
        for key in 0..<100 { table[key] = Egg(wakeAt: UInt64(key)) }
        var touched: [Int] = []
        table.wake(now: 2) { key, egg in
            touched.append(key)
            egg.wakeAt = key == 1 ? nil : 500
        }
        #expect(touched == [0, 1, 2])
        #expect(table.next == 3)
        table.wake(now: 1_000) { key, _ in touched.append(key) }
        #expect(touched.count == 102, "what was put off is due again, what was taken away is not")
    }
}
