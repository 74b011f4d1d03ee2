/// Thirty-two bytes held inline: what a hash or a public key is made of. Orders as the bytes do.
package struct Hash32: Hashable, Sendable, Comparable {
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64
    private let d: UInt64

    /// Fails unless there are exactly 32 bytes.
    package init?(_ bytes: some Sequence<UInt8>) {
        // Arrays and slices, of which there are several for each message, at one go: byte by byte it is a call for
        // each from other modules.
        let whole = bytes.withContiguousStorageIfAvailable { Hash32(raw: UnsafeRawBufferPointer($0)) }
        guard let hash = whole ?? Array(bytes).withUnsafeBytes({ Hash32(raw: $0) }) else { return nil }
        self = hash
    }

    private init?(raw: UnsafeRawBufferPointer) {
        guard raw.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        self.init(word(0), word(1), word(2), word(3))
    }

    package static let zero = Hash32(0, 0, 0, 0)

    private init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// The 32 bytes, first byte first.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: (self.a.bigEndian, self.b.bigEndian, self.c.bigEndian, self.d.bigEndian)) { Array($0) }
    }

    package static func < (left: Hash32, right: Hash32) -> Bool {
        // One after the other: a comparison of tuples is a call for each word from other modules.
        if left.a != right.a { return left.a < right.a }
        if left.b != right.b { return left.b < right.b }
        if left.c != right.c { return left.c < right.c }
        return left.d < right.d
    }
}
