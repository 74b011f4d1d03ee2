import EarshotModel

/// Whether anything can be written where the database lies.
struct Storage: Sendable {
    /// Below so many free bytes nothing more is taken in.
    private static let reserve: UInt64 = 16 << 20
    /// Ms between two looks, while nothing can be written.
    private static let again: UInt64 = 5_000

    /// Why nothing is taken in or written now; `nil` when everything is.
    private(set) var trouble: StorageTrouble?
    private var measuredAt: UInt64?

    /// When to look again, uptime in ms.
    var wakeAt: UInt64? { self.trouble == nil ? nil : (self.measuredAt ?? 0) + Self.again }

    /// A commit failed, and so would every other.
    mutating func note(_ trouble: StorageTrouble, now: UInt64) {
        self.trouble = trouble
        self.measuredAt = now
    }

    /// Whether to look now.
    mutating func isDue(now: UInt64) -> Bool {
        guard let at = self.wakeAt, now >= at else { return false }
        self.measuredAt = now
        return true
    }

    /// So many bytes are free. Says whether the trouble is over.
    mutating func measured(free: UInt64, _ trouble: StorageTrouble?) -> Bool {
        let before = self.trouble
        self.trouble = trouble ?? (free < Self.reserve ? .full : nil)
        return before != nil && self.trouble == nil
    }
}
