import Glibc
import NIOConcurrencyHelpers

/// Room on the disk of the spool. Files come at the same time, so what is on its way counts as taken.
final class SpoolRoom: Sendable {
    /// Bytes that stay free.
    private static let reserve: UInt64 = 64 << 20

    private let promised = NIOLockedValueBox<UInt64>(0)
    private let free: @Sendable (String) -> UInt64?

    /// - Parameter free: bytes that are free where a folder is; `nil` where nobody knows.
    init(free: @escaping @Sendable (String) -> UInt64? = SpoolRoom.bytesFree) { self.free = free }

    /// - Returns: whether there is room in a folder for so many bytes more, which are promised from then on.
    func claim(_ length: UInt64, in folder: String) -> Bool {
        self.promised.withLockedValue { promised in
            let (sum, isTooMuch) = promised.addingReportingOverflow(length)
            let (needed, isFarTooMuch) = sum.addingReportingOverflow(Self.reserve)
            guard !isTooMuch, !isFarTooMuch, needed <= self.free(folder) ?? .max else { return false }
            promised = sum
            return true
        }
    }

    /// Bytes that are written, or will not come.
    func release(_ count: UInt64) { self.promised.withLockedValue { $0 -= min($0, count) } }

    static func bytesFree(_ folder: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return free.overflow ? .max : free.partialValue
    }
}
