/// Reads JSON as RFC 8259 has it, from bytes that may be anything: so deep and so many values, and no more.
struct JSONReader {
    enum Failure: Error, Sendable, Equatable {
        case notJSON
        case tooDeep
        case tooManyValues
    }

    /// The members of an object, and the text of the one called `id` as it came: a number that no type of ours holds
    /// comes back as it was (JSON-RPC 2.0, section 4).
    struct Noted {
        let value: JSON
        let id: (text: String, value: JSON)?
    }

    static let mostDeep = 64

    private let bytes: [UInt8]
    private var at = 0
    private var left: Int

    init(_ bytes: [UInt8], mostValues: Int) {
        self.bytes = bytes
        self.left = mostValues
    }

    /// One value and nothing behind it.
    mutating func whole() throws(Failure) -> JSON {
        let value = try self.value(depth: 0)
        try self.end()
        return value
    }

    /// One value with its id, or a list of such; nothing behind it.
    mutating func noted() throws(Failure) -> (isList: Bool, values: [Noted]) {
        self.skipSpace()
        guard self.next == UInt8(ascii: "[") else {
            let one = try self.notedValue(depth: 0)
            try self.end()
            return (false, [one])
        }
        var all: [Noted] = []
        self.at += 1
        try self.elements(until: UInt8(ascii: "]")) { reader throws(Failure) in
            all.append(try reader.notedValue(depth: 1))
        }
        try self.end()
        return (true, all)
    }

    private var next: UInt8? { self.at < self.bytes.count ? self.bytes[self.at] : nil }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.at += 1 }
    }

    private mutating func end() throws(Failure) {
        self.skipSpace()
        guard self.next == nil else { throw .notJSON }
    }

    private mutating func notedValue(depth: Int) throws(Failure) -> Noted {
        self.skipSpace()
        guard self.next == UInt8(ascii: "{") else { return Noted(value: try self.value(depth: depth), id: nil) }
        var range: Range<Int>?
        let value = try self.object(depth: depth) { name, place in if name == "id" { range = place } }
        guard let range, let id = value.object?["id"] else { return Noted(value: value, id: nil) }
        return Noted(value: value, id: (String(decoding: self.bytes[range], as: UTF8.self), id))
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        self.skipSpace()
        guard let first = self.next else { throw .notJSON }
        switch first {
        case UInt8(ascii: "{"): return try self.object(depth: depth) { _, _ in }
        case UInt8(ascii: "["):
            try self.enter(depth)
            var values: [JSON] = []
            self.at += 1
            try self.elements(until: UInt8(ascii: "]")) { reader throws(Failure) in
                values.append(try reader.value(depth: depth + 1))
            }
            return .array(values)
        case UInt8(ascii: "\""):
            try self.count()
            return .string(try self.string())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default:
            try self.count()
            return try self.number()
        }
    }

    private mutating func enter(_ depth: Int) throws(Failure) {
        try self.count()
        guard depth < Self.mostDeep else { throw .tooDeep }
    }

    private mutating func count() throws(Failure) {
        guard self.left > 0 else { throw .tooManyValues }
        self.left -= 1
    }

    /// - Parameter note: told the name of each member, and where its value stands.
    private mutating func object(depth: Int, _ note: (String, Range<Int>) -> Void) throws(Failure) -> JSON {
        try self.enter(depth)
        var members: [String: JSON] = [:]
        self.at += 1
        try self.elements(until: UInt8(ascii: "}")) { reader throws(Failure) in
            reader.skipSpace()
            guard reader.next == UInt8(ascii: "\"") else { throw .notJSON }
            try reader.count()
            let name = try reader.string()
            reader.skipSpace()
            guard reader.next == UInt8(ascii: ":") else { throw .notJSON }
            reader.at += 1
            reader.skipSpace()
            let start = reader.at
            members[name] = try reader.value(depth: depth + 1)
            note(name, start..<reader.at)
        }
        return .object(members)
    }

    /// What stands between brackets, with commas between.
    private mutating func elements(until close: UInt8, _ read: (inout JSONReader) throws(Failure) -> Void)
        throws(Failure)
    {
        self.skipSpace()
        if self.next == close {
            self.at += 1
            return
        }
        while true {
            try read(&self)
            self.skipSpace()
            guard let byte = self.next, byte == close || byte == UInt8(ascii: ",") else { throw .notJSON }
            self.at += 1
            if byte == close { return }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(Failure) -> JSON {
        try self.count()
        for byte in word.description.utf8 {
            guard self.next == byte else { throw .notJSON }
            self.at += 1
        }
        return value
    }

    private mutating func number() throws(Failure) -> JSON {
        let start = self.at
        if self.next == UInt8(ascii: "-") { self.at += 1 }
        let whole = self.digits()
        guard whole > 0, whole == 1 || self.bytes[self.at - whole] != UInt8(ascii: "0") else { throw .notJSON }
        var isWhole = true
        if self.next == UInt8(ascii: ".") {
            self.at += 1
            isWhole = false
            guard self.digits() > 0 else { throw .notJSON }
        }
        if self.next == UInt8(ascii: "e") || self.next == UInt8(ascii: "E") {
            self.at += 1
            isWhole = false
            if self.next == UInt8(ascii: "+") || self.next == UInt8(ascii: "-") { self.at += 1 }
            guard self.digits() > 0 else { throw .notJSON }
        }
        let text = String(decoding: self.bytes[start..<self.at], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text) else { throw .notJSON }
        // 1.0 and 1e3 are whole numbers too.
        return Int64(exactly: number).map { .integer($0) } ?? .number(number)
    }

    private mutating func digits() -> Int {
        let start = self.at
        while let byte = self.next, (0x30...0x39).contains(byte) { self.at += 1 }
        return self.at - start
    }

    private mutating func string() throws(Failure) -> String {
        self.at += 1
        let start = self.at
        while let byte = self.next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            self.at += 1
        }
        guard let byte = self.next, byte >= 0x20 else { throw .notJSON }
        if byte == UInt8(ascii: "\"") {
            guard let text = String(validating: self.bytes[start..<self.at], as: UTF8.self) else { throw .notJSON }
            self.at += 1
            return text
        }
        var out = Array(self.bytes[start..<self.at])
        while let byte = self.next {
            self.at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: out, as: UTF8.self) else { throw .notJSON }
                return text
            case UInt8(ascii: "\\"): try self.escape(into: &out)
            case 0x00..<0x20: throw .notJSON
            default: out.append(byte)
            }
        }
        throw .notJSON
    }

    private mutating func escape(into out: inout [UInt8]) throws(Failure) {
        guard let byte = self.next else { throw .notJSON }
        self.at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var value = try self.hex()
            if (0xD800..<0xDC00).contains(value) {
                // The second half of a pair must follow.
                guard self.next == UInt8(ascii: "\\") else { throw .notJSON }
                self.at += 1
                guard self.next == UInt8(ascii: "u") else { throw .notJSON }
                self.at += 1
                let second = try self.hex()
                guard (0xDC00..<0xE000).contains(second) else { throw .notJSON }
                value = 0x1_0000 + (value - 0xD800) << 10 + (second - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw .notJSON }
            out += String(scalar).utf8
        default: throw .notJSON
        }
    }

    private mutating func hex() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .notJSON
            }
            value = value << 4 | UInt32(truncatingIfNeeded: digit)
            self.at += 1
        }
        return value
    }
}
