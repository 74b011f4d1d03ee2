import EarshotControl

/// A conversation on the screen: what is shown, what is being typed, and what a key or an event does to it. It draws and
/// asks, and does neither itself.
package struct Screen: Sendable {
    package enum Key: Sendable, Hashable {
        case text(String)
        case enter, backspace, delete, left, right, home, end, up, down, pageUp, pageDown
        case killLine, killToEnd, killWord, redraw, leave
    }

    package enum Ask: Sendable, Hashable {
        case send(String, replyTo: String?)
        case edit(id: String, String)
        case delete(id: String)
        case react(id: String, String)
        case typing(Bool)
        case markRead
        case leave
    }

    package private(set) var messages: [JSON] = []
    package private(set) var draft: [Character] = []
    package private(set) var cursor = 0
    private let who: String
    private let person: String
    private var isOnline = false
    /// Ms on any clock that only goes forward: whoever runs the screen sets it before each verb.
    package var now: UInt64 = 0
    /// Until when the other is thought to be typing, if he says no more of it: his last word may have been lost.
    private var typingUntil: UInt64?
    /// When we last said that we are typing, and when a key was last pressed.
    private var saidTypingAt: UInt64?
    private var keyAt: UInt64 = 0
    private var sent: [String] = []
    private var recall: Int?
    private var scroll = 0
    private var note: String?
    private var replyTo: String?

    package init(who: String, person: String, online: Bool, history: [JSON]) {
        self.who = who
        self.person = person
        self.isOnline = online
        self.messages = history
    }

    // MARK: what happens

    package mutating func press(_ key: Key) -> [Ask] {
        self.note = nil
        switch key {
        case .text(let text):
            let clean = Array(text.filter { $0 == "\n" || !($0.unicodeScalars.first?.properties.generalCategory == .control) })
            self.draft.insert(contentsOf: clean, at: self.cursor)
            self.cursor += clean.count
            return self.typed()
        case .enter: return self.enter()
        case .backspace:
            guard self.cursor > 0 else { return [] }
            self.cursor -= 1
            self.draft.remove(at: self.cursor)
            return self.typed()
        case .delete:
            if self.cursor < self.draft.count { self.draft.remove(at: self.cursor) }
        case .left: self.cursor = max(0, self.cursor - 1)
        case .right: self.cursor = min(self.draft.count, self.cursor + 1)
        case .home: self.cursor = 0
        case .end: self.cursor = self.draft.count
        case .up: self.walk(-1)
        case .down: self.walk(1)
        case .pageUp: self.scroll += 10
        case .pageDown: self.scroll = max(0, self.scroll - 10)
        case .killLine:
            self.draft.removeSubrange(0..<self.cursor)
            self.cursor = 0
        case .killToEnd: self.draft.removeSubrange(self.cursor...)
        case .killWord:
            while self.cursor > 0, self.draft[self.cursor - 1] == " " { self.remove() }
            while self.cursor > 0, self.draft[self.cursor - 1] != " " { self.remove() }
        case .redraw: break
        case .leave: return [.leave]
        }
        return []
    }

    private mutating func remove() {
        self.cursor -= 1
        self.draft.remove(at: self.cursor)
    }

    private static let typingRepeat: UInt64 = 4_000
    private static let typingRest: UInt64 = 8_000
    private static let typingBelieved: UInt64 = 12_000

    private mutating func typed() -> [Ask] {
        self.keyAt = self.now
        let isTyping = !self.draft.isEmpty && self.draft.first != "/"
        guard isTyping else { return self.rest() }
        if let said = self.saidTypingAt, self.now < said + Self.typingRepeat { return [] }
        self.saidTypingAt = self.now
        return [.typing(true)]
    }

    private mutating func rest() -> [Ask] {
        defer { self.saidTypingAt = nil }
        return self.saidTypingAt == nil ? [] : [.typing(false)]
    }

    /// When `tick` has something to do.
    package var wakeAt: UInt64? {
        [self.typingUntil, self.saidTypingAt.map { _ in self.keyAt + Self.typingRest }].compactMap { $0 }.min()
    }

    /// Time went by.
    package mutating func tick() -> [Ask] {
        if let until = self.typingUntil, until <= self.now { self.typingUntil = nil }
        return self.saidTypingAt != nil && self.keyAt + Self.typingRest <= self.now ? self.rest() : []
    }

    private mutating func walk(_ step: Int) {
        let at = (self.recall ?? self.sent.count) + step
        guard at >= 0, at <= self.sent.count else { return }
        self.recall = at
        self.draft = at < self.sent.count ? Array(self.sent[at]) : []
        self.cursor = self.draft.count
    }

    private mutating func enter() -> [Ask] {
        let text = String(self.draft)
        (self.draft, self.cursor, self.recall, self.scroll, self.saidTypingAt) = ([], 0, nil, 0, nil)
        guard text.contains(where: { !$0.isWhitespace }) else { return [] }
        self.sent.append(text)
        guard text.hasPrefix("/"), !text.hasPrefix("//") else {
            defer { self.replyTo = nil }
            return [.send(text.hasPrefix("//") ? String(text.dropFirst()) : text, replyTo: self.replyTo)]
        }
        return self.command(text)
    }

    private mutating func command(_ text: String) -> [Ask] {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        let rest = words.count > 2 ? words[2] : nil
        switch (words[0], words.count > 1 ? words[1] : nil, rest) {
        case ("/quit", _, _): return [.leave]
        case ("/reply", let id?, let answer?): return self.find(id).map { [.send(answer, replyTo: $0)] } ?? []
        case ("/edit", let id?, let words?): return self.find(id).map { [.edit(id: $0, words)] } ?? []
        case ("/delete", let id?, nil): return self.find(id).map { [.delete(id: $0)] } ?? []
        case ("/react", let id?, let emoji?): return self.find(id).map { [.react(id: $0, emoji)] } ?? []
        case ("/who", _, _): self.note = "\(self.who) · \(self.person)"
        case ("/help", _, _):
            self.note = "/reply ID TEXT · /edit ID TEXT · /delete ID · /react ID EMOJI · /who · /quit   (ID: the letters behind a message; //: a text that begins with /)"
        default: self.note = "\(words[0]): see /help"
        }
        return []
    }

    private mutating func find(_ prefix: String) -> String? {
        let found = self.messages.compactMap { $0["id"]?.string }.filter { $0.hasPrefix(prefix.lowercased()) }
        if found.count == 1 { return found[0] }
        self.note = found.isEmpty ? "no message \(prefix) here" : "several messages begin with \(prefix)"
        return nil
    }

    /// Something was refused or went wrong.
    package mutating func say(_ text: String) { self.note = text }

    package mutating func hear(_ event: JSON) -> [Ask] {
        switch event["event"]?.string {
        case "message", "edit", "delete", "reaction", "receipt":
            guard let message = event["message"], let id = message["id"]?.string,
                message["from"]?.string == self.person || message["to"]?.string == self.person
            else { return [] }
            let isOther = message["from"]?.string == self.person
            if let at = self.messages.firstIndex(where: { $0["id"]?.string == id }) {
                self.messages[at] = message
            } else {
                self.messages.append(message)
                if isOther { self.typingUntil = nil }
            }
            return isOther && event["event"]?.string == "message" ? [.markRead] : []
        case "typing" where event["peer"]?["person"]?.string == self.person: self.typingUntil = event["on"]?.bool ?? false ? self.now + Self.typingBelieved : nil
        case "presence" where event["peer"]?["person"]?.string == self.person:
            self.isOnline = event["online"]?.bool ?? false
            if !self.isOnline { self.typingUntil = nil }
        default: break
        }
        return []
    }

    // MARK: drawing

    /// As many lines as there are rows, and where the cursor belongs (row and column from 0).
    package func draw(columns: Int, rows: Int, listing: Listing, style: Style) -> (lines: [String], row: Int, column: Int) {
        let prompt = style.isUnicode ? "› " : "> "
        let (input, cursorRow, cursorColumn) = self.input(columns: columns - 2, most: max(1, rows / 3))
        let status = self.note ?? (self.typingUntil != nil ? "\(self.who) is typing…" : "/help · Ctrl-D leaves")
        let notes = Width.wrap(status, columns - 2).prefix(max(1, rows / 3))
        let room = max(1, rows - input.count - notes.count - 1)
        let all = listing.messages(self.messages, columns: columns)
        let end = max(min(all.count, room), all.count - self.scroll)
        var lines = Array(all[max(0, end - room)..<min(all.count, end)])
        lines = [String](repeating: "", count: room - lines.count) + lines
        let presence = self.isOnline ? "here" : "not here: what you write waits"
        let head = " \(self.who) · \(presence)" + (self.scroll > 0 ? " · PgDn for newer" : "")
        lines.insert(style.inverse(Width.fit(head, columns)), at: 0)
        for note in notes { lines.append(style.dim(Width.fit(" " + note, columns))) }
        for (index, line) in input.enumerated() { lines.append((index == 0 ? style.bold(prompt) : "  ") + line) }
        return (lines, lines.count - input.count + cursorRow, cursorColumn + 2)
    }

    /// The draft in lines, and the cursor in it.
    private func input(columns: Int, most: Int) -> ([String], Int, Int) {
        var lines = [""]
        var (row, column) = (0, 0)
        var used = 0
        for (index, character) in self.draft.enumerated() {
            if index == self.cursor { (row, column) = (lines.count - 1, used) }
            let width = Width.of(character)
            if character == "\n" || used + width > columns {
                lines.append("")
                used = 0
                if character == "\n" { continue }
            }
            lines[lines.count - 1].append(character)
            used += width
        }
        if self.cursor == self.draft.count { (row, column) = (lines.count - 1, used) }
        let first = max(0, min(row, lines.count - most))
        return (Array(lines[first..<min(lines.count, first + most)]), row - first, column)
    }
}
