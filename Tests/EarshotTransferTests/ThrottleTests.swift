import Testing

@testable import EarshotTransfer

/// How fast files may go.
@Suite struct ThrottleTests {
    @Test func whatGoesAtATimeIsAQuarterOfASecondsWorth() {
        let throttle = Throttle()
        #expect(throttle.portion(262_144) == 262_144, "nobody limits it")
        throttle.set(total: 100_000, perDevice: 0)
        #expect(throttle.portion(262_144) == 25_000)
        throttle.set(total: 100_000, perDevice: 40_000)
        #expect(throttle.portion(262_144) == 10_000)
        #expect(throttle.portion(5_000) == 5_000)
        throttle.set(total: 1, perDevice: 0)
        #expect(throttle.portion(262_144) == 1_024)
        throttle.set(total: 0, perDevice: 0)
        #expect(throttle.portion(262_144) == 262_144)
    }
}
