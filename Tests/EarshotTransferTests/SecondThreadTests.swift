import Dispatch
import Synchronization
import Testing

@testable import EarshotTransfer

/// The thread that goes behind a taker.
@Suite struct SecondThreadTests {
    @Test func allIsDoneByTheTimeOneHasWaited() {
        let second = SecondThread()
        second.wait()
        let done = Done()
        for round in 1...20 {
            for _ in 0..<3 { second.perform { done.add() } }
            second.wait()
            #expect(done.count == 3 * round)
        }
        second.stop()
        // Nobody is there any more: it is done at once.
        second.perform { done.add() }
        #expect(done.count == 61)
        second.wait()
        second.stop()
    }

    /// So many wait, and whoever has more does it themself.
    @Test func whatHasNoRoomIsDoneByWhoeverGivesIt() async {
        let second = SecondThread()
        let done = Done()
        let gate = Gate()
        second.perform { gate.pass() }
        await gate.reached()
        while second.hasRoom { second.perform { done.add() } }
        #expect(done.count == 0)
        second.perform { done.add() }
        #expect(done.count == 1)
        gate.open()
        second.wait()
        #expect(done.count == 3 && second.hasRoom)
        second.stop()
        #expect(!second.hasRoom)
    }

    /// Holds up a thread.
    private final class Gate: Sendable {
        private let opens = DispatchSemaphore(value: 0)
        private let (arrivals, arrives) = AsyncStream.makeStream(of: Void.self)

        func pass() {
            self.arrives.finish()
            self.opens.wait()
        }
        func reached() async { for await _ in self.arrivals {} }
        func open() { self.opens.signal() }
    }

    private final class Done: Sendable {
        private let number = Mutex(0)
        var count: Int { self.number.withLock { $0 } }
        func add() { self.number.withLock { $0 += 1 } }
    }
}
