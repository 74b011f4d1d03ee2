/// What is sealed in a frame or datagram: length, type, body, and zeros that hide the length (Protocol.md 4).
package enum Record {
    /// The plaintext of a frame, padded.
    package static func plaintext(type: UInt8, body: [UInt8]) -> [UInt8]? {
        let inner = body.count + 1
        guard inner + 2 <= Limits.framePlaintext else { return nil }
        let length = min(Self.padme(max(64, inner + 2)), Limits.framePlaintext)
        var out: [UInt8] = []
        out.reserveCapacity(length)
        out += UInt16(truncatingIfNeeded: inner).bigEndianBytes
        out.append(type)
        out += body
        out += [UInt8](repeating: 0, count: length - out.count)
        return out
    }

    /// Type and body of a plaintext.
    package static func read(_ plaintext: [UInt8]) throws(ProtocolError) -> (type: UInt8, body: ArraySlice<UInt8>) {
        var reader = ByteReader(slice: plaintext[...])
        let inner: UInt16 = try reader.integer(UInt16.self, "frame")
        guard inner >= 1 else { throw .malformed("frame without type") }
        let type = try reader.byte("frame type")
        let body = try reader.take(Int(inner) - 1, "frame body")
        guard reader.rest().allSatisfy({ $0 == 0 }) else { throw .malformed("frame padding") }
        return (type, body)
    }

    /// Padmé: at most 12 % more, and few different lengths.
    package static func padme(_ length: Int) -> Int {
        guard length > 1 else { return length }
        let exponent = Int.bitWidth - 1 - length.leadingZeroBitCount
        let significant = Int.bitWidth - exponent.leadingZeroBitCount
        let mask = (1 << max(exponent - significant, 0)) - 1
        return (length + mask) & ~mask
    }
}
