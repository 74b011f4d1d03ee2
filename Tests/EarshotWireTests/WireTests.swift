import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

/// Everything that comes from outside, whole, cut short and touched: read right or refused, never a trap.
@Suite struct WireTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    @Test func everyFrameReadsBackAsItWasWritten() throws {
        #expect(self.samples.frames.count == 42)
        for frame in self.samples.frames {
            #expect(try Frame(type: frame.type, body: frame.body[...]) == frame)
        }
    }

    @Test func everyTruncationAndBitFlipOfEveryFrameIsReadOrRefused() throws {
        var (read, refused) = (0, 0)
        func attempt(_ type: UInt8, _ body: [UInt8]) {
            do throws(ProtocolError) {
                _ = try Frame(type: type, body: body[...])
                read += 1
            } catch { refused += 1 }
        }
        for frame in self.samples.frames {
            let body = frame.body
            for length in 0..<body.count { attempt(frame.type, Array(body.prefix(length))) }
            for bit in 0..<body.count * 8 {
                var bad = body
                bad[bit / 8] ^= 1 << UInt8(bit % 8)
                attempt(frame.type, bad)
            }
        }
        #expect(read + refused > 8_000 && refused > 1_000)
    }

    @Test func anEnvelopeTouchedAnywhereIsNobodys() throws {
        let wire = self.samples.words("hello")[0].envelope.wire
        let key = self.samples.anna.certificate.signingKey
        for length in 0..<wire.count {
            #expect(throws: ProtocolError.self) { try Envelope(decoding: wire.prefix(length)) }
        }
        for bit in 0..<wire.count * 8 {
            var bad = wire
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: ProtocolError.self) { try VerifiedEnvelope(Envelope(decoding: bad), key: key) }
        }
        #expect(throws: ProtocolError.malformed("bytes after an envelope")) { try Envelope(decoding: wire + [0]) }
        #expect(throws: ProtocolError.badSignature("envelope")) {
            try VerifiedEnvelope(Envelope(decoding: wire), key: self.samples.bob.certificate.signingKey)
        }
    }

    @Test func certificatesAndManifestsTouchedAnywhereAreRefused() throws {
        let certificate = self.samples.anna.certificate.wire
        #expect(try DeviceCertificate(decoding: certificate) == self.samples.anna.certificate)
        for bit in 0..<certificate.count * 8 {
            var bad = certificate
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: ProtocolError.self) { try DeviceCertificate(decoding: bad) }
        }
        let manifest = self.samples.anna.manifest.wire
        #expect(try Manifest(decoding: manifest) == self.samples.anna.manifest)
        for length in 0..<manifest.count {
            #expect(throws: ProtocolError.self) { try Manifest(decoding: manifest.prefix(length)) }
        }
        for bit in 0..<manifest.count * 8 {
            var bad = manifest
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: ProtocolError.self) { try Manifest(decoding: bad) }
        }
    }

    @Test func theHandshakePayloadIsAlways512BytesAndZerosAreZeros() throws {
        let payload = HandshakePayload(
            certificate: self.samples.anna.certificate, manifestVersion: 1,
            manifestHash: self.samples.anna.manifest.hash, wireVersions: [1, 300],
            datagramIndex: 77, features: 1)
        var bytes = payload.encoded
        #expect(bytes.count == 512)
        #expect(try HandshakePayload(decoding: bytes) == payload)
        bytes[511] = 1
        #expect(throws: ProtocolError.malformed("handshake payload padding")) { try HandshakePayload(decoding: bytes) }
    }

    @Test func protobufIsReadStrictly() throws {
        let id = [0x0A, 32] + [UInt8](repeating: 1, count: 32)
        #expect(throws: ProtocolError.malformed("protobuf field twice")) { try Frame(type: 0x30, body: (id + id)[...]) }
        #expect(throws: ProtocolError.malformed("protobuf wire type")) { try Frame(type: 0x02, body: [0x0B]) }
        #expect(throws: ProtocolError.malformed("protobuf field number")) { try Frame(type: 0x02, body: [0x00, 0x01]) }
        #expect(throws: ProtocolError.malformed("protobuf varint")) {
            try Frame(type: 0x02, body: [0x08] + [UInt8](repeating: 0xFF, count: 10))
        }
        #expect(throws: ProtocolError.truncated("protobuf bytes")) {
            try Frame(type: 0x30, body: [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        }
        #expect(try Frame(type: 0x02, body: [0x08, 0x05, 0x7A, 0x01, 0x00]) == .ping(5), "unknown fields are skipped")
    }

    @Test func unknownFramesCloseOrAreIgnored() throws {
        #expect(throws: ProtocolError.unknownFrame(0x7F)) { try Frame(type: 0x7F, body: []) }
        #expect(try Frame(type: 0x80, body: [1, 2, 3]) == .ignorable(type: 0x80))
    }

    @Test func recordsHideTheirLength() throws {
        #expect([1, 64, 65, 100, 1_000, 61_512].map(Record.padme) == [1, 64, 72, 104, 1_024, 63_488])
        for length in [0, 1, 61, 62, 1_000, 61_440, 65_516] {
            let plaintext = try #require(Record.plaintext(type: 0x12, body: [UInt8](repeating: 7, count: length)))
            #expect(plaintext.count >= 64 && plaintext.count <= Limits.framePlaintext)
            #expect(try Record.read(plaintext).body.count == length)
        }
        #expect(Record.plaintext(type: 0x12, body: [UInt8](repeating: 7, count: 65_517)) == nil)
        for bad in [[], [0], [0, 0], [0, 0, 1], [0, 2, 1], [0xFF, 0xFF, 1], [0, 1, 1, 9]] as [[UInt8]] {
            #expect(throws: ProtocolError.self) { try Record.read(bad) }
        }
    }

    @Test func longTextIsCutBetweenCharactersAndNothingIsLost() throws {
        let text = String(repeating: "añ🍰", count: 20_000)
        let parts = try #require(Content.parts(of: text))
        #expect(parts.count == 4 && parts.joined() == text && parts.allSatisfy { $0.utf8.count <= Limits.textPart })
        #expect(Content.parts(of: String(repeating: "x", count: 40_000 * 1_024 + 1)) == nil)
        for content in [
            Content.text(.init("a", replyTo: self.samples.words("x")[0].envelope.id)),
            .edit(target: self.samples.words("x")[0].envelope.id, text: "b"),
            .delete(target: self.samples.words("x")[0].envelope.id),
            .reaction(target: self.samples.words("x")[0].envelope.id, emoji: "👍", on: false),
        ] {
            #expect(Content(kind: content.kind, payload: content.payload) == content)
        }
        #expect(Content(kind: 99, payload: [1, 2]) == .unknown(kind: 99))
        #expect(Content(kind: 1, payload: [0xFF]) == .unknown(kind: 1))
    }
}
