import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Whom somebody blocks in the middle of something.
@Suite struct BlockedTransferTests {
    /// Bob gives Cleo what Anna has offered to both, until Bob blocks Cleo.
    @Test func whoIsBlockedGetsNothingThroughUs() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: 3)
        lan.introduceAll()
        lan.stepBytes = 1 << 20
        lan.run(for: 1_000)
        let ids = TransferTests().offer(&lan, 1, from: 0, to: [1, 2], size: 64 << 20)
        lan.run(for: 500)
        lan.ask(1) { engine, now in
            ((try? engine.accept(ids[0], into: "/there", at: now)) ?? []) + engine.settle(at: now)
        }
        lan.run(for: 200_000)
        #expect(lan.hosts[1].disk.finished[ids[0]] == [.complete])
        // Anna goes home, and Cleo asks Bob.
        lan.stepBytes = 1 << 14
        lan.partition([0, 1, 1])
        lan.run(for: 60_000)
        lan.ask(2) { engine, now in
            ((try? engine.accept(ids[1], into: "/there", at: now)) ?? []) + engine.settle(at: now)
        }
        for _ in 0..<100_000 where lan.passedOn == 0 { lan.run(for: 1) }
        lan.run(for: 100)
        #expect(lan.passedOn == 1 && lan.passing == 1, "it has begun")
        let cleo = lan.hosts[2].identity.person
        lan.ask(1) { engine, _ in engine.block(cleo) }
        #expect(lan.passing == 0)
        lan.run(for: 300_000)
        #expect(lan.hosts[2].disk.finished[ids[1]] == nil, "nothing more came")
        #expect(lan.passing == 0)
        // Anna has no quarrel with Cleo.
        lan.stepBytes = 1 << 20
        lan.partition([0, 0, 0])
        lan.run(for: 400_000)
        #expect(lan.hosts[2].disk.finished[ids[1]] == [.complete])
    }
}
