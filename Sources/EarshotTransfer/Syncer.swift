import EarshotModel
import EarshotNetwork
import EarshotVault
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Syncs in the background what a taker has written, one checkpoint after the other.
final class Syncer: Sendable {
    private struct State {
        var isBusy = false
        var done: UInt64?
        var failure: DownloadError?
    }

    private let busy = ConditionLock(value: false)
    private let state = NIOLockedValueBox(State())
    private let bell: Bell

    /// - Parameter bell: rings when something is synced, or could not be.
    init(_ bell: Bell) { self.bell = bell }

    var isIdle: Bool { self.state.withLockedValue { !$0.isBusy } }
    var failure: DownloadError? { self.state.withLockedValue { $0.failure } }

    /// What is on disk now, if that is more than was told.
    func news() -> UInt64? {
        self.state.withLockedValue { state in
            defer { state.done = nil }
            return state.done
        }
    }

    func begin(_ checkpoint: StreamSink.Checkpoint) {
        self.state.withLockedValue { $0.isBusy = true }
        self.busy.lock()
        self.busy.unlock(withValue: true)
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            var failure: DownloadError?
            do throws(DownloadError) { try checkpoint.sync() } catch { failure = error }
            self.state.withLockedValue { state in
                state.isBusy = false
                state.failure = failure
                if failure == nil { state.done = checkpoint.offset }
            }
            self.busy.lock()
            self.busy.unlock(withValue: false)
            self.bell.ring()
        }
    }

    func wait() throws {
        self.busy.lock(whenValue: false)
        self.busy.unlock()
        if let failure = self.failure { throw failure }
    }
}
