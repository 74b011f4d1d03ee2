import EarshotModel
import EarshotVault
import EarshotWire

/// Where the files of a listing of ours are: below what was offered; or in a folder of copies, called by their number,
/// where they have no length of their own. Gone through one by one.
struct OfferedFiles: Sequence, Sendable {
    let listing: Listing
    private let roots: [String: String]
    private let copies: String
    private let copied: Set<Int>

    init(_ listing: Listing, _ roots: [Share.Root], copies: String) {
        self.listing = listing
        self.roots = Dictionary(roots.map { ($0.name, $0.path) }, uniquingKeysWith: { first, _ in first })
        self.copies = copies
        self.copied = CopyFolder.indices(at: copies)
    }

    struct Iterator: IteratorProtocol {
        fileprivate let files: OfferedFiles
        fileprivate var entries: Listing.Iterator
        fileprivate var index = 0

        mutating func next() -> StreamSource.Entry? {
            guard let file = self.entries.nextFile() else { return nil }
            defer { self.index += 1 }
            return .init(
                path: self.files.path(file.top, file.below, self.index), size: file.size, modified: file.modified)
        }
    }

    func makeIterator() -> Iterator { Iterator(files: self, entries: self.listing.makeIterator()) }

    private func path(_ top: String, _ below: String, _ index: Int) -> String {
        if self.copied.contains(index) { return "\(self.copies)/\(index)" }
        return self.roots[top].map { $0 + below } ?? ""
    }
}
