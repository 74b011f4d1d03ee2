import EarshotModel
import EarshotTesting
import EarshotWire
import Noise
import Testing

/// Sealed mail byte for byte (Protocol.md 19).
@Suite struct MailWireTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    private var items: [SealedBlob.Item] {
        let words = self.samples.words("one", "two").map(\.envelope)
        let gone = Gone(
            conversation: self.samples.conversation, log: self.samples.log, seq: 3, id: words[0].id)
        return [.envelope(words[0]), .gone(gone), .envelope(words[1])]
    }

    @Test func whatIsSealedOpensForItsDeviceAlone() throws {
        let blob = try #require(self.samples.sealed(self.items))
        let (seed, bob) = (self.samples.bobsPrekeySeed, self.samples.bob.device)
        #expect(try blob.open(seed: seed, device: bob) == self.items)
        #expect(blob.tag == Derive.mailbox(self.samples.bobsMailbox, of: bob, day: 19_675))
        #expect(throws: ProtocolError.self) { try blob.open(seed: seed, device: self.samples.anna.device) }
        #expect(throws: ProtocolError.self) { try blob.open(seed: [UInt8](repeating: 1, count: 32), device: bob) }
        // Sealed twice it is another blob, of the same length, in the same place.
        let again = try #require(self.samples.sealed(self.items))
        #expect(again.id != blob.id && again.tag == blob.tag && again.bytes.count == blob.bytes.count)
    }

    @Test func lengthsSayLittle() throws {
        let one = try #require(self.samples.sealed(Array(self.items.prefix(1))))
        let two = try #require(self.samples.sealed(self.items))
        #expect(one.bytes.count == two.bytes.count && one.bytes.count == 20 + 1_120 + 1_024 + 16)
    }

    @Test func aBlobTouchedAnywhereIsRefusedOrDoesNotOpen() throws {
        let blob = try #require(self.samples.sealed(self.items))
        for place in stride(from: 0, to: blob.bytes.count, by: 7) {
            var bytes = blob.bytes
            bytes[place] ^= 1
            #expect(throws: ProtocolError.self) {
                try SealedBlob(decoding: bytes).open(
                    seed: self.samples.bobsPrekeySeed, device: self.samples.bob.device)
            }
        }
        for length in [0, 4, 20, 1_139, 1_155] {
            #expect(throws: ProtocolError.self) { try SealedBlob(decoding: blob.bytes.prefix(length)) }
        }
        let long = blob.bytes + [UInt8](repeating: 0, count: Limits.sealedBytes)
        #expect(throws: ProtocolError.tooMuch("sealed blob")) { try SealedBlob(decoding: long) }
    }

    @Test func asMuchAsFitsIsPacked() throws {
        let text = String(repeating: "x", count: 10_000)
        let words = self.samples.chain((0..<8).map { _ in .text(.init(text)) })
        let items = words.map { SealedBlob.Item.envelope($0.envelope) }
        let packed = SealedBlob.pack(items)
        #expect(packed.count == 5)
        let blob = try SealedBlob(
            sealing: packed.bytes, to: self.samples.bobsPrekey, at: Timestamp(milliseconds: 1_700_000_000_000))
        #expect(blob.bytes.count <= Limits.sealedBytes)
        #expect(
            try blob.open(seed: self.samples.bobsPrekeySeed, device: self.samples.bob.device)
                == Array(items.prefix(5)))
        // The longest that we write fits by itself, in a blob and in a frame.
        let most = self.samples.chain([.text(.init(String(repeating: "y", count: Limits.textPart)))])
        #expect(SealedBlob.pack(most.map { .envelope($0.envelope) }).count == 1)
        #expect(Limits.sealedPlaintext > Limits.envelopePayload + 4_096)
        #expect(Record.plaintext(type: 0x60, body: [UInt8](repeating: 0, count: Limits.sealedBytes)) != nil)
        #expect(Limits.sealedBytes == 20 + 1_120 + Limits.sealedPlaintext + 16)
    }

    @Test func aPrekeyIsItsDevicesWord() throws {
        let prekey = self.samples.bobsPrekey
        let read = try Prekey(decoding: prekey.wire)
        #expect(read == prekey && read.isSigned(by: self.samples.bob.certificate.signingKey))
        #expect(!read.isSigned(by: self.samples.anna.certificate.signingKey))
        for place in stride(from: 0, to: prekey.wire.count, by: 5) {
            var bytes = prekey.wire
            bytes[place] ^= 1
            let touched = try? Prekey(decoding: bytes)
            #expect(!(touched?.isSigned(by: self.samples.bob.certificate.signingKey) ?? false))
        }
        for length in stride(from: 0, to: prekey.wire.count, by: 11) {
            let cut = try? Prekey(decoding: prekey.wire.prefix(length))
            #expect(!(cut?.isSigned(by: self.samples.bob.certificate.signingKey) ?? false))
        }
    }

    @Test func aPrekeyDoesNotLiveLongerThanThirtyDays() throws {
        let issued = Timestamp(milliseconds: 1_000)
        func prekey(until: UInt64, key: [UInt8]) -> Prekey {
            Prekey.sign(
                device: self.samples.bob.device, issued: issued, until: Timestamp(milliseconds: until), key: key,
                mailbox: self.samples.bobsMailbox, keepers: [], with: self.samples.bob.signing)
        }
        let key = self.samples.bobsPrekey.key
        #expect(throws: Never.self) { try Prekey(decoding: prekey(until: 1_000 + Limits.prekeyTime, key: key).wire) }
        #expect(throws: ProtocolError.tooMuch("prekey life")) {
            try Prekey(decoding: prekey(until: 1_001 + Limits.prekeyTime, key: key).wire)
        }
        #expect(throws: ProtocolError.self) { try Prekey(decoding: prekey(until: 2_000, key: [1]).wire) }
    }

    @Test func noMoreThanMayBeIsRead() {
        let key = self.samples.bobsMailbox.bytes
        let field: [UInt8] = [0x0A, 32]
        let most = (0..<Limits.mailboxesAsked).flatMap { _ in field + key }
        #expect(throws: Never.self) { try Frame(type: 0x62, body: most[...]) }
        #expect(throws: ProtocolError.tooMuch("mailboxes")) { try Frame(type: 0x62, body: (most + field + key)[...]) }
        #expect(throws: ProtocolError.self) { try Frame(type: 0x63, body: (field + key)[...]) }
    }
}
