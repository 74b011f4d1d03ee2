/// Writes one protobuf message: fields in the order they are called, zero and empty values left out.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []
    package init() {}

    package mutating func integer(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        self.varint(field << 3)
        self.varint(value)
    }

    package mutating func integer(_ field: UInt64, _ value: UInt32) { self.integer(field, UInt64(value)) }

    package mutating func flag(_ field: UInt64, _ value: Bool) { self.integer(field, value ? 1 as UInt64 : 0) }

    package mutating func fixed64(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        self.varint(field << 3 | 1)
        self.bytes += value.byteSwapped.bigEndianBytes
    }

    package mutating func bytes(_ field: UInt64, _ value: some Collection<UInt8>) {
        guard !value.isEmpty else { return }
        self.element(field, value)
    }

    /// One value of a repeated field: written even when it is empty.
    package mutating func element(_ field: UInt64, _ value: some Collection<UInt8>) {
        self.varint(field << 3 | 2)
        self.varint(UInt64(value.count))
        self.bytes += value
    }

    package mutating func string(_ field: UInt64, _ value: String) { self.bytes(field, value.utf8) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
