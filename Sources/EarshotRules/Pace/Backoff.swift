/// How long to wait before something is tried again: twice as long each time, up to a longest wait. All in ms.
package struct Backoff: Hashable, Sendable {
    private let first: UInt64
    private let longest: UInt64

    package init(first: UInt64, longest: UInt64) {
        self.first = first
        self.longest = longest
    }

    /// After so many failures in a row. Nothing went wrong yet is as good as once.
    package func wait(afterFailures failures: UInt64) -> UInt64 {
        // More doublings than this are beyond any wait.
        let doublings = min(failures > 0 ? failures - 1 : 0, 32)
        let (wait, isOver) = self.first.multipliedReportingOverflow(by: 1 << doublings)
        return isOver ? self.longest : min(wait, self.longest)
    }
}
