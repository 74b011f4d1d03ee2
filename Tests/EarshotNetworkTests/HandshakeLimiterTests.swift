import EarshotModel
import Testing

@testable import EarshotNetwork

/// Who may begin a handshake now (Protocol.md 3).
@Suite struct HandshakeLimiterTests {
    private var limits: TransportLimits {
        var limits = TransportLimits()
        (limits.halfOpen, limits.halfOpenPerSource) = (10, 2)
        (limits.handshakesPerSecond, limits.burst) = (100, 8)
        (limits.handshakesPerSecondPerSource, limits.burstPerSource) = (10, 4)
        return limits
    }

    @Test func soManyAreHalfOpenFromOneSource() {
        var limiter = HandshakeLimiter(self.limits)
        let admitted = (0..<3).map { _ in limiter.admits([1], now: 0) }
        #expect(admitted == [true, true, false])
        #expect(limiter.admits([2], now: 0) == true, "another source is not kept out")
        limiter.leaves([1])
        #expect(limiter.admits([1], now: 0) == true)
    }

    @Test func soManyAreHalfOpenInAll() {
        var limits = self.limits
        limits.burst = 100
        var limiter = HandshakeLimiter(limits)
        let admitted = (UInt8(0)..<20).filter { limiter.admits([$0], now: 0) }
        #expect(admitted.count == limits.halfOpen)
    }

    @Test func oneSourceComesSoOftenASecond() {
        var limiter = HandshakeLimiter(self.limits)
        func come(_ now: UInt64) -> Bool {
            guard limiter.admits([1], now: now) else { return false }
            limiter.leaves([1])
            return true
        }
        #expect((0..<9).count { _ in come(0) } == 4, "the burst")
        #expect(!come(99) && come(101) && !come(102))
        #expect((0..<9).count { _ in come(60_000) } == 4)
    }

    @Test func allTogetherComeSoOftenASecond() {
        var limiter = HandshakeLimiter(self.limits)
        let admitted = (UInt8(0)..<30).filter { source in
            guard limiter.admits([source], now: 0) else { return false }
            limiter.leaves([source])
            return true
        }
        #expect(admitted.count == self.limits.burst)
    }

    @Test func anIPv6SourceIsItsNetwork() throws {
        let one = try #require(Endpoint(address: [0x20, 1] + [UInt8](repeating: 0, count: 13) + [1], port: 1_024))
        let two = try #require(Endpoint(address: [0x20, 1] + [UInt8](repeating: 0, count: 13) + [2], port: 1_025))
        #expect(HandshakeLimiter.source(one) == HandshakeLimiter.source(two))
        let four = try #require(Endpoint(address: [10, 0, 0, 1], port: 1_024))
        #expect(HandshakeLimiter.source(four) == [10, 0, 0, 1])
    }
}
