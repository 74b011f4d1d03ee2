import EarshotModel

/// What an offer consists of, in the order it travels: folders before what is in them (Protocol.md 13). Paths are as the sender
/// has them; only `SafeTree` turns them into something that may be made here.
package struct Listing: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Kind: UInt8, Sendable {
            case file = 0
            case folder = 1
        }

        package let kind: Kind
        /// Parts of the path, from the top.
        package let path: [String]
        /// Bytes; 0 for a folder.
        package let size: UInt64
        package let modified: Timestamp

        package init(kind: Kind, path: [String], size: UInt64, modified: Timestamp) {
            self.kind = kind
            self.path = path
            self.size = size
            self.modified = modified
        }
    }

    package let entries: [Entry]
    /// Bytes of all files together.
    package let size: UInt64

    /// Throws for what `init(decoding:)` would refuse.
    package init(_ entries: [Entry]) throws(ProtocolError) {
        guard !entries.isEmpty, entries.count <= Limits.listedEntries else { throw .tooMuch("entries") }
        var size: UInt64 = 0
        for entry in entries {
            guard (1...Limits.listedDepth).contains(entry.path.count), entry.path.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0x2F) && !$0.utf8.contains(0) }),
                entry.path.reduce(entry.path.count - 1, { $0 + $1.utf8.count }) <= Limits.listedPath
            else { throw .malformed("path") }
            guard entry.kind == .file || entry.size == 0 else { throw .malformed("a folder with a size") }
            let (sum, isOver) = size.addingReportingOverflow(entry.size)
            guard !isOver, sum <= UInt64(Int64.max) else { throw .tooMuch("bytes") }
            size = sum
        }
        self.entries = entries
        self.size = size
    }

    package var encoded: [UInt8] {
        var out: [UInt8] = []
        for entry in self.entries {
            out.append(entry.kind.rawValue)
            Self.append(entry.size, to: &out)
            Self.append(entry.modified.milliseconds, to: &out)
            let path = Array(entry.path.joined(separator: "/").utf8)
            Self.append(UInt64(path.count), to: &out)
            out += path
        }
        return out
    }

    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        guard bytes.count <= Limits.listingBytes else { throw .tooMuch("listing") }
        var reader = ByteReader(bytes)
        var entries: [Entry] = []
        while !reader.isAtEnd {
            guard entries.count < Limits.listedEntries else { throw .tooMuch("entries") }
            guard let kind = Entry.Kind(rawValue: try reader.byte("kind")) else { throw .malformed("kind of entry") }
            let size = try Self.varint(&reader)
            let modified = try Self.varint(&reader)
            let length = try Self.varint(&reader)
            guard length <= UInt64(Limits.listedPath) else { throw .tooMuch("path") }
            let raw = try reader.take(Int(length), "path")
            guard let path = String(validating: raw, as: UTF8.self) else { throw .malformed("path is not UTF-8") }
            entries.append(
                Entry(
                    kind: kind, path: path.split(separator: "/", omittingEmptySubsequences: false).map(String.init), size: size,
                    modified: Timestamp(milliseconds: modified)))
        }
        try self.init(entries)
    }

    private static func append(_ value: UInt64, to out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
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
