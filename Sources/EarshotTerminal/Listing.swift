import EarshotControl

/// Answers of the door as text for people.
package struct Listing: Sendable {
    private let style: Style
    /// Minutes east of Greenwich, for times of day.
    private let offset: Int

    package init(style: Style, minutesEast offset: Int) {
        self.style = style
        self.offset = offset
    }

    package func peers(_ peers: [JSON]) -> [String] {
        guard !peers.isEmpty else { return [self.style.dim("Nobody here yet. `earshot doctor` tells what may be in the way.")] }
        let rows = peers.map { peer -> (String, String, String, String) in
            let trust = peer["trust"]?.string ?? ""
            let note = peer["looksLike"]?.string.map { self.style.red("looks like your contact \($0), but is someone else") } ?? ""
            let request = trust == "requested" ? self.style.yellow(self.quoted(peer["request"]?.string)) : note
            return (peer["name"]?.string ?? "?", trust, String((peer["person"]?.string ?? "").prefix(8)), request)
        }
        let name = rows.map { Width.of($0.0) }.max() ?? 0
        let trust = rows.map { Width.of($0.1) }.max() ?? 0
        return zip(rows, peers).map { row, peer in
            let dot = self.style.dot(online: peer["online"]?.bool ?? false)
            let place = peer["addresses"]?.array?.first?.string ?? ""
            return "\(dot) \(self.style.bold(Width.fit(row.0, name)))  \(Width.fit(row.1, trust))  \(self.style.dim(row.2))  \(place.isEmpty ? "" : self.style.dim(place) + "  ")\(row.3)"
        }
    }

    private func quoted(_ text: String?) -> String { text.map { "“\($0)”" } ?? "" }

    /// - Parameter longest: characters of text that are shown.
    package func message(_ message: JSON, columns: Int, longest: Int? = 4_000) -> [String] {
        let mine = message["mine"]?.bool ?? false
        let from = message["fromName"]?.string ?? "?"
        let id = String((message["id"]?.string ?? "").prefix(6))
        let head = "\(self.time(message["at"]?.string)) \(from)"
        var text = message["text"]?.string ?? ""
        if let file = message["file"] { text = "\(mine ? "offered" : "offers") \(TransferLines(style: Style(hasColour: false, isUnicode: self.style.isUnicode)).what(file))" }
        if message["deleted"]?.bool ?? false { text = "(deleted)" }
        if let kind = message["unknownKind"]?.integer { text = "(something this version cannot show: kind \(kind))" }
        if message["edited"] != nil, !(message["deleted"]?.bool ?? false) { text += " (edited)" }
        if message["incomplete"]?.bool ?? false { text += " (more is on its way)" }
        let state = mine ? self.style.tick(message["state"]?.string ?? "") : ""
        if let longest, text.count > longest { text = "\(text.prefix(longest))… (\(text.count) characters; --json has them all)" }
        // Under the name where there is room beside it, else under the time.
        let beside = Width.of(head) + 2
        let indent = columns - beside - 10 >= 20 || Width.of(text) + beside + 10 <= columns ? beside : 2
        let lines = indent == beside ? Width.wrap(text, columns - beside - 10) : [""] + Width.wrap(text, max(8, columns - indent - 1))
        let colour: (String) -> String = { mine ? self.style.cyan($0) : self.style.bold($0) }
        let pad = String(repeating: " ", count: indent)
        var out = lines.enumerated().map { index, line in
            index == 0 ? "\(self.style.dim(self.time(message["at"]?.string))) \(colour(from))  \(line)" : pad + line
        }
        if let reply = message["replyTo"]?.string {
            let quote = message["replyText"]?.string.map { " “\($0)”" } ?? ""
            let mark = self.style.isUnicode ? "↪" : "re"
            out.insert(self.style.dim(Width.fit("\(String(repeating: " ", count: min(6, indent)))\(mark) \(reply.prefix(6))\(quote)", columns - 1)), at: 0)
        }
        let reactions = (message["reactions"]?.array ?? []).compactMap { $0["emoji"]?.string }.joined(separator: " ")
        out[out.count - 1] += "  " + self.style.dim(([reactions, state, id].filter { !$0.isEmpty }).joined(separator: " "))
        return out
    }

    /// A message as something found: the line with the first of the words in it, and a little around.
    package func found(_ message: JSON, words: [String], columns: Int) -> [String] {
        guard var object = message.object, let text = message["text"]?.string, text.count > 300 else { return self.message(message, columns: columns) }
        let lowered = text.lowercased()
        let at = words.compactMap { lowered.firstRange(of: $0.lowercased())?.lowerBound }.map { lowered.distance(from: lowered.startIndex, to: $0) }.min() ?? 0
        let from = max(0, min(at - 80, text.count - 240))
        object["text"] = .string((from > 0 ? "…" : "") + String(text.dropFirst(from).prefix(240)) + (from + 240 < text.count ? "…" : ""))
        return self.message(.object(object), columns: columns)
    }

    /// Day and time of an RFC 3339 time, in local time.
    package func time(_ text: String?) -> String {
        guard let text, let date = Self.minutes(text) else { return "--:--" }
        let local = (date + self.offset) % 1_440
        func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(pad((local + 1_440) % 1_440 / 60)):\(pad((local + 1_440) % 60))"
    }

    /// Minutes since midnight in UTC.
    private static func minutes(_ text: String) -> Int? {
        let time = text.dropFirst(11).prefix(5).split(separator: ":")
        guard time.count == 2, let hour = Int(time[0]), let minute = Int(time[1]) else { return nil }
        return hour * 60 + minute
    }

    package func event(_ event: JSON, columns: Int) -> [String] {
        let name = event["peer"]?["name"]?.string ?? ""
        switch event["event"]?.string {
        case "message", "edit", "delete", "reaction", "receipt": return event["message"].map { self.message($0, columns: columns) } ?? []
        case "presence": return [self.style.dim("\(name) \(event["online"]?.bool ?? false ? "is here" : "has left")")]
        case "typing": return [self.style.dim("\(name) \(event["on"]?.bool ?? false ? "is typing" : "stopped typing")")]
        case "request": return [self.style.yellow("\(name) asks to talk: \(self.quoted(event["peer"]?["request"]?.string))  `earshot accept \(name)`")]
        case "contact": return [self.style.dim("\(name) is \(event["peer"]?["trust"]?.string ?? "")")]
        case "offer":
            return event["transfer"].map { [self.style.yellow("an offer: ") + TransferLines(style: self.style).line($0) + "  `earshot accept-file \(($0["id"]?.string ?? "").prefix(8))`"] } ?? []
        case "transfer": return event["transfer"].map { [TransferLines(style: self.style).line($0)] } ?? []
        case "peer": return [self.style.dim("\(name) is on this network")]
        case "warning": return [self.style.red("warning about \(name): \(event["warning"]?.string ?? "")")]
        default: return [event.line]
        }
    }

    package func doctor(_ lines: [JSON]) -> [String] {
        lines.flatMap { line -> [String] in
            let ok = line["ok"]?.bool ?? false
            let sign = ok ? self.style.green(self.style.isUnicode ? "✓" : "ok") : self.style.red(self.style.isUnicode ? "✗" : "!!")
            let first = "\(sign) \(Width.fit(line["check"]?.string ?? "", 14)) \(line["detail"]?.string ?? "")"
            return [first] + (line["remedy"]?.string.map { ["    " + self.style.yellow($0)] } ?? [])
        }
    }
}
