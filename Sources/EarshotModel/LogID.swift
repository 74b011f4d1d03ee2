/// One device's chain of envelopes in one conversation, since its database was made (Protocol.md 6). Sixteen bytes.
package struct LogID: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Fails unless there are exactly 16 bytes.
    package init?(_ bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in bytes {
            switch count {
            case 0..<8: words.0 = words.0 << 8 | UInt64(byte)
            case 8..<16: words.1 = words.1 << 8 | UInt64(byte)
            default: return nil
            }
            count += 1
        }
        guard count == 16 else { return nil }
        (self.high, self.low) = words
    }

    package var bytes: [UInt8] {
        [self.high, self.low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    package var description: String { Base32.encode(self.bytes) }

    package static func < (left: LogID, right: LogID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
