import EarshotModel
import Glibc

/// Which clock on the wall a moment is shown by.
package struct Zone: Sendable {
    /// Seconds east of Greenwich at a moment: it changes in the course of a year, so each moment is asked about.
    private let offset: @Sendable (_ secondsSince1970: Int64) -> Int

    package init(offset: @escaping @Sendable (_ secondsSince1970: Int64) -> Int) { self.offset = offset }

    package static func fixed(minutesEast: Int) -> Zone { Zone { _ in minutesEast * 60 } }

    /// This machine's zone, or that of `TZ`.
    package static let system = Zone { seconds in
        var moment = time_t(seconds)
        var local = tm()
        return localtime_r(&moment, &local) == nil ? 0 : local.tm_gmtoff
    }

    package func local(_ secondsSince1970: Int64) -> LocalTime {
        LocalTime(secondsSince1970, secondsEast: self.offset(secondsSince1970))
    }

    package func local(_ time: Timestamp) -> LocalTime { self.local(Int64(clamping: time.milliseconds / 1_000)) }

    package var now: LocalTime { self.local(Int64(time(nil))) }
}

/// A moment as calendar and clock show it somewhere.
package struct LocalTime: Hashable, Sendable {
    package let date: CivilDate
    package let hour: Int
    package let minute: Int

    package init(_ secondsSince1970: Int64, secondsEast: Int) {
        // No year beyond 9999 is ever shown, and sums of what is in range stay in range.
        let seconds = min(max(secondsSince1970, -62_167_219_200), 253_402_300_799) + Int64(secondsEast)
        let second = (seconds % 86_400 + 86_400) % 86_400
        self.date = CivilDate(daysSince1970: Int((seconds - second) / 86_400))
        self.hour = Int(second / 3_600)
        self.minute = Int(second / 60 % 60)
    }

    /// `10:31`
    package var clock: String { "\(Self.two(self.hour)):\(Self.two(self.minute))" }

    /// `2026-11-24 10:31`
    package var full: String {
        let year = String(self.date.year)
        let padded = String(repeating: "0", count: max(0, 4 - year.count)) + year
        return "\(padded)-\(Self.two(self.date.month))-\(Self.two(self.date.day)) \(self.clock)"
    }

    /// `10:31` today, `24 Nov 10:31` this year, `24 Nov 2025 10:31` before and after.
    package func brief(today: CivilDate) -> String {
        if self.date == today { return self.clock }
        let year = self.date.year == today.year ? "" : " \(self.date.year)"
        return "\(self.date.day) \(Self.months[self.date.month - 1].prefix(3))\(year) \(self.clock)"
    }

    /// What stands between the messages of two days: `Tuesday 24 November 2026`.
    package var day: String {
        "\(Self.weekdays[self.date.weekday]) \(self.date.day) \(Self.months[self.date.month - 1]) \(self.date.year)"
    }

    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
