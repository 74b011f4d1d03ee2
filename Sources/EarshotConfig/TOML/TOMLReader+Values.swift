import EarshotText

/// Values: texts, numbers, true and false, lists, and tables on one line.
extension TOMLReader {
    /// - Parameter path: where what is in an inline table is kept; `nil`: nowhere.
    /// - Returns: `nil` for an inline table whose values were kept.
    mutating func value(path: [String]?, deep: Int) throws(ConfigFault) -> Written? {
        guard deep <= Self.deepest else { throw self.fault(.tooDeep) }
        switch self.peek() {
        case UInt8(ascii: "\""): return .text(try self.take("\"\"\"") ? self.longBasic() : self.basic())
        case UInt8(ascii: "'"): return .text(try self.take("'''") ? self.longLiteral() : self.literal())
        case UInt8(ascii: "["): return .list(try self.list(deep))
        case UInt8(ascii: "{"):
            try self.inlineTable(path, deep)
            return path == nil ? .other(.table) : nil
        default: return try self.bare()
        }
    }

    private mutating func list(_ deep: Int) throws(ConfigFault) -> [Written] {
        self.at += 1
        var list: [Written] = []
        while true {
            try self.skipLines()
            if self.take("]") { return list }
            if let value = try self.value(path: nil, deep: deep + 1) { list.append(value) }
            try self.skipLines()
            if self.take(",") { continue }
            guard self.take("]") else { throw self.fault(.openList) }
            return list
        }
    }

    private mutating func skipLines() throws(ConfigFault) {
        repeat { try self.skipComment() } while self.takeLineEnd()
    }

    private mutating func inlineTable(_ path: [String]?, _ deep: Int) throws(ConfigFault) {
        self.at += 1
        self.skipSpaces()
        if self.take("}") {
            if let path { self.close(path, isEmpty: true) }
            return
        }
        while true {
            try self.assignment(in: path, under: path ?? [], deep: deep)
            self.skipSpaces()
            if self.take("}") { break }
            guard self.take(",") else { throw self.fault(.openTable) }
            self.skipSpaces()
        }
        if let path { self.close(path, isEmpty: false) }
    }

    // MARK: words without quotes

    private mutating func bare() throws(ConfigFault) -> Written {
        let place = self.here
        let word = self.bytes.dropFirst(self.at).prefix { byte in
            !" \t\r\n,]}#=".utf8.contains(byte)
        }
        self.at += word.count
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "true": return .truth(true)
        case "false": return .truth(false)
        case "": throw self.fault(.noValue, at: place)
        case "inf", "+inf": return .fraction(.infinity)
        case "-inf": return .fraction(-.infinity)
        case "nan", "+nan", "-nan": return .fraction(.nan)
        default: break
        }
        if let number = Self.number(text) { return number }
        throw self.fault(.notValue(text), at: place)
    }

    static func number(_ text: String) -> Written? {
        // Between two digits alone.
        let isHex = text.hasPrefix("0x")
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        for ends in zip(parts, parts.dropFirst()).map({ [$0.last, $1.first] }) {
            guard ends.allSatisfy({ $0.map { isHex ? $0.isHexDigit : $0.isNumber } ?? false }) else { return nil }
        }
        let plain = text.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
            let digits = plain.dropFirst(2)
            guard let first = digits.first, first != "+", first != "-" else { return nil }
            guard let number = Int64(digits, radix: radix) else { return nil }
            return .number(number)
        }
        let digits = plain.drop { $0 == "+" || $0 == "-" }
        guard plain.count - digits.count <= 1, let first = digits.first, first.isASCII, first.isNumber else {
            return nil
        }
        let whole = digits.prefix { $0.isASCII && $0.isNumber }
        guard whole.count == 1 || first != "0" else { return nil }
        if whole.count == digits.count {
            guard let number = Int64(plain) else { return nil }
            return .number(number)
        }
        return Self.isFraction(digits.dropFirst(whole.count)) ? Double(plain).map { .fraction($0) } : nil
    }

    /// `.25`, `e-3`, `.5e10`: what follows the whole part.
    private static func isFraction(_ text: Substring) -> Bool {
        var rest = text
        if rest.first == "." {
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        guard let first = rest.first else { return true }
        guard first == "e" || first == "E" else { return false }
        rest = rest.dropFirst()
        if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy { $0.isASCII && $0.isNumber }
    }

    // MARK: texts

    /// `"…"`
    mutating func basic() throws(ConfigFault) -> String {
        let start = self.here
        self.at += 1
        var text: [UInt8] = []
        while let byte = self.peek() {
            switch byte {
            case UInt8(ascii: "\""):
                self.at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try self.escape().utf8
            default: text.append(try self.plain(byte, start))
            }
        }
        throw self.fault(.openText, at: start)
    }

    /// `'…'`
    mutating func literal() throws(ConfigFault) -> String {
        let start = self.here
        self.at += 1
        var text: [UInt8] = []
        while let byte = self.peek() {
            if byte == UInt8(ascii: "'") {
                self.at += 1
                return String(decoding: text, as: UTF8.self)
            }
            text.append(try self.plain(byte, start))
        }
        throw self.fault(.openText, at: start)
    }

    private mutating func plain(_ byte: UInt8, _ start: Place) throws(ConfigFault) -> UInt8 {
        guard byte != 0x0A, byte != 0x0D else {
            throw self.fault(.openTextOnLine, at: start)
        }
        guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { throw self.fault(.control) }
        self.at += 1
        return byte
    }

    /// Behind `"""`.
    private mutating func longBasic() throws(ConfigFault) -> String {
        let start = self.here
        _ = self.takeLineEnd()
        var text: [UInt8] = []
        while let byte = self.peek() {
            if let quotes = self.closing(UInt8(ascii: "\"")) {
                return String(decoding: text + quotes, as: UTF8.self)
            } else if byte == UInt8(ascii: "\\") {
                if try !self.takeFold() { text += try self.escape().utf8 }
            } else {
                text += try self.long(byte)
            }
        }
        throw self.fault(.openLongText, at: start)
    }

    /// Behind `'''`.
    private mutating func longLiteral() throws(ConfigFault) -> String {
        let start = self.here
        _ = self.takeLineEnd()
        var text: [UInt8] = []
        while let byte = self.peek() {
            if let quotes = self.closing(UInt8(ascii: "'")) { return String(decoding: text + quotes, as: UTF8.self) }
            text += try self.long(byte)
        }
        throw self.fault(.openLongText, at: start)
    }

    private mutating func long(_ byte: UInt8) throws(ConfigFault) -> [UInt8] {
        if self.takeLineEnd() { return [0x0A] }
        guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { throw self.fault(.control) }
        self.at += 1
        return [byte]
    }

    /// Three quotes, if they are here; up to two more before them belong to the text.
    private mutating func closing(_ quote: UInt8) -> [UInt8]? {
        let count = self.bytes.dropFirst(self.at).prefix(5).prefix { $0 == quote }.count
        guard count >= 3 else { return nil }
        self.at += count
        return Array(repeating: quote, count: count - 3)
    }

    /// A backslash at the end of a line: all that is empty behind it is left out.
    private mutating func takeFold() throws(ConfigFault) -> Bool {
        var ahead = 1
        while self.peek(ahead) == 0x20 || self.peek(ahead) == 0x09 { ahead += 1 }
        guard self.peek(ahead) == 0x0A || self.peek(ahead) == 0x0D && self.peek(ahead + 1) == 0x0A else {
            return false
        }
        self.at += ahead
        repeat { self.skipSpaces() } while self.takeLineEnd()
        return true
    }

    private mutating func escape() throws(ConfigFault) -> String {
        let place = self.here
        self.at += 1
        guard let byte = self.peek() else { throw self.fault(.openText, at: place) }
        self.at += 1
        switch byte {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let wanted = byte == UInt8(ascii: "u") ? 4 : 8
            let digits = String(decoding: self.bytes.dropFirst(self.at).prefix(wanted), as: UTF8.self)
            guard digits.count == wanted, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw self.fault(.notCharacter, at: place)
            }
            guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                throw self.fault(.notCharacter, at: place)
            }
            self.at += wanted
            return String(Character(scalar))
        default:
            throw self.fault(.noEscape(Character(Unicode.Scalar(byte))), at: place)
        }
    }
}
