import EarshotText

/// Reads TOML 1.0, but for dates and times, which no setting is. Every value comes with its place in the file.
///
/// Tables are not built: what comes out is the list of values with their paths. What TOML forbids about tables (one
/// that is opened twice, a value that is a table too) is refused, so that other programs read the same file.
package struct TOMLReader {
    let bytes: [UInt8]
    var at = 0
    private var line = 1
    private var lineStart = 0
    private var entries: [TOMLEntry] = []
    private var tables: [TOMLTable] = []
    /// Paths that have a value, and so nothing below them.
    private var values: Set<[String]> = []
    /// Tables that were opened by a header, and those that are there because keys with dots made them.
    private var opened: Set<[String]> = []
    private var dotted: Set<[String]> = []
    /// Tables in which others were opened.
    private var parents: Set<[String]> = []

    static let deepest = 32

    private init(_ text: String) { self.bytes = Array(text.utf8) }

    /// All values of a file, in the order in which they stand there.
    package static func entries(_ text: String) throws(ConfigFault) -> [TOMLEntry] {
        try self.document(text).entries
    }

    /// All values of a file, and beside them the tables that stand in lists. Such a list is a value, too.
    package static func document(_ text: String) throws(ConfigFault) -> (entries: [TOMLEntry], tables: [TOMLTable]) {
        var reader = TOMLReader(text)
        if reader.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { (reader.at, reader.lineStart) = (3, 3) }
        try reader.document()
        return (reader.entries, reader.tables)
    }

    // MARK: where we are

    struct Place {
        let line: Int
        let column: Int
    }

    var here: Place {
        let before = self.bytes.dropFirst(self.lineStart).prefix(self.at - self.lineStart)
        return Place(line: self.line, column: String(decoding: before, as: UTF8.self).count + 1)
    }

    func fault(_ what: Fault.Syntax, at place: Place? = nil) -> ConfigFault {
        let place = place ?? self.here
        return ConfigFault(.syntax(what), line: place.line, column: place.column)
    }

    /// The byte we are at, or one further on; `nil` behind the end.
    func peek(_ ahead: Int = 0) -> UInt8? {
        let index = self.at + ahead
        return index < self.bytes.count ? self.bytes[index] : nil
    }

    mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard self.bytes.dropFirst(self.at).starts(with: wanted) else { return false }
        self.at += text.utf8CodeUnitCount
        return true
    }

    /// Takes an end of line, if there is one.
    mutating func takeLineEnd() -> Bool {
        if self.peek() == 0x0D, self.peek(1) == 0x0A { self.at += 1 } else if self.peek() != 0x0A { return false }
        self.at += 1
        self.line += 1
        self.lineStart = self.at
        return true
    }

    mutating func skipSpaces() { while self.peek() == 0x20 || self.peek() == 0x09 { self.at += 1 } }

    /// Spaces and a comment, if there is one.
    mutating func skipComment() throws(ConfigFault) {
        self.skipSpaces()
        guard self.peek() == UInt8(ascii: "#") else { return }
        while let byte = self.peek(), byte != 0x0A, !(byte == 0x0D && self.peek(1) == 0x0A) {
            guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { throw self.fault(.control) }
            self.at += 1
        }
    }

    // MARK: statements

    private mutating func document() throws(ConfigFault) {
        // The table that the last header opened; `nil` in one of a list of tables.
        var table: [String]? = []
        while true {
            try self.skipComment()
            if self.takeLineEnd() { continue }
            guard self.peek() != nil else { return }
            if self.peek() == UInt8(ascii: "[") {
                table = try self.header()
            } else {
                try self.assignment(in: table, under: table ?? [])
            }
            try self.skipComment()
            guard self.takeLineEnd() || self.peek() == nil else {
                throw self.fault(.leftOver)
            }
        }
    }

    /// `[table]`, or `[[table]]`.
    private mutating func header() throws(ConfigFault) -> [String]? {
        let place = self.here
        let isList = self.take("[[")
        if !isList { self.at += 1 }
        self.skipSpaces()
        let path = try self.keys()
        self.skipSpaces()
        guard isList ? self.take("]]") : self.take("]") else { throw self.fault(.openBracket) }
        let name = path.joined(separator: ".")
        for depth in 1...path.count where self.values.contains(Array(path.prefix(depth))) {
            if isList, depth == path.count, self.lists.contains(path) {
                self.tables.append(TOMLTable(path: path, line: place.line, column: place.column))
                return nil
            }
            let part = path.prefix(depth).joined(separator: ".")
            throw self.fault(.valueNotTable(part), at: place)
        }
        if isList {
            guard !self.opened.contains(path), !self.dotted.contains(path), !self.parents.contains(path) else {
                throw self.fault(.tableNotList(name), at: place)
            }
            self.lists.insert(path)
            self.keep(path, .other(.tables), place)
            self.tables.append(TOMLTable(path: path, line: place.line, column: place.column))
            return nil
        }
        guard self.opened.insert(path).inserted, !self.dotted.contains(path) else {
            throw self.fault(.openedTwice(name), at: place)
        }
        for depth in 1..<max(path.count, 1) { self.parents.insert(Array(path.prefix(depth))) }
        return path
    }
    private var lists: Set<[String]> = []

    /// `key = value`.
    /// - Parameter table: where it is kept; `nil`: in the last table of a list, or nowhere in a table on one line.
    mutating func assignment(in table: [String]?, under depth: [String], deep: Int = 0) throws(ConfigFault) {
        let place = self.here
        let keys = try self.keys()
        self.skipSpaces()
        guard self.take("=") else { throw self.fault(.noEquals) }
        self.skipSpaces()
        guard let table else {
            let value = try self.value(path: nil, deep: deep + 1)
            if deep == 0, let value, let last = self.tables.indices.last {
                guard !self.tables[last].entries.contains(where: { $0.path == keys }) else {
                    throw self.fault(.setTwice(keys.joined(separator: ".")), at: place)
                }
                self.tables[last].entries.append(
                    TOMLEntry(path: keys, value: value, line: place.line, column: place.column))
            }
            return
        }
        let path = table + keys
        try self.enter(path, below: table.count, place)
        guard let value = try self.value(path: path, deep: deep + 1) else { return }
        self.keep(path, value, place)
    }

    /// Whether there can be a value at a path; the tables on the way to it are there from now on.
    private mutating func enter(_ path: [String], below: Int, _ place: Place) throws(ConfigFault) {
        let name = path.joined(separator: ".")
        for depth in below + 1..<max(path.count, below + 1) {
            let part = Array(path.prefix(depth))
            if self.values.contains(part) {
                throw self.fault(.valueNotParent(part.joined(separator: ".")), at: place)
            }
            guard !self.opened.contains(part) else {
                throw self.fault(.openedElsewhere(part.joined(separator: ".")), at: place)
            }
            self.dotted.insert(part)
        }
        guard !self.values.contains(path) else { throw self.fault(.setTwice(name), at: place) }
        guard !self.opened.contains(path), !self.dotted.contains(path), !self.parents.contains(path) else {
            throw self.fault(.tableNotValue(name), at: place)
        }
    }

    private mutating func keep(_ path: [String], _ value: Written, _ place: Place) {
        self.values.insert(path)
        self.entries.append(TOMLEntry(path: path, value: value, line: place.line, column: place.column))
    }

    /// An inline table is closed behind its last bracket.
    mutating func close(_ path: [String], isEmpty: Bool) {
        self.values.insert(path)
        guard isEmpty else { return }
        let place = self.here
        self.entries.append(
            TOMLEntry(path: path, value: .other(.emptyTable), line: place.line, column: place.column))
    }

    // MARK: keys

    /// `a.b."c d"`.
    private mutating func keys() throws(ConfigFault) -> [String] {
        var keys = [try self.oneKey()]
        while true {
            let before = self.at
            self.skipSpaces()
            guard self.take(".") else {
                self.at = before
                return keys
            }
            self.skipSpaces()
            keys.append(try self.oneKey())
            guard keys.count <= Self.deepest else { throw self.fault(.manyKeys) }
        }
    }

    private mutating func oneKey() throws(ConfigFault) -> String {
        switch self.peek() {
        case UInt8(ascii: "\""): return try self.basic()
        case UInt8(ascii: "'"): return try self.literal()
        default:
            let key = self.bytes.dropFirst(self.at).prefix { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            guard !key.isEmpty else { throw self.fault(.noKey) }
            self.at += key.count
            return String(decoding: key, as: UTF8.self)
        }
    }
}
