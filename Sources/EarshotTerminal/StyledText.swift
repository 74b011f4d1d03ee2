import EarshotControl

/// How the words of a message look on a terminal, put on them after they were laid into rows. The signs that ask for it
/// stay, dimmed (XEP-0393): a text is never shown as something else than what was written.
struct StyledText: Sendable, Hashable {
    private struct Look: Hashable {
        private var bits: UInt16 = 0
        /// Which of the links.
        var link: Int?

        mutating func insert(_ kind: SpanKind) { self.bits |= Self.bit(kind) }
        func contains(_ kind: SpanKind) -> Bool { self.bits & Self.bit(kind) != 0 }

        private static func bit(_ kind: SpanKind) -> UInt16 {
            switch kind {
            case .strong: 1
            case .emphasis: 2
            case .strike: 4
            case .code: 8
            case .block: 16
            case .quote: 32
            case .link: 64
            case .mark: 128
            }
        }
    }

    private let characters: [Character]
    /// One for each character.
    private let looks: [Look]
    private let links: [String]

    /// `nil` where nothing looks otherwise than the rest.
    /// - Parameter longest: characters of the text that are shown; nil for all.
    init?(_ message: MessageView, longest: Int? = nil) {
        guard let spans = message.spans, !spans.isEmpty, message.deleted != true, message.file == nil,
            message.problem == nil, message.unknownKind == nil
        else { return nil }
        self.characters = longest.map { Array(message.text.prefix($0)) } ?? Array(message.text)
        var looks = [Look](repeating: Look(), count: self.characters.count)
        var links: [String] = []
        // Where each character begins, in scalars.
        var starts: [Int64] = []
        var count: Int64 = 0
        for character in self.characters {
            starts.append(count)
            count += Int64(character.unicodeScalars.count)
        }
        for span in spans {
            let from = Self.index(of: span.from, in: starts)
            let to = Self.index(of: span.to, in: starts)
            guard from < to else { continue }
            if span.kind == .link { links.append(String(self.characters[from..<to])) }
            for index in from..<to {
                looks[index].insert(span.kind)
                if span.kind == .link { looks[index].link = links.count - 1 }
            }
        }
        self.looks = looks
        self.links = links
    }

    /// The first character that begins at a place or behind it.
    private static func index(of place: Int64, in starts: [Int64]) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The rows into which the text was laid, drawn. What was added to the text behind it stays as it is.
    func drawn(_ rows: [String], _ style: Style) -> [String] {
        guard style.hasColour || style.hasLinks else { return rows }
        var at = 0
        return rows.map { row in
            var out = ""
            var run = ""
            var look = Look()
            for character in row {
                let next = self.look(of: character, &at)
                if next != look {
                    out += self.drawn(run, look, style)
                    (run, look) = ("", next)
                }
                run.append(character)
            }
            return out + self.drawn(run, look, style)
        }
    }

    /// Rows hold the characters of the text in their order; where a row ends spaces may be left out, and a tab has
    /// become spaces.
    private func look(of character: Character, _ at: inout Int) -> Look {
        if character == " " {
            guard at < self.characters.count else { return Look() }
            defer { if self.characters[at] == " " { at += 1 } }
            return self.looks[at]
        }
        var next = at
        while next < self.characters.count, self.characters[next].isWhitespace, self.characters[next] != character {
            next += 1
        }
        guard next < self.characters.count, self.characters[next] == character || character == "…" else {
            return Look()
        }
        at = next + 1
        return self.looks[next]
    }

    private func drawn(_ run: String, _ look: Look, _ style: Style) -> String {
        guard !run.isEmpty, look != Look() else { return run }
        var codes: [String] = []
        for kind in SpanKind.allCases where look.contains(kind) {
            switch kind {
            case .strong: codes.append("1")
            case .emphasis: codes.append("3")
            case .strike: codes.append("9")
            case .code, .block: codes.append("36")
            case .quote: codes.append("32")
            case .link: codes.append("4")
            case .mark: codes = ["2"]
            }
        }
        let drawn = style.coded(codes, run)
        return look.link.map { style.link(drawn, to: self.links[$0]) } ?? drawn
    }
}
