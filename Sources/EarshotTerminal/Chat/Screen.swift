import EarshotControl

/// A conversation in a window: what a key, an event or an answer does to it, and what it asks for then. It changes in
/// `update` and nowhere else; drawing only reads.
package struct Screen: Sendable {
    package enum Input: Sendable {
        case key(Key)
        case event(EventView)
        case answered(Ask, Result<Reply, DoorError>)
        /// What is in a folder, for a path that was being typed.
        case names([String], path: String)
        case resized(columns: Int, rows: Int)
        /// The node is gone; this was asked for and not answered.
        case lost([Ask])
        case back
        case said(String)
        case time
    }

    private static let typingRepeat: UInt64 = 4_000
    private static let typingRest: UInt64 = 8_000
    /// Ms between two drafts that are shown while they are typed.
    private static let draftRest: UInt64 = 100
    /// Ms a notice stands when no key is pressed.
    private static let noticeStands: UInt64 = 15_000
    /// Ms one waits on leaving for the node to take what was sent last.
    private static let farewell: UInt64 = 3_000

    package private(set) var state: ChatState
    package internal(set) var editor: Editor
    let style: Style
    let zone: Zone
    package private(set) var columns: Int
    package private(set) var rows: Int
    /// The item whose rows stand at the bottom, and how many of them are shown; nil at the end, where new ones come.
    var anchor: (item: ChatLayout.ItemID, shown: Int)?
    /// When we last said that we are typing, and when a key was last pressed.
    private var saidTypingAt: UInt64?
    private var keyAt: UInt64 = 0
    /// The draft that the other sees, and when they were last told.
    private var shownDraft = ""
    private var draftAt: UInt64 = 0
    /// What is noticed, and since when.
    private var noticed: (text: String, since: UInt64)?
    private var isFocused = true
    private var leavingUntil: UInt64?
    private var isUnread: Bool
    /// What Tab goes through when it is pressed again.
    var choices: Choices?

    /// - Parameter draft: what was being written when the conversation was left.
    package init(_ state: ChatState, columns: Int, rows: Int, style: Style, zone: Zone, draft: String = "") {
        self.state = state
        self.editor = Editor(draft: draft)
        self.style = style
        self.zone = zone
        (self.columns, self.rows) = (max(1, columns), max(1, rows))
        self.isUnread = state.unseen > 0
        self.showFirstNew()
    }

    /// When `time` has something to do.
    package var wakeAt: UInt64? {
        let rest = self.saidTypingAt.map { _ in self.keyAt + Self.typingRest }
        let notice = self.noticed.map { $0.since + Self.noticeStands }
        let draft = self.isDraftDue ? self.draftAt + Self.draftRest : nil
        return [self.state.wakeAt, rest, notice, draft, self.leavingUntil].compactMap { $0 }.min()
    }

    /// Whether the last words are on the screen.
    package var isAtEnd: Bool { self.anchor == nil }

    package mutating func update(_ input: Input, at now: UInt64) -> [Ask] {
        var asks: [Ask] = []
        let notes = self.state.notes.last?.number ?? 0
        switch input {
        case .key(let key): asks = self.press(key, at: now)
        case .event(let event): asks = self.state.hear(event, at: now)
        case .answered(let ask, let result):
            asks = self.state.answered(ask, result, at: now)
            // What the node would not take can be changed and sent again.
            for text in self.state.takeReturned() where self.editor.isEmpty { self.editor.replace(text) }
        case .names(let names, let path): self.offer(names: names, of: path)
        case .resized(let columns, let rows):
            (self.columns, self.rows) = (max(1, columns), max(1, rows))
            self.settleAnchor()
        case .lost(let unanswered): self.state.lost(unanswered)
        case .back: asks = self.state.back(at: now)
        case .said(let text): self.state.tell(text)
        case .time: break
        }
        if self.saidTypingAt != nil, self.keyAt + Self.typingRest <= now { asks += self.rest() }
        asks += self.state.tick(at: now)
        asks += self.farewell(at: now)
        asks += self.showDraft(at: now)
        self.ageNotice(at: now)
        self.showNote(after: notes)
        return asks + self.look()
    }

    private mutating func ageNotice(at now: UInt64) {
        guard let notice = self.state.notice else {
            self.noticed = nil
            return
        }
        if self.noticed?.text != notice { self.noticed = (notice, now) }
        guard let since = self.noticed?.since, since + Self.noticeStands <= now else { return }
        self.state.tell(nil)
        self.noticed = nil
    }

    /// What can be seen has been read.
    private mutating func look() -> [Ask] {
        if self.state.unseen > 0 { self.isUnread = true }
        guard self.isAtEnd, self.isFocused else { return [] }
        self.state.seen()
        guard self.isUnread, self.state.isConnected else { return [] }
        self.isUnread = false
        return [.markRead]
    }

    // MARK: keys

    private mutating func press(_ key: Key, at now: UInt64) -> [Ask] {
        if case .focus(let isFocused) = key {
            self.isFocused = isFocused
            return []
        }
        self.leavingUntil = nil
        if self.state.question != nil { return self.answer(key, at: now) }
        self.state.dismiss()
        if key != .tab { self.choices = nil }
        if self.editor.press(key) { return self.typed(key, at: now) }
        switch key {
        case .enter: return self.enter(at: now)
        case .tab: return self.completeWord()
        case .pageUp: return self.scroll(up: max(1, self.room - 2))
        case .pageDown: self.scroll(down: max(1, self.room - 2))
        case .first: return self.scroll(up: .max)
        case .last, .escape: self.anchor = nil
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .interrupt, .endOfInput: return self.leave(at: now)
        case .undecodable: self.state.tell("Those bytes are not UTF-8 text; they were left out.")
        case .tooLong:
            self.state.tell("That is too long for one message: nothing was pasted. Save it and use /file PATH.")
        default: break
        }
        return []
    }

    /// The key after a question.
    private mutating func answer(_ key: Key, at now: UInt64) -> [Ask] {
        let isLeaving = self.state.question == .leave
        switch key {
        case .text("y") where !isLeaving, .text("Y") where !isLeaving: return self.state.confirm(at: now)
        case .interrupt where isLeaving, .endOfInput where isLeaving: return self.state.confirm(at: now)
        default:
            self.state.dismiss()
            // A letter after "Leave?" belongs to the text.
            return isLeaving ? self.press(key, at: now) : []
        }
    }

    /// Leaves, asks first where something is not sent, and waits a little for what is on its way to the node.
    private mutating func leave(at now: UInt64) -> [Ask] {
        guard self.unsent == nil else {
            self.state.ask(.leave)
            return []
        }
        if self.state.outbox.items.isEmpty { return [.leave] }
        self.leavingUntil = now + Self.farewell
        return []
    }

    private mutating func farewell(at now: UInt64) -> [Ask] {
        guard let until = self.leavingUntil else { return [] }
        let isRefused = self.unsent != nil
        guard isRefused || self.state.outbox.items.isEmpty || until <= now else { return [] }
        self.leavingUntil = nil
        return isRefused ? [] : [.leave]
    }

    /// What is kept for the next time: what the node was not asked to send, and what is being written.
    package var unsent: String? {
        let waiting = self.state.outbox.items.filter { !$0.isAsked || !self.state.isConnected }
        let texts = waiting.map(\.text) + [self.editor.text]
        let whole = texts.filter { $0.contains { !$0.isWhitespace } }.joined(separator: "\n")
        return whole.isEmpty ? nil : whole
    }

    private mutating func enter(at now: UInt64) -> [Ask] {
        self.saidTypingAt = nil
        self.anchor = nil
        guard self.editor.draft.contains(where: { !$0.isWhitespace }) else {
            _ = self.editor.take(remember: false)
            return []
        }
        let line = self.editor.text
        do throws(SlashCommand.Problem) {
            let (command, text) = try SlashCommand.reading(line)
            _ = self.editor.take()
            guard let command else { return self.state.say(text, at: now) }
            return command == .quit ? self.leave(at: now) : self.state.run(command, at: now)
        } catch {
            // The line stays, to be mended.
            self.state.tell(error.message)
            return []
        }
    }

    private mutating func typed(_ key: Key, at now: UInt64) -> [Ask] {
        switch key {
        case .text, .paste, .newline, .backspace, .delete, .yank: break
        default: return []
        }
        self.keyAt = now
        guard !self.editor.isEmpty, self.editor.draft.first != "/", self.state.isConnected else { return self.rest() }
        if let said = self.saidTypingAt, now < said + Self.typingRepeat { return [] }
        self.saidTypingAt = now
        return [.typing(true)]
    }

    /// Where both have it on, the other sees what is typed; not commands.
    private var isDraftDue: Bool {
        self.state.live.ours && self.state.live.theirs && self.state.isConnected && self.visibleDraft != self.shownDraft
    }

    private var visibleDraft: String { self.editor.draft.first == "/" ? "" : self.editor.text }

    private mutating func showDraft(at now: UInt64) -> [Ask] {
        guard self.state.live.ours, self.state.live.theirs else {
            self.shownDraft = ""
            return []
        }
        guard self.isDraftDue, now >= self.draftAt + Self.draftRest else { return [] }
        (self.shownDraft, self.draftAt) = (self.visibleDraft, now)
        return [.draft(self.shownDraft)]
    }

    private mutating func rest() -> [Ask] {
        defer { self.saidTypingAt = nil }
        return self.saidTypingAt == nil ? [] : [.typing(false)]
    }

    mutating func tell(_ text: String) { self.state.tell(text) }

    mutating func older() -> [Ask] { self.state.older() }
}
