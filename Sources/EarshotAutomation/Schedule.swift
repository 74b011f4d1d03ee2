import EarshotConfig

/// When what is to be said. Each announcement is said at most once for each of its days, however the clock goes. All
/// times are seconds since 1970.
package struct Schedule: Sendable {
    package enum Action: Hashable, Sendable {
        case say(Announcement, isLate: Bool)
        /// Its time passed while nobody was there to say it.
        case missed(Announcement)
    }

    /// So much later is still in time.
    package static let grace: Int64 = 120
    /// Days back that are looked at.
    private static let back: Int64 = 7
    /// Days that are remembered of each, in the order in which they were done.
    package static let remembered = 32

    private let announcements: [Announcement]
    private let zone: TimeZoneRule
    /// Days that are done, by name and time.
    package private(set) var done: [String: [Int64]]

    /// - Parameter done: what an earlier one has in `done`. What is not in it is new, and has missed nothing.
    package init(_ announcements: [Announcement], done: [String: [Int64]], zone: TimeZoneRule, now: Int64) {
        self.announcements = announcements
        self.zone = zone
        var kept: [String: [Int64]] = [:]
        for announcement in announcements {
            let key = Self.key(announcement)
            kept[key] = done[key] ?? Self.past(announcement, zone, now)
        }
        self.done = kept
    }

    package static func key(_ announcement: Announcement) -> String { "\(announcement.name)@\(announcement.at)" }

    /// Its days of the last week, today too, whose time has come; the oldest first.
    private static func past(_ announcement: Announcement, _ zone: TimeZoneRule, _ now: Int64) -> [Int64] {
        let today = zone.day(at: now)
        return (today - self.back...today).filter { day in
            announcement.weekdays.contains(self.weekday(day)) && self.time(announcement, day, zone) <= now
        }
    }

    private static func time(_ announcement: Announcement, _ day: Int64, _ zone: TimeZoneRule) -> Int64 {
        zone.time(day: day, minute: Int64(announcement.minute))
    }

    /// 0 is Monday.
    private static func weekday(_ day: Int64) -> Int { Int(((day + 3) % 7 + 7) % 7) }

    /// What is due now.
    package mutating func check(now: Int64) -> [Action] {
        var actions: [Action] = []
        for announcement in self.announcements {
            let key = Self.key(announcement)
            let known = self.done[key] ?? []
            // What lies before the first that is known was never missed: a clock that is set back looks there.
            let first = known.min() ?? .min
            let due = Self.past(announcement, self.zone, now).filter { $0 > first && !known.contains($0) }
            guard let newest = due.last else { continue }
            self.done[key] = Array((known + due).suffix(Self.remembered))
            let isLate = now - Self.time(announcement, newest, self.zone) > Self.grace
            let isSaid = !isLate || announcement.catchesUp
            actions.append(isSaid ? .say(announcement, isLate: isLate) : .missed(announcement))
        }
        return actions
    }

    /// When something is due next; of one alone where it is named.
    package func next(after now: Int64, of name: String? = nil) -> Int64? {
        let today = self.zone.day(at: now)
        return self.announcements.filter { name == nil || $0.name == name }.flatMap { announcement in
            (today...today + Self.back + 1).filter { announcement.weekdays.contains(Self.weekday($0)) }
                .map { Self.time(announcement, $0, self.zone) }
        }.filter { $0 > now }.min()
    }
}
