import Testing

@testable import EarshotDiscovery

@Suite struct DozeTests {
    @Test func whoIsAloneTakesTimersTogether() {
        var doze = Doze(now: 1_000)
        #expect(doze.wait(20, now: 1_000) == 20)
        // Nobody has said anything: what is due soon is due in a second, what is far off stays, and "for ever" and "now" as well.
        #expect(doze.wait(20, now: 6_000) == 1_000)
        #expect([0, -1, 1_000, 16_000].map { doze.wait($0, now: 6_000) } == [0, -1, 1_000, 16_000])
        // A timer was due, and what we sent at it comes back at once, in IPv4 and in IPv6.
        doze.woke(hasCome: false, after: 16_000, now: 27_000)
        doze.woke(hasCome: true, after: 0, now: 27_000)
        doze.woke(hasCome: true, after: 2, now: 27_002)
        #expect(doze.wait(100, now: 27_002) == 1_000)
    }

    @Test func whoIsSpokenToIsExact() {
        var doze = Doze(now: 0)
        // While we slept, and while we wait for what is due soon.
        doze.woke(hasCome: true, after: 9_000, now: 20_000)
        #expect(doze.wait(20, now: 20_000) == 20)
        #expect(doze.wait(20, now: 24_999) == 20)
        #expect(doze.wait(20, now: 25_000) == 1_000)
        doze.woke(hasCome: false, after: 1_000, now: 31_000)
        doze.woke(hasCome: true, after: 30, now: 31_030)
        #expect(doze.wait(20, now: 31_030) == 20)
    }
}
