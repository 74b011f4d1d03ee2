import EarshotWire
import Testing

@testable import EarshotNetwork

/// A thread that waits on a channel sleeps until there is something, however long that is. Whoever would not be woken
/// here would sleep for ever.
@Suite(.timeLimit(.minutes(5))) struct BulkChannelTests {
    private let channel: BulkChannel
    private let other: BulkChannel

    init() throws { (self.channel, self.other) = try SubflowsTests().line(5) }

    @Test func whoWaitsIsWokenByTheBell() async throws {
        let channel = self.channel
        for _ in 0..<3 {
            let waiting = Task.detached {
                try await SubflowsTests.onThread { try channel.receive(until: .max) == nil }
            }
            channel.bell.ring()
            #expect(try await waiting.value)
        }
    }

    @Test func whatRingsOftenIsHeardOnce() throws {
        for _ in 0..<5 { self.channel.bell.ring() }
        #expect(try self.channel.receive(until: .max) == nil)
        #expect(try self.channel.receive(until: 0) == nil, "the deadline")
        #expect(!self.channel.takeRing())
    }

    @Test func whatHasComeGoesBeforeTheBell() throws {
        try self.other.send(.end(at: 5))
        self.channel.bell.ring()
        guard case .frame(.end(5))? = try self.channel.receive(until: .max) else {
            Issue.record("not the frame")
            return
        }
        #expect(try self.channel.receive(until: .max) == nil)
    }

    @Test func aDescriptorCountsAsTheBell() throws {
        let bell = try #require(Bell())
        bell.ring()
        #expect(try self.channel.receive(until: .max, or: bell.descriptor) == nil)
    }

    @Test func whoWaitsIsHalted() async throws {
        let (channel, other) = (self.channel, self.other)
        let waiting = Task.detached { try await SubflowsTests.onThread { _ = try channel.receive(until: .max) } }
        channel.halt()
        await #expect(throws: BulkChannel.Failure.halted) { try await waiting.value }
        // Also who waits for room.
        let filling = Task.detached { try await SubflowsTests.onThread { while true { try Self.fill(other) } } }
        other.halt()
        await #expect(throws: BulkChannel.Failure.halted) { _ = try await filling.value as Void }
    }

    private static func fill(_ channel: BulkChannel) throws {
        _ = try channel.room
        try channel.sendData(4_096)
    }

    @Test func whoWaitsForRoomGoesOnWhenThereIsSome() async throws {
        let giver = self.other
        let giving = Task.detached {
            try await SubflowsTests.onThread {
                for _ in 0..<64 { try Self.fill(giver) }
                try giver.send(.end(at: 64 * 4_096))
            }
        }
        var came = 0
        while case .data(let bytes, at: nil)? = try self.channel.receive(until: .max) { came += bytes.count }
        #expect(came == 64 * 4_096)
        try await giving.value
    }

    @Test func whoWaitsInVainWakesOnce() throws {
        #expect(try self.channel.receive(until: uptime() + 300) == nil)
        #expect(self.channel.wakeUps == 1, "at the deadline")
        #expect(try self.channel.rest(until: uptime() + 300))
        #expect(self.channel.wakeUps == 2)
        let flows = Subflows(self.channel)
        flows.expectMore()
        #expect(try flows.receive(at: 0, until: uptime() + 300) == nil)
        #expect(self.channel.wakeUps == 3)
    }

    @Test func whoRestsIsWokenToo() async throws {
        let channel = self.channel
        let resting = Task.detached { try await SubflowsTests.onThread { try channel.rest(until: .max) } }
        channel.bell.ring()
        #expect(try await resting.value)
        try self.other.send(.end(at: 5))
        #expect(try channel.rest(until: 0), "what comes meanwhile waits")
        channel.halt()
        #expect(throws: BulkChannel.Failure.halted) { try channel.rest(until: .max) }
    }

    @Test func whoRestsHearsThatNobodyIsThere() throws {
        var ends: SubflowsTests.Ends? = try SubflowsTests().line(5)
        let channel = try #require(ends?.taker)
        ends = nil
        #expect(try !channel.rest(until: .max))
    }
}
