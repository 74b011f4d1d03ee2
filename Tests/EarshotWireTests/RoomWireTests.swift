import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

/// What goes over the wire about rooms, whole, cut short and touched (Protocol.md 17).
@Suite struct RoomWireTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    @Test func everyContentReadsBackAsItWasWritten() {
        #expect(self.samples.roomContents.count == 17)
        for content in self.samples.roomContents {
            #expect(Content(kind: content.kind, payload: content.payload) == content)
        }
    }

    /// What is read of touched bytes is written so that it reads the same again.
    @Test func everyTruncationAndBitFlipIsReadOrIsUnknown() {
        var (read, unknown) = (0, 0)
        func attempt(_ kind: UInt32, _ payload: [UInt8]) {
            let content = Content(kind: kind, payload: payload)
            if case .unknown = content {
                unknown += 1
                return
            }
            read += 1
            #expect(Content(kind: kind, payload: content.payload) == content)
        }
        for content in self.samples.roomContents {
            let payload = content.payload
            for length in 0..<payload.count { attempt(content.kind, Array(payload.prefix(length))) }
            for bit in 0..<payload.count * 8 {
                var bad = payload
                bad[bit / 8] ^= 1 << UInt8(bit % 8)
                attempt(content.kind, bad)
            }
        }
        #expect(read > 7_000 && unknown > 2_000, "\(read) \(unknown)")
    }

    @Test func aCharterIsItsBytes() throws {
        let charter = self.samples.charter
        #expect(try Charter(decoding: charter.bytes) == charter)
        for length in 0..<charter.bytes.count {
            guard let short = try? Charter(decoding: charter.bytes.prefix(length)) else { continue }
            #expect(short.room != charter.room)
        }
        for bit in 0..<charter.bytes.count * 8 {
            var bad = charter.bytes
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = try? Charter(decoding: bad) else { continue }
            #expect(other.bytes == bad && other.room != charter.room)
        }
    }

    /// Everybody has the same lobby, for ever.
    @Test func theLobbyIsTheSameEverywhere() {
        #expect(Charter.lobby.owner == nil && Charter.lobby.isOpen)
        #expect(Charter.lobby.room.description == "zqiyuwcnovmqbcjsv5rxwht7fhv6u4rkhidtnrf4iauxmrp5sqxa")
    }

    @Test func aRoomHasTwoConversations() {
        let room = self.samples.charter.room
        #expect(RoomID(operations: room.operations) == room && Derive.talk(room) != room.operations)
    }

    @Test func moreThanFitsIsNotWritten() {
        let persons = (0..<100).map { PersonID(hash: Hash32([UInt8](repeating: $0, count: 32)) ?? .zero) }
        let text = Content.text(.init("x", extras: TextExtras(mentions: persons)))
        guard case .text(let read) = Content(kind: text.kind, payload: text.payload) else {
            Issue.record("it cannot be read")
            return
        }
        #expect(read.extras.mentions == Array(persons.prefix(Limits.mentions)))
        let start = LogStart(
            log: self.samples.log, device: self.samples.anna.device, seq: 1, id: EnvelopeID(hash: .zero))
        let add = Content.room(
            .add(RoomMembership(persons[0], 1), owner: nil, from: Array(repeating: start, count: 500)))
        guard case .room(.add(_, _, _, let from)) = Content(kind: add.kind, payload: add.payload) else {
            Issue.record("it cannot be read")
            return
        }
        #expect(from.count == Limits.roomStarts && add.payload.count < Limits.envelopePayload)
    }

    @Test func whatIsTooLongOrTooLargeIsRefused() {
        func told(_ count: Int) -> [UInt8] {
            [ToldRoom](repeating: ToldRoom(charter: .lobby, members: 1, topic: ""), count: count).encoded
        }
        #expect(throws: Never.self) { try Frame(type: 0x98, body: told(Limits.openRooms)[...]) }
        #expect(throws: ProtocolError.tooMuch("rooms")) { try Frame(type: 0x98, body: told(Limits.openRooms + 1)[...]) }
        let person = self.samples.bob.person
        for operation in [
            RoomOperation.add(RoomMembership(person, 0), owner: nil),
            .add(RoomMembership(person, Limits.roomNumber + 1), owner: nil),
            .remove(RoomMembership(person, 1), owner: Limits.roomNumber + 1, cut: [:]),
            .transfer(person, owner: 0, cut: [:]), .set(RoomSetting(.topic, number: 0, owner: nil)),
            .set(RoomSetting(.name, number: 1, owner: 1, text: String(repeating: "x", count: Limits.roomName + 1))),
            .set(RoomSetting(.topic, number: 1, owner: 1, text: String(repeating: "x", count: Limits.roomText + 1))),
        ] {
            #expect(Content(kind: operation.kind, payload: operation.payload) == .unknown(kind: operation.kind))
        }
    }

    @Test func anEnvelopeCarriesTheMembershipOfItsAuthor() throws {
        let anna = self.samples.anna
        let content = Content.room(.joined)
        let envelope = Envelope.sign(
            conversation: self.samples.charter.room.operations, device: anna.device, log: self.samples.log, seq: 1,
            prev: nil, parents: [], stamp: HybridTime(raw: 5), membership: 1 << 32, kind: content.kind,
            payload: content.payload, with: anna.signing)
        let read = try Envelope(decoding: envelope.envelope.wire)
        #expect(read.membership == 1 << 32 && Content(of: read) == content)
    }
}
