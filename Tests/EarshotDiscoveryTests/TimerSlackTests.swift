import Testing

@testable import EarshotDiscovery

@Suite struct TimerSlackTests {
    /// What Avahi is kept waiting for, where it asks for so much.
    private func waits(_ doze: inout TimerSlack, _ timeouts: [Int32], now: UInt64) -> [Int32] {
        timeouts.map { doze.wait($0, now: now) }
    }

    @Test func whoIsAloneTakesTimersTogether() {
        var doze = TimerSlack(now: 1_000)
        #expect(self.waits(&doze, [20], now: 1_000) == [20])
        // Nobody has said anything: what is due soon is due in a second; what is far off stays, and "for ever" and
        // "now" as well.
        #expect(self.waits(&doze, [0, -1, 1_000, 16_000, 20], now: 6_000) == [0, -1, 1_000, 16_000, 1_000])
        // The question is out, and comes back at once, in IPv4 and in IPv6. What is left of it can wait.
        doze.woke(hasCome: false, after: 1_000, now: 7_000)
        doze.woke(hasCome: true, after: 0, now: 7_000)
        doze.woke(hasCome: true, after: 2, now: 7_002)
        #expect(self.waits(&doze, [0, 100], now: 7_002) == [0, 10_000])
        // The next question is due as the first one was.
        doze.woke(hasCome: false, after: 10_000, now: 17_000)
        #expect(self.waits(&doze, [14_000], now: 17_000) == [14_000])
        doze.woke(hasCome: false, after: 14_000, now: 31_000)
        #expect(self.waits(&doze, [100], now: 31_000) == [1_000])
    }

    @Test func whoIsSpokenToIsExact() {
        var doze = TimerSlack(now: 0)
        // While we slept, while we wait for what is due soon, and while we rest.
        doze.woke(hasCome: true, after: 9_000, now: 20_000)
        #expect(self.waits(&doze, [20], now: 20_000) == [20])
        #expect(self.waits(&doze, [20], now: 24_999) == [20])
        #expect(self.waits(&doze, [20], now: 25_000) == [1_000])
        doze.woke(hasCome: false, after: 1_000, now: 26_000)
        #expect(self.waits(&doze, [20], now: 26_000) == [10_000])
        doze.woke(hasCome: true, after: 30, now: 26_030)
        #expect(self.waits(&doze, [20], now: 26_030) == [20])
        #expect(self.waits(&doze, [20], now: 31_030) == [1_000])
    }
}
