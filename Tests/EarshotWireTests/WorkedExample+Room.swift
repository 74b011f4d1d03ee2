import EarshotModel

@testable import EarshotWire
@testable import Noise

/// The room of the worked example (A.12).
extension ExampleMaker {
    func room(_ alice: Side, _ bob: Side, _ made: inout [String: [UInt8]]) throws {
        let charter = Charter(name: "ops", owner: alice.person, salt: try self.input("room.salt"))
        let log = Derive.log(generation: try self.input("alice.gen"), charter.room.operations)
        made["charter"] = charter.bytes
        made["room and talk"] = charter.room.bytes + Derive.talk(charter.room).bytes + log.bytes
        let operations: [(String, RoomOperation)] = [
            ("add", .add(RoomMembership(bob.person, 1), owner: nil)),
            ("set", .set(RoomSetting(.topic, number: 1, owner: nil, text: "Lunch"))),
        ]
        var prev: EnvelopeID?
        for (index, (name, operation)) in operations.enumerated() {
            let envelope = Envelope.sign(
                conversation: charter.room.operations, device: alice.device, log: log, seq: UInt64(index) + 1,
                prev: prev, parents: [],
                stamp: HybridTime(raw: try self.number("unix.seconds") * 1_000 << 16 + UInt64(index)), membership: 1,
                kind: operation.kind, payload: operation.payload, with: alice.signing
            ).envelope
            made["\(name), payload"] = operation.payload
            made["\(name), envelope"] = envelope.wire
            made["\(name), id"] = envelope.id.bytes
            prev = envelope.id
        }
        // What the state is made of; that it follows from the two is tested where it is made.
        let one = UInt64(1).bigEndianBytes
        let members = [alice.person.bytes + one + [1], bob.person.bytes + one + [0]].sorted {
            $0.lexicographicallyPrecedes($1)
        }
        var state = one + alice.person.bytes + UInt32(2).bigEndianBytes + members.flatMap { $0 }
        state +=
            UInt32(1).bigEndianBytes + UInt32(2).bigEndianBytes + Hash32.zero.bytes + one + UInt64(0).bigEndianBytes
        state += UInt32(5).bigEndianBytes + Array("Lunch".utf8)
        made["room state"] = state
        made["room state hash"] = Derive.roomState(state).bytes
        made["invitation, payload"] = Invitation(charter: charter, number: 1).payload
    }
}
