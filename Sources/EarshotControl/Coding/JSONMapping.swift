import EarshotText

/// Reads values out of JSON that was read already. What does not fit is refused: which parameter it is, and
/// what it should be.
package enum JSONMapping {
    /// - Throws: `badParameters`, naming the member that is missing or of another kind.
    package static func value<Value: Decodable>(_ type: Value.Type, from json: JSON) throws(DoorError) -> Value {
        do { return try Value(from: Reader(json: json, name: nil)) } catch let error as DoorError { throw error } catch
        {
            throw DoorError(.line(.unreadable))
        }
    }

    /// What is wrong with a member.
    fileprivate static func wrong(_ name: String?, _ kind: String) -> DoorError {
        DoorError(.line(.wrong(parameter: name, kind: kind)))
    }

    fileprivate static func missing(_ name: String) -> DoorError {
        DoorError(.line(.missing(parameter: name)))
    }

    struct Reader: Decoder {
        let json: JSON
        /// The member it stands in.
        let name: String?
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            guard let object = self.json.object else { throw wrong(self.name, "an object") }
            return KeyedDecodingContainer(Members(object: object))
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
            guard let array = self.json.array else { throw wrong(self.name, "a list") }
            return Elements(array: array, name: self.name)
        }
        func singleValueContainer() -> any SingleValueDecodingContainer { One(json: self.json, name: self.name) }
    }

    private struct One: SingleValueDecodingContainer {
        let json: JSON
        let name: String?
        var codingPath: [any CodingKey] { [] }

        func decodeNil() -> Bool { self.json == .null }
        func decode(_ type: Bool.Type) throws -> Bool {
            guard let value = self.json.bool else { throw wrong(self.name, "true or false") }
            return value
        }
        func decode(_ type: String.Type) throws -> String {
            guard let value = self.json.string else { throw wrong(self.name, "a string") }
            return value
        }
        func decode(_ type: Double.Type) throws -> Double {
            switch self.json {
            case .number(let value): return value
            case .integer(let value): return Double(value)
            case .null, .bool, .string, .array, .object: throw wrong(self.name, "a number")
            }
        }
        func decode(_ type: Float.Type) throws -> Float { Float(try self.decode(Double.self)) }
        func decode(_ type: Int64.Type) throws -> Int64 {
            guard let value = self.json.integer else { throw wrong(self.name, "a whole number") }
            return value
        }
        private func whole<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
            guard let value = Value(exactly: try self.decode(Int64.self)) else {
                throw wrong(self.name, "a whole number from \(Value.min) to \(Value.max)")
            }
            return value
        }
        func decode(_ type: Int.Type) throws -> Int { try self.whole(type) }
        func decode(_ type: Int8.Type) throws -> Int8 { try self.whole(type) }
        func decode(_ type: Int16.Type) throws -> Int16 { try self.whole(type) }
        func decode(_ type: Int32.Type) throws -> Int32 { try self.whole(type) }
        func decode(_ type: UInt.Type) throws -> UInt { try self.whole(type) }
        func decode(_ type: UInt8.Type) throws -> UInt8 { try self.whole(type) }
        func decode(_ type: UInt16.Type) throws -> UInt16 { try self.whole(type) }
        func decode(_ type: UInt32.Type) throws -> UInt32 { try self.whole(type) }
        func decode(_ type: UInt64.Type) throws -> UInt64 { try self.whole(type) }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONMapping.decode(type, self.json, self.name)
        }
    }

    fileprivate static func decode<Value: Decodable>(_ type: Value.Type, _ json: JSON, _ name: String?) throws -> Value
    {
        if let json = json as? Value { return json }
        do { return try Value(from: Reader(json: json, name: name)) } catch let error as DoorError { throw error } catch
        {
            // A word that is none of those of an enum, or an id that is none.
            let kind = (Value.self as? any SchemaNamed.Type)?.kind ?? "something else"
            throw wrong(name, kind)
        }
    }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let object: [String: JSON]
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { self.object.keys.compactMap { Key(stringValue: $0) } }

        private func value(_ key: Key) throws -> JSON {
            guard let value = self.object[key.stringValue], value != .null else { throw missing(key.stringValue) }
            return value
        }
        private func one(_ key: Key) throws -> One { One(json: try self.value(key), name: key.stringValue) }

        func contains(_ key: Key) -> Bool { self.object[key.stringValue] ?? .null != .null }
        func decodeNil(forKey key: Key) -> Bool { !self.contains(key) }
        func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.one(key).decode(type) }
        func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.one(key).decode(type) }
        func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.one(key).decode(type) }
        func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.one(key).decode(type) }
        func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.one(key).decode(type) }
        func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.one(key).decode(type) }
        func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.one(key).decode(type) }
        func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.one(key).decode(type) }
        func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.one(key).decode(type) }
        func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.one(key).decode(type) }
        func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.one(key).decode(type) }
        func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.one(key).decode(type) }
        func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.one(key).decode(type) }
        func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.one(key).decode(type) }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try JSONMapping.decode(type, try self.value(key), key.stringValue)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try Reader(json: try self.value(key), name: key.stringValue).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try Reader(json: try self.value(key), name: key.stringValue).unkeyedContainer()
        }
        func superDecoder() throws -> any Decoder { Reader(json: .object(self.object), name: nil) }
        func superDecoder(forKey key: Key) throws -> any Decoder {
            Reader(json: try self.value(key), name: key.stringValue)
        }
    }

    private struct Elements: UnkeyedDecodingContainer {
        let array: [JSON]
        let name: String?
        private(set) var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var count: Int? { self.array.count }
        var isAtEnd: Bool { self.currentIndex >= self.array.count }

        init(array: [JSON], name: String?) {
            self.array = array
            self.name = name
        }

        private mutating func next() throws -> JSON {
            guard self.array.indices.contains(self.currentIndex) else { throw wrong(self.name, "longer") }
            defer { self.currentIndex += 1 }
            return self.array[self.currentIndex]
        }
        private mutating func one() throws -> One { One(json: try self.next(), name: self.name) }

        mutating func decodeNil() throws -> Bool {
            guard self.array.indices.contains(self.currentIndex), self.array[self.currentIndex] == .null else {
                return false
            }
            self.currentIndex += 1
            return true
        }
        mutating func decode(_ type: Bool.Type) throws -> Bool { try self.one().decode(type) }
        mutating func decode(_ type: String.Type) throws -> String {
            guard let value = try self.next().string else { throw wrong(self.name, "a list of strings") }
            return value
        }
        mutating func decode(_ type: Double.Type) throws -> Double { try self.one().decode(type) }
        mutating func decode(_ type: Float.Type) throws -> Float { try self.one().decode(type) }
        mutating func decode(_ type: Int.Type) throws -> Int { try self.one().decode(type) }
        mutating func decode(_ type: Int8.Type) throws -> Int8 { try self.one().decode(type) }
        mutating func decode(_ type: Int16.Type) throws -> Int16 { try self.one().decode(type) }
        mutating func decode(_ type: Int32.Type) throws -> Int32 { try self.one().decode(type) }
        mutating func decode(_ type: Int64.Type) throws -> Int64 { try self.one().decode(type) }
        mutating func decode(_ type: UInt.Type) throws -> UInt { try self.one().decode(type) }
        mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try self.one().decode(type) }
        mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try self.one().decode(type) }
        mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try self.one().decode(type) }
        mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try self.one().decode(type) }
        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONMapping.decode(type, try self.next(), self.name)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try Reader(json: try self.next(), name: self.name).container(keyedBy: type)
        }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try Reader(json: try self.next(), name: self.name).unkeyedContainer()
        }
        mutating func superDecoder() throws -> any Decoder { Reader(json: try self.next(), name: self.name) }
    }
}

extension JSON: Codable {
    package init(from decoder: any Decoder) throws {
        guard let reader = decoder as? JSONMapping.Reader else { throw NotOneOfThem() }
        self = reader.json
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
