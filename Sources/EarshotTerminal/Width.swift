/// How many columns text takes on a terminal.
package enum Width {
    package static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + self.of($1) } }

    package static func of(_ character: Character) -> Int {
        if let byte = character.asciiValue { return byte < 0x20 || byte == 0x7F ? 0 : 1 }
        let scalars = character.unicodeScalars
        if scalars.contains(where: { $0.value == 0xFE0F || $0.value == 0x200D || $0.properties.isEmojiPresentation }) {
            return 2
        }
        // A letter and the marks on it: some marks have a column of their own.
        return min(2, scalars.reduce(0) { $0 + Self.of($1) })
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1160...0x11FF: return 0  // Hangul that joins the syllable before it.
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97C,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x17000...0x18AFF,
            0x1B000...0x1B2FF, 0x1F200...0x1F265, 0x1F300...0x1F320, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
            0x20000...0x3FFFD:
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

    /// Lines of at most so many columns, broken at spaces where there are any. Spaces a line begins with are part of
    /// it.
    /// - Parameter breaksURLs: false leaves a URL whole, on a line of its own that may be longer: it can be opened
    ///   and copied.
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
