import EarshotModel

/// What an offer consists of, in the order it travels: folders before what is in them (Protocol.md 13). Paths are as
/// the sender has them; only `SafeTree` turns them into something that may be made here.
///
/// Its bytes are all that is kept of it: of a million files nobody holds more than these and the one that is its turn.
package struct Listing: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Kind: UInt8, Sendable {
            case file = 0
            case folder = 1
            /// It lies there and does not come along: its size is the reason.
            case omitted = 2
        }

        package let kind: Kind
        /// Parts of the path, from the top.
        package let path: [String]
        /// Bytes; 0 for a folder.
        package let size: UInt64
        package let modified: FileTime

        package init(kind: Kind, path: [String], size: UInt64, modified: FileTime) {
            self.kind = kind
            self.path = path
            self.size = size
            self.modified = modified
        }

        package init(omitted path: [String], _ reason: OmissionReason) {
            self.init(kind: .omitted, path: path, size: reason.rawValue, modified: FileTime(milliseconds: 0))
        }
    }

    /// As it travels. Only what was found to be well formed gets here.
    package let encoded: [UInt8]
    private let tally: Tally

    /// Files, folders, and what does not come along.
    package var count: Int { self.tally.entries }
    package var files: Int { self.tally.files }
    /// Bytes of all files together.
    package var size: UInt64 { self.tally.size }

    /// Throws for what `init(decoding:)` would refuse.
    package init(_ entries: some Sequence<Entry>) throws(ProtocolError) {
        var draft = ListingDraft()
        for entry in entries { try draft.add(entry) }
        try self.init(checked: draft.bytes, draft.tally)
    }

    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        guard bytes.count <= Limits.listingBytes else { throw .tooMuch("listing") }
        let bytes = Array(bytes)
        var reader = ByteReader(slice: bytes[...])
        var tally = Tally()
        while !reader.isAtEnd {
            let raw = try Raw(&reader)
            guard Self.isFine(raw.path) else { throw .malformed("path") }
            guard String(validating: raw.path, as: UTF8.self) != nil else { throw .malformed("path is not UTF-8") }
            try tally.add(raw.kind, raw.size)
        }
        try self.init(checked: bytes, tally)
    }

    /// Of entries that were looked at one by one.
    private init(checked bytes: [UInt8], _ tally: Tally) throws(ProtocolError) {
        guard tally.entries > 0 else { throw .tooMuch("entries") }
        self.encoded = bytes
        self.tally = tally
    }

    /// Not too deep and not too long, no part of it empty, and no byte 0.
    static func isFine(_ path: some Collection<UInt8>) -> Bool {
        guard path.count <= Limits.listedPath else { return false }
        var parts = 1
        var isEmpty = true
        for byte in path {
            switch byte {
            case 0: return false
            case 0x2F where isEmpty: return false
            case 0x2F:
                parts += 1
                isEmpty = true
            default: isEmpty = false
            }
        }
        return !isEmpty && parts <= Limits.listedDepth
    }

    /// What all entries come to.
    struct Tally: Hashable, Sendable {
        private(set) var entries = 0
        private(set) var files = 0
        private(set) var size: UInt64 = 0

        mutating func add(_ kind: Entry.Kind, _ size: UInt64) throws(ProtocolError) {
            guard self.entries < Limits.listedEntries else { throw .tooMuch("entries") }
            guard kind != .folder || size == 0 else { throw .malformed("a folder with a size") }
            self.entries += 1
            guard kind == .file else { return }
            let (sum, isOver) = self.size.addingReportingOverflow(size)
            guard !isOver, sum <= UInt64(Int64.max) else { throw .tooMuch("bytes") }
            self.files += 1
            self.size = sum
        }
    }
}

extension Listing: Sequence {
    /// An entry as it lies there, nothing of it copied.
    struct Raw {
        let kind: Entry.Kind
        let size: UInt64
        let modified: FileTime
        let path: ArraySlice<UInt8>

        init(_ reader: inout ByteReader) throws(ProtocolError) {
            guard let kind = Entry.Kind(rawValue: try reader.byte("kind")) else { throw .malformed("kind of entry") }
            self.kind = kind
            self.size = try Self.varint(&reader)
            self.modified = FileTime(milliseconds: Int64(bitPattern: try Self.varint(&reader)))
            let length = try Self.varint(&reader)
            guard length <= UInt64(Limits.listedPath) else { throw .tooMuch("path") }
            self.path = try reader.take(Int(length), "path")
        }

        /// Seven bits a byte, lowest first, at most ten bytes and none in vain.
        private static func varint(_ reader: inout ByteReader) throws(ProtocolError) -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), through: 63, by: 7) {
                let byte = try reader.byte("number")
                guard shift < 63 || byte <= 1 else { throw .malformed("number too large") }
                value |= UInt64(byte & 0x7F) << shift
                if byte & 0x80 == 0 {
                    guard byte != 0 || shift == 0 else { throw .malformed("a number longer than it need be") }
                    return value
                }
            }
            throw .malformed("number too large")
        }
    }

    /// A copy of it goes on from where it was made.
    package struct Iterator: IteratorProtocol, Sendable {
        private var reader: ByteReader

        fileprivate init(_ bytes: [UInt8]) { self.reader = ByteReader(slice: bytes[...]) }

        mutating func nextRaw() -> Raw? { self.reader.isAtEnd ? nil : try? Raw(&self.reader) }

        package mutating func next() -> Entry? {
            self.nextRaw().map { raw in
                // As bytes: a mark that would join the slash to make one character does not hide it.
                let path = raw.path.split(separator: 0x2F).map { String(decoding: $0, as: UTF8.self) }
                return Entry(kind: raw.kind, path: path, size: raw.size, modified: raw.modified)
            }
        }

        /// The next file, whatever else is listed before it.
        /// - Returns: with its path as what lies at the top, and the rest with the slash before it.
        package mutating func nextFile() -> (top: String, below: String, size: UInt64, modified: FileTime)? {
            while let raw = self.nextRaw() {
                guard raw.kind == .file else { continue }
                let end = raw.path.firstIndex(of: 0x2F) ?? raw.path.endIndex
                return (
                    String(decoding: raw.path[..<end], as: UTF8.self),
                    String(decoding: raw.path[end...], as: UTF8.self), raw.size, raw.modified
                )
            }
            return nil
        }
    }

    package func makeIterator() -> Iterator { Iterator(self.encoded) }
    package var underestimatedCount: Int { self.count }
}
