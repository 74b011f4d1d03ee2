import EarshotModel
import EarshotWire
import Testing

@testable import EarshotNode

/// What links ask for waits for its turn.
@Suite struct BackfillTests {
    private func want(_ from: UInt64) throws -> Want {
        let conversation = try #require(ConversationID([UInt8](repeating: 1, count: 32)))
        let log = try #require(LogID([UInt8](repeating: 2, count: 16)))
        return try #require(Want(conversation: conversation, log: log, from: from, to: from + 1))
    }

    @Test func soManyWantsOfOneLinkWait() throws {
        var backfill = Backfill()
        let (one, other) = (LinkID(raw: 1), LinkID(raw: 2))
        for number in 1...UInt64(Limits.waitingWants) {
            #expect(backfill.add(try self.want(number), one) == false)
        }
        #expect(backfill.add(try self.want(1), other) == false, "others are not held up")
        #expect(backfill.add(try self.want(99), one) == true)
        #expect(backfill.links == [one, other])
    }

    @Test func whatALinkAskedForGoesWithIt() throws {
        var backfill = Backfill()
        _ = backfill.add(try self.want(1), LinkID(raw: 1))
        backfill.drop(LinkID(raw: 1))
        #expect(backfill.isEmpty)
    }
}
