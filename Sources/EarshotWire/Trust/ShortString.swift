/// What two persons compare: forty-eight bits, as numbers and as pictures (Protocol.md 18).
package struct ShortString: Hashable, Sendable {
    /// Bytes of the hash that it is.
    package static let length = 6

    private let bits: UInt64

    init(_ bytes: [UInt8]) {
        self.bits = bytes.prefix(Self.length).reduce(0) { $0 << 8 | UInt64($1) }
    }

    package var bytes: [UInt8] { Array(self.bits.bigEndianBytes.suffix(Self.length)) }

    /// Three groups of four digits: 13 bits each and 1000, of the first 39.
    package var numbers: String {
        [35, 22, 9].map { String((self.bits >> $0 & 0x1FFF) + 1_000) }.joined(separator: " ")
    }

    /// Seven of the pictures: six bits each, of the first 42.
    package var pictures: [(emoji: String, name: String)] {
        (1...7).map { ShortStringPictures.all[Int(self.bits >> (48 - 6 * UInt64($0)) & 63)] }
    }
}
