import EarshotModel

/// A listing that is being written, entry by entry. Whoever takes its bytes from time to time never holds all of them.
package struct ListingDraft: Sendable {
    /// Of what was added since they were taken the last time.
    package private(set) var bytes: [UInt8] = []
    private var taken = 0
    private(set) var tally = Listing.Tally()

    /// Bytes in all.
    package var length: Int { self.taken + self.bytes.count }
    package var files: Int { self.tally.files }
    /// Bytes of all files together.
    package var size: UInt64 { self.tally.size }

    package init() {}

    /// Throws for what nobody would read.
    package mutating func add(_ entry: Listing.Entry) throws(ProtocolError) {
        for part in entry.path where part.utf8.contains(0x2F) { throw .malformed("path") }
        // With the slashes between them; an empty part in front would have none, and is found by that.
        let length = entry.path.reduce(max(entry.path.count - 1, 0)) { $0 + $1.utf8.count }
        var path: [UInt8] = []
        path.reserveCapacity(length)
        for part in entry.path {
            if !path.isEmpty { path.append(0x2F) }
            path.append(contentsOf: part.utf8)
        }
        guard path.count == length, Listing.isFine(path) else { throw .malformed("path") }
        try self.tally.add(entry.kind, entry.size)
        self.bytes.append(entry.kind.rawValue)
        self.append(entry.size)
        self.append(UInt64(bitPattern: entry.modified.milliseconds))
        self.append(UInt64(path.count))
        self.bytes += path
        guard self.length <= Limits.listingBytes else { throw .tooMuch("listing") }
    }

    package mutating func take() -> [UInt8] {
        self.taken = self.length
        defer { self.bytes = [] }
        return self.bytes
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }
}
