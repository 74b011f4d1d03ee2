import EarshotControl
import EarshotModel

/// Answers of the door as text for people. `columns` is the width of the window; nil where there is none: then
/// nothing is wrapped or shortened, and each message carries its whole date, so that every line can be searched for
/// by itself.
package struct Printout: Sendable {
    let style: Style
    let zone: Zone
    /// `nil`: the machine's clock, looked at each time, for what runs for days.
    private let fixedNow: LocalTime?
    let state: String?

    /// - Parameter state: the folder that `--state` named, for the commands that are proposed.
    package init(style: Style, zone: Zone = .system, now: LocalTime? = nil, state: String? = nil) {
        self.style = style
        self.state = state
        self.zone = zone
        self.fixedNow = now
    }

    package init(style: Style, minutesEast: Int) { self.init(style: style, zone: .fixed(minutesEast: minutesEast)) }

    /// The folder that `--state` named.
    var folder: String? { self.state }

    private var now: LocalTime { self.fixedNow ?? self.zone.now }

    /// What puts the day between messages.
    package var days: Days { Days(zone: self.zone, style: self.style, today: self.now.date) }

    /// The line above what happens now, if a day has begun.
    package func today(_ days: inout Days) -> String? { days.line(before: self.now) }

    // MARK: messages

    /// How the time stands before a message.
    package enum Stamp: Sendable {
        /// Hours and minutes: the day stands above.
        case clock
        /// With the date where it is not today.
        case brief
    }

    /// Messages in their order, with the days between them.
    package func messages(_ messages: [MessageView], columns: Int?, breaksURLs: Bool = true) -> [String] {
        var days = self.days
        return messages.flatMap { message -> [String] in
            let day = columns == nil ? nil : days.line(before: message.at)
            return [day].compactMap { $0 } + self.message(message, columns: columns, breaksURLs: breaksURLs)
        }
    }

    /// - Parameters:
    ///   - longest: characters of text that are shown in a window.
    ///   - breaksURLs: whether a URL too is kept within the window, where nothing may be wider.
    ///   - namesBoth: whether a message of ours says to whom it went.
    package func message(
        _ message: MessageView, columns: Int?, longest: Int? = 4_000, stamp: Stamp = .clock, breaksURLs: Bool = true,
        namesBoth: Bool = false
    ) -> [String] {
        let mine = message.mine
        var from = mine ? message.fromName : self.style.named(message.fromName, message.trust)
        if namesBoth, mine || message.room != nil {
            let to = message.room != nil ? message.toName : self.style.named(message.toName, message.trust)
            from += "\(self.style.isUnicode ? " → " : " to ")\(to)"
        }
        let time = columns == nil ? self.zone.local(message.at).full : self.time(message.at, stamp)
        let alarm = mine || message.looksLike == nil ? "" : " \(self.style.alarmText(message))"
        let head = "\(time) \(from)\(alarm)"
        let text = self.text(of: message, longest: columns == nil ? nil : longest)
        var (indent, lines) = (
            Width.of(head) + 2, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
        if let columns { (indent, lines) = self.laid(text, beside: indent, columns, breaksURLs) }
        if let styled = StyledText(message, longest: columns == nil ? nil : longest) {
            lines = styled.drawn(lines, self.style)
        }
        let colour: (String) -> String = { mine ? self.style.cyan($0) : self.style.bold($0) }
        let pad = String(repeating: " ", count: indent)
        var out = lines.enumerated().map { index, line in
            index == 0 ? "\(self.style.dim(time)) \(colour(from))\(self.style.red(alarm))  \(line)" : pad + line
        }
        if let reply = message.replyTo {
            let quote = message.replyText.map { " \(self.style.quoted($0))" } ?? ""
            let mark = self.style.isUnicode ? "↪" : "re"
            let line = "\(String(repeating: " ", count: min(6, indent)))\(mark) \(reply.mark)\(quote)"
            out.insert(self.style.dim(columns.map { Width.fit(line, $0 - 1) } ?? line), at: 0)
        }
        let reactions = (message.reactions ?? []).map(\.emoji).joined(separator: " ")
        var state = mine ? self.style.tick(message.state) : ""
        if mine, let receipts = message.receipts, receipts.members > 0 { state += " " + self.counts(receipts) }
        if let keepers = message.leftWith { state += " \(Self.left(keepers))" }
        let mark = message.state == .requested ? "" : message.id.mark
        let marks = [reactions, state, mark].filter { !$0.isEmpty }
        if !marks.isEmpty { out[out.count - 1] += "  " + self.style.dim(marks.joined(separator: " ")) }
        if message.state == .requested {
            var peer = PersonView(person: message.from, name: message.fromName, trust: .requested, online: false)
            peer.looksLike = message.looksLike
            let hint = "waiting for your answer: \(self.request(peer).command)"
            out += (columns.map { Width.wrap(hint, $0 - 3) } ?? [hint]).map { "  " + self.style.yellow($0) }
        }
        return out
    }

    /// The words of a message, or what stands for them.
    func text(of message: MessageView, longest: Int?) -> String {
        if message.deleted == true { return "(deleted)" }
        if let problem = message.problem {
            return "(this could not be put into the history: \(problem); it is kept, see `earshot doctor`)"
        }
        if let kind = message.unknownKind { return "(something this version cannot show: kind \(kind))" }
        if let file = message.file {
            let plain = TransferLines(style: Style(hasColour: false, isUnicode: self.style.isUnicode))
            return "\(message.mine ? "offered" : "offers") \(plain.what(file))"
        }
        var text = message.text
        if SafeText.isBlank(text) { text = "(no visible characters)" }
        if let longest, text.count > longest {
            text = "\(text.prefix(longest))\(self.style.ellipsis) (\(text.count) characters; --json has them all)"
        }
        if message.edited != nil { text += " (edited)" }
        if message.incomplete == true { text += " (more is on its way)" }
        if let invitation = message.invitation {
            text = "\(message.mine ? "invited to" : "invites you to") \(invitation.name)"
        }
        if message.asks == true {
            let count = message.acknowledged?.count ?? 0
            text +=
                count == 0 ? " (please acknowledge)" : " (please acknowledge: \(count) \(count == 1 ? "has" : "have"))"
        }
        return text
    }

    /// Under the name where there is room beside it, else under the time.
    private func laid(_ text: String, beside: Int, _ columns: Int, _ breaksURLs: Bool) -> (indent: Int, lines: [String])
    {
        // A tab would jump to wherever the terminal has its stops.
        let text = text.replacing("\t", with: "    ")
        if columns - beside - 10 >= 20 || Width.of(text) + beside + 10 <= columns {
            return (beside, Width.wrap(text, columns - beside - 10, breaksURLs: breaksURLs))
        }
        return (2, [""] + Width.wrap(text, max(8, columns - 3), breaksURLs: breaksURLs))
    }

    /// Messages that were found, under one heading for each conversation; the conversations in the order of their
    /// first hit.
    package func found(_ messages: [MessageView], words: [String], columns: Int?) -> [String] {
        var order: [Hash32?] = []
        var hits: [Hash32?: [MessageView]] = [:]
        for message in messages {
            let other = message.room?.hash ?? message.other?.hash
            if hits[other] == nil { order.append(other) }
            hits[other, default: []].append(message)
        }
        return order.enumerated().flatMap { index, other -> [String] in
            let list = hits[other] ?? []
            let room = list.first?.room
            let other = list.first?.otherName ?? "?"
            let name = room == nil ? self.style.named(other, list.first?.trust) : other
            // In a room it stands beside the message.
            let alarm = room == nil ? self.style.alarm(list.first) : ""
            let id = room?.brief ?? list.first?.other?.brief ?? ""
            let heading =
                self.style.bold(room == nil ? "With \(name)" : "In \(name)") + (alarm.isEmpty ? "" : " \(alarm)")
                + self.style.dim("  \(id)")
            return (index > 0 ? [""] : []) + [heading] + list.flatMap { self.found($0, words: words, columns: columns) }
        }
    }

    /// A message as something found: what is around the first of the words in it.
    package func found(_ message: MessageView, words: [String], columns: Int?) -> [String] {
        let text = message.text
        guard text.count > 300, columns != nil else {
            return self.message(message, columns: columns, stamp: .brief, breaksURLs: false)
        }
        let lowered = text.lowercased()
        let starts = words.compactMap { lowered.firstRange(of: $0.lowercased())?.lowerBound }
        let at = starts.map { lowered.distance(from: lowered.startIndex, to: $0) }.min() ?? 0
        let from = max(0, min(at - 80, text.count - 240))
        let end = from + 240 < text.count ? self.style.ellipsis : ""
        var shown = message
        shown.spans = nil
        shown.text = (from > 0 ? self.style.ellipsis : "") + String(text.dropFirst(from).prefix(240)) + end
        return self.message(shown, columns: columns, stamp: .brief, breaksURLs: false)
    }

    // MARK: times

    /// Hours and minutes by the clock on the wall of that day; with the date where `stamp` says so.
    /// A moment, with the date where it is not today.
    func moment(_ time: Timestamp) -> String { self.time(time, .brief) }

    private func time(_ time: Timestamp, _ stamp: Stamp) -> String {
        let local = self.zone.local(time)
        return stamp == .clock ? local.clock : local.brief(today: self.now.date)
    }

    // MARK: events

    /// - Parameter columns: nil where the output is no terminal.
    package func event(_ event: EventView, columns: Int?) -> [String] {
        switch event.what {
        case .receipt(let message): [self.receipt(message, columns)]
        case .message(let message), .edit(let message), .delete(let message), .reaction(let message):
            self.message(message, columns: columns, stamp: .brief, breaksURLs: false, namesBoth: true)
        case .request(let peer): self.passing(self.asks(peer), columns)
        case .contact(let peer): self.passing(self.style.dim(self.standing(peer)), columns)
        case .presence(let peer, let online):
            self.passing(self.style.dim("\(self.name(peer)) \(self.presence(peer, online))"), columns)
        case .typing(let peer, let on, let room):
            self.passing(
                self.style.dim("\(self.name(peer)) \(on ? "is typing" : "stopped typing")\(Self.place(room))"), columns)
        case .live(let peer, let on, let text):
            self.passing(
                self.style.dim(
                    text.isEmpty
                        ? "\(self.name(peer)) \(on ? "shows" : "no longer shows") what they type while they type"
                        : "\(self.name(peer)) is writing: \(self.oneLine(text, 200))"), columns)
        case .peer(let peer): self.passing(self.style.dim("\(self.name(peer)) is on this network"), columns)
        case .warning(let peer, let kind, let room):
            self.passing(self.style.red(self.warning(kind, self.name(peer), room)), columns)
        case .room(let room): self.passing(self.changed(room), columns)
        case .talk: []
        case .offer(let transfer): self.offer(transfer).flatMap { self.passing($0, columns) }
        case .transfer(let transfer): self.passing(TransferLines(style: self.style).line(transfer), columns)
        case .verification(let peer, let verification):
            self.verification(peer, verification).flatMap { self.passing($0, columns) }
        case .invitation(let state, let peer, let left):
            self.passing(self.invitation(state, peer.map(self.name), triesLeft: left), columns)
        }
    }

    private static func place(_ room: RoomView?) -> String { room.map { " in \(RoomResolver.shown($0.name))" } ?? "" }

    private func presence(_ peer: PersonView, _ isOnline: Bool) -> String {
        guard isOnline else { return "has left" }
        let note = PresenceLines(style: self.style, zone: self.zone).note(peer)
        let isHere = peer.presence ?? .online == .online
        return "is " + (isHere ? "here" + (note.isEmpty ? "" : " \(note)") : note)
    }

    /// What is not a message, with the time it came.
    private func passing(_ line: String, _ columns: Int?) -> [String] {
        ["\(self.style.dim(columns == nil ? self.now.full : self.now.clock)) \(line)"]
    }

    private func receipt(_ message: MessageView, _ columns: Int?) -> String {
        let what = self.oneLine(message.file?.name ?? message.text, 60)
        let time = columns == nil ? self.now.full : self.now.clock
        if message.state == .queued {
            let to = self.style.named(message.toName, message.trust)
            let left = message.leftWith.map(Self.left) ?? "left with nobody any more"
            let line = "\(time) \(self.style.tick(message.state)) \(left) for \(to): "
            return self.style.dim("\(line)\(self.style.quoted(what))  \(message.id.mark)")
        }
        let done = message.state == .read ? "has read" : "has received"
        let who = "\(self.style.tick(message.state)) \(self.style.named(message.toName, message.trust))"
        return self.style.dim("\(time) \(who) \(done) \(self.style.quoted(what))  \(message.id.mark)")
    }

    /// `left with Carol`.
    static func left(_ keepers: [PersonReference]) -> String {
        "left with \(keepers.map(\.name).joined(separator: ", "))"
    }

    func name(_ peer: PersonView) -> String {
        let alarm = self.style.alarmText(peer)
        return self.style.named(peer.name, peer.trust) + (alarm.isEmpty ? "" : " \(alarm)")
    }

    private func asks(_ peer: PersonView) -> String {
        let (words, command) = self.request(peer)
        let shown = words.isEmpty ? "" : ": " + words
        return self.style.yellow("\(self.name(peer)) would like to talk to you\(shown)  \(command)")
    }

    private func offer(_ transfer: TransferView) -> [String] {
        let command = "`\(Quoting.command("accept-file", transfer.id.brief, state: self.state))`"
        let lines = TransferLines(style: self.style)
        return [self.style.yellow("an offer: ") + lines.line(transfer) + "  " + command]
            + lines.contents(transfer).map { "    " + $0 }
    }

    private func standing(_ peer: PersonView) -> String {
        let name = self.name(peer)
        return switch peer.trust {
        case .accepted: "\(name) is one of your contacts"
        case .verified: "\(name) is one of your contacts, and verified"
        case .blocked: "\(name) is blocked"
        case .conflict: "Nothing is sent to \(name): \(peer.problem ?? "it is not certain who they are")."
        case .new, .requested: "\(name) is not one of your contacts"
        }
    }

    private func warning(_ kind: WarningKind, _ name: String, _ room: RoomView?) -> String {
        let place = room.map { RoomResolver.shown($0.name) } ?? "a room"
        return switch kind {
        case .fork: "Two different versions of one message by \(name) are going around."
        case .equivocation:
            "Two different lists of devices claim to be \(name)'s. Nothing is sent to them until you decide."
        case .downgrade:
            "Someone keeps your connection to \(name) at an older version of the protocol than both of you speak."
        case .nameTaken:
            "\(name) has taken a name that reads like another contact's. Nothing is sent until you decide."
        case .verificationFails:
            "Comparing keys with \(name) failed three times, and pauses for ten minutes. Somebody may be in between."
        case .wrongBytes: "\(name) passed on parts of a file that are not its author's. They were thrown away."
        case .divergence:
            "\(name)'s node sees \(place) differently from yours, though both have the same. One is wrong."
        case .ownerReplaced: "The owner of \(place) gave it away twice: it is \(name)'s now, and was somebody else's."
        }
    }

    /// The first words of someone who asks, and the command that answers, ready to be pasted.
    func request(_ peer: PersonView) -> (words: String, command: String) {
        let words = self.oneLine(peer.request ?? "", 200)
        // A name that imitates a contact's would lead to the wrong one, and some names are shared.
        let who = peer.name.isEmpty || peer.looksLike != nil ? peer.person.brief : peer.name
        return (words.isEmpty ? "" : self.style.quoted(words), "`\(Quoting.command("accept", who, state: self.state))`")
    }

    /// How a text begins, on one line; where it was cut, that can be seen.
    func oneLine(_ text: String, _ longest: Int) -> String {
        let words = SafeText.message(String(text.prefix(longest * 2))).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        return words.count > longest || text.count > longest * 2 ? words.prefix(longest) + self.style.ellipsis : words
    }

    package func doctor(_ checks: [CheckView], columns: Int? = nil) -> [String] {
        checks.flatMap { one -> [String] in
            let sign =
                one.ok
                ? self.style.green(self.style.isUnicode ? "✓" : "ok")
                : self.style.red(self.style.isUnicode ? "✗" : "!!")
            let check = Width.fit(one.check, 14)
            let detail = self.lines(one.detail, columns.map { $0 - 18 })
            let first = detail.enumerated().map {
                "\($0 == 0 ? "\(sign) \(check)" : String(repeating: " ", count: 16)) \($1)"
            }
            let remedy = one.remedy.map { self.lines($0, columns.map { $0 - 5 }) } ?? []
            return first + remedy.map { "    " + self.style.yellow($0) }
        }
    }

    private func lines(_ text: String, _ columns: Int?) -> [String] {
        columns.map { Width.wrap(text, $0, breaksURLs: false) } ?? [text]
    }
}
