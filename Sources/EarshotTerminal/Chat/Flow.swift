/// Text laid into rows of a window: none is wider than it, words are kept whole where they fit, spaces at the
/// beginning stay.
package enum Flow {
    /// Columns from one tab stop to the next.
    private static let tab = 4

    package static func rows(_ text: String, columns: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            Self.line(Self.expanded($0), columns: max(1, columns))
        }
    }

    /// Tabs as the spaces they stand for.
    private static func expanded(_ line: Substring) -> [Character] {
        var out: [Character] = []
        var column = 0
        for character in line {
            guard character == "\t" else {
                out.append(character)
                column += Width.of(character)
                continue
            }
            let width = Self.tab - column % Self.tab
            out += [Character](repeating: " ", count: width)
            column += width
        }
        return out
    }

    private static func line(_ characters: [Character], columns: Int) -> [String] {
        var rows: [String] = []
        var rest = characters[...]
        repeat {
            var used = 0
            var end = rest.startIndex
            /// Behind the last space that fits.
            var space: Int?
            while end < rest.endIndex {
                let character = rest[end]
                let width = Width.of(character)
                // A space at the edge needs no column: the row ends there.
                guard used + width <= columns || character == " " && used == columns else { break }
                used += width
                end += 1
                if character == " " { space = end }
                if used > columns { break }
            }
            if end == rest.startIndex, !rest.isEmpty {
                // Wider than the window: nothing can be done but to say that it is there.
                rows.append("…")
                rest = rest.dropFirst()
                continue
            }
            let isBroken = end < rest.endIndex
            let isLeading = space.map { rest[..<$0].allSatisfy { $0 == " " } } ?? true
            let cut = isBroken && !isLeading ? space ?? end : end
            var row = rest[..<cut]
            if isBroken || used > columns {
                while row.last == " ", row.count > 1, !isLeading || used > columns { row.removeLast() }
            }
            rows.append(String(row))
            rest = rest[cut...]
        } while !rest.isEmpty
        return rows
    }

    /// As many of these, most important first, as fit beside each other, in the order they are given in.
    package static func join(_ parts: [(text: String, rank: Int)], columns: Int, between: String = " · ") -> String {
        var chosen = Set<Int>()
        for index in parts.indices.sorted(by: { (parts[$0].rank, $0) < (parts[$1].rank, $1) })
        where !parts[index].text.isEmpty {
            let tried = chosen.union([index]).sorted().map { parts[$0].text }.joined(separator: between)
            if chosen.isEmpty || Width.of(tried) <= columns { chosen.insert(index) }
        }
        return Self.clip(chosen.sorted().map { parts[$0].text }.joined(separator: between), columns: columns)
    }

    /// Cut to so many columns, with a sign that it is.
    package static func clip(_ text: String, columns: Int) -> String {
        guard Width.of(text) > columns else { return text }
        var out = ""
        var used = 0
        for character in text {
            let width = Width.of(character)
            guard used + width <= columns - 1 else { break }
            out.append(character)
            used += width
        }
        return columns > 0 ? out + "…" : ""
    }

    package static func padded(_ text: String, columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - Width.of(text)))
    }
}
