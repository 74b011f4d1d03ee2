import EarshotModel
import Noise

/// Envelopes for somebody who is not there, sealed to their device (Protocol.md 19). Whoever holds it sees where it
/// belongs and how long it is.
package struct SealedBlob: Hashable, Sendable {
    private static let magic = Array("ESB1".utf8)
    private static let header = 20

    /// What is in one: an envelope, or the place of one whose body was dropped.
    package enum Item: Hashable, Sendable {
        case envelope(Envelope)
        case gone(Gone)
    }

    package let tag: MailboxTag
    package let bytes: [UInt8]
    package let id: BlobID

    /// Its form alone.
    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        guard bytes.count <= Limits.sealedBytes else { throw .tooMuch("sealed blob") }
        var reader = ByteReader(bytes)
        guard try reader.take(4, "sealed blob").elementsEqual(Self.magic) else { throw .malformed("sealed blob") }
        guard let tag = MailboxTag(try reader.take(16, "sealed blob")) else { throw .malformed("mailbox tag") }
        _ = try reader.take(SealedBox.encapsulatedLength + SealedBox.tagLength, "sealed blob")
        self.init(tag, Array(bytes))
    }

    private init(_ tag: MailboxTag, _ bytes: [UInt8]) {
        self.tag = tag
        self.bytes = bytes
        self.id = Derive.blob(bytes)
    }

    private static func info(_ device: DeviceID) -> [UInt8] { Array("earshot/1 sealed\0".utf8) + device.bytes }

    // MARK: sealing

    /// Items one after another, up to what one blob holds but one at least.
    /// - Returns: their bytes, and how many they are.
    package static func pack(_ items: [Item]) -> (bytes: [UInt8], count: Int) {
        var out: [UInt8] = []
        var count = 0
        for item in items {
            let bytes = Self.encoded(item)
            guard out.count + bytes.count <= Limits.sealedPlaintext - 4 else { break }
            out += bytes
            count += 1
        }
        return (out, count)
    }

    private static func encoded(_ item: Item) -> [UInt8] {
        switch item {
        case .envelope(let envelope): envelope.wire
        case .gone(let gone): [2] + UInt16(clamping: gone.encoded.count).bigEndianBytes + gone.encoded
        }
    }

    /// - Parameter packed: what `pack` gave.
    package init(sealing packed: [UInt8], to prekey: Prekey, at now: Timestamp) throws(NoiseError) {
        let inner = UInt32(clamping: packed.count).bigEndianBytes + packed
        guard inner.count <= Limits.sealedPlaintext else { throw .length }
        let length = min(Record.padme(max(Limits.sealedLeast, inner.count)), Limits.sealedPlaintext)
        let plaintext = inner + [UInt8](repeating: 0, count: length - inner.count)
        let tag = Derive.mailbox(prekey.mailbox, of: prekey.device, day: now.day)
        let header = Self.magic + tag.bytes
        let sealed = try SealedBox.seal(plaintext, to: prekey.key, info: Self.info(prekey.device), ad: header)
        self.init(tag, header + sealed.encapsulated + sealed.ciphertext)
    }

    // MARK: opening

    /// - Parameter seed: of the prekey's private half.
    package func open(seed: [UInt8], device: DeviceID) throws(ProtocolError) -> [Item] {
        let header = Array(self.bytes.prefix(Self.header))
        let rest = self.bytes.dropFirst(Self.header)
        let plaintext: [UInt8]
        do throws(NoiseError) {
            plaintext = try SealedBox.open(
                Array(rest.dropFirst(SealedBox.encapsulatedLength)),
                encapsulated: Array(rest.prefix(SealedBox.encapsulatedLength)), seed: seed, info: Self.info(device),
                ad: header)
        } catch { throw .malformed("sealed blob") }
        return try Self.items(plaintext)
    }

    static func items(_ plaintext: [UInt8]) throws(ProtocolError) -> [Item] {
        var reader = ByteReader(slice: plaintext[...])
        let length: UInt32 = try reader.integer(UInt32.self, "sealed list")
        var inner = ByteReader(slice: try reader.take(Int(length), "sealed list"))
        guard reader.rest().allSatisfy({ $0 == 0 }) else { throw .malformed("sealed padding") }
        var items: [Item] = []
        while !inner.isAtEnd {
            var ahead = inner
            if try ahead.byte("sealed item") == 2 {
                inner = ahead
                let count: UInt16 = try inner.integer(UInt16.self, "sealed item")
                items.append(.gone(try Gone(decoding: inner.take(Int(count), "sealed item"))))
            } else {
                items.append(.envelope(try Envelope(reading: &inner)))
            }
        }
        return items
    }
}
