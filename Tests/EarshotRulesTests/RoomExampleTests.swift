import EarshotModel
import EarshotRules
import EarshotWire
import Foundation
import Testing

/// Appendix A.12 of Protocol.md: the state of the room is what follows from the two envelopes that stand there.
@Suite struct RoomExampleTests {
    @Test func theStateFollowsFromTheOperations() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Protocol.md"), encoding: .utf8)
        func block(_ name: String) throws -> [UInt8] {
            let start = try #require(text.range(of: "```hex\n; \(name): "), "\(name)")
            let lines = text[start.upperBound...].prefix { $0 != "`" }.split(separator: "\n").dropFirst()
            let digits = lines.flatMap { $0.prefix { $0 != ";" }.compactMap(\.hexDigitValue) }
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
        let charter = try Charter(decoding: block("charter"))
        let alice = try #require(PersonID(block("keys of alice").prefix(32)))
        let bob = try #require(PersonID(block("keys of bob").prefix(32)))
        #expect(charter.owner == alice)
        var fold = RoomFold(charter)
        for name in ["add", "set"] {
            let envelope = try Envelope(decoding: block("\(name), envelope"))
            #expect(try envelope.id.bytes == block("\(name), id"))
            guard case .room(let operation) = Content(of: envelope) else {
                Issue.record("\(name) is no operation")
                return
            }
            fold.add(
                RoomFold.Entry(
                    id: envelope.id, author: alice, log: envelope.log, seq: envelope.seq,
                    membership: envelope.membership, operation: operation))
        }
        let state = fold.state
        #expect(state.members == [alice, bob].sorted() && state.topic == "Lunch")
        #expect(try state.compared == block("room state"))
        #expect(try state.hash.bytes == block("room state hash"))
    }
}
