import Glibc

/// How far the clock on the wall is from UTC, at any time. All times are seconds since 1970.
package struct TimeZoneRule: Sendable {
    private let offset: @Sendable (Int64) -> Int64

    /// - Parameter offset: seconds that the clock on the wall is ahead of UTC, by the time in UTC.
    package init(_ offset: @escaping @Sendable (Int64) -> Int64) { self.offset = offset }

    /// That of this machine.
    package static let ours = TimeZoneRule { time in
        var time = time_t(time)
        var parts = tm()
        tzset()
        localtime_r(&time, &parts)
        return Int64(parts.tm_gmtoff)
    }

    private static let day: Int64 = 86_400

    /// Days since 1 January 1970, by the clock on the wall.
    package func day(at time: Int64) -> Int64 {
        let wall = time + self.offset(time)
        return wall >= 0 ? wall / Self.day : (wall - Self.day + 1) / Self.day
    }

    /// When the clock on the wall shows so many minutes after midnight of a day. A time that comes twice counts when
    /// it comes first; one that is left out, when the clock jumps over it.
    package func time(day: Int64, minute: Int64) -> Int64 {
        let wall = day * Self.day + minute * 60
        let (before, after) = (self.offset(wall - Self.day), self.offset(wall + Self.day))
        let (early, late) = (wall - before, wall - after)
        switch (self.offset(early) == before, self.offset(late) == after) {
        case (true, true): return min(early, late)
        case (true, false): return early
        case (false, true): return late
        case (false, false): return self.jump(min(early, late), max(early, late), to: after)
        }
    }

    private func jump(_ low: Int64, _ high: Int64, to offset: Int64) -> Int64 {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.offset(middle) == offset { high = middle } else { low = middle }
        }
        return high
    }
}
