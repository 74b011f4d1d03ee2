import EarshotControl

/// Transfers as text for people.
package struct TransferLines: Sendable {
    private let style: Style
    private let zone: Zone

    package init(style: Style, zone: Zone = .system) {
        self.style = style
        self.zone = zone
    }

    /// `1.4 GB`
    package static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        if unit == 0 { return "\(bytes) B" }
        let tenths = Int((value * 10).rounded())
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded())) \(units[unit])"
    }

    /// `3 min 20 s`
    package static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3_600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        }
    }

    /// What is offered, in a few words: `report.pdf (1.4 MB)`, `photos (311 files, 2.1 GB)`.
    package func what(_ file: JSON) -> String {
        let name = file["name"]?.string ?? "?"
        let tops = file["tops"]?.integer ?? 1
        let count = file["count"]?.integer ?? 1
        let size = file["size"]?.integer.map(Self.size) ?? "as it comes"
        let isOne = !(file["folder"]?.bool ?? false) && tops == 1
        let more = tops > 1 ? " and \(tops - 1) more" : file["folder"]?.bool ?? false ? "/" : ""
        let length = file["duration"]?.integer.map { ", \(Self.span($0 / 1_000))" } ?? ""
        return
            "\(self.style.bold(name + more)) (\(isOne ? "" : "\(count) file\(count == 1 ? "" : "s"), ")\(size)\(length))"
    }

    /// Why one should look twice.
    package func warning(_ file: JSON) -> String? {
        let count = file["programs"]?.integer ?? 1
        switch file["warning"]?.string {
        case "disguised" where count > 1: return "\(count) programs in it, some of which look like documents"
        case "disguised":
            return file["programs"] == nil
                ? "looks like a document and is a program" : "a program in it looks like a document"
        case "program" where count > 1: return "\(count) programs in it: opening them may run them"
        case "program":
            return file["programs"] == nil ? "opening it may run it" : "a program in it: opening it may run it"
        default: return nil
        }
    }

    /// What one should know of an offer before one says yes; nothing of one that is answered.
    package func contents(_ transfer: JSON) -> [String] {
        guard transfer["direction"]?.string == "in", transfer["state"]?.string == "offered" else { return [] }
        var lines: [String] = []
        if let warning = self.warning(transfer) { lines.append(self.style.red("Careful: \(warning).")) }
        let names = transfer["programNames"]?.array?.compactMap(\.string) ?? []
        lines += names.prefix(8).map { "  \($0)" }
        let more = (transfer["programs"]?.integer ?? 0) - Int64(min(8, names.count))
        if !names.isEmpty, more > 0 { lines.append("  and \(more) more") }
        if transfer["unseen"]?.bool ?? false {
            lines.append(
                self.style.yellow("What is in it is not known yet. Programs in it are not taken without asking again."))
        }
        return lines
    }

    package func line(_ transfer: JSON) -> String {
        let isIncoming = transfer["direction"]?.string == "in"
        let arrow = self.style.isUnicode ? (isIncoming ? "↓" : "↑") : (isIncoming ? "<" : ">")
        let alarm = self.style.alarm(transfer)
        let who = (transfer["peer"]?.string ?? "?") + (alarm.isEmpty ? "" : " \(alarm)")
        let state = transfer["state"]?.string ?? ""
        let size = transfer["size"]?.integer ?? 0
        let have = transfer["have"]?.integer ?? 0
        let part =
            state == "complete" || size == 0 || have == 0
            ? "" : " \(Int(min(1, Double(have) / Double(max(size, 1))) * 100)) %"
        let shown =
            switch state {
            case "complete": self.style.green(state)
            case "failed", "declined", "cancelled": self.style.red(state)
            case "offered" where isIncoming: self.style.yellow("waiting for your answer")
            default: state
            }
        let reason = transfer["reason"]?.string.map { ": \($0)" } ?? ""
        let missing = transfer["notSentCount"]?.integer ?? 0
        let but =
            missing > 0 ? self.style.red(" but for \(missing) that \(missing == 1 ? "was" : "were") not sent") : ""
        let files = transfer["files"]?.array?.compactMap(\.string) ?? []
        // What a program took from a pipe is not there any more.
        let isPiped = transfer["to"]?.string?.contains("/spool/out.") ?? false
        let place =
            files.isEmpty
            ? "" : "  " + self.style.dim(isPiped ? "to standard output" : files.prefix(3).joined(separator: ", "))
        let local = self.zone.local(transfer["at"]?.string)
        let today = self.zone.now.date
        let date = local.flatMap { $0.date == today ? nil : "  \($0.brief(today: today))" } ?? ""
        let id = self.style.dim(String((transfer["id"]?.string ?? "").prefix(8)) + date)
        return
            "\(arrow) \(id)  \(self.what(transfer)) \(isIncoming ? "from" : "to") \(who)  \(shown)\(but)\(part)\(reason)\(place)"
    }

    /// What of a transfer did not come along, and what is called otherwise at its receiver's: a line each, but for
    /// those told before.
    package func notes(_ transfer: JSON, told: Set<String> = []) -> [String] {
        func lines(_ key: String, _ verb: String, _ words: (JSON) -> (String, String)?) -> [String] {
            let all = (transfer[key]?.array ?? []).compactMap(words)
            let more = (transfer[key + "Count"]?.integer ?? 0) - Int64(all.count)
            return all.filter { !told.contains($0.0) }.map { "\($0.0) \($0.1)" }
                + (more > 0 ? ["and \(more) more \(verb)"] : [])
        }
        let place = transfer["direction"]?.string == "in" ? "here" : "there"
        let missing = lines("notSent", "not sent") { one in
            one["path"]?.string.map { ($0, one["reason"]?.string ?? "") }
        }
        let renamed = lines("renamed", "called otherwise \(place)") { one in
            one["from"]?.string.map { ($0, "is called \(one["to"]?.string ?? "?") \(place)") }
        }
        return missing.map { self.style.red("not sent: ") + $0 } + renamed
    }

    /// What `notes` has told.
    package static func told(_ transfer: JSON) -> Set<String> {
        Set(
            (transfer["notSent"]?.array ?? []).compactMap { $0["path"]?.string }
                + (transfer["renamed"]?.array ?? []).compactMap { $0["from"]?.string })
    }

    /// `━━━━╌╌╌╌`
    func bar(filled: Int, of room: Int) -> String {
        let (full, empty) = self.style.isUnicode ? ("━", "╌") : ("#", "-")
        return self.style.cyan(String(repeating: full, count: filled))
            + self.style.dim(String(repeating: empty, count: room - filled))
    }

    /// One line that is drawn again and again: `report.pdf ━━━━━━╌╌╌╌ 61 %  112 MB/s  4 s left`; and when it does not
    /// go on, why.
    /// - Parameter others: how many more are under way.
    package func bar(_ transfer: JSON, others: Int = 0, columns: Int) -> String {
        let size = transfer["size"]?.integer ?? 0
        let have = transfer["have"]?.integer ?? 0
        let share = size > 0 ? max(0, min(1, Double(have) / Double(size))) : 0
        let done = size > 0 ? Width.fit("\(Int(share * 100)) %", 5) : Self.size(have)
        let more = others > 0 ? "  +\(others) more" : ""
        let name = Width.fit(transfer["name"]?.string ?? "", max(8, min(30, columns / 3)))
        let room = max(4, min(40, columns - Width.of(name) - 34))
        let filled = Int(share * Double(room))
        let bar = self.bar(filled: filled, of: room)
        // Nothing may be wider than the line: what is drawn over would stay.
        let left = columns - Width.of(name) - room - 3
        return
            "\(name) \(bar) \(Width.fit("\(done)\(self.pace(transfer, size - have))\(more)", max(5, left)).trimmedEnd)"
    }

    /// How fast, and how long yet; or why not.
    private func pace(_ transfer: JSON, _ missing: Int64) -> String {
        let state = transfer["state"]?.string ?? ""
        let rate = transfer["rate"]?.integer ?? 0
        if let reason = transfer["reason"]?.string { return "  \(state == "active" ? "" : state + ": ")\(reason)" }
        guard state == "active" else { return "  \(state)" }
        guard rate > 0 else { return "" }
        let left = missing > 0 && transfer["size"] != nil ? "  \(Self.span(missing / rate + 1)) left" : ""
        return "  \(Self.size(rate))/s\(left)"
    }
}

extension String {
    fileprivate var trimmedEnd: String { String(self.reversed().drop { $0 == " " }.reversed()) }
}
