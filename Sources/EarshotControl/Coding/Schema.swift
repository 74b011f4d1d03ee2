/// Finds out what a type looks like as JSON, by letting it read itself from a decoder that takes notes and answers with
/// any value there is. So a method is declared once, as a type, and its description can never differ from it.
package struct Schema {
    /// The named views that were met, each once.
    package private(set) var components: [String: JSON] = [:]

    package init() {}

    /// A member of a type, in the order it is declared.
    package struct Member {
        package let name: String
        package let schema: JSON
        package let isRequired: Bool
    }

    /// The members of a type that is an object.
    package mutating func members<Value: Decodable>(of type: Value.Type) -> [Member] {
        let notes = Notes(self)
        _ = try? Value(from: Probe(notes: notes))
        self = notes.schema
        return notes.members
    }

    /// The schema of any type; of a named view a reference to it.
    package mutating func of<Value: Decodable>(_ type: Value.Type) -> JSON {
        if let named = type as? any SchemaNamed.Type { return named.schema }
        guard let view = type as? any View.Type else { return self.plain(type) }
        let name = String(describing: type)
        if self.components[name] == nil {
            self.components[name] = .null  // It is being looked at: a view may hold itself.
            self.components[name] = self.plain(type)
        }
        return view.reference
    }

    private mutating func plain<Value: Decodable>(_ type: Value.Type) -> JSON {
        if type == JSON.self { return .object([:]) }
        if let simple = Self.simple(type) { return simple }
        let notes = Notes(self)
        _ = try? Value(from: Probe(notes: notes))
        self = notes.schema
        return notes.json
    }

    private static func simple(_ type: any Decodable.Type) -> JSON? {
        switch type {
        case is String.Type: ["type": "string"]
        case is Bool.Type: ["type": "boolean"]
        case is Double.Type, is Float.Type: ["type": "number"]
        case is any FixedWidthInteger.Type: ["type": "integer"]
        default: nil
        }
    }

    fileprivate final class Notes {
        var schema: Schema
        var members: [Member] = []
        var isObject = false
        var element: JSON?
        var single: JSON?

        init(_ schema: Schema) { self.schema = schema }

        var json: JSON {
            if let single { return single }
            if let element { return ["type": "array", "items": element] }
            let required = self.members.filter(\.isRequired).map { JSON.string($0.name) }
            let properties = Dictionary(self.members.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })
            return .compact([
                "type": "object", "properties": properties.isEmpty ? nil : .object(properties),
                "required": required.isEmpty ? nil : .array(required),
            ])
        }

        func note<Value: Decodable>(_ name: String, _ type: Value.Type, isRequired: Bool) {
            self.members.append(Member(name: name, schema: self.schema.of(type), isRequired: isRequired))
        }
    }

    /// Any value of a type.
    fileprivate static func sample<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let named = type as? any SchemaNamed.Type, let sample = named.sample as? Value { return sample }
        if let null = JSON.null as? Value { return null }
        return try Value(from: Probe(notes: Notes(Schema())))
    }

    private struct Probe: Decoder {
        let notes: Notes
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
            self.notes.isObject = true
            return KeyedDecodingContainer(Members(notes: self.notes))
        }
        func unkeyedContainer() -> any UnkeyedDecodingContainer { Elements(notes: self.notes) }
        func singleValueContainer() -> any SingleValueDecodingContainer { One(notes: self.notes) }
    }

    private struct One: SingleValueDecodingContainer {
        let notes: Notes
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { false }
        private func note<Value: Decodable>(_ value: Value) -> Value {
            self.notes.single = self.notes.schema.of(Value.self)
            return value
        }
        func decode(_ type: Bool.Type) -> Bool { self.note(false) }
        func decode(_ type: String.Type) -> String { self.note("") }
        func decode(_ type: Double.Type) -> Double { self.note(0) }
        func decode(_ type: Float.Type) -> Float { self.note(0) }
        func decode(_ type: Int.Type) -> Int { self.note(0) }
        func decode(_ type: Int8.Type) -> Int8 { self.note(0) }
        func decode(_ type: Int16.Type) -> Int16 { self.note(0) }
        func decode(_ type: Int32.Type) -> Int32 { self.note(0) }
        func decode(_ type: Int64.Type) -> Int64 { self.note(0) }
        func decode(_ type: UInt.Type) -> UInt { self.note(0) }
        func decode(_ type: UInt8.Type) -> UInt8 { self.note(0) }
        func decode(_ type: UInt16.Type) -> UInt16 { self.note(0) }
        func decode(_ type: UInt32.Type) -> UInt32 { self.note(0) }
        func decode(_ type: UInt64.Type) -> UInt64 { self.note(0) }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            self.notes.single = self.notes.schema.of(type)
            return try Schema.sample(type)
        }
    }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let notes: Notes
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }
        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) -> Bool { false }
        private func note<Value: Decodable>(_ key: Key, _ value: Value) -> Value {
            self.notes.note(key.stringValue, Value.self, isRequired: true)
            return value
        }
        func decode(_ type: Bool.Type, forKey key: Key) -> Bool { self.note(key, false) }
        func decode(_ type: String.Type, forKey key: Key) -> String { self.note(key, "") }
        func decode(_ type: Double.Type, forKey key: Key) -> Double { self.note(key, 0) }
        func decode(_ type: Float.Type, forKey key: Key) -> Float { self.note(key, 0) }
        func decode(_ type: Int.Type, forKey key: Key) -> Int { self.note(key, 0) }
        func decode(_ type: Int8.Type, forKey key: Key) -> Int8 { self.note(key, 0) }
        func decode(_ type: Int16.Type, forKey key: Key) -> Int16 { self.note(key, 0) }
        func decode(_ type: Int32.Type, forKey key: Key) -> Int32 { self.note(key, 0) }
        func decode(_ type: Int64.Type, forKey key: Key) -> Int64 { self.note(key, 0) }
        func decode(_ type: UInt.Type, forKey key: Key) -> UInt { self.note(key, 0) }
        func decode(_ type: UInt8.Type, forKey key: Key) -> UInt8 { self.note(key, 0) }
        func decode(_ type: UInt16.Type, forKey key: Key) -> UInt16 { self.note(key, 0) }
        func decode(_ type: UInt32.Type, forKey key: Key) -> UInt32 { self.note(key, 0) }
        func decode(_ type: UInt64.Type, forKey key: Key) -> UInt64 { self.note(key, 0) }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            self.notes.note(key.stringValue, type, isRequired: true)
            return try Schema.sample(type)
        }
        private func skip<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
            self.notes.note(key.stringValue, type, isRequired: false)
            return nil
        }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { self.skip(type, key) }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { self.skip(type, key) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { self.skip(type, key) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { self.skip(type, key) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { self.skip(type, key) }
        func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) -> UInt32? { self.skip(type, key) }
        func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) -> UInt64? { self.skip(type, key) }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? { self.skip(type, key) }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedDecodingContainer<Nested> { KeyedDecodingContainer(Members<Nested>(notes: Notes(Schema()))) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
            Elements(notes: Notes(Schema()))
        }
        func superDecoder() -> any Decoder { Probe(notes: self.notes) }
        func superDecoder(forKey key: Key) -> any Decoder { Probe(notes: self.notes) }
    }

    /// One element is enough.
    private struct Elements: UnkeyedDecodingContainer {
        let notes: Notes
        private(set) var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var count: Int? { 1 }
        var isAtEnd: Bool { self.currentIndex > 0 }

        init(notes: Notes) { self.notes = notes }

        private mutating func note<Value: Decodable>(_ value: Value) -> Value {
            self.notes.element = self.notes.schema.of(Value.self)
            self.currentIndex += 1
            return value
        }
        mutating func decodeNil() -> Bool { false }
        mutating func decode(_ type: Bool.Type) -> Bool { self.note(false) }
        mutating func decode(_ type: String.Type) -> String { self.note("") }
        mutating func decode(_ type: Double.Type) -> Double { self.note(0) }
        mutating func decode(_ type: Float.Type) -> Float { self.note(0) }
        mutating func decode(_ type: Int.Type) -> Int { self.note(0) }
        mutating func decode(_ type: Int8.Type) -> Int8 { self.note(0) }
        mutating func decode(_ type: Int16.Type) -> Int16 { self.note(0) }
        mutating func decode(_ type: Int32.Type) -> Int32 { self.note(0) }
        mutating func decode(_ type: Int64.Type) -> Int64 { self.note(0) }
        mutating func decode(_ type: UInt.Type) -> UInt { self.note(0) }
        mutating func decode(_ type: UInt8.Type) -> UInt8 { self.note(0) }
        mutating func decode(_ type: UInt16.Type) -> UInt16 { self.note(0) }
        mutating func decode(_ type: UInt32.Type) -> UInt32 { self.note(0) }
        mutating func decode(_ type: UInt64.Type) -> UInt64 { self.note(0) }
        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            self.notes.element = self.notes.schema.of(type)
            self.currentIndex += 1
            return try Schema.sample(type)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedDecodingContainer<Nested> {
            self.currentIndex += 1
            return KeyedDecodingContainer(Members<Nested>(notes: Notes(Schema())))
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
            self.currentIndex += 1
            return Elements(notes: Notes(Schema()))
        }
        mutating func superDecoder() -> any Decoder { Probe(notes: self.notes) }
    }
}
