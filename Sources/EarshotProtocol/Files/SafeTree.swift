import EarshotModel

/// Where the entries of a listing go: every part of every path made safe, no two in the same place, and nothing where a folder
/// would have to be a file (Protocol.md 13).
package struct SafeTree: Hashable, Sendable {
    /// Safe paths, one for each entry and in the same order.
    package let paths: [[SafeName]]

    private final class Folder {
        /// What the sender calls things here, and what we call them.
        var names: [[UInt8]: SafeName] = [:]
        var taken: Set<String> = []
        /// How often a name was wanted: a million of the same do not begin to count at one each time.
        var wanted: [String: Int] = [:]
        var folders: [[UInt8]: Folder] = [:]
        var isFile: Set<[UInt8]> = []
    }

    /// Throws where an entry lies in what was listed as a file, or is listed twice as a file.
    package init(_ listing: Listing) throws(ProtocolError) {
        let top = Folder()
        var paths: [[SafeName]] = []
        paths.reserveCapacity(listing.entries.count)
        for entry in listing.entries {
            var folder = top
            var path: [SafeName] = []
            for (depth, raw) in entry.path.enumerated() {
                // As bytes: two spellings of one character are two names.
                let part = Array(raw.utf8)
                let isFile = entry.kind == .file && depth == entry.path.count - 1
                if isFile {
                    guard folder.names[part] == nil else { throw .malformed("listed twice") }
                    folder.isFile.insert(part)
                } else if folder.isFile.contains(part) {
                    throw .malformed("a file is no folder")
                } else if depth == entry.path.count - 1, folder.names[part] != nil {
                    throw .malformed("a folder after what is in it")
                }
                path.append(Self.name(raw, part, in: folder))
                if !isFile {
                    let next = folder.folders[part] ?? Folder()
                    folder.folders[part] = next
                    folder = next
                }
            }
            paths.append(path)
        }
        self.paths = paths
    }

    /// Our name for one of theirs; what looks the same on a system that ignores case is numbered apart.
    private static func name(_ raw: String, _ key: [UInt8], in folder: Folder) -> SafeName {
        if let known = folder.names[key] { return known }
        let wanted = SafeName(raw)
        var number = (folder.wanted[wanted.text] ?? 0) + 1
        while !folder.taken.insert(wanted.numbered(number).text.lowercased()).inserted { number += 1 }
        folder.wanted[wanted.text] = number
        let name = wanted.numbered(number)
        folder.names[key] = name
        return name
    }
}
