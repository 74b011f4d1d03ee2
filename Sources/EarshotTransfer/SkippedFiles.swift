import EarshotModel
import EarshotVault
import EarshotWire

/// Which files of a listing were not given, as they are not what they were any more (Protocol.md 13).
struct SkippedFiles {
    private let listing: Listing
    private var skipped: Set<Int> = []

    var count: Int { self.skipped.count }

    init(_ listing: Listing) { self.listing = listing }

    /// Whether it is skipped. The only file there is, and the last one after all others were skipped, is not: then
    /// nothing would be left.
    mutating func skips(_ fault: StreamSource.Fault) -> Bool {
        if self.skipped.contains(fault.index) { return true }
        guard self.skipped.count + 1 < self.listing.files else { return false }
        self.skipped.insert(fault.index)
        return true
    }

    /// As it is listed.
    func path(_ index: Int) -> String {
        var left = index
        for entry in self.listing where entry.kind == .file {
            if left == 0 { return entry.path.joined(separator: "/") }
            left -= 1
        }
        return ""
    }
}
