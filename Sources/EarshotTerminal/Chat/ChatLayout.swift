import EarshotControl
import EarshotModel

/// A conversation as rows of a window. No row is wider than it, however narrow it is.
package struct ChatLayout: Sendable {
    /// Something that stands in the window by itself.
    package enum Item: Sendable, Hashable {
        case request
        /// No messages yet.
        case empty
        case message(Int)
        case note(Int)
        /// A text that the node does not have yet.
        case pending(Int)
    }

    /// What names an item while others come and go.
    package enum ItemID: Sendable, Hashable {
        case request, empty
        case message(EnvelopeID)
        /// Their numbers.
        case note(Int)
        case pending(Int)
    }

    package let columns: Int
    let style: Style
    let zone: Zone
    private var plain: Style { Style(hasColour: false, isUnicode: self.style.isUnicode) }

    package init(columns: Int, style: Style, zone: Zone) {
        self.columns = max(1, columns)
        self.style = style
        self.zone = zone
    }

    /// Everything in the order it stands in.
    package static func items(_ state: ChatState) -> [Item] {
        var notes = state.notes.indices[...]
        var known = Set(state.notes.compactMap(\.after))
        known.subtract(state.messages.map(\.id))
        // Notes behind a message that is not there any more stand at the beginning.
        func takeNotes(after id: EnvelopeID?) -> [Item] {
            var taken: [Item] = []
            while let index = notes.first,
                state.notes[index].after == id || id == nil && state.notes[index].after.map(known.contains) ?? true
            {
                taken.append(.note(index))
                notes = notes.dropFirst()
            }
            return taken
        }
        var items: [Item] = state.request != nil ? [.request] : state.messages.isEmpty && state.isWhole ? [.empty] : []
        items += takeNotes(after: nil)
        for (index, message) in state.messages.enumerated() {
            items.append(.message(index))
            if !notes.isEmpty { items += takeNotes(after: message.id) }
        }
        items += notes.map { .note($0) }
        return items + state.outbox.unseen.indices.map { .pending($0) }
    }

    static func id(_ item: Item, _ state: ChatState) -> ItemID {
        switch item {
        case .request: .request
        case .empty: .empty
        case .message(let index): .message(state.messages[index].id)
        case .note(let index): .note(state.notes[index].number)
        case .pending(let index): .pending(state.outbox.unseen[index].number)
        }
    }

    package func rows(_ item: Item, _ state: ChatState) -> [String] {
        switch item {
        case .request: return self.request(state)
        case .empty:
            let isStranger = state.peer.trust == .new
            let hint =
                "No messages yet.\(isStranger ? " Your first message asks \(state.peer.name) to talk to you." : "")"
            return Flow.rows(hint, columns: self.columns).map(self.style.dim)
        case .message(let index): return self.separators(index, state) + self.message(state.messages[index], state)
        case .note(let index): return self.note(state.notes[index], state)
        case .pending(let index):
            let mark = self.style.isUnicode ? "…" : "..."
            return self.block(
                time: "     ", name: "", isMine: true, text: state.outbox.unseen[index].text.prefix(4_000) + " " + mark,
                tail: "")
        }
    }

    // MARK: between messages

    /// The day where it is another than before, and where the new ones begin.
    private func separators(_ index: Int, _ state: ChatState) -> [String] {
        let message = state.messages[index]
        var rows: [String] = []
        let day = self.zone.local(message.at)
        let before = index > 0 ? self.zone.local(state.messages[index - 1].at).date : self.zone.now.date
        if day.date != before { rows.append(self.style.dim(self.rule(day.day))) }
        if message.id == state.newFrom { rows.append(self.style.yellow(self.rule("new"))) }
        return rows
    }

    /// `── Tuesday 24 November 2026 ──`, as much of it as there is room for.
    private func rule(_ text: String) -> String {
        let line = self.style.isUnicode ? "──" : "--"
        if text.isEmpty { return Flow.clip(line + line, columns: self.columns) }
        return Flow.clip(self.columns >= Width.of(text) + 6 ? "\(line) \(text) \(line)" : text, columns: self.columns)
    }

    // MARK: messages

    private func request(_ state: ChatState) -> [String] {
        let words = state.request ?? ""
        let time = state.peer.requestedAt.map { self.zone.local($0) }
        let day = time.map { $0.date == self.zone.now.date ? [] : [self.style.dim(self.rule($0.day))] } ?? []
        let rows = self.block(time: time?.clock ?? "--:--", name: state.peer.name, isMine: false, text: words, tail: "")
        guard state.peer.trust == .requested else { return day + rows }
        let hint =
            """
            \(state.peer.name) would like to talk to you. /accept accepts them, and so does an answer; /block blocks \
            them.
            """
        return day + rows + Flow.rows(hint, columns: self.columns).map(self.style.yellow)
    }

    func message(_ message: ChatMessage, _ state: ChatState, isDated: Bool = false) -> [String] {
        let local = self.zone.local(message.at)
        let time = isDated ? local.brief(today: self.zone.now.date) : local.clock
        let pin = state.isPinned(message.id) ? "pinned" : ""
        let tail = (message.reactions + [message.progress(self.style), pin, message.id.mark]).filter { !$0.isEmpty }
            .joined(separator: " ")
        var rows: [String] = []
        if let reply = message.reply {
            let quote = reply.text.map { " " + (self.style.isUnicode ? "“\($0)”" : "\"\($0)\"") } ?? ""
            let line = "\(self.style.isUnicode ? "↪" : "re") \(reply.to.mark)\(quote)"
            rows.append(self.style.dim(Flow.clip(self.columns >= 40 ? "      " + line : line, columns: self.columns)))
        }
        let (name, alarm) = (message.author.name, message.author.alarm)
        rows += self.block(
            time: time, name: alarm.isEmpty ? name : "\(name) \(alarm)", isMine: message.isMine, text: message.text,
            styled: message.body.styled, tail: tail,
            isUrgent: state.isForUs(message))
        if message.file != nil { rows += self.transfer(message.id, state) }
        return rows
    }

    /// Time and name, the text beside or under them, and behind it what is told of the message.
    private func block(
        time: String, name: String, isMine: Bool, text: String, styled: StyledText? = nil, tail: String,
        isUrgent: Bool = false
    ) -> [String] {
        let colour: (String) -> String = {
            isMine ? self.style.cyan($0) : isUrgent ? self.style.yellow($0) : self.style.bold($0)
        }
        let beside = Width.of(time) + 1 + Width.of(name) + 2
        let ending = tail.isEmpty ? 0 : 2 + Width.of(tail)
        let dimmed = tail.isEmpty ? "" : "  " + self.style.dim(tail)
        let isShort = !text.contains("\n") && !text.contains("\t") && beside + Width.of(text) + ending <= self.columns
        let head = "\(self.style.dim(time)) \(colour(name))  "
        func drawn(_ rows: [String]) -> [String] { styled?.drawn(rows, self.style) ?? rows }
        if isShort { return drawn([text]).map { head + $0 + dimmed } }
        let isBeside = self.columns - beside >= 24
        let indent = isBeside ? beside : self.columns >= 16 ? 2 : 0
        let pad = String(repeating: " ", count: indent)
        var rows = Flow.rows(text, columns: self.columns - indent)
        let fits = indent + Width.of(rows.last ?? "") + ending <= self.columns
        let last = rows.count - 1
        rows = drawn(rows).enumerated().map { index, row in
            (index == 0 && isBeside ? head : pad) + row + (index == last && fits ? dimmed : "")
        }
        if !isBeside, !name.isEmpty { rows.insert(self.heading(time, name, colour), at: 0) }
        if !fits, !tail.isEmpty {
            rows += Flow.rows(tail, columns: self.columns - indent).map { pad + self.style.dim($0) }
        }
        return rows
    }

    private func heading(_ time: String, _ name: String, _ colour: (String) -> String) -> String {
        let room = self.columns - Width.of(time) - 1
        guard room >= 4 else { return colour(Flow.clip(name, columns: self.columns)) }
        return "\(self.style.dim(time)) \(colour(Flow.clip(name, columns: room)))"
    }

    // MARK: files

    /// How an offer stands: a warning, a bar that moves, what became of it.
    private func transfer(_ id: EnvelopeID, _ state: ChatState) -> [String] {
        let lines = TransferLines(style: self.plain)
        let indent = self.columns >= 40 ? 6 : self.columns >= 16 ? 2 : 0
        let pad = String(repeating: " ", count: indent)
        let room = self.columns - indent
        let all = state.transfers(of: id)
        guard let transfer = all.first else { return [] }
        if transfer.message != nil { return self.members(all, room, state).map { pad + $0 } }
        var rows: [String] = []
        rows += lines.contents(transfer).flatMap { Flow.rows($0, columns: room) }.map(self.style.red)
        switch transfer.state {
        case .active:
            // The node knows best how fast it goes, and when nothing comes.
            let rate = transfer.rate.map { Double($0) } ?? state.rates[id]?.rate ?? 0
            rows.append(self.style.cyan(lines.progress(transfer, rate: rate, columns: room, style: self.style)))
            if let reason = transfer.reason { rows += Flow.rows(reason, columns: room).map(self.style.dim) }
        case .offered where transfer.direction == .in:
            let short = id.mark
            rows += Flow.rows("/accept \(short) or /decline \(short)", columns: room).map(self.style.yellow)
        case .complete:
            let places = (transfer.files ?? []).prefix(3)
            let text = "\(lines.state(transfer))\(places.isEmpty ? "" : ": " + places.joined(separator: ", "))"
            rows += Flow.rows(text, columns: room).map(self.style.green)
        case .offered, .waiting, .paused, .declined, .cancelled, .failed:
            rows += Flow.rows(lines.state(transfer), columns: room).map(self.style.dim)
        }
        return rows.map { pad + $0 }
    }

    /// What both screens show, if nobody is in between.
    private func comparison(_ view: VerificationView, _ state: ChatState) -> [String] {
        let names = view.names ?? []
        let emoji = view.emoji ?? []
        let both = self.style.isUnicode && emoji.count == names.count
        // A picture stays with its name where the row ends.
        let words = both ? zip(emoji, names).map { "\($0)\u{A0}\($1)" } : names
        return Flow.rows("\(state.peer.name) sees this too, if nobody is in between:", columns: self.columns)
            .map(self.style.yellow)
            + Flow.rows("  " + (view.numbers ?? ""), columns: self.columns).map(self.style.bold)
            + Flow.rows("  " + words.joined(separator: "  "), columns: self.columns).map(self.style.bold)
            + Flow.rows("Is it the same on both screens? /verify yes or /verify no", columns: self.columns)
            .map(self.style.yellow)
    }

    /// How far those of a room are with what we offer there: a bar for each to whom it goes just now, the others by
    /// how it stands with them.
    private func members(_ all: [TransferView], _ room: Int, _ state: ChatState) -> [String] {
        let active = all.filter { $0.state == .active }
        let bars = active.prefix(6).map { transfer in
            let name = Flow.clip(transfer.peer, columns: max(4, room / 3)) + " "
            let rate = transfer.rate.map { Double($0) } ?? state.rates[transfer.id]?.rate ?? 0
            return self.style.cyan(
                name
                    + TransferLines(style: self.plain).progress(
                        transfer, rate: rate, columns: max(4, room - Width.of(name)), style: self.style))
        }
        let more = active.count > 6 ? ["active: \(active.count - 6) more"] : []
        let rest = TransferState.allCases.filter { $0 != .active }.compactMap { kind -> String? in
            let names = all.filter { $0.state == kind }.map(\.peer)
            guard !names.isEmpty else { return nil }
            let hidden = names.count > 6 ? " and \(names.count - 6) more" : ""
            let word = kind == .offered ? "waiting for an answer" : kind.rawValue
            return "\(word): \(names.prefix(6).joined(separator: ", "))\(hidden)"
        }
        let words = (more + rest).joined(separator: " · ")
        return Array(bars) + (words.isEmpty ? [] : Flow.rows(words, columns: room).map(self.style.dim))
    }

    // MARK: notes

    private func note(_ note: ChatState.Note, _ state: ChatState) -> [String] {
        switch note.content {
        case .lines(let lines): return lines.flatMap { Flow.rows($0, columns: self.columns) }.map(self.style.dim)
        case .warning(let text): return Flow.rows(text, columns: self.columns).map(self.style.red)
        case .comparison(let view): return self.comparison(view, state)
        case .found(let messages):
            let count = "\(messages.count) message\(messages.count == 1 ? "" : "s") found"
            return [self.style.dim(self.rule(count))] + messages.flatMap { self.message($0, state, isDated: true) } + [
                self.style.dim(self.rule(""))
            ]
        case .transfers:
            let all = state.transfers.values.sorted(by: ChatState.isOlder).suffix(20)
            if all.isEmpty {
                return Flow.rows("No files yet. /file PATH offers one.", columns: self.columns).map(self.style.dim)
            }
            let lines = TransferLines(style: self.plain)
            return all.flatMap { Flow.rows(lines.line($0), columns: self.columns) }
        }
    }
}
