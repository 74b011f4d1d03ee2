import EarshotModel
import EarshotWire
import Testing

/// One message, strictly, as the head of Protocol.md says.
@Suite struct ProtobufReaderTests {
    private func fields(_ bytes: [UInt8]) throws(ProtocolError) -> [UInt64] {
        var reader = try ProtobufReader(bytes)
        var fields: [UInt64] = []
        while let (field, _) = try reader.next() { fields.append(field) }
        return fields
    }

    private func refuses(_ bytes: [UInt8]) -> Bool { (try? self.fields(bytes)) == nil }

    @Test func whatIsWrittenIsRead() throws {
        var out = ProtobufWriter()
        out.integer(1, 300 as UInt64)
        out.flag(2, true)
        out.fixed64(3, 0x0102_0304_0506_0708)
        out.string(4, "über")
        var reader = try ProtobufReader(out.bytes)
        var read: [String] = []
        while let (field, value) = try reader.next() {
            switch field {
            case 1: read.append("\(try ProtobufReader.integer(value))")
            case 2: read.append("\(try ProtobufReader.flag(value))")
            case 3: if case .fixed64(let number) = value { read.append(String(number, radix: 16)) }
            default: read.append(try ProtobufReader.string(value, most: 5))
            }
        }
        #expect(read == ["300", "true", "102030405060708", "über"])
    }

    @Test func zeroAndEmptyAreLeftOutButElementsAreNot() {
        var out = ProtobufWriter()
        out.integer(1, 0 as UInt64)
        out.bytes(2, [])
        #expect(out.bytes.isEmpty)
        out.element(3, [])
        #expect(out.bytes == [0x1A, 0])
    }

    @Test func numbersEndWhereTheyMust() throws {
        let most: [UInt8] = [8] + [UInt8](repeating: 0xFF, count: 9) + [1]
        var reader = try ProtobufReader(most)
        let last = try reader.next().map { try ProtobufReader.integer($0.value) }
        #expect(last == .max)
        #expect(self.refuses([8] + [UInt8](repeating: 0xFF, count: 9) + [2]), "more than 64 bits")
        #expect(self.refuses([8] + [UInt8](repeating: 0x80, count: 10) + [0]), "more than ten bytes")
        #expect(self.refuses([8, 0x80]), "cut off")
    }

    @Test func fieldsHaveANumberAndAKnownType() throws {
        #expect(self.refuses([0, 0]), "field 0")
        for type: UInt8 in [3, 4, 6, 7] { #expect(self.refuses([8 | type, 0]), "wire type \(type)") }
        #expect(try self.fields([0x0D, 1, 2, 3, 4]) == [1])
        #expect(self.refuses([0x0D, 1, 2, 3]), "four bytes are four")
    }

    @Test func lengthsLieInsideTheMessage() throws {
        #expect(try self.fields([0x0A, 2, 1, 2]) == [1])
        #expect(self.refuses([0x0A, 3, 1, 2]))
        #expect(self.refuses([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1]), "as long as all of memory")
    }

    @Test func aSingularFieldIsThereOnce() throws {
        var reader = try ProtobufReader([8, 1])
        try reader.once(1)
        try reader.once(2)
        #expect(throws: ProtocolError.malformed("protobuf field twice")) { try reader.once(1) }
        try reader.once(64)
        try reader.once(64)
    }

    @Test func aMessageIsNeitherTooLongNorTooDeep() throws {
        #expect(throws: ProtocolError.self) {
            _ = try ProtobufReader([UInt8](repeating: 0, count: Limits.protobufBytes + 1))
        }
        var reader = try ProtobufReader([0x0A, 0])
        let value = try #require(try reader.next()).value
        for _ in 1..<Limits.protobufDepth { reader = try reader.nested(value) }
        #expect(throws: ProtocolError.tooMuch("protobuf depth")) { _ = try reader.nested(value) }
    }

    @Test func valuesAreWhatTheyShouldBe() throws {
        let (number, bytes) = (ProtobufReader.Value.varint(1 << 32), ProtobufReader.Value.bytes([0xFF]))
        #expect(throws: ProtocolError.self) { try ProtobufReader.integer32(number) }
        #expect(throws: ProtocolError.self) { try ProtobufReader.bytes(number) }
        #expect(throws: ProtocolError.self) { try ProtobufReader.integer(bytes) }
        #expect(throws: ProtocolError.self, "not UTF-8") { try ProtobufReader.string(bytes, most: 9) }
        #expect(throws: ProtocolError.tooMuch("protobuf string")) {
            try ProtobufReader.string(.bytes([65, 66]), most: 1)
        }
        #expect(throws: ProtocolError.self) { try ProtobufReader.log(bytes) }
        #expect(throws: ProtocolError.self) { try ProtobufReader.id(bytes, PersonID.self) }
    }
}
