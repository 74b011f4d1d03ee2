import Foundation

/// How text is cut for the search: the one measure of what goes into the index and of what is looked for.
///
/// A word is a run of letters and digits, without case and diacritics. In scripts that are written without spaces
/// (Chinese, Japanese, Thai, …) and in Korean each character is a word, and so is each sign and each emoji
/// everywhere: what is typed is then found as a phrase, wherever it stands. The words are given to SQLite with spaces
/// between them; signs of ASCII as characters for private use, so that nothing in them is syntax.
enum SearchText {
    /// Unicode scalars of a message that can be found. Whoever sends megabytes of noise does not keep the node busy
    /// with it.
    static let most = 50_000
    private static let mostTerms = 32

    /// What is looked for: words next to each other, the last of them perhaps unfinished.
    struct Term: Equatable {
        var words: [String]
        var isPrefix = false

        var pattern: String { "\"" + self.words.joined(separator: " ") + "\"" + (self.isPrefix ? "*" : "") }
    }

    /// The words of a message.
    static func words(of text: String) -> String {
        var writer = Writer()
        // Most text needs no second look.
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            writer.add(text.unicodeScalars.prefix(self.most))
        } else {
            writer.add(self.normal(text.unicodeScalars.prefix(self.most)))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// What a query looks for: all of these. Punctuation around a word is no part of it, unless there is nothing else.
    static func terms(of query: String) -> [Term] {
        var terms: [Term] = []
        let chunks = query.unicodeScalars.prefix(4_096).split { Kind(of: $0) == .space }
        for chunk in chunks.prefix(self.mostTerms) {
            let bare = self.withoutMarks(chunk)
            var writer = Writer()
            writer.add(self.normal(bare.isEmpty ? chunk : bare))
            let words = String(decoding: writer.bytes, as: UTF8.self).split(separator: " ").map(String.init)
            guard let last = words.last else { continue }
            terms.append(Term(words: words, isPrefix: last.unicodeScalars.count > 1))
        }
        // One letter begins too many words to be the beginning of any but the last.
        if let last = terms.indices.last { terms[last].isPrefix = true }
        return terms
    }

    /// Whether a text has all of what a query looks for, as the index would say.
    static func finds(_ query: String, in text: String) -> Bool {
        let terms = self.terms(of: query)
        let words = self.words(of: text).split(separator: " ").map(String.init)
        return !terms.isEmpty
            && terms.allSatisfy { term in
                words.indices.contains { start in
                    let found = words[start...].prefix(term.words.count)
                    guard found.count == term.words.count, let last = found.last, let wanted = term.words.last else {
                        return false
                    }
                    return found.dropLast().elementsEqual(term.words.dropLast())
                        && (term.isPrefix ? last.hasPrefix(wanted) : last == wanted)
                }
            }
    }

    private static func withoutMarks(_ chunk: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var bare = chunk
        while let first = bare.first, self.isMark(first) { bare.removeFirst() }
        while let last = bare.last, self.isMark(last) { bare.removeLast() }
        return bare
    }

    /// Punctuation of sentences, which nobody means when they look for a word.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", ",", ";", ":", "!", "?", "\"", "'", "(", ")", "[", "]", "{", "}": true
        case "#", "@", "&", "%", "*", "/", "\\", "-", "_", "†", "‡", "•", "‰", "§", "¶": false
        default: Kind.isPunctuation(scalar)
        }
    }

    /// In composed form, where it matters: letters of Korean and marks of Japanese may come by themselves, and
    /// letters in full or half width.
    private static func normal(_ scalars: some Sequence<Unicode.Scalar>) -> String.UnicodeScalarView {
        var text = String.UnicodeScalarView()
        var (isLoose, isWide) = (false, false)
        for scalar in scalars {
            switch scalar.value {
            case 0x1100...0x11FF, 0x3099...0x309A: isLoose = true
            case 0xFF00...0xFFEF: isWide = true
            default: break
            }
            text.append(scalar)
        }
        if isWide { return String(text).precomposedStringWithCompatibilityMapping.unicodeScalars }
        return isLoose ? String(text).precomposedStringWithCanonicalMapping.unicodeScalars : text
    }

    /// Collects words, a space between two.
    private struct Writer {
        private(set) var bytes: [UInt8] = []
        private var isInWord = false

        mutating func add(_ scalars: some Sequence<Unicode.Scalar>) {
            for scalar in scalars { self.add(scalar) }
        }

        private mutating func add(_ scalar: Unicode.Scalar) {
            switch Kind(of: scalar) {
            case .space: self.isInWord = false
            case .nothing: break
            case .letter(let folded):
                self.separate(unlessInWord: true)
                self.isInWord = true
                self.write(folded)
            case .alone(let shown):
                self.separate(unlessInWord: false)
                self.isInWord = false
                self.write(shown)
            }
        }

        private mutating func separate(unlessInWord: Bool) {
            if !self.bytes.isEmpty, !(unlessInWord && self.isInWord) { self.bytes.append(0x20) }
        }

        private mutating func write(_ scalar: Unicode.Scalar) {
            if scalar.isASCII {
                self.bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                self.bytes += UTF8.encode(scalar) ?? .init()
            }
        }
    }
}

extension SearchText {
    /// What a character is to the search.
    private enum Kind: Equatable {
        case space
        /// It changes how others look or join: no part of a word.
        case nothing
        /// Of a word, in its plain form.
        case letter(Unicode.Scalar)
        /// A word by itself.
        case alone(Unicode.Scalar)

        init(of scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0...0x20, 0x7F: self = .space
            case 0x30...0x39, 0x61...0x7A: self = .letter(scalar)
            case 0x41...0x5A: self = .letter(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) + 0x20))
            case 0..<0x80: self = .alone(Self.sign(scalar))
            case 0x80..<Self.firstPage: self = Self.pages[Int(scalar.value - 0x80)]
            case 0x1E00..<0x2000: self = Self.greekPages[Int(scalar.value - 0x1E00)]
            // As typed on one keyboard and on another.
            case 0x2018, 0x2019, 0x2032: self = .alone(Self.sign("'"))
            case 0x201C...0x201E: self = .alone(Self.sign("\""))
            default: self = Self.looked(up: scalar)
            }
        }

        /// A sign of ASCII, as what means nothing to SQLite.
        private static func sign(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
            Unicode.Scalar(0xE000 + scalar.value) ?? scalar
        }

        private static let firstPage: UInt32 = 0x530
        /// Latin, Greek and Cyrillic: most of what is not ASCII, and worth looking up once.
        private static let pages = Self.table(0x80..<firstPage)
        private static let greekPages = Self.table(0x1E00..<0x2000)

        private static func table(_ range: Range<UInt32>) -> [Kind] {
            range.map { value in
                guard let scalar = Unicode.Scalar(value) else { return .space }
                guard case .letter(let lower) = Self.looked(up: scalar) else { return Self.looked(up: scalar) }
                let plain = String(lower).decomposedStringWithCanonicalMapping.unicodeScalars.first {
                    Self.looked(up: $0) != .nothing
                }
                // The end of a word has a letter of its own in Greek.
                return .letter(plain == "ς" ? "σ" : plain ?? lower)
            }
        }

        private static func looked(up scalar: Unicode.Scalar) -> Kind {
            let properties = scalar.properties
            switch properties.generalCategory {
            case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .surrogate: return .space
            case .format, .enclosingMark: return .nothing
            case .nonspacingMark where self.isDiacritic(scalar.value): return .nothing
            case .uppercaseLetter, .titlecaseLetter:
                // A letter that becomes two loses what is put on it.
                return .letter(properties.lowercaseMapping.unicodeScalars.first ?? scalar)
            case .lowercaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark, .decimalNumber,
                .letterNumber, .otherNumber:
                return self.isUnspaced(scalar.value) ? .alone(scalar) : .letter(scalar)
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation,
                .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .privateUse,
                .unassigned:
                return .alone(scalar)
            @unknown default: return .alone(scalar)
            }
        }

        /// Marks that may be left out without making another word: accents, vowels of Hebrew and Arabic, the choice
        /// of a glyph.
        private static func isDiacritic(_ value: UInt32) -> Bool {
            switch value {
            case 0x300...0x36F, 0x483...0x487, 0x591...0x5C7, 0x610...0x61A, 0x64B...0x65F, 0x670, 0x6D6...0x6ED,
                0x1AB0...0x1AFF,
                0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xE0100...0xE01EF:
                true
            default: false
            }
        }

        /// Scripts that put no space between words, and Korean, where a word is found inside another.
        private static func isUnspaced(_ value: UInt32) -> Bool {
            switch value {
            case 0xE00...0xEFF, 0xF00...0xFFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x1950...0x19DF,
                0x1A20...0x1AAF,
                0x1B00...0x1B7F, 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x303C, 0x3041...0x318F, 0x31A0...0x31FF,
                0x3400...0x4DBF,
                0x4E00...0xA4CF, 0xA960...0xA9DF, 0xAA60...0xAA7F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFFDC,
                0x16FE0...0x18DFF,
                0x1AFF0...0x1B2FF, 0x20000...0x3FFFF:
                true
            default: false
            }
        }

        static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation: true
            default: false
            }
        }
    }
}
