/// A text being written: characters, where the cursor stands among them, and what was written before.
package struct Editor: Sendable, Hashable {
    /// Characters of a draft that are shown to be edited; all of a longer one is sent.
    package private(set) var draft: [Character] = []
    package private(set) var cursor = 0
    private var killed: [Character] = []
    private var history: [String] = []
    /// Which of `history` is shown, and what was being written before.
    private var recalled: (index: Int, draft: [Character])?

    package init(draft: String = "") {
        self.draft = Array(draft)
        self.cursor = self.draft.count
    }

    package var text: String { String(self.draft) }
    package var isEmpty: Bool { self.draft.isEmpty }
    package var beforeCursor: String { String(self.draft[..<self.cursor]) }

    package static func == (one: Self, other: Self) -> Bool { one.draft == other.draft && one.cursor == other.cursor }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.draft) }

    /// Puts text in at the cursor. A combining mark joins the character before it, so that both are one to edit.
    package mutating func insert(_ text: String) {
        let from = max(0, self.cursor - 1)
        let joined = Array(String(self.draft[from..<self.cursor]) + text)
        let isBeforeEnd = self.cursor < self.draft.count
        let whole = isBeforeEnd ? Array(String(joined) + String(self.draft[self.cursor])) : joined
        self.draft.replaceSubrange(from..<self.cursor + (isBeforeEnd ? 1 : 0), with: whole)
        self.cursor = from + joined.count
        self.recalled = nil
    }

    /// The text is another one; the cursor stands at its end.
    package mutating func replace(_ text: String) {
        self.draft = Array(text)
        self.cursor = self.draft.count
        self.recalled = nil
    }

    /// Puts another text in the place of the last characters before the cursor.
    package mutating func complete(last count: Int, with text: String) {
        self.draft.removeSubrange(max(0, self.cursor - count)..<self.cursor)
        self.cursor = max(0, self.cursor - count)
        self.insert(text)
    }

    /// What was written is done with.
    /// - Returns: it.
    package mutating func take(remember: Bool = true) -> String {
        let text = self.text
        if remember, !text.isEmpty, self.history.last != text, text.utf8.count <= 65_536 {
            self.history.append(text)
            if self.history.count > 200 { self.history.removeFirst() }
        }
        (self.draft, self.cursor, self.recalled) = ([], 0, nil)
        return text
    }

    // MARK: keys

    /// - Returns: whether the key is one for the text.
    package mutating func press(_ key: Key) -> Bool {
        switch key {
        case .text(let text): self.insert(Self.fit(text))
        case .paste(let text): self.insert(text)
        case .newline: self.insert("\n")
        case .backspace: self.remove(from: self.cursor - 1, to: self.cursor)
        case .delete: self.remove(from: self.cursor, to: self.cursor + 1)
        case .left: self.cursor = max(0, self.cursor - 1)
        case .right: self.cursor = min(self.draft.count, self.cursor + 1)
        case .wordLeft: self.cursor = self.wordStart
        case .wordRight: self.cursor = self.wordEnd
        case .home: self.cursor = self.lineStart
        case .end: self.cursor = self.lineEnd
        case .killToStart: self.kill(from: self.lineStart, to: self.cursor)
        case .killToEnd: self.kill(from: self.cursor, to: max(self.lineEnd, min(self.cursor + 1, self.draft.count)))
        case .killWord: self.kill(from: self.wordStart, to: self.cursor)
        case .killWordAhead: self.kill(from: self.cursor, to: self.wordEnd)
        case .yank: self.insert(String(self.killed))
        case .up: self.up()
        case .down: self.down()
        case .enter, .tab, .pageUp, .pageDown, .first, .last, .redraw, .suspend, .interrupt, .endOfInput, .escape,
            .focus, .undecodable,
            .tooLong:
            return false
        }
        return true
    }

    private static func fit(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control }))
    }

    private mutating func remove(from: Int, to: Int) {
        guard from >= 0, to <= self.draft.count, from < to else { return }
        self.draft.removeSubrange(from..<to)
        self.cursor = from
        self.recalled = nil
    }

    private mutating func kill(from: Int, to: Int) {
        guard from < to else { return }
        self.killed = Array(self.draft[from..<to])
        self.remove(from: from, to: to)
    }

    private var lineStart: Int { self.draft[..<self.cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
    private var lineEnd: Int { self.draft[self.cursor...].firstIndex(of: "\n") ?? self.draft.count }

    private var wordStart: Int {
        let last = self.draft[..<self.cursor].lastIndex { !$0.isWhitespace } ?? 0
        return self.draft[..<last].lastIndex(where: \.isWhitespace).map { $0 + 1 } ?? 0
    }

    private var wordEnd: Int {
        guard let first = self.draft[self.cursor...].firstIndex(where: { !$0.isWhitespace }) else {
            return self.draft.count
        }
        return self.draft[first...].firstIndex(where: \.isWhitespace) ?? self.draft.count
    }

    // MARK: lines above and below, and what was written before

    private mutating func up() {
        let start = self.lineStart
        guard start > 0, self.recalled == nil else { return self.recall(-1) }
        let above = self.draft[..<(start - 1)].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        self.cursor = min(above + self.cursor - start, start - 1)
    }

    private mutating func down() {
        let end = self.lineEnd
        guard end < self.draft.count, self.recalled == nil else { return self.recall(1) }
        let column = self.cursor - self.lineStart
        self.cursor = end + 1
        self.cursor = min(self.cursor + column, self.lineEnd)
    }

    private mutating func recall(_ step: Int) {
        let at = (self.recalled?.index ?? self.history.count) + step
        guard at >= 0, at <= self.history.count, at != self.history.count || self.recalled != nil else { return }
        let stashed = self.recalled?.draft ?? self.draft
        self.draft = at < self.history.count ? Array(self.history[at]) : stashed
        self.cursor = self.draft.count
        self.recalled = at < self.history.count ? (at, stashed) : nil
    }
}
