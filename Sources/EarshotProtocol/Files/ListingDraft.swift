import EarshotModel

/// A listing that is being written, entry by entry.
package struct ListingDraft: Sendable {
    private var bytes: [UInt8] = []
    private var tally = Listing.Tally()

    package init() {}

    /// Throws for what nobody would read.
    package mutating func add(_ entry: Listing.Entry) throws(ProtocolError) {
        for part in entry.path where part.utf8.contains(0x2F) { throw .malformed("path") }
        let path = Array(entry.path.joined(separator: "/").utf8)
        guard Listing.isFine(path) else { throw .malformed("path") }
        try self.tally.add(entry.kind, entry.size)
        self.bytes.append(entry.kind.rawValue)
        self.append(entry.size)
        self.append(entry.modified.milliseconds)
        self.append(UInt64(path.count))
        self.bytes += path
        guard self.bytes.count <= Limits.listingBytes else { throw .tooMuch("listing") }
    }

    package consuming func finished() throws(ProtocolError) -> Listing { try Listing(checked: self.bytes, self.tally) }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }
}
