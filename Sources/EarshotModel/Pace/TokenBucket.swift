/// So many in a span of time, and a store of them for bursts. All times are uptime in ms.
package struct TokenBucket: Hashable, Sendable {
    private let count: UInt64
    private let span: UInt64
    /// What a full store holds, in parts of which `span` are one.
    private let full: UInt64
    private var left: UInt64
    /// What was taken before it was there, in the same parts; while there is some, nothing is left.
    private var owed: UInt64 = 0
    /// When it was last asked; `nil` before the first time.
    package private(set) var askedAt: UInt64?

    /// `count` in each `span` of ms, and `burst` of them at once.
    package init(_ count: UInt64, per span: UInt64 = 1_000, burst: UInt64) {
        self.count = max(count, 1)
        self.span = max(span, 1)
        self.full = burst.times(self.span)
        self.left = self.full
    }

    /// Takes one. `nil` if there was one; else how many ms until there is.
    package mutating func take(now: UInt64) -> UInt64? {
        self.fill(now)
        guard self.left >= self.span else { return ((self.span - self.left).plus(self.owed) / self.count).plus(1) }
        self.left -= self.span
        return nil
    }

    /// Takes so many, whether they are there or not. How many ms until they all will have been; 0 if they are.
    package mutating func take(upFront amount: UInt64, now: UInt64) -> UInt64 {
        self.fill(now)
        let parts = amount.times(self.span)
        let paid = min(parts, self.left)
        self.left -= paid
        self.owed = self.owed.plus(parts - paid)
        return self.owed == 0 ? 0 : (self.owed - 1) / self.count + 1
    }

    /// What was earned since it was last asked pays first what is owed.
    private mutating func fill(_ now: UInt64) {
        let last = self.askedAt ?? now
        self.askedAt = now
        let gained = (now > last ? now - last : 0).times(self.count)
        let paid = min(gained, self.owed)
        self.owed -= paid
        self.left = min(self.left.plus(gained - paid), self.full)
    }
}

extension UInt64 {
    /// The product, or as much as there can be.
    fileprivate func times(_ other: UInt64) -> UInt64 {
        let (product, isOver) = self.multipliedReportingOverflow(by: other)
        return isOver ? .max : product
    }

    /// The sum, or as much as there can be.
    fileprivate func plus(_ other: UInt64) -> UInt64 {
        let (sum, isOver) = self.addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
