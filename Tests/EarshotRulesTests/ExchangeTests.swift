import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// What goes back and forth on one link.
@Suite struct ExchangeTests {
    private let samples: Samples
    init() throws { self.samples = try Samples() }

    @Test func whatIsNotAcknowledgedGoesOnceMore() throws {
        var exchange = Exchange()
        let words = self.samples.words("a", "b", "c").map(\.envelope)
        for word in words { exchange.pushed(word, now: 100) }
        #expect(exchange.wakeAt == 100 + Limits.lateTime)
        #expect(exchange.late(now: 99 + Limits.lateTime).isEmpty)
        exchange.acknowledged(self.samples.conversation, to: 2)
        #expect(exchange.late(now: 100 + Limits.lateTime) == [.envelopes([words[2]])])
        #expect(exchange.late(now: 10_000) == [], "only once")
        #expect(exchange.wakeAt == nil)
    }

    @Test func whatIsTooLongForADatagramIsNotRepeated() {
        var exchange = Exchange()
        let long = self.samples.words(String(repeating: "x", count: 2_000)).map(\.envelope)
        for word in long { exchange.pushed(word, now: 0) }
        #expect(exchange.wakeAt == nil)
    }

    @Test func whatIsOwedIsPaidOnce() throws {
        var exchange = Exchange()
        exchange.owe(self.samples.conversation, [self.samples.log])
        exchange.owe(self.samples.conversation, [self.samples.log])
        #expect(exchange.pay() == [self.samples.conversation: [self.samples.log]])
        #expect(exchange.pay().isEmpty)
    }

    @Test func aWantThatIsOverdueNamesItsConversation() {
        var exchange = Exchange()
        exchange[self.samples.conversation].offer(self.samples.log, offered: 3, held: 0, now: 0)
        _ = exchange[self.samples.conversation].next(now: 0)
        #expect(exchange.wakeAt == Limits.wantTime)
        #expect(exchange.overdue(now: Limits.wantTime - 1).isEmpty)
        #expect(exchange.overdue(now: Limits.wantTime) == [self.samples.conversation])
    }

    @Test func tooManyPushesAreReadMoreSlowly() {
        var exchange = Exchange()
        let taken = (0..<3_000).count { _ in exchange.take(now: 0) == nil }
        #expect(taken == Int(Limits.pushesAtOnce))
        #expect(exchange.take(now: 5) == nil, "two hundred a second are one in 5 ms")
    }
}
