/// How many columns text takes on a terminal.
package enum Width {
    package static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + self.of($1) } }

    package static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        let scalars = character.unicodeScalars
        if scalars.count > 1, scalars.contains(where: { $0.value == 0xFE0F || $0.value == 0x200D }) { return 2 }
        switch first.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x300...0x36F, 0x200B...0x200F, 0x20D0...0x20FF, 0xFE00...0xFE0F: return 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x1FA70...0x1FAFF, 0x1F1E6...0x1F1FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// Cut to a number of columns, or filled up to them.
    package static func fit(_ text: String, _ columns: Int) -> String {
        var out = ""
        var used = 0
        for character in text {
            let width = self.of(character)
            guard used + width <= columns else { break }
            out.append(character)
            used += width
        }
        return out + String(repeating: " ", count: max(0, columns - used))
    }

    /// Lines of at most so many columns, broken at spaces where there are any. Spaces a line begins with are part of it.
    /// - Parameter breaksURLs: false leaves a URL whole, on a line of its own that may be longer: it can be opened and copied.
    package static func wrap(_ text: String, _ columns: Int, breaksURLs: Bool = true) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var wrapped = Wrapping(columns: max(8, columns), breaksURLs: breaksURLs)
            for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) { wrapped.add(word) }
            lines += wrapped.finished
        }
        return lines
    }

    /// One paragraph on its way into lines.
    private struct Wrapping {
        let columns: Int
        let breaksURLs: Bool
        private var lines: [String] = []
        private var line = ""
        private var used = 0
        /// Spaces that stand before the next word if it comes on the same line.
        private var spaces = 0
        private var isFirst = true

        init(columns: Int, breaksURLs: Bool) {
            self.columns = columns
            self.breaksURLs = breaksURLs
        }

        /// The next of what stands between single spaces; empty where there were several.
        mutating func add(_ word: Substring) {
            if self.isFirst { self.isFirst = false } else { self.spaces += 1 }
            guard !word.isEmpty else { return }
            let width = Width.of(word)
            let isWhole = !self.breaksURLs && Width.isURL(word)
            if self.used > 0, self.used + self.spaces + width > self.columns { self.newLine() }
            // What a paragraph begins with stays, as far as there is room beside it.
            let before = self.used > 0 ? self.spaces : min(self.spaces, isWhole ? 0 : self.columns / 2)
            self.line += String(repeating: " ", count: before)
            self.used += before
            self.spaces = 0
            for character in word {
                let one = Width.of(character)
                if self.used + one > self.columns, !isWhole { self.newLine() }
                self.line.append(character)
                self.used += one
            }
        }

        private mutating func newLine() {
            self.lines.append(self.line)
            (self.line, self.used, self.spaces) = ("", 0, 0)
        }

        var finished: [String] { self.lines + [self.line] }
    }

    private static func isURL(_ word: Substring) -> Bool {
        word.contains("://") || word.hasPrefix("www.") || word.hasPrefix("mailto:")
    }
}
