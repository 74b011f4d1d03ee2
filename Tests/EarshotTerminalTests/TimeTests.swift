import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct TimeTests {
    /// Vienna, by its rule of 2026: an hour more from 29 March 01:00 UTC to 25 October 01:00 UTC.
    private let vienna = Zone { (1_774_746_000..<1_792_890_000).contains($0) ? 7_200 : 3_600 }
    private let plain = Style(hasColour: false, isUnicode: true)

    @Test(arguments: [
        (-719_528, 0, 1, 1), (-1, 1969, 12, 31), (0, 1970, 1, 1), (11_016, 2000, 2, 29), (20_782, 2026, 11, 25),
        (2_932_896, 9_999, 12, 31),
    ])
    func daysAreDates(days: Int, year: Int, month: Int, day: Int) {
        let date = CivilDate(daysSince1970: days)
        #expect((date.year, date.month, date.day) == (year, month, day) && date.daysSince1970 == days)
        #expect(CivilDate(year: year, month: month, day: day) == date)
    }

    @Test func whatIsNoDayIsNone() {
        for (year, month, day) in [
            (2026, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (-1, 1, 1), (10_000, 1, 1),
        ] {
            #expect(CivilDate(year: year, month: month, day: day) == nil)
        }
        #expect(
            CivilDate(daysSince1970: 0).weekday == 3 && CivilDate(daysSince1970: -4).weekday == 6,
            "a Thursday, a Sunday")
    }

    @Test func theOffsetIsThatOfTheMomentShown() {
        #expect(self.vienna.local("2026-07-01T22:30:00.000Z").full == "2026-07-02 00:30")
        #expect(self.vienna.local("2026-12-01T22:30:00Z").full == "2026-12-01 23:30")
        #expect(Zone.fixed(minutesEast: -570).local("2026-01-01T00:00:00Z").full == "2025-12-31 14:30")
    }

    @Test func datesAreShownWhereItIsNotToday() {
        let today = CivilDate(daysSince1970: 20_782)
        #expect(self.vienna.local("2026-11-25T09:05:00Z").brief(today: today) == "10:05")
        #expect(self.vienna.local("2026-11-24T09:05:00Z").brief(today: today) == "24 Nov 10:05")
        #expect(self.vienna.local("2025-11-25T09:05:00Z").brief(today: today) == "25 Nov 2025 10:05")
    }

    @Test func daysStandBetweenMessages() {
        let now = LocalTime(20_782 * 86_400 + 43_200, secondsEast: 3_600)
        let listing = Printout(style: self.plain, zone: self.vienna, now: now)
        let times: [Timestamp] = ["2026-11-23T22:59:00Z", "2026-11-23T23:00:00Z", "2026-11-25T08:00:00Z"]
        let messages = times.map { Door.message("abcdefgh", "hi", at: $0) { $0.fromName = "Bob" } }
        #expect(
            listing.messages(messages, columns: 80) == [
                "── Monday 23 November 2026 ──", "23:59 Bob  hi  abcdef", "── Tuesday 24 November 2026 ──",
                "00:00 Bob  hi  abcdef",
                "── Wednesday 25 November 2026 ──", "09:00 Bob  hi  abcdef",
            ])
        #expect(
            listing.messages([messages[2]], columns: 80) == ["09:00 Bob  hi  abcdef"],
            "nothing above what was said today")
        #expect(
            listing.messages(messages, columns: nil).first == "2026-11-23 23:59 Bob  hi  abcdef",
            "a pipe has the date in each line")
    }
}
