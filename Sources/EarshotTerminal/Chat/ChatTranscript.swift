import EarshotControl
import EarshotModel

/// A conversation line by line, for terminals that cannot place a cursor and for those who would rather have it so.
/// What is new is written below what was; a line that is typed is a text or a command, as in the window.
package struct ChatTranscript: Sendable {
    /// Messages shown on entering, besides the new ones.
    private static let shownAtFirst = 20

    package private(set) var state: ChatState
    private let style: Style
    private let zone: Zone
    private var columns: Int
    /// As they were written last.
    private var written: [EnvelopeID: ChatMessage] = [:]
    private var writtenNotes = 0
    private var transferStates: [EnvelopeID: TransferState] = [:]
    private var isOnline: Bool
    private var isConnected = true
    private var hasRequest = false
    private var lastDay: CivilDate?
    private var asked: ChatState.Question?
    private var alarm: String?
    /// Ids of messages typed here: the terminal shows them already.
    private var typed: Set<EnvelopeID> = []

    package init(_ state: ChatState, columns: Int, style: Style, zone: Zone) {
        self.state = state
        self.style = style
        self.zone = zone
        self.columns = columns
        self.isOnline = state.peer.isOnline
        self.lastDay = zone.now.date
        for (id, transfer) in state.transfers { self.transferStates[id] = transfer.state }
    }

    private var layout: ChatLayout { ChatLayout(columns: self.columns, style: self.style, zone: self.zone) }

    /// The lines a conversation begins with.
    package mutating func open() -> [String] {
        let peer = self.state.peer
        var lines = Flow.rows(
            "\(peer.name) · \(self.presence) · /help lists commands, Ctrl-D leaves", columns: self.columns)
        let shown = max(Self.shownAtFirst, self.state.unseen)
        for message in self.state.messages.dropLast(shown) { self.written[message.id] = message }
        lines = lines.map(self.style.signs) + self.news()
        self.state.seen()
        return lines
    }

    private var presence: String {
        if let attendance = self.state.attendance { return attendance }
        let words = self.state.presence(of: self.zone, self.style)
        return self.state.peer.isOnline ? words : "\(words): what you write waits"
    }

    // MARK: in

    package mutating func update(_ input: Screen.Input, at now: UInt64) -> (asks: [Ask], lines: [String]) {
        var asks: [Ask] = []
        switch input {
        case .event(let event): asks = self.state.hear(event, at: now)
        case .answered(let ask, let result):
            asks = self.state.answered(ask, result, at: now)
            if case .send = ask, case .success(.sent(let sent)) = result { self.typed.formUnion(sent.map(\.id)) }
            _ = self.state.takeReturned()
        case .lost(let unanswered): self.state.lost(unanswered)
        case .back: asks = self.state.back(at: now)
        case .said(let text): self.state.tell(text)
        case .resized(let columns, _): self.columns = columns
        case .key, .names, .time: break
        }
        asks += self.state.tick(at: now)
        let unseen = self.state.unseen
        let lines = self.news()
        self.state.seen()
        return (asks + (unseen > 0 && self.state.isConnected ? [.markRead] : []), lines)
    }

    /// A line that was typed.
    package mutating func read(_ line: String, at now: UInt64) -> (asks: [Ask], lines: [String]) {
        if self.state.question != nil {
            let isYes = ["y", "yes"].contains(line.lowercased().filter { !$0.isWhitespace })
            let asks = isYes ? self.state.confirm(at: now) : []
            self.state.dismiss()
            return (asks, self.news())
        }
        guard line.contains(where: { !$0.isWhitespace }) else { return ([], []) }
        var asks: [Ask] = []
        do throws(SlashCommand.Problem) {
            let (command, text) = try SlashCommand.reading(line)
            asks = command.map { self.state.run($0, at: now) } ?? self.state.say(text, at: now)
        } catch {
            self.state.tell(error.message)
        }
        return (asks, self.news())
    }

    /// Whether all that was typed is with the node.
    package var isSettled: Bool { self.state.outbox.items.isEmpty }

    // MARK: out

    /// What was not written yet, and what has changed since it was.
    private mutating func news() -> [String] {
        var lines: [String] = []
        if self.state.request != nil, !self.hasRequest {
            self.hasRequest = true
            lines += self.layout.rows(.request, self.state)
        }
        for message in self.state.messages where self.written[message.id] != message { lines += self.line(message) }
        for note in self.state.notes.indices where self.state.notes[note].number > self.writtenNotes {
            self.writtenNotes = self.state.notes[note].number
            lines += self.layout.rows(.note(note), self.state)
        }
        lines += self.transferNews()
        if self.state.isConnected != self.isConnected {
            self.isConnected = self.state.isConnected
            lines.append(self.isConnected ? "(the node is back)" : "(node restarting… waiting)")
            self.isOnline = self.isConnected ? false : self.state.peer.isOnline
        }
        if self.state.isConnected, self.state.peer.isOnline != self.isOnline {
            self.isOnline = self.state.peer.isOnline
            let words = self.state.presence(of: self.zone, self.style)
            let who = self.state.room == nil ? self.state.peer.name : self.isOnline ? "somebody else" : "nobody else"
            let place = self.state.room != nil ? "here" : self.isOnline ? words : "not here"
            lines.append("(\(who) is \(place))")
        }
        if self.state.peer.alarm != self.alarm {
            self.alarm = self.state.peer.alarm
            if let alarm { lines += Flow.rows("\(self.state.peer.name) \(alarm)", columns: self.columns) }
        }
        if let notice = self.state.notice {
            lines += Flow.rows(notice, columns: self.columns)
            self.state.tell(nil)
        }
        if self.state.question != self.asked {
            self.asked = self.state.question
            if let asking = self.state.asking { lines += Flow.rows(asking, columns: self.columns) }
        }
        return lines.map(self.style.signs)
    }

    private mutating func line(_ message: ChatMessage) -> [String] {
        let before = self.written[message.id]
        self.written[message.id] = message
        if let before, before.text == message.text, before.reactions == message.reactions {
            // Only how far it has come.
            let hasMoved = before.state != message.state || before.delivery.keepers != message.delivery.keepers
            let keepers = message.delivery.keepers
            let left = keepers.isEmpty ? "" : " \(Printout.left(keepers))"
            return message.isMine && hasMoved ? ["  \(self.style.tick(message.state))\(left) \(message.id.mark)"] : []
        }
        if before == nil, message.isMine, self.typed.remove(message.id) != nil || self.isTyped(message) {
            return ["  \(self.style.tick(message.state)) \(message.id.mark)"]
        }
        var lines: [String] = []
        let day = self.zone.local(message.at)
        if day.date != self.lastDay {
            self.lastDay = day.date
            lines += Flow.rows("\(self.style.isUnicode ? "──" : "--") \(day.day)", columns: self.columns)
        }
        self.transferStates[message.id] =
            self.state.transfers[message.id]?.state ?? self.transferStates[message.id]
        return lines + self.layout.message(message, self.state)
    }

    /// The event of a message may come before the answer that names it.
    private func isTyped(_ message: ChatMessage) -> Bool {
        self.state.outbox.items.contains { $0.isAsked && $0.text == message.text }
    }

    /// Each state of a transfer once; its progress is no news.
    private mutating func transferNews() -> [String] {
        var lines: [String] = []
        for transfer in self.state.transfers.values.sorted(by: ChatState.isOlder) {
            guard self.transferStates[transfer.id] != transfer.state else { continue }
            let isFirst = self.transferStates.updateValue(transfer.state, forKey: transfer.id) == nil
            // An offer is told by its message.
            if isFirst, transfer.state == .offered || transfer.state == .waiting { continue }
            let plain = TransferLines(style: Style(hasColour: false, isUnicode: self.style.isUnicode))
            lines += Flow.rows(plain.line(transfer), columns: self.columns)
        }
        return lines
    }
}
