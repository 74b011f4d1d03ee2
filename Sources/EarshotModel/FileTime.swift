/// When a file was last changed, as its owner's machine says: milliseconds since 1970, negative before it (Protocol.md
/// 13).
package struct FileTime: Hashable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// What a file system says: seconds, and nanoseconds after them. A time that is too far off becomes the last that
    /// can be told.
    package init(seconds: Int64, nanoseconds: Int64) {
        let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, isBeyond) = whole.addingReportingOverflow(nanoseconds / 1_000_000)
        self.milliseconds = isOver || isBeyond ? (seconds < 0 ? .min : .max) : sum
    }

    /// Rounded down, so that what is left is never negative.
    package var seconds: Int64 {
        let (quotient, remainder) = self.milliseconds.quotientAndRemainder(dividingBy: 1_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// 0…999,000,000, after `seconds`.
    package var nanoseconds: Int64 {
        let remainder = self.milliseconds % 1_000
        return (remainder < 0 ? remainder + 1_000 : remainder) * 1_000_000
    }

    package static func < (left: FileTime, right: FileTime) -> Bool { left.milliseconds < right.milliseconds }
}
