import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// What messages tell of the network and of clocks.
@Suite struct WitnessTests {
    private let bob: PersonID
    private let now = Moment(wall: Timestamp(milliseconds: 10_000_000), uptime: 5)

    init() throws { self.bob = try Samples().bob.person }

    private func witness(_ ages: [Int64], isLinked: Bool = false) -> Witness {
        var witness = Witness()
        for age in ages {
            let written = UInt64(10_000_000 - age)
            witness.came(by: self.bob, written: written, isLinked: isLinked, at: self.now)
        }
        return witness
    }

    @Test func whoIsHeardThroughOthersAloneIsKeptApart() {
        #expect(self.witness([1_000, 2_000]).apart.isEmpty, "it may be chance")
        #expect(self.witness([1_000, 2_000, -5_000]).apart == [self.bob])
        #expect(self.witness([100_000, 200_000, 300_000]).apart.isEmpty, "from when they were here")
        #expect(self.witness([1_000, 2_000, 3_000], isLinked: true).apart.isEmpty)
        var witness = self.witness([1_000, 2_000, 3_000])
        witness.met(self.bob)
        #expect(witness.apart.isEmpty)
    }

    @Test func aClockThatIsAheadIsNoticedUntilItIsRight() {
        var witness = self.witness([-3_600_000], isLinked: true)
        #expect(witness.clocksAhead.map(\.by) == [3_600_000])
        #expect(self.witness([-60_000, 3_600_000], isLinked: true).clocksAhead.isEmpty)
        witness.came(by: self.bob, written: 10_000_000, isLinked: true, at: self.now)
        #expect(witness.clocksAhead.isEmpty)
    }
}
