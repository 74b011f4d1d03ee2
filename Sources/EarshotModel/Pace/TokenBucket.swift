/// So many in a span of time, and a store of them for bursts. All times are uptime in ms.
package struct TokenBucket: Hashable, Sendable {
    /// Time that has passed unused is counted up to here.
    private static let longest: UInt64 = 60_000

    private let count: UInt64
    private let span: UInt64
    /// What a full store holds, in parts of which `span` are one.
    private let full: UInt64
    private var left: UInt64
    /// When it was last asked; `nil` before the first time.
    package private(set) var askedAt: UInt64?

    /// `count` in each `span` of ms, and `burst` of them at once.
    package init(_ count: UInt64, per span: UInt64 = 1_000, burst: UInt64) {
        self.count = max(count, 1)
        self.span = max(span, 1)
        self.full = burst.multipliedReportingOverflow(by: self.span).partialValue
        self.left = self.full
    }

    /// Takes one. `nil` if there was one; else how many ms until there is.
    package mutating func take(now: UInt64) -> UInt64? {
        let last = self.askedAt ?? now
        self.askedAt = now
        let passed = now > last ? min(now - last, max(Self.longest, self.span)) : 0
        let (gained, isOver) = passed.multipliedReportingOverflow(by: self.count)
        self.left = isOver ? self.full : min(self.left.addingReportingOverflow(gained).partialValue, self.full)
        guard self.left >= self.span else { return (self.span - self.left) / self.count + 1 }
        self.left -= self.span
        return nil
    }
}
