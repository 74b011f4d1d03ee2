import EarshotControl
import EarshotModel

/// The window as rows. Reads, and changes nothing.
extension Screen {
    package struct Picture: Sendable, Hashable {
        /// As many as the window has rows, none wider than it.
        package let lines: [String]
        /// Where the cursor stands, from 0.
        package let row: Int
        package let column: Int
    }

    package func draw() -> Picture {
        let (title, status, input) = (self.title, self.status, self.input)
        let room = max(0, self.rows - title.count - status.count - input.lines.count)
        let items = ChatLayout.items(self.state)
        var body = self.bottom(items).map { self.rows(above: $0, most: room, items) } ?? []
        body = [String](repeating: "", count: room - body.count) + body
        let lines = title + body + status + input.lines
        return Picture(
            lines: lines.suffix(self.rows).map(self.style.signs),
            row: min(self.rows - 1, lines.count - input.lines.count + input.row),
            column: min(self.columns - 1, input.column))
    }

    /// Rows there are for what was said.
    var room: Int { max(1, self.rows - self.title.count - self.status.count - self.input.lines.count) }

    // MARK: above

    private var title: [String] {
        guard self.rows >= 4 else { return [] }
        let peer = self.state.peer
        var name = Flow.clip(peer.name, columns: max(1, self.columns - 2))
        if self.state.room == nil { name = self.style.named(name, peer.trust) }
        let told = self.state.presence(of: self.zone, self.style)
        let presence: (text: String, short: String) =
            switch (self.state.isConnected, peer.isOnline) {
            case (false, _): ("node not running", "no node")
            case (true, true): (told, peer.view?.presence.map { $0 == .online ? "here" : $0.rawValue } ?? "here")
            case (true, false): ("\(told): what you write waits", "not here")
            }
        if let attendance = self.state.attendance { return self.roomTitle(name, attendance) }
        let long = " \(name) · \(presence.text)"
        let line =
            Width.of(long) <= self.columns
            ? long : Flow.join([(" " + name, 0), (presence.short, 1)], columns: self.columns)
        let warnings = self.warnings.flatMap { Flow.rows(" " + $0, columns: self.columns) }.prefix(
            max(1, self.rows / 4))
        return [self.style.inverse(Flow.padded(line, columns: self.columns))]
            + warnings.map { self.style.red(self.style.inverse(Flow.padded($0, columns: self.columns))) }
    }

    /// `#ops · 2 of 4 here · on call: Anna`, as much of it as there is room for.
    private func roomTitle(_ name: String, _ attendance: String) -> [String] {
        let here = self.state.isConnected ? attendance : "node not running"
        var line = Flow.join([(" " + name, 0), (here, 1)], columns: self.columns)
        if let topic = self.state.room?.topic, self.columns - Width.of(line) > 8 {
            line = Flow.clip("\(line) · \(topic)", columns: self.columns)
        }
        return [self.style.inverse(Flow.padded(line, columns: self.columns))]
    }

    private var warnings: [String] {
        let peer = self.state.peer
        var warnings: [String] = []
        if let alarm = peer.alarm { warnings.append(alarm) }
        if peer.trust == .conflict {
            let problem = peer.problem ?? "it is not certain who they are"
            warnings.append("nothing is sent: \(problem); \(ChatState.way)")
        }
        if peer.trust == .blocked { warnings.append("blocked: nothing they send reaches you; /unblock undoes it") }
        return warnings
    }

    // MARK: below

    /// What the other is writing just now, as much of its end as there is room for.
    private var liveRows: [String] {
        guard !self.state.theirDraft.isEmpty, self.rows >= 8 else { return [] }
        let text = String(self.state.theirDraft.suffix(1_000))
        let rows = Flow.rows(" \(self.state.peer.name) is writing: \(text)", columns: self.columns)
        return rows.suffix(max(1, min(3, self.rows / 6))).map(self.style.cyan)
    }

    private var status: [String] { self.liveRows + self.statusLine }

    private var statusLine: [String] {
        guard self.rows >= 3 else { return [] }
        let most = max(1, self.rows / 3)
        let indent = self.columns >= 8 ? " " : ""
        let width = self.columns - indent.count
        if let urgent = self.state.asking ?? self.state.notice {
            let rows = Flow.rows(urgent, columns: width)
            let cut =
                rows.count > most
                ? rows.prefix(most - 1) + [Flow.clip((rows.dropFirst(most - 1)).joined(separator: " "), columns: width)]
                : rows[...]
            return cut.map { indent + (self.state.question == nil ? self.style.dim($0) : self.style.yellow($0)) }
        }
        let arrow = self.style.isUnicode ? "↓" : "v"
        var parts: [(text: String, rank: Int)] = []
        if !self.state.isConnected {
            parts.append((Self.first(["node restarting… waiting", "waiting for the node", "no node"], in: width), 0))
            parts.append(("/start starts one", 3))
            if !self.state.outbox.items.isEmpty { parts.append(("\(self.state.outbox.items.count) to send", 1)) }
        }
        if !self.isAtEnd {
            parts.append((self.newBelow > 0 ? "\(arrow) \(self.newBelow) new" : "\(arrow) more", 1))
            parts.append(("PgDn", 2))
        }
        if self.state.live.ours {
            parts.append((self.state.live.theirs ? "live" : "live: they have it off", 3))
        }
        if let typing = self.state.typing, self.state.theirDraft.isEmpty {
            let short = self.state.typists.count == 1 ? "is typing…" : "\(self.state.typists.count) are typing…"
            parts.append((Self.first(["\(typing)…", short, "…"], in: width), 1))
        }
        if let reason = self.state.holdUp { parts.append((reason, 3)) }
        let offers = self.state.offers.count
        if offers > 0 {
            let long = offers == 1 ? "1 offer: /accept" : "\(offers) offers: /accept ID"
            parts.append((Self.first([long, offers == 1 ? "1 offer" : "\(offers) offers"], in: width), 2))
        }
        if parts.isEmpty { parts = [("/help", 1), ("Ctrl-D leaves", 2)] }
        let isNews = !self.isAtEnd && self.newBelow > 0
        let line = Flow.join(parts, columns: width)
        return [indent + (isNews || !self.state.isConnected ? self.style.yellow(line) : self.style.dim(line))]
    }

    /// Unread messages of the other below the window.
    private var newBelow: Int {
        let items = ChatLayout.items(self.state)
        guard self.state.unseen > 0, let bottom = self.bottom(items) else { return 0 }
        let below = items[(bottom.index + 1)...].count { item in
            if case .message(let index) = item { !self.state.messages[index].isMine } else { false }
        }
        return min(self.state.unseen, below)
    }

    /// The first that fits; the shortest is the last.
    private static func first(_ texts: [String], in columns: Int) -> String {
        texts.first { Width.of($0) <= columns } ?? texts.last ?? ""
    }

    // MARK: the text being written

    private var prompt: String { self.style.isUnicode ? "› " : "> " }

    /// The draft around the cursor in rows, and where the cursor is in them.
    private var input: (lines: [String], row: Int, column: Int) {
        let most = max(1, self.rows / 3)
        let indent = self.columns >= 8 ? 2 : 0
        let width = max(1, self.columns - indent)
        let (all, row, column) = self.draftRows(width: width, around: (most + 1) * width)
        let first = max(0, min(row, all.count - most))
        let shown = all[first..<min(all.count, first + most)]
        let lines = shown.enumerated().map { index, line in
            (indent == 0 ? "" : first + index == 0 ? self.style.bold(self.prompt) : "  ") + line
        }
        return (lines, row - first, column + indent)
    }

    /// - Parameter around: characters before and behind the cursor that are laid out: a long draft is not laid out
    ///   whole for every key.
    private func draftRows(width: Int, around: Int) -> (rows: [String], row: Int, column: Int) {
        let draft = self.editor.draft
        let cursor = self.editor.cursor
        let start = self.windowStart(around)
        var rows = [""]
        var (row, column, used) = (0, 0, 0)
        func newRow() {
            rows.append("")
            used = 0
        }
        for index in start..<min(draft.count, cursor + around) {
            let character = draft[index]
            let shown = character == "\t" ? "    " : String(character)
            let size = character == "\n" ? 0 : min(width, character == "\t" ? 4 : Width.of(character))
            if used + size > width || character == "\n" && index == cursor && used == width { newRow() }
            if index == cursor { (row, column) = (rows.count - 1, used) }
            guard character != "\n" else {
                newRow()
                continue
            }
            rows[rows.count - 1] +=
                Width.of(shown) > width ? String(shown.prefix(width == 1 && character != "\t" ? 0 : width)) : shown
            used += size
        }
        if cursor == draft.count {
            if used >= width { newRow() }
            (row, column) = (rows.count - 1, used)
        }
        return (rows, row, column)
    }

    /// A place before the cursor from which the draft is laid out: its beginning, the beginning of a line, or so many
    /// characters back.
    private func windowStart(_ around: Int) -> Int {
        let cursor = self.editor.cursor
        guard cursor > around else { return 0 }
        // Rows that are full begin at whole steps, so that the text does not run while one writes.
        let step = cursor / around * around - around
        return self.editor.draft[max(0, step)..<cursor].firstIndex(of: "\n").map { $0 + 1 } ?? max(0, step)
    }
}
