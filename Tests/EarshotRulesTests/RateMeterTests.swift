import EarshotRules
import Testing

@Suite struct RateMeterTests {
    @Test func aRateFallsWhenNothingComes() {
        var meter = RateMeter()
        #expect(meter.rate(at: 0) == 0 && !meter.isSilent(at: 100_000), "nothing was ever said")
        for second in 0...10 as ClosedRange<UInt64> { meter.note(second * 1_000_000, at: second * 1_000) }
        #expect(meter.rate(at: 10_000) == 1_000_000 && !meter.isSilent(at: 10_000))
        var last = meter.rate(at: 10_000)
        for now in stride(from: UInt64(11_000), through: 15_000, by: 1_000) {
            meter.note(10_000_000, at: now)
            let rate = meter.rate(at: now)
            #expect(rate < last || rate == 0, "\(now)")
            last = rate
        }
        #expect(last == 0 && meter.isSilent(at: 15_000))
        meter.note(11_000_000, at: 16_000)
        #expect(meter.rate(at: 16_000) > 0 && !meter.isSilent(at: 16_000), "it goes on")
    }

    @Test func nothingOverflows() {
        var meter = RateMeter()
        meter.note(0, at: 0)
        meter.note(.max, at: 1)
        #expect(meter.rate(at: 1) > 0)
        meter.note(5, at: 2)
        #expect(meter.rate(at: 2) == 0, "begun anew")
        _ = meter.rate(at: 0)
    }
}
