/// Sixteen bytes held inline: what a short id is made of. Orders as the bytes do.
package struct Hash16: Hashable, Sendable, Comparable {
    private let high: UInt64
    private let low: UInt64

    /// Fails unless there are exactly 16 bytes.
    package init?(_ bytes: some Sequence<UInt8>) {
        let whole = bytes.withContiguousStorageIfAvailable { Hash16(raw: UnsafeRawBufferPointer($0)) }
        guard let hash = whole ?? Array(bytes).withUnsafeBytes({ Hash16(raw: $0) }) else { return nil }
        self = hash
    }

    private init?(raw: UnsafeRawBufferPointer) {
        guard raw.count == 16 else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        self.init(high: word(0), low: word(1))
    }

    package static let zero = Hash16(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    package var bytes: [UInt8] { withUnsafeBytes(of: (self.high.bigEndian, self.low.bigEndian)) { Array($0) } }

    package static func < (left: Hash16, right: Hash16) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// An id made of 16 bytes; as text base32, 26 characters.
package protocol ShortIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    var hash: Hash16 { get }
    init(hash: Hash16)
}

extension ShortIdentifier {
    /// Fails unless there are exactly 16 bytes.
    package init?(_ bytes: some Sequence<UInt8>) {
        guard let hash = Hash16(bytes) else { return nil }
        self.init(hash: hash)
    }

    package var bytes: [UInt8] { self.hash.bytes }
    package var description: String { Base32.encode(self.hash.bytes) }
    package static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// One device's chain of envelopes in one conversation, since its database was made (Protocol.md 6).
package struct LogID: ShortIdentifier {
    package let hash: Hash16
    package init(hash: Hash16) { self.hash = hash }
}

/// The same files, to whomever they are offered (Protocol.md 13).
package struct ShareID: ShortIdentifier {
    package let hash: Hash16
    package init(hash: Hash16) { self.hash = hash }
}
