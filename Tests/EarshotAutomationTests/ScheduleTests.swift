import EarshotAutomation
import EarshotConfig
import Testing

/// What is said when, however the clock goes.
@Suite struct ScheduleTests {
    /// A zone as that of Berlin in 2026: summer time from 29 March, 01:00 UTC, to 25 October, 01:00 UTC.
    private static let spring: Int64 = 1_774_746_000
    private static let autumn: Int64 = 1_792_890_000
    private static let berlin = TimeZoneRule { (Self.spring..<Self.autumn).contains($0) ? 7_200 : 3_600 }
    private static let utc = TimeZoneRule { _ in 0 }
    private static let day: Int64 = 86_400
    /// Midnight of a Monday, 5 January 2026, UTC.
    private static let monday: Int64 = 1_767_571_200

    private static func announcement(
        _ minute: Int, days: Set<Int> = Set(0...6), catchesUp: Bool = false
    ) -> Announcement {
        Announcement("a", minute: minute, weekdays: days, to: "#ops", text: "x", catchesUp: catchesUp)
    }

    private static func schedule(
        _ announcement: Announcement, at now: Int64, zone: TimeZoneRule = Self.utc, done: [String: [Int64]] = [:]
    ) -> Schedule { Schedule([announcement], done: done, zone: zone, now: now) }

    @Test func onceADayAtItsTime() {
        let nine = Self.announcement(540)
        var schedule = Self.schedule(nine, at: Self.monday)
        let due = Self.monday + 540 * 60
        #expect(schedule.next(after: Self.monday) == due)
        #expect(schedule.check(now: due - 1).isEmpty)
        #expect(schedule.check(now: due) == [.say(nine, isLate: false)])
        #expect(schedule.check(now: due).isEmpty && schedule.check(now: due + 3_600).isEmpty)
        #expect(schedule.next(after: due) == due + Self.day)
        #expect(schedule.check(now: due + Self.day + 60) == [.say(nine, isLate: false)])
    }

    @Test func onlyOnItsDays() {
        let midweek = Self.announcement(0, days: [2])
        var schedule = Self.schedule(midweek, at: Self.monday)
        #expect(schedule.next(after: Self.monday) == Self.monday + 2 * Self.day)
        #expect(schedule.check(now: Self.monday + Self.day).isEmpty)
        #expect(schedule.check(now: Self.monday + 2 * Self.day) == [.say(midweek, isLate: false)])
    }

    @Test func aNewOneHasMissedNothing() {
        var schedule = Self.schedule(Self.announcement(540, catchesUp: true), at: Self.monday + 20 * 3_600)
        #expect(schedule.check(now: Self.monday + 20 * 3_600).isEmpty)
    }

    @Test func whatWasMissedIsSkippedAndSaidOrCaughtUpOnce() {
        for catchesUp in [false, true] {
            let nine = Self.announcement(540, catchesUp: catchesUp)
            let done = Self.schedule(nine, at: Self.monday).done
            // Three days later it is started again.
            let later = Self.monday + 3 * Self.day + 12 * 3_600
            var again = Self.schedule(nine, at: later, done: done)
            #expect(again.check(now: later) == [catchesUp ? .say(nine, isLate: true) : .missed(nine)])
            #expect(again.check(now: later + 60).isEmpty)
        }
    }

    @Test func aClockThatIsSetBackSaysNothingTwice() {
        let nine = Self.announcement(540)
        var schedule = Self.schedule(nine, at: Self.monday)
        let due = Self.monday + 540 * 60
        #expect(schedule.check(now: due).count == 1)
        for back in [60, 3_600, Self.day / 2] {
            #expect(schedule.check(now: due - back).isEmpty)
            #expect(schedule.check(now: due).isEmpty)
        }
        var restarted = Self.schedule(nine, at: due - 60, done: schedule.done)
        #expect(restarted.check(now: due).isEmpty)
    }

    @Test func aClockThatWasFarAheadForAWhileSilencesNothing() {
        let nine = Self.announcement(540)
        var schedule = Self.schedule(nine, at: Self.monday)
        let due = Self.monday + 540 * 60
        #expect(schedule.check(now: due).count == 1)
        #expect(schedule.check(now: due + 4_000 * Self.day).count == 1)
        #expect(schedule.check(now: due + 120).isEmpty, "today is done")
        #expect(schedule.check(now: due + Self.day) == [.say(nine, isLate: false)], "tomorrow is not")
    }

    @Test func aTimeThatIsLeftOutCountsWhenTheClockJumps() {
        // 02:30 does not exist on 29 March.
        let night = Self.announcement(150)
        var schedule = Self.schedule(night, at: Self.spring - 3_600, zone: Self.berlin)
        #expect(schedule.next(after: Self.spring - 3_600) == Self.spring)
        #expect(schedule.check(now: Self.spring - 1).isEmpty)
        #expect(schedule.check(now: Self.spring) == [.say(night, isLate: false)])
        #expect(schedule.check(now: Self.spring + 1_800).isEmpty)
        #expect(schedule.next(after: Self.spring) == Self.spring + Self.day - 1_800)
    }

    @Test func aTimeThatComesTwiceCountsOnce() {
        // 02:30 comes twice on 25 October: half an hour before the clock is set back, and half an hour after.
        let night = Self.announcement(150)
        let first = Self.autumn - 1_800
        var schedule = Self.schedule(night, at: first - 3_600, zone: Self.berlin)
        #expect(schedule.next(after: first - 3_600) == first)
        #expect(schedule.check(now: first) == [.say(night, isLate: false)])
        #expect(schedule.check(now: first + 3_600).isEmpty)
        #expect(schedule.next(after: first) == first + 25 * 3_600)
    }

    @Test func daysAreThoseOfTheWall() {
        // Monday 00:30 in Berlin is Sunday in UTC.
        let early = Self.announcement(30, days: [0])
        let schedule = Self.schedule(early, at: Self.monday - Self.day, zone: Self.berlin)
        #expect(schedule.next(after: Self.monday - Self.day) == Self.monday - 1_800)
    }
}
