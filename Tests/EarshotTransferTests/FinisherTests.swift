import Synchronization
import Testing

@testable import EarshotTransfer

/// The thread that goes behind a taker.
@Suite struct FinisherTests {
    @Test func allIsDoneInTurnByTheTimeOneHasWaited() {
        let finisher = Finisher()
        finisher.wait()
        let done = Done()
        for round in 1...20 {
            for _ in 0..<3 { finisher.perform { done.add() } }
            finisher.wait()
            #expect(done.count == 3 * round)
        }
        finisher.stop()
        // Nobody is there any more: it is done at once.
        finisher.perform { done.add() }
        #expect(done.count == 61)
        finisher.wait()
        finisher.stop()
    }

    private final class Done: Sendable {
        private let number = Mutex(0)
        var count: Int { self.number.withLock { $0 } }
        func add() { self.number.withLock { $0 += 1 } }
    }
}
