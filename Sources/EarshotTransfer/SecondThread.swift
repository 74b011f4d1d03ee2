import EarshotModel
import EarshotVault
import NIOConcurrencyHelpers

/// A thread beside another one: with many small files, making and writing each is most of the work, and the next one
/// need not wait for it; nor who is asked what they are. There is none until there is something to do, and none after
/// `stop`. Only one thread uses it.
package final class SecondThread: Behind {
    private enum Turn {
        /// Nothing is to be done, and nothing is being done.
        case idle
        case waiting
        case busy
    }
    private typealias Job = @Sendable () throws(DownloadError) -> Void
    private struct State {
        var isStarted = false
        var isOver = false
        var jobs: [Job] = []
        var failure: DownloadError?
    }

    /// Jobs that wait behind the one that is being done.
    private static let most = 2

    private let turn = ConditionLock(value: Turn.idle)
    /// Changed by whoever has the lock.
    private let state = NIOLockedValueBox(State())

    package init() {}

    package var hasRoom: Bool { self.state.withLockedValue { !$0.isOver && $0.jobs.count < Self.most } }

    package var failure: DownloadError? { self.state.withLockedValue { $0.failure } }

    package func perform(_ job: @escaping @Sendable () throws(DownloadError) -> Void) {
        guard self.hasRoom, self.start() else { return self.done(job) }
        self.turn.lock()
        self.state.withLockedValue { $0.jobs.append(job) }
        self.turn.unlock(withValue: .waiting)
    }

    package func wait() {
        self.turn.lock(whenValue: .idle)
        self.turn.unlock()
    }

    /// What was given before is done first; what is given afterwards is done by whoever gives it.
    package func stop() {
        self.turn.lock(whenValue: .idle)
        let hasThread = self.state.withLockedValue { state in
            defer { state.isOver = true }
            return state.isStarted && !state.isOver
        }
        self.turn.unlock(withValue: hasThread ? .waiting : .idle)
    }

    /// Whether there is a thread.
    private func start() -> Bool {
        self.state.withLockedValue { state in
            if !state.isStarted { state.isStarted = TransferWorker.detach { self.run() } }
            return state.isStarted
        }
    }

    private func run() {
        while let job = self.next() {
            self.done(job)
            self.turn.lock()
            self.turn.unlock(withValue: self.state.withLockedValue { $0.jobs.isEmpty } ? .idle : .waiting)
        }
    }

    private func done(_ job: Job) {
        do throws(DownloadError) { try job() } catch { self.state.withLockedValue { $0.failure = $0.failure ?? error } }
    }

    /// Nothing: its thread ends.
    private func next() -> Job? {
        self.turn.lock(whenValue: .waiting)
        let job = self.state.withLockedValue { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
        self.turn.unlock(withValue: job == nil ? .idle : .busy)
        return job
    }
}
