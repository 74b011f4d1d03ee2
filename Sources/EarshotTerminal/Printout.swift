import EarshotControl
import EarshotModel

/// Answers of the door as text for people. `columns` is the width of the window; nil where there is none: then
/// nothing is wrapped or shortened, and each message carries its whole date, so that every line can be searched for
/// by itself.
package struct Printout: Sendable {
    let style: Style
    private let zone: Zone
    /// `nil`: the machine's clock, looked at each time, for what runs for days.
    private let fixedNow: LocalTime?
    private let state: String?

    /// - Parameter state: the folder that `--state` named, for the commands that are proposed.
    package init(style: Style, zone: Zone = .system, now: LocalTime? = nil, state: String? = nil) {
        self.style = style
        self.state = state
        self.zone = zone
        self.fixedNow = now
    }

    package init(style: Style, minutesEast: Int) { self.init(style: style, zone: .fixed(minutesEast: minutesEast)) }

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
    package func messages(_ messages: [JSON], columns: Int?, breaksURLs: Bool = true) -> [String] {
        var days = self.days
        return messages.flatMap { message -> [String] in
            let day = columns == nil ? nil : days.line(before: message["at"]?.string)
            return [day].compactMap { $0 } + self.message(message, columns: columns, breaksURLs: breaksURLs)
        }
    }

    /// - Parameters:
    ///   - longest: characters of text that are shown in a window.
    ///   - breaksURLs: whether a URL too is kept within the window, where nothing may be wider.
    ///   - namesBoth: whether a message of ours says to whom it went.
    package func message(
        _ message: JSON, columns: Int?, longest: Int? = 4_000, stamp: Stamp = .clock, breaksURLs: Bool = true,
        namesBoth: Bool = false
    ) -> [String] {
        let mine = message["mine"]?.bool ?? false
        var from = message["fromName"]?.string ?? "?"
        if namesBoth, mine { from += "\(self.style.isUnicode ? " → " : " to ")\(message["toName"]?.string ?? "?")" }
        let time = columns == nil ? self.full(message["at"]?.string) : self.time(message["at"]?.string, stamp)
        let alarm = mine || message["looksLike"] == nil ? "" : " \(self.style.alarmText(message))"
        let head = "\(time) \(from)\(alarm)"
        let text = self.text(of: message, longest: columns == nil ? nil : longest)
        var (indent, lines) = (
            Width.of(head) + 2, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
        if let columns { (indent, lines) = self.laid(text, beside: indent, columns, breaksURLs) }
        let colour: (String) -> String = { mine ? self.style.cyan($0) : self.style.bold($0) }
        let pad = String(repeating: " ", count: indent)
        var out = lines.enumerated().map { index, line in
            index == 0 ? "\(self.style.dim(time)) \(colour(from))\(self.style.red(alarm))  \(line)" : pad + line
        }
        if let reply = message["replyTo"]?.string {
            let quote = message["replyText"]?.string.map { " \(self.style.quoted($0))" } ?? ""
            let mark = self.style.isUnicode ? "↪" : "re"
            let line = "\(String(repeating: " ", count: min(6, indent)))\(mark) \(reply.prefix(6))\(quote)"
            out.insert(self.style.dim(columns.map { Width.fit(line, $0 - 1) } ?? line), at: 0)
        }
        let reactions = (message["reactions"]?.array ?? []).compactMap { $0["emoji"]?.string }.joined(separator: " ")
        let state = mine ? self.style.tick(message["state"]?.string ?? "") : ""
        let id = String((message["id"]?.string ?? "").prefix(6))
        out[out.count - 1] +=
            "  " + self.style.dim([reactions, state, id].filter { !$0.isEmpty }.joined(separator: " "))
        return out
    }

    /// The words of a message, or what stands for them.
    func text(of message: JSON, longest: Int?) -> String {
        if message["deleted"]?.bool ?? false { return "(deleted)" }
        if let problem = message["problem"]?.string {
            return "(this could not be put into the history: \(problem); it is kept, see `earshot doctor`)"
        }
        if let kind = message["unknownKind"]?.integer { return "(something this version cannot show: kind \(kind))" }
        if let file = message["file"] {
            let plain = TransferLines(style: Style(hasColour: false, isUnicode: self.style.isUnicode))
            return "\(message["mine"]?.bool ?? false ? "offered" : "offers") \(plain.what(file))"
        }
        var text = message["text"]?.string ?? ""
        if SafeText.isBlank(text) { text = "(nothing that can be shown)" }
        if let longest, text.count > longest {
            text = "\(text.prefix(longest))\(self.style.ellipsis) (\(text.count) characters; --json has them all)"
        }
        if message["edited"] != nil { text += " (edited)" }
        if message["incomplete"]?.bool ?? false { text += " (more is on its way)" }
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
    package func found(_ messages: [JSON], words: [String], columns: Int?) -> [String] {
        var order: [String] = []
        var hits: [String: [JSON]] = [:]
        for message in messages {
            let other = message[message["mine"]?.bool ?? false ? "to" : "from"]?.string ?? ""
            if hits[other] == nil { order.append(other) }
            hits[other, default: []].append(message)
        }
        return order.enumerated().flatMap { index, other -> [String] in
            let list = hits[other] ?? []
            let name = list.first.flatMap { $0[$0["mine"]?.bool ?? false ? "toName" : "fromName"]?.string } ?? "?"
            let alarm = self.style.alarm(list.first)
            let heading =
                self.style.bold("With \(name)") + (alarm.isEmpty ? "" : " \(alarm)")
                + self.style.dim("  \(other.prefix(8))")
            return (index > 0 ? [""] : []) + [heading] + list.flatMap { self.found($0, words: words, columns: columns) }
        }
    }

    /// A message as something found: what is around the first of the words in it.
    package func found(_ message: JSON, words: [String], columns: Int?) -> [String] {
        guard var object = message.object, let text = message["text"]?.string, text.count > 300, columns != nil else {
            return self.message(message, columns: columns, stamp: .brief, breaksURLs: false)
        }
        let lowered = text.lowercased()
        let starts = words.compactMap { lowered.firstRange(of: $0.lowercased())?.lowerBound }
        let at = starts.map { lowered.distance(from: lowered.startIndex, to: $0) }.min() ?? 0
        let from = max(0, min(at - 80, text.count - 240))
        let end = from + 240 < text.count ? self.style.ellipsis : ""
        object["text"] = .string((from > 0 ? self.style.ellipsis : "") + String(text.dropFirst(from).prefix(240)) + end)
        return self.message(.object(object), columns: columns, stamp: .brief, breaksURLs: false)
    }

    // MARK: times

    /// Hours and minutes of an RFC 3339 time, by the clock on the wall of that day; with the date where `stamp` says
    /// so.
    package func time(_ text: String?, _ stamp: Stamp = .clock) -> String {
        guard let local = self.zone.local(text) else { return "--:--" }
        return stamp == .clock ? local.clock : local.brief(today: self.now.date)
    }

    private func full(_ text: String?) -> String { self.zone.local(text)?.full ?? "---------- --:--" }

    // MARK: events

    /// - Parameter columns: nil where the output is no terminal.
    package func event(_ event: JSON, columns: Int?) -> [String] {
        if let message = event["message"] {
            if event["event"]?.string == "receipt" { return [self.receipt(message, columns)] }
            return self.message(message, columns: columns, stamp: .brief, breaksURLs: false, namesBoth: true)
        }
        return self.passing(event).map { "\(self.style.dim(columns == nil ? self.now.full : self.now.clock)) \($0)" }
    }

    private func receipt(_ message: JSON, _ columns: Int?) -> String {
        let state = message["state"]?.string ?? ""
        let what = self.oneLine(message["file"]?["name"]?.string ?? message["text"]?.string ?? "", 60)
        let time = columns == nil ? self.now.full : self.now.clock
        let id = String((message["id"]?.string ?? "").prefix(6))
        let done = state == "read" ? "has read" : "has received"
        return self.style.dim(
            "\(time) \(self.style.tick(state)) \(message["toName"]?.string ?? "?") \(done) \(self.style.quoted(what))  \(id)"
        )
    }

    /// What is not a message.
    private func passing(_ event: JSON) -> [String] {
        let alarm = self.style.alarmText(event["peer"])
        let name = (event["peer"]?["name"]?.string ?? "?") + (alarm.isEmpty ? "" : " \(alarm)")
        switch event["event"]?.string {
        case "presence": return [self.style.dim("\(name) \(event["online"]?.bool ?? false ? "is here" : "has left")")]
        case "typing": return [self.style.dim("\(name) \(event["on"]?.bool ?? false ? "is typing" : "stopped typing")")]
        case "request":
            let (words, command) = self.request(event["peer"] ?? .null)
            return [
                self.style.yellow("\(name) would like to talk to you\(words.isEmpty ? "" : ": " + words)  \(command)")
            ]
        case "contact": return [self.style.dim(self.standing(event["peer"] ?? .null, name))]
        case "offer":
            guard let transfer = event["transfer"] else { return [] }
            let command =
                "`\(Quoting.command("accept-file", String((transfer["id"]?.string ?? "").prefix(8)), state: self.state))`"
            let lines = TransferLines(style: self.style)
            return [self.style.yellow("an offer: ") + lines.line(transfer) + "  " + command]
                + lines.contents(transfer).map { "    " + $0 }
        case "transfer": return event["transfer"].map { [TransferLines(style: self.style).line($0)] } ?? []
        case "peer": return [self.style.dim("\(name) is on this network")]
        case "warning": return [self.style.red(self.warning(event["warning"]?.string ?? "", name))]
        default: return [event.line]
        }
    }

    private func standing(_ peer: JSON, _ name: String) -> String {
        switch peer["trust"]?.string {
        case "accepted": "\(name) is one of your contacts"
        case "verified": "\(name) is one of your contacts, and verified"
        case "blocked": "\(name) is blocked"
        case "conflict": "Two different keys claim to be \(name). Compare ids before you go on."
        default: "\(name) is not one of your contacts"
        }
    }

    private func warning(_ kind: String, _ name: String) -> String {
        switch kind {
        case "fork": "Two different versions of one message by \(name) are going around."
        case "equivocation":
            "Two different lists of devices claim to be \(name)'s. Compare ids before you trust either."
        case "downgrade":
            "Someone keeps your connection to \(name) at an older version of the protocol than both of you speak."
        case "wrongBytes": "\(name) passed on parts of a file that are not its author's. They were not taken."
        default: "Something is wrong with what \(name) sends: \(kind)."
        }
    }

    /// The first words of someone who asks, and the command that answers, ready to be pasted.
    func request(_ peer: JSON) -> (words: String, command: String) {
        let words = self.oneLine(peer["request"]?.string ?? "", 200)
        // A name that imitates a contact's would lead to the wrong one, and some names are shared.
        let name = peer["name"]?.string ?? ""
        let who = name.isEmpty || peer["looksLike"] != nil ? String((peer["person"]?.string ?? "").prefix(8)) : name
        return (words.isEmpty ? "" : self.style.quoted(words), "`\(Quoting.command("accept", who, state: self.state))`")
    }

    /// How a text begins, on one line; where it was cut, that can be seen.
    private func oneLine(_ text: String, _ longest: Int) -> String {
        let words = SafeText.message(String(text.prefix(longest * 2))).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        return words.count > longest || text.count > longest * 2 ? words.prefix(longest) + self.style.ellipsis : words
    }

    package func doctor(_ lines: [JSON], columns: Int? = nil) -> [String] {
        lines.flatMap { line -> [String] in
            let ok = line["ok"]?.bool ?? false
            let sign =
                ok
                ? self.style.green(self.style.isUnicode ? "✓" : "ok")
                : self.style.red(self.style.isUnicode ? "✗" : "!!")
            let check = Width.fit(line["check"]?.string ?? "", 14)
            let detail = self.lines(line["detail"]?.string ?? "", columns.map { $0 - 18 })
            let first = detail.enumerated().map {
                "\($0 == 0 ? "\(sign) \(check)" : String(repeating: " ", count: 16)) \($1)"
            }
            let remedy = line["remedy"]?.string.map { self.lines($0, columns.map { $0 - 5 }) } ?? []
            return first + remedy.map { "    " + self.style.yellow($0) }
        }
    }

    private func lines(_ text: String, _ columns: Int?) -> [String] {
        columns.map { Width.wrap(text, $0, breaksURLs: false) } ?? [text]
    }
}
