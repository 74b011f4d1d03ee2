import EarshotModel
import EarshotNetwork
import EarshotWire
import Testing

@testable import EarshotTransfer

/// What a receiver asks for waits for its turn.
@Suite struct PullQueueTests {
    private func pull(_ from: UInt64, _ to: UInt64) -> BulkChannel.Incoming { .frame(.pull(from: from, to: to)) }

    @Test func pullsAreGivenInOrder() throws {
        var queue = PullQueue(length: 100)
        for (from, to) in [(0, 50), (50, 100), (100, 100)] as [(UInt64, UInt64)] {
            #expect(try queue.take(self.pull(from, to), have: { _ in }) == nil)
        }
        #expect(queue.waiting.map(\.from) == [0, 50, 100])
        queue.advance(to: 20)
        #expect(queue.first?.from == 20 && queue.first?.to == 50)
        queue.removeFirst()
        #expect(queue.first?.from == 50)
    }

    @Test func anEmptyQueueStaysEmpty() {
        var queue = PullQueue(length: nil)
        queue.advance(to: 5)
        queue.removeFirst()
        #expect(queue.first == nil && queue.waiting.isEmpty)
    }

    @Test func whatLiesBeyondTheEndIsRefused() {
        var queue = PullQueue(length: 100)
        #expect(throws: BulkChannel.Failure.self) { try queue.take(self.pull(101, 0), have: { _ in }) }
        #expect(throws: BulkChannel.Failure.self) { try queue.take(self.pull(0, 101), have: { _ in }) }
    }

    @Test func soManyPullsWaitAndNoMore() throws {
        var queue = PullQueue(length: nil)
        for _ in 0..<Limits.waitingPulls { _ = try queue.take(self.pull(0, 1), have: { _ in }) }
        #expect(throws: BulkChannel.Failure.self) { try queue.take(self.pull(0, 1), have: { _ in }) }
    }

    @Test func whatIsProvenBeginsWithAChunk() throws {
        var queue = PullQueue(length: 300_000, isProven: true)
        #expect(throws: BulkChannel.Failure.self) { try queue.take(self.pull(1, 0), have: { _ in }) }
        #expect(try queue.take(self.pull(Limits.chunkBytes, 0), have: { _ in }) == nil)
        #expect(try queue.take(self.pull(300_000, 0), have: { _ in }) == nil, "the end")
    }

    @Test func aLookReachesNoFurtherThanTheListing() throws {
        var queue = PullQueue(length: 300_000)
        #expect(!queue.reaches(beyond: 50))
        _ = try queue.take(self.pull(0, 50), have: { _ in })
        #expect(!queue.reaches(beyond: 50))
        _ = try queue.take(self.pull(50, 51), have: { _ in })
        #expect(queue.reaches(beyond: 50))
        var whole = PullQueue(length: 50)
        _ = try whole.take(self.pull(0, 0), have: { _ in })
        #expect(whole.reaches(beyond: 50), "to the end, wherever that is")
    }

    @Test func whoStopsSaysWhy() throws {
        var queue = PullQueue(length: 1)
        var told: [UInt64] = []
        #expect(try queue.take(.frame(.have(at: 7)), have: { told.append($0) }) == nil)
        #expect(told == [7])
        #expect(
            try queue.take(.frame(.stop(.full, "no\u{7} room")), have: { _ in })
                == .stopped(.full, SafeText.name("no\u{7} room")))
        #expect(throws: BulkChannel.Failure.self) { try queue.take(.frame(.end(at: 0)), have: { _ in }) }
    }
}
