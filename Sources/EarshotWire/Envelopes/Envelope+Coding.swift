import EarshotModel
import Noise

extension Envelope {
    /// Reads one envelope off the front: form and limits only; see `VerifiedEnvelope` for the signature.
    package init(reading reader: inout ByteReader) throws(ProtocolError) {
        guard try reader.byte("envelope version") == 1 else { throw .malformed("envelope version") }
        let length: UInt32 = try reader.integer(UInt32.self, "envelope length")
        guard length <= UInt32(Limits.envelopeBody) else { throw .tooMuch("envelope body") }
        let body = try reader.take(Int(length), "envelope body")
        let signature = try reader.take(64, "envelope signature")
        var wire: [UInt8] = []
        wire.reserveCapacity(5 + body.count + 64)
        wire.append(1)
        wire += length.bigEndianBytes
        wire += body
        wire += signature
        try self.init(body: body, wire: wire)
    }

    /// Reads exactly one envelope.
    package init(decoding wire: some Collection<UInt8>) throws(ProtocolError) {
        var reader = ByteReader(wire)
        let envelope = try Envelope(reading: &reader)
        guard reader.isAtEnd else { throw .malformed("bytes after an envelope") }
        self = envelope
    }

    private init(body: ArraySlice<UInt8>, wire: [UInt8]) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var device: DeviceID?
        var log: LogID?
        var seq: UInt64 = 0
        var prev: EnvelopeID?
        var parents: [EnvelopeID] = []
        var stamp: UInt64 = 0
        var membership: UInt64 = 0
        var kind: UInt32 = 0
        var payload: [UInt8] = []
        while let (field, value) = try reader.next() {
            if (1...11).contains(field), field != 6 { try reader.once(field) }
            switch field {
            case 1: conversation = try ProtobufReader.id(value)
            case 2: device = try ProtobufReader.id(value)
            case 3: log = try ProtobufReader.log(value)
            case 4: seq = try ProtobufReader.integer(value)
            case 5: prev = try ProtobufReader.id(value)
            case 6:
                guard parents.count < Limits.parents else { throw .tooMuch("parents") }
                parents.append(try ProtobufReader.id(value))
            case 7: stamp = try ProtobufReader.integer(value)
            case 8: membership = try ProtobufReader.integer(value)
            case 9: kind = try ProtobufReader.integer32(value)
            case 10: payload = Array(try ProtobufReader.bytes(value))
            case 11: _ = try ProtobufReader.bytes(value)
            default: continue
            }
        }
        guard let conversation, let device, let log else { throw .malformed("envelope without its ids") }
        guard seq >= 1, (seq == 1) == (prev == nil) else { throw .malformed("envelope seq and prev") }
        guard seq <= UInt64(Int64.max) else { throw .tooMuch("envelope seq") }
        guard payload.count <= Limits.envelopePayload else { throw .tooMuch("envelope payload") }
        self.init(
            id: EnvelopeID(hash: Derive.envelope(body: body)), conversation: conversation, device: device, log: log,
            seq: seq,
            prev: prev, parents: parents, stamp: HybridTime(raw: stamp), membership: membership, kind: kind,
            payload: payload,
            wire: wire)
    }

    /// The 64 bytes at the end.
    package var signature: ArraySlice<UInt8> { self.wire.suffix(64) }

    /// What the device signs.
    package static func signed(_ id: EnvelopeID) -> [UInt8] { Array("earshot/1 envelope\0".utf8) + id.bytes }

    /// Writes and signs the next envelope of one of our own logs. `payload` is at most 48 KiB; more is a mistake of
    /// ours.
    package static func sign(
        conversation: ConversationID, device: DeviceID, log: LogID, seq: UInt64, prev: EnvelopeID?,
        parents: [EnvelopeID],
        stamp: HybridTime, membership: UInt64 = 0, kind: UInt32, payload: [UInt8], with key: SigningKeyPair
    ) -> VerifiedEnvelope {
        precondition(payload.count <= Limits.envelopePayload && (seq == 1) == (prev == nil))
        var out = ProtobufWriter()
        out.bytes(1, conversation.bytes)
        out.bytes(2, device.bytes)
        out.bytes(3, log.bytes)
        out.integer(4, seq)
        if let prev { out.bytes(5, prev.bytes) }
        for parent in parents.prefix(Limits.parents) { out.element(6, parent.bytes) }
        out.integer(7, stamp.raw)
        out.integer(8, membership)
        out.integer(9, kind)
        out.bytes(10, payload)
        let body = out.bytes
        let id = EnvelopeID(hash: Derive.envelope(body: body))
        let wire = [1] + UInt32(body.count).bigEndianBytes + body + key.sign(Self.signed(id))
        return VerifiedEnvelope(
            own: Envelope(
                id: id, conversation: conversation, device: device, log: log, seq: seq, prev: prev,
                parents: Array(parents.prefix(Limits.parents)), stamp: stamp, membership: membership, kind: kind,
                payload: payload,
                wire: wire))
    }
}
