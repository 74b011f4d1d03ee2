import EarshotModel
import Noise

extension Contents {
    /// Gone through name by name, as they would be here.
    package init(of tree: SafeTree) {
        var endings: Set<String> = []
        var isVaried = false
        // Of many files most end like the one before.
        var last: Substring?
        var programs: UInt64 = 0
        var disguised: (count: UInt64, examples: [String]) = (0, [])
        var examples: [String] = []
        for entry in tree {
            guard let name = entry.path.last else { continue }
            if entry.kind == .file, !isVaried, name.typedEnding != last {
                last = name.typedEnding
                endings.insert(name.ending)
                isVaried = endings.count > Contents.mostEndings
            }
            guard let suspicion = name.suspicion else { continue }
            programs += 1
            if suspicion == .disguised { disguised.count += 1 }
            let isDisguised = suspicion == .disguised
            guard (isDisguised ? disguised.examples : examples).count < Contents.mostExamples else { continue }
            let path = entry.path.map(\.text).joined(separator: "/")
            if isDisguised { disguised.examples.append(path) } else { examples.append(path) }
        }
        self.init(
            hash: Self.hash(of: tree.listing), endings: isVaried ? nil : endings.sorted(), programs: programs,
            disguised: disguised.count,
            examples: Array((disguised.examples + examples).prefix(Contents.mostExamples)))
    }
}

extension Contents {
    /// SHA-256 of a listing.
    package static func hash(of listing: Listing) -> [UInt8] {
        var hash = ChunkHash()
        listing.encoded.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}

extension SafeName {
    /// What stands behind the last dot, in lower case; empty without one.
    package var ending: String { self.typedEnding.lowercased() }

    /// The same, as it stands there.
    fileprivate var typedEnding: Substring {
        // In ASCII each character is a byte, and found without asking what belongs together.
        let isPlain = self.text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        let dot = isPlain ? self.text.utf8.lastIndex(of: 0x2E) : self.text.lastIndex(of: ".")
        return dot.map { self.text[self.text.index(after: $0)...] } ?? ""
    }
}

extension FileOffer {
    /// Why a listing is not what was offered; `nil` if it is. Name, number of things, files and bytes were promised
    /// (Protocol.md 13).
    package func contradicts(_ listing: Listing, _ tree: SafeTree) -> Mismatch? {
        guard listing.size == (self.isOpen ? 0 : self.size), UInt64(listing.files) == self.files else {
            return .files
        }
        guard tree.tops.count == Int(clamping: self.tops) else { return .tops }
        let first = listing.first { $0.kind != .omitted }
        // Where everything was left out, nothing is at the top either.
        guard let first, first.path.first == self.name else { return .things }
        guard !self.isOpen || listing.count == 1 else { return .severalOpen }
        let count = UInt64(clamping: listing.count) - tree.notes.omittedCount
        guard !self.saysAll || count == 1 && first.path.count == 1 && first.kind == .file else {
            return .things
        }
        return nil
    }
}
