import EarshotModel
import EarshotTesting
import EarshotWire
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

    @Test func whatIsTakenIsWaitedForUntilItIsEarned() throws {
        let (throttle, device) = (Throttle(), try Samples().bob.device)
        #expect(throttle.take(1_000_000_000, to: device, now: 0).wait == 0, "nobody limits it")
        throttle.set(total: 100_000, perDevice: 0)
        #expect(throttle.take(10_000, to: device, now: 1_000).wait == 0, "a tenth of a second's worth goes at once")
        #expect(throttle.take(25_000, to: device, now: 1_000).wait == 250)
        #expect(throttle.take(25_000, to: device, now: 1_250).wait == 250)
        #expect(throttle.take(10_000, to: device, now: 60_000).wait == 0)
        #expect(throttle.take(1, to: device, now: 60_000).wait == 1, "what nobody took is not kept for longer")
    }

    @Test func eachHasALimitAndAllTogetherHaveOne() throws {
        let (throttle, samples) = (Throttle(), try Samples())
        throttle.set(total: 30_000, perDevice: 20_000)
        #expect(throttle.take(22_000, to: samples.anna.device, now: 0).wait == 1_000)
        #expect(throttle.take(2_000, to: samples.bob.device, now: 0).wait == 700)
        throttle.set(total: 0, perDevice: 20_000)
        #expect(throttle.take(2_000, to: samples.anna.device, now: 0).wait == 0, "what was taken is forgiven")
    }
}
