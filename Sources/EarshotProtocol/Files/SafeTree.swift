import EarshotModel

/// Where the entries of a listing go: every part of every path made safe, no two in the same place, and nothing where a folder
/// would have to be a file (Protocol.md 13).
///
/// All of it is checked at the beginning; the paths themselves are made when it is their turn.
package struct SafeTree: Sendable {
    package struct Entry: Hashable, Sendable {
        package let kind: Listing.Entry.Kind
        package let path: [SafeName]
        package let size: UInt64
        package let modified: Timestamp
    }

    package let listing: Listing
    /// What lies at the top, in the order of the listing.
    package let tops: [SafeName]
    /// Which of those that want one name something is. The first, as most are, is not in here.
    private let numbers: [PathKey: Int]

    /// Throws where an entry lies in what was listed as a file, or is listed twice as a file.
    package init(_ listing: Listing) throws(ProtocolError) {
        // Keys instead of names: a hostile listing is large enough without copies of what it says.
        var files = Set<PathKey>(minimumCapacity: listing.files)
        var folders: Set<PathKey> = []
        var names = Names(count: listing.count)
        var tops: [SafeName] = []
        var entries = listing.makeIterator()
        while let entry = entries.nextRaw() {
            var folder = PathKey.top
            for part in entry.path.split(separator: 0x2F) {
                // As bytes: two spellings of one character are two names.
                let key = folder.adding(part)
                let isLast = part.endIndex == entry.path.endIndex
                let isNew: Bool
                if isLast, entry.kind == .file {
                    guard !folders.contains(key), files.insert(key).inserted else { throw .malformed("listed twice") }
                    isNew = true
                } else {
                    guard !files.contains(key) else { throw .malformed("a file is no folder") }
                    isNew = folders.insert(key).inserted
                    guard isNew || !isLast else { throw .malformed("a folder after what is in it") }
                }
                if isNew {
                    let name = names.name(part, key, in: folder)
                    if folder == .top { tops.append(name) }
                }
                folder = key
            }
        }
        self.listing = listing
        self.tops = tops
        self.numbers = names.numbers
    }

    /// Our names for theirs; what looks the same on a system that ignores case is numbered apart.
    private struct Names {
        private(set) var numbers: [PathKey: Int] = [:]
        private var taken: Set<PathKey>
        /// How often a name was wanted, if more than once: a million of the same do not begin to count at one each time.
        private var wanted: [PathKey: Int] = [:]

        init(count: Int) { self.taken = Set(minimumCapacity: count) }

        mutating func name(_ part: ArraySlice<UInt8>, _ key: PathKey, in folder: PathKey) -> SafeName {
            let name = SafeName(String(decoding: part, as: UTF8.self))
            if self.taken.insert(folder.adding(folded: name.text)).inserted { return name }
            let same = folder.adding(name.text)
            var number = (self.wanted[same] ?? 1) + 1
            while !self.taken.insert(folder.adding(folded: name.numbered(number).text)).inserted { number += 1 }
            self.wanted[same] = number
            self.numbers[key] = number
            return name.numbered(number)
        }
    }
}

extension SafeTree: Sequence {
    /// A copy of it goes on from where it was made.
    package struct Iterator: IteratorProtocol, Sendable {
        private var entries: Listing.Iterator
        private let numbers: [PathKey: Int]
        /// What the last one lay in: files of one folder follow each other.
        private var folder: (path: ArraySlice<UInt8>, key: PathKey, names: [SafeName]) = ([], .top, [])

        fileprivate init(_ tree: SafeTree) {
            self.entries = tree.listing.makeIterator()
            self.numbers = tree.numbers
        }

        package mutating func next() -> Entry? {
            guard let entry = self.entries.nextRaw() else { return nil }
            let slash = entry.path.lastIndex(of: 0x2F) ?? entry.path.startIndex
            let path = entry.path[..<slash]
            if path != self.folder.path {
                self.folder = (path, .top, [])
                for part in path.split(separator: 0x2F) {
                    self.folder.names.append(self.name(part))
                    self.folder.key = self.folder.key.adding(part)
                }
            }
            let name = self.name(path.isEmpty ? entry.path : entry.path[slash...].dropFirst())
            return Entry(kind: entry.kind, path: self.folder.names + [name], size: entry.size, modified: entry.modified)
        }

        /// Of what lies in the folder.
        private func name(_ part: ArraySlice<UInt8>) -> SafeName {
            let name = SafeName(String(decoding: part, as: UTF8.self))
            guard !self.numbers.isEmpty, let number = self.numbers[self.folder.key.adding(part)] else { return name }
            return name.numbered(number)
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
    package var underestimatedCount: Int { self.listing.count }
}

/// Stands for a path. Its bits depend on a secret of this process: nobody can make two paths that share one, and of a million the chance
/// that any two do by themselves is 1 in 30 million. Then a transfer is refused, or a name numbered in vain.
private struct PathKey: Hashable, Sendable {
    static let top = PathKey(bits: 0)
    private let bits: Int

    private init(bits: Int) { self.bits = bits }

    func adding(_ part: ArraySlice<UInt8>) -> PathKey {
        var hasher = Hasher()
        hasher.combine(self.bits)
        part.withUnsafeBytes { hasher.combine(bytes: $0) }
        return PathKey(bits: hasher.finalize())
    }

    /// Spellings of the same characters are one.
    func adding(_ text: String) -> PathKey {
        var hasher = Hasher()
        hasher.combine(self.bits)
        hasher.combine(text)
        return PathKey(bits: hasher.finalize())
    }

    func adding(folded text: String) -> PathKey { self.adding(text.lowercased()) }
}
