import EarshotModel

/// Walks the fields of one protobuf message, strictly, as the head of Protocol.md says.
///
/// We read and write this format ourselves: the messages are few and small, the limits are part of the protocol, and a
/// general library would accept what two nodes must refuse alike (a singular field twice, say).
package struct ProtobufReader {
    package enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    private var reader: ByteReader
    private let depth: Int
    /// How often each of the fields 1…63 was seen; later ones are nobody's singular fields.
    private var seen: UInt64 = 0

    package init(_ bytes: some Collection<UInt8>) throws(ProtocolError) {
        try self.init(slice: Array(bytes)[...], depth: 1)
    }

    private init(slice: ArraySlice<UInt8>, depth: Int) throws(ProtocolError) {
        guard slice.count <= Limits.protobufBytes else { throw .tooMuch("protobuf length") }
        guard depth <= Limits.protobufDepth else { throw .tooMuch("protobuf depth") }
        self.reader = ByteReader(slice: slice)
        self.depth = depth
    }

    /// The next field, or nothing at the end.
    package mutating func next() throws(ProtocolError) -> (field: UInt64, value: Value)? {
        guard !self.reader.isAtEnd else { return nil }
        let tag = try self.varint()
        let field = tag >> 3
        guard field > 0, field < 1 << 29 else { throw .malformed("protobuf field number") }
        switch tag & 7 {
        case 0: return (field, .varint(try self.varint()))
        case 1:
            let little: UInt64 = try self.reader.integer(UInt64.self, "protobuf fixed64")
            return (field, .fixed64(little.byteSwapped))
        case 2:
            let length = try self.varint()
            guard let count = Int(exactly: length) else { throw .truncated("protobuf bytes") }
            return (field, .bytes(try self.reader.take(count, "protobuf bytes")))
        case 5:
            let little: UInt32 = try self.reader.integer(UInt32.self, "protobuf fixed32")
            return (field, .fixed32(little.byteSwapped))
        default: throw .malformed("protobuf wire type")
        }
    }

    /// Notes that a singular field was seen; the second time is an error.
    package mutating func once(_ field: UInt64) throws(ProtocolError) {
        guard field < 64 else { return }
        guard self.seen & (1 << field) == 0 else { throw .malformed("protobuf field twice") }
        self.seen |= 1 << field
    }

    /// A message inside this one.
    package func nested(_ value: Value) throws(ProtocolError) -> ProtobufReader {
        try ProtobufReader(slice: Self.bytes(value), depth: self.depth + 1)
    }

    private mutating func varint() throws(ProtocolError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try self.reader.byte("protobuf varint")
            guard shift < 63 || byte <= 1 else { throw .malformed("protobuf varint") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift <= 63 else { throw .malformed("protobuf varint") }
        }
    }

    package static func bytes(_ value: Value) throws(ProtocolError) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = value else { throw .malformed("protobuf field is not bytes") }
        return bytes
    }

    package static func integer(_ value: Value) throws(ProtocolError) -> UInt64 {
        guard case .varint(let number) = value else { throw .malformed("protobuf field is not a varint") }
        return number
    }

    package static func integer32(_ value: Value) throws(ProtocolError) -> UInt32 {
        guard let number = UInt32(exactly: try self.integer(value)) else {
            throw .malformed("protobuf uint32 too large")
        }
        return number
    }

    package static func flag(_ value: Value) throws(ProtocolError) -> Bool { try self.integer(value) != 0 }

    package static func string(_ value: Value, most limit: Int) throws(ProtocolError) -> String {
        let bytes = try self.bytes(value)
        guard bytes.count <= limit else { throw .tooMuch("protobuf string") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("protobuf string is not UTF-8")
        }
        return text
    }

    /// A 32-byte id.
    package static func id<T: Identifier>(_ value: Value, _: T.Type = T.self) throws(ProtocolError) -> T {
        guard let id = T(try self.bytes(value)) else { throw .malformed("id is not 32 bytes") }
        return id
    }

    package static func log(_ value: Value) throws(ProtocolError) -> LogID {
        guard let id = LogID(try self.bytes(value)) else { throw .malformed("log id is not 16 bytes") }
        return id
    }
}
