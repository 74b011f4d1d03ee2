import EarshotModel

/// Where the entries of a listing go: every part of every path made safe, no two in the same place, and nothing where
/// a folder would have to be a file (Protocol.md 13).
///
/// All of it is checked at the beginning; the paths themselves are made when it is their turn. What does not come along
/// is no entry of it.
package struct SafeTree: Sendable {
    package struct Entry: Hashable, Sendable {
        package let kind: Listing.Entry.Kind
        package let path: [SafeName]
        package let size: UInt64
        package let modified: FileTime
    }

    package let listing: Listing
    /// What the file system it goes to can take.
    package let rules: NameRules
    /// What lies at the top, in the order of the listing.
    package let tops: [SafeName]
    /// What is called otherwise than at its sender's, and what its sender could not send.
    package let notes: TransferNotes
    /// Which of those that want one name something is. The first, as most are, is not in here.
    private let numbers: [PathKey: Int]

    /// Throws where an entry lies in what was listed as a file, or is listed twice as a file.
    package init(_ listing: Listing, for rules: NameRules = .linux) throws(ProtocolError) {
        // Keys instead of names: a hostile listing is large enough without copies of what it says.
        var files = Set<PathKey>(minimumCapacity: listing.files)
        var folders: Set<PathKey> = []
        var names = Names(count: listing.count, rules)
        var tops: [SafeName] = []
        var notes = TransferNotes()
        // What the last one lay in, all of it looked at: files of one folder follow each other.
        var last: (path: ArraySlice<UInt8>, key: PathKey) = ([], .top)
        var entries = listing.makeIterator()
        while let entry = entries.nextRaw() {
            if entry.kind == .omitted {
                notes.omit(String(decoding: entry.path, as: UTF8.self), OmissionReason(code: entry.size))
                continue
            }
            let above = entry.path[..<(entry.path.lastIndex(of: 0x2F) ?? entry.path.startIndex)]
            let isKnown = !above.isEmpty && above == last.path
            var folder = isKnown ? last.key : PathKey.top
            let rest = isKnown ? entry.path[(above.endIndex + 1)...] : entry.path
            for part in rest.split(separator: 0x2F) {
                // As bytes: two spellings of one character are two names.
                let key = folder.adding(part)
                let isLast = part.endIndex == entry.path.endIndex
                if isLast { last = (above, folder) }
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
                    if !name.text.utf8.elementsEqual(part) { names.note(entry.path[..<part.endIndex], &notes) }
                }
                folder = key
            }
        }
        self.listing = listing
        self.rules = rules
        self.tops = tops
        self.notes = notes
        self.numbers = names.numbers
    }

    /// Our names for theirs; what is one name here, or looks like one, is numbered apart.
    private struct Names {
        private(set) var numbers: [PathKey: Int] = [:]
        private let rules: NameRules
        private var taken: Set<PathKey>
        /// How often a name was wanted, if more than once: a million of the same do not begin to count at one each
        /// time.
        private var wanted: [PathKey: Int] = [:]

        init(count: Int, _ rules: NameRules) {
            self.rules = rules
            self.taken = Set(minimumCapacity: count)
        }

        mutating func name(_ part: ArraySlice<UInt8>, _ key: PathKey, in folder: PathKey) -> SafeName {
            let name = SafeName(String(decoding: part, as: UTF8.self), inside: folder != .top, for: self.rules)
            if self.taken.insert(self.place(name, in: folder)).inserted { return name }
            let same = folder.adding(name.text)
            var number = (self.wanted[same] ?? 1) + 1
            while !self.taken.insert(self.place(name.numbered(number), in: folder)).inserted { number += 1 }
            self.wanted[same] = number
            self.numbers[key] = number
            return name.numbered(number)
        }

        private func place(_ name: SafeName, in folder: PathKey) -> PathKey {
            self.rules.ignoresCase ? folder.adding(folded: name.text) : folder.adding(name.text)
        }

        /// That the last part of a path, each of whose parts has got its name, is called otherwise here.
        func note(_ path: ArraySlice<UInt8>, _ notes: inout TransferNotes) {
            guard notes.renamed.count < TransferNotes.most else { return notes.rename("", to: "") }
            var folder = PathKey.top
            let ours = path.split(separator: 0x2F).map { part in
                let name = SafeName(String(decoding: part, as: UTF8.self), inside: folder != .top, for: self.rules)
                folder = folder.adding(part)
                return self.numbers[folder].map(name.numbered) ?? name
            }
            notes.rename(String(decoding: path, as: UTF8.self), to: ours.map(\.text).joined(separator: "/"))
        }
    }
}

extension SafeTree: Sequence {
    /// A copy of it goes on from where it was made.
    package struct Iterator: IteratorProtocol, Sendable {
        private var entries: Listing.Iterator
        private let numbers: [PathKey: Int]
        private let rules: NameRules
        /// What the last one lay in: files of one folder follow each other.
        private var folder: (path: ArraySlice<UInt8>, key: PathKey, names: [SafeName]) = ([], .top, [])

        fileprivate init(_ tree: SafeTree) {
            self.entries = tree.listing.makeIterator()
            self.numbers = tree.numbers
            self.rules = tree.rules
        }

        package mutating func next() -> Entry? {
            var next = self.entries.nextRaw()
            while next?.kind == .omitted { next = self.entries.nextRaw() }
            guard let entry = next else { return nil }
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
            let name = SafeName(String(decoding: part, as: UTF8.self), inside: self.folder.key != .top, for: self.rules)
            guard !self.numbers.isEmpty, let number = self.numbers[self.folder.key.adding(part)] else { return name }
            return name.numbered(number)
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
}

/// Stands for a path. Its bits depend on a secret of this process: nobody can make two paths that share one, and of a
/// million the chance that any two do by themselves is 1 in 30 million. Then a transfer is refused, or a name
/// numbered in vain.
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

    /// As file systems do that ignore case: `ß` is `ss` there, and what cannot be seen counts for nothing.
    func adding(folded text: String) -> PathKey {
        let folded = text.uppercased().lowercased()
        guard folded.unicodeScalars.contains(where: \.properties.isDefaultIgnorableCodePoint) else {
            return self.adding(folded)
        }
        return self.adding(
            String(
                String.UnicodeScalarView(folded.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint })))
    }
}
