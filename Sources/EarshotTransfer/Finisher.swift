import EarshotVault
import NIOConcurrencyHelpers

/// A thread that goes behind a taker: with many small files, what is left to do of each when its bytes are written is
/// a third of the work, and the next one need not wait for it. There is none until there is something to do, and none
/// after `stop`.
final class Finisher: Behind {
    private enum Turn {
        /// Nothing is to be done.
        case idle
        case job
    }
    private struct State {
        var isStarted = false
        var isOver = false
        var job: (@Sendable () -> Void)?
    }

    private let turn = ConditionLock(value: Turn.idle)
    private let state = NIOLockedValueBox(State())

    func perform(_ job: @escaping @Sendable () -> Void) {
        guard self.start() else { return job() }
        self.give(job)
    }

    func wait() {
        self.turn.lock(whenValue: .idle)
        self.turn.unlock()
    }

    /// What was given before is done first; what is given afterwards is done by whoever gives it.
    func stop() {
        let hasThread = self.state.withLockedValue { state in
            defer { state.isOver = true }
            return state.isStarted && !state.isOver
        }
        if hasThread { self.give(nil) }
    }

    /// Nothing: its thread ends.
    private func give(_ job: (@Sendable () -> Void)?) {
        self.turn.lock(whenValue: .idle)
        self.state.withLockedValue { $0.job = job }
        self.turn.unlock(withValue: .job)
    }

    /// Whether there is a thread.
    private func start() -> Bool {
        self.state.withLockedValue { state in
            if state.isOver { return false }
            if !state.isStarted { state.isStarted = TransferWorker.detach { self.run() } }
            return state.isStarted
        }
    }

    private func run() {
        while self.isGoingOn(after: self.next()) {}
    }

    private func next() -> (@Sendable () -> Void)? {
        self.turn.lock(whenValue: .job)
        defer { self.turn.unlock() }
        return self.state.withLockedValue { state in
            defer { state.job = nil }
            return state.job
        }
    }

    /// Does it. Whether another may follow.
    private func isGoingOn(after job: (@Sendable () -> Void)?) -> Bool {
        job?()
        self.turn.lock()
        self.turn.unlock(withValue: .idle)
        return job != nil
    }
}
