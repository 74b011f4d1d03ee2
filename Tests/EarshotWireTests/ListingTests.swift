import EarshotModel
import EarshotWire
import Testing

/// A listing that is walked through says the same as one that is held in the hand (Protocol.md 13).
@Suite struct ListingTests {
    private func entry(_ kind: Listing.Entry.Kind, _ path: [String]) -> Listing.Entry {
        Listing.Entry(kind: kind, path: path, size: kind == .file ? 3 : 0, modified: FileTime(milliseconds: 1 << 41))
    }

    @Test func whatIsWrittenIsWalkedThrough() throws {
        let entries = [self.entry(.folder, ["a"]), self.entry(.file, ["a", "b c", "ü"]), self.entry(.file, ["z"])]
        let listing = try Listing(entries)
        #expect(Array(listing) == entries && listing.count == 3 && listing.files == 2 && listing.size == 6)
        var walk = listing.makeIterator()
        _ = walk.next()
        var copy = walk
        #expect(copy.next() == entries[1] && copy.next() == entries[2] && copy.next() == nil && copy.next() == nil)
        #expect(walk.next() == entries[1], "a copy goes its own way")
        #expect(try Array(SafeTree(listing)).map { $0.path.map(\.text) } == [["a"], ["a", "b c", "ü"], ["z"]])
    }

    @Test func aDraftIsTakenPieceByPiece() throws {
        let entries = (0..<10).map { self.entry(.file, ["\($0)"]) }
        var draft = ListingDraft()
        var bytes: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            try draft.add(entry)
            if index % 3 == 0 { bytes += draft.take() }
        }
        bytes += draft.take()
        #expect(
            try Listing(decoding: bytes) == Listing(entries) && draft.length == bytes.count && draft.files == 10
                && draft.size == 30)
    }

    @Test func aSlashIsAByte() throws {
        // A mark at the beginning of a name makes one character of it and the slash, but not one byte.
        let listing = try Listing([self.entry(.file, ["a", "\u{301}b"]), self.entry(.file, ["a", "\u{200D}c"])])
        #expect(try Listing(decoding: listing.encoded) == listing)
        #expect(listing.map(\.path) == [["a", "\u{301}b"], ["a", "\u{200D}c"]])
        #expect(try SafeTree(listing).allSatisfy { $0.path.count == 2 })
        #expect(throws: ProtocolError.self) { try Listing([self.entry(.file, ["a/\u{301}b"])]) }
        #expect(throws: ProtocolError.self) { try Listing([self.entry(.file, ["a", "b\0"])]) }
        #expect(throws: ProtocolError.self) { try Listing([self.entry(.file, [])]) }
        #expect(throws: ProtocolError.self) { try Listing([self.entry(.file, ["a", ""])]) }
    }

    /// The same rules, written so that all names are held.
    private static func longhand(_ listing: Listing) -> [[String]]? {
        var kinds: [[[UInt8]]: Listing.Entry.Kind] = [:]
        var names: [[[UInt8]]: SafeName] = [:]
        var taken: [[[UInt8]]: Set<String>] = [:]
        var paths: [[String]] = []
        for entry in listing {
            var path: [String] = []
            let raw = entry.path.map { Array($0.utf8) }
            for depth in raw.indices {
                let folder = Array(raw[..<depth])
                let here = Array(raw[...depth])
                let isLast = depth == raw.count - 1
                let kind: Listing.Entry.Kind = isLast ? entry.kind : .folder
                if let known = kinds[here], known == .file || kind == .file || isLast { return nil }
                kinds[here] = kind
                let wanted = SafeName(entry.path[depth], inside: depth > 0, for: .portable)
                var number = 1
                while names[here] == nil {
                    let name = wanted.numbered(number)
                    if taken[folder, default: []].insert(name.text.lowercased()).inserted { names[here] = name }
                    number += 1
                }
                path.append(names[here]?.text ?? "")
            }
            paths.append(path)
        }
        return paths
    }

    @Test func walkingChangesNoName() throws {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "a", "A", "a?", "a*", "a_", "a (2)", "A (2)", "a\u{200B}", "e\u{301}", "\u{E9}", "É", "İ", "i̇", "CON",
            "_con", "..", "_", "", "漢",
        ].filter { !$0.isEmpty }
        var refused = 0
        for _ in 0..<600 {
            let entries = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                let path = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    parts.randomElement(using: &generator) ?? "a"
                }
                return self.entry(Int.random(in: 0..<4, using: &generator) == 0 ? .folder : .file, path)
            }
            let listing = try Listing(entries)
            let tree = try? SafeTree(listing, for: .portable)
            let paths = tree.map { $0.map { $0.path.map(\.text) } }
            #expect(paths == Self.longhand(listing), "\(entries.map(\.path))")
            guard let tree, let paths else {
                refused += 1
                continue
            }
            #expect(
                Set(tree.tops.map(\.text)) == Set(paths.compactMap(\.first)) && Set(tree.tops).count == tree.tops.count)
            #expect(
                zip(tree, listing).allSatisfy { $0.kind == $1.kind && $0.size == $1.size && $0.modified == $1.modified }
            )
        }
        #expect((1..<600).contains(refused), "some of each")
    }

    @Test func aMillionIsEnough() throws {
        let one = try Listing([self.entry(.file, ["x"])]).encoded
        var many: [UInt8] = []
        for _ in 0...Limits.listedEntries { many += one }
        #expect(throws: ProtocolError.tooMuch("entries")) { try Listing(decoding: many) }
    }
}
