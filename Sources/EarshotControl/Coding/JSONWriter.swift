/// Writes values as one line of JSON, straight into bytes: members in the order they are declared, no value for what is
/// `nil`. It is ours because Foundation's would be the only use of Foundation in the command line.
package enum JSONWriter {
    /// The value as UTF-8, without a line end.
    package static func bytes(_ value: some Encodable) -> [UInt8] {
        var out: [UInt8] = []
        self.write(value, to: &out)
        return out
    }

    /// Appends the value to `out`. What cannot be written (no view of ours) becomes `null`.
    package static func write(_ value: some Encodable, to out: inout [UInt8]) {
        let buffer = Buffer(out)
        out = []
        buffer.write(value)
        out = buffer.bytes
    }

    /// What is being written, shared by the containers of one value.
    fileprivate final class Buffer {
        var bytes: [UInt8]
        /// Ends of the containers that are open.
        private var ends: [UInt8] = []

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var depth: Int { self.ends.count }

        func open(_ begin: UInt8, _ end: UInt8) {
            self.bytes.append(begin)
            self.ends.append(end)
        }

        /// Closes what was opened since there were `depth`.
        func close(to depth: Int) {
            while self.ends.count > depth, let end = self.ends.popLast() { self.bytes.append(end) }
        }

        func write<Value: Encodable>(_ value: Value) {
            switch value {
            case let value as String: JSON.write(value, to: &self.bytes)
            case let value as Bool: self.bytes += (value ? "true" : "false").utf8
            case let value as any FixedWidthInteger: self.bytes += String(value).utf8
            case let value as Double: JSON.number(value).write(to: &self.bytes)
            case let value as Float: JSON.number(Double(value)).write(to: &self.bytes)
            case let value as JSON: value.write(to: &self.bytes)
            default:
                let (depth, start) = (self.depth, self.bytes.count)
                do { try value.encode(to: Writer(buffer: self)) } catch {
                    self.bytes.removeLast(self.bytes.count - start)
                    self.ends.removeLast(self.ends.count - depth)
                }
                self.close(to: depth)
                if self.bytes.count == start { self.bytes += "null".utf8 }
            }
        }
    }

    private struct Writer: Encoder {
        let buffer: Buffer
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            KeyedEncodingContainer(Members(buffer: self.buffer))
        }
        func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(buffer: self.buffer) }
        func singleValueContainer() -> any SingleValueEncodingContainer { One(buffer: self.buffer) }
    }

    private struct One: SingleValueEncodingContainer {
        let buffer: Buffer
        var codingPath: [any CodingKey] { [] }
        mutating func encodeNil() { self.buffer.bytes += "null".utf8 }
        mutating func encode(_ value: some Encodable) { self.buffer.write(value) }
    }

    private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let buffer: Buffer
        private let depth: Int
        private var isFirst = true
        var codingPath: [any CodingKey] { [] }

        init(buffer: Buffer) {
            self.buffer = buffer
            buffer.open(UInt8(ascii: "{"), UInt8(ascii: "}"))
            self.depth = buffer.depth
        }

        private mutating func begin(_ key: some CodingKey) {
            self.buffer.close(to: self.depth)
            if !self.isFirst { self.buffer.bytes.append(UInt8(ascii: ",")) }
            self.isFirst = false
            JSON.write(key.stringValue, to: &self.buffer.bytes)
            self.buffer.bytes.append(UInt8(ascii: ":"))
        }

        mutating func encodeNil(forKey key: Key) {
            self.begin(key)
            self.buffer.bytes += "null".utf8
        }
        // Those that views are full of, without asking what they are.
        mutating func encode(_ value: String, forKey key: Key) {
            self.begin(key)
            JSON.write(value, to: &self.buffer.bytes)
        }
        mutating func encode(_ value: Bool, forKey key: Key) {
            self.begin(key)
            self.buffer.bytes += (value ? "true" : "false").utf8
        }
        mutating func encode(_ value: Int64, forKey key: Key) {
            self.begin(key)
            self.buffer.bytes += String(value).utf8
        }
        mutating func encode(_ value: some Encodable, forKey key: Key) {
            self.begin(key)
            self.buffer.write(value)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            self.begin(key)
            return KeyedEncodingContainer(Members<Nested>(buffer: self.buffer))
        }
        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            self.begin(key)
            return Elements(buffer: self.buffer)
        }
        mutating func superEncoder() -> any Encoder { Writer(buffer: self.buffer) }
        mutating func superEncoder(forKey key: Key) -> any Encoder {
            self.begin(key)
            return Writer(buffer: self.buffer)
        }
    }

    private struct Elements: UnkeyedEncodingContainer {
        let buffer: Buffer
        private let depth: Int
        private(set) var count = 0
        var codingPath: [any CodingKey] { [] }

        init(buffer: Buffer) {
            self.buffer = buffer
            buffer.open(UInt8(ascii: "["), UInt8(ascii: "]"))
            self.depth = buffer.depth
        }

        private mutating func begin() {
            self.buffer.close(to: self.depth)
            if self.count > 0 { self.buffer.bytes.append(UInt8(ascii: ",")) }
            self.count += 1
        }

        mutating func encodeNil() {
            self.begin()
            self.buffer.bytes += "null".utf8
        }
        mutating func encode(_ value: some Encodable) {
            self.begin()
            self.buffer.write(value)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            self.begin()
            return KeyedEncodingContainer(Members<Nested>(buffer: self.buffer))
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            self.begin()
            return Elements(buffer: self.buffer)
        }
        mutating func superEncoder() -> any Encoder {
            self.begin()
            return Writer(buffer: self.buffer)
        }
    }
}
