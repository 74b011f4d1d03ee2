/// A hybrid logical clock: 48 bits of milliseconds since 1970 and a 16-bit counter, so that what was written after
/// something was read sorts after it, whatever the clocks say (Protocol.md 6). Orders, never refuses.
package struct HybridTime: Hashable, Sendable, Comparable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }

    /// Milliseconds since 1970, at most 2^48 − 1.
    package var milliseconds: UInt64 { self.raw >> 16 }

    /// The next stamp of a clock that last gave or saw `last`, at wall time `now`. A stamp from far ahead does not drag
    /// us along for ever: more than ten minutes ahead of `now` it counts as `now`.
    package static func next(after last: HybridTime, now: Timestamp) -> HybridTime {
        let wall = HybridTime(raw: min(now.milliseconds, (1 << 48) - 1) << 16)
        if last < wall { return wall }
        if last.isFar(ahead: now) { return wall }
        let next = last.raw.addingReportingOverflow(1)
        return next.overflow ? last : HybridTime(raw: next.partialValue)
    }

    /// The highest stamp that counts once `stamp` was seen too, at wall time `now`: what is more than ten minutes
    /// ahead of the clock does not, nor what was remembered of it from when the clock was wrong.
    package func seen(_ stamp: HybridTime, now: Timestamp) -> HybridTime {
        let known = self.isFar(ahead: now) ? HybridTime(raw: 0) : self
        return stamp.isFar(ahead: now) ? known : max(known, stamp)
    }

    /// Whether it is more than ten minutes ahead of a clock.
    package func isFar(ahead clock: Timestamp) -> Bool {
        let limit = clock.milliseconds.addingReportingOverflow(600_000)
        return !limit.overflow && self.milliseconds > limit.partialValue
    }

    package static func < (left: HybridTime, right: HybridTime) -> Bool { left.raw < right.raw }
}

/// Milliseconds since 1970 by this machine's clock, which may be wrong.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let milliseconds: UInt64
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}
