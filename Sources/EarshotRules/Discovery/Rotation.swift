import EarshotModel
import EarshotWire

/// Which tag a private advert carries, and when it changes (Protocol.md 8). Epochs are of the clock on the wall, which
/// others compare with theirs; waking up is by uptime.
package struct Rotation: Hashable, Sendable {
    /// A clock that is set back by less than this changes nothing; ms.
    private static let tolerance: UInt64 = 60_000

    private struct Shown: Hashable {
        let epoch: UInt32
        /// When the next one follows, by the wall, unix ms.
        let until: UInt64
    }

    private var shown: Shown?

    package init() {}

    /// Unix seconds / 900.
    package static func epoch(of wall: Timestamp) -> UInt32 {
        UInt32(truncatingIfNeeded: wall.milliseconds / Limits.tagEpochTime)
    }

    /// The epoch whose tag is shown now, if it is another than before.
    /// - Parameter delay: ms, below `Limits.tagDelay`, by chance: who changes to the second tells how their clock goes.
    package mutating func next(at wall: Timestamp, delay: UInt64) -> UInt32? {
        let epoch = Self.epoch(of: wall)
        if let shown = self.shown {
            let start = UInt64(shown.epoch) * Limits.tagEpochTime
            let isBefore = wall.milliseconds < start - min(start, Self.tolerance)
            guard wall.milliseconds >= shown.until || isBefore else { return nil }
            guard epoch != shown.epoch else { return nil }
        }
        let end = (UInt64(epoch) + 1) * Limits.tagEpochTime
        self.shown = Shown(epoch: epoch, until: end + min(delay, Limits.tagDelay))
        return epoch
    }

    /// When to ask again, uptime in ms; `nil` while nothing is shown.
    package func wakeAt(_ now: Moment) -> UInt64? {
        self.shown.map { shown in
            let wall = now.wall.milliseconds
            return now.uptime + (shown.until > wall ? min(shown.until - wall, Limits.tagEpochTime * 2) : 0)
        }
    }
}
