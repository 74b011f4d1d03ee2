/// Reads bytes from outside, front to back. Every read is checked and throws; nothing here can trap.
package struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    package init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)[...]
        self.at = self.bytes.startIndex
    }

    package init(slice: ArraySlice<UInt8>) {
        self.bytes = slice
        self.at = slice.startIndex
    }

    package var remaining: Int { self.bytes.endIndex - self.at }
    package var isAtEnd: Bool { self.at >= self.bytes.endIndex }
    /// How many bytes were read.
    package var offset: Int { self.at - self.bytes.startIndex }

    package mutating func byte(_ what: StaticString) throws(ProtocolError) -> UInt8 {
        guard self.at < self.bytes.endIndex else { throw .truncated("\(what)") }
        defer { self.at += 1 }
        return self.bytes[self.at]
    }

    package mutating func take(_ count: Int, _ what: StaticString) throws(ProtocolError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= self.remaining else { throw .truncated("\(what)") }
        defer { self.at += count }
        return self.bytes[self.at..<self.at + count]
    }

    package mutating func rest() -> ArraySlice<UInt8> {
        defer { self.at = self.bytes.endIndex }
        return self.bytes[self.at...]
    }

    /// Big-endian.
    package mutating func integer<T: FixedWidthInteger & UnsignedInteger>(
        _: T.Type, _ what: StaticString
    ) throws(ProtocolError) -> T {
        var value: T = 0
        for byte in try self.take(T.bitWidth / 8, what) { value = value << 8 | T(truncatingIfNeeded: byte) }
        return value
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// The bytes of this number, most significant first.
    package var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: self.bigEndian) { Array($0) }
    }
}
