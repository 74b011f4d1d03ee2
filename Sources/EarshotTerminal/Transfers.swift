import EarshotControl

/// Transfers as text for people.
package struct TransferLines: Sendable {
    private let style: Style

    package init(style: Style) { self.style = style }

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
        return "\(self.style.bold(name + more)) (\(isOne ? "" : "\(count) file\(count == 1 ? "" : "s"), ")\(size)\(length))"
    }

    /// Why one should look twice.
    package func warning(_ file: JSON) -> String? {
        switch file["warning"]?.string {
        case "disguised": "looks like a document and is a program"
        case "program": "opening it may run it"
        default: nil
        }
    }

    package func line(_ transfer: JSON) -> String {
        let isIncoming = transfer["direction"]?.string == "in"
        let arrow = self.style.isUnicode ? (isIncoming ? "↓" : "↑") : (isIncoming ? "<" : ">")
        let alarm = self.style.alarm(transfer)
        let who = (transfer["peer"]?.string ?? "?") + (alarm.isEmpty ? "" : " \(alarm)")
        let state = transfer["state"]?.string ?? ""
        let size = transfer["size"]?.integer ?? 0
        let have = transfer["have"]?.integer ?? 0
        let part = state == "complete" || size == 0 || have == 0 ? "" : " \(have * 100 / max(size, 1)) %"
        let shown =
            switch state {
            case "complete": self.style.green(state)
            case "failed", "declined", "cancelled": self.style.red(state)
            case "offered" where isIncoming: self.style.yellow("wants a yes")
            default: state
            }
        let reason = transfer["reason"]?.string.map { ": \($0)" } ?? ""
        let missing = transfer["notSentCount"]?.integer ?? 0
        let but = missing > 0 ? self.style.red(" but for \(missing) that \(missing == 1 ? "was" : "were") not sent") : ""
        let warning = isIncoming && state == "offered" ? self.warning(transfer).map { "  " + self.style.red($0) } ?? "" : ""
        let place = transfer["files"]?.array.map { "  " + self.style.dim($0.compactMap(\.string).prefix(3).joined(separator: ", ")) } ?? ""
        let id = self.style.dim(String((transfer["id"]?.string ?? "").prefix(8)))
        return "\(arrow) \(id)  \(self.what(transfer)) \(isIncoming ? "from" : "to") \(who)  \(shown)\(but)\(part)\(reason)\(warning)\(place)"
    }

    /// What of a transfer did not come along, and what is called otherwise at its receiver's: a line each, but for
    /// those told before.
    package func notes(_ transfer: JSON, told: Set<String> = []) -> [String] {
        func lines(_ key: String, _ verb: String, _ words: (JSON) -> (String, String)?) -> [String] {
            let all = (transfer[key]?.array ?? []).compactMap(words)
            let more = (transfer[key + "Count"]?.integer ?? 0) - Int64(all.count)
            return all.filter { !told.contains($0.0) }.map { "\($0.0) \($0.1)" } + (more > 0 ? ["and \(more) more \(verb)"] : [])
        }
        let place = transfer["direction"]?.string == "in" ? "here" : "there"
        let missing = lines("notSent", "not sent") { one in one["path"]?.string.map { ($0, one["reason"]?.string ?? "") } }
        let renamed = lines("renamed", "called otherwise \(place)") { one in
            one["from"]?.string.map { ($0, "is called \(one["to"]?.string ?? "?") \(place)") }
        }
        return missing.map { self.style.red("not sent: ") + $0 } + renamed
    }

    /// What `notes` has told.
    package static func told(_ transfer: JSON) -> Set<String> {
        Set((transfer["notSent"]?.array ?? []).compactMap { $0["path"]?.string } + (transfer["renamed"]?.array ?? []).compactMap { $0["from"]?.string })
    }

    /// `━━━━╌╌╌╌`
    func bar(filled: Int, of room: Int) -> String {
        let (full, empty) = self.style.isUnicode ? ("━", "╌") : ("#", "-")
        return self.style.cyan(String(repeating: full, count: filled)) + self.style.dim(String(repeating: empty, count: room - filled))
    }

    /// One line that is drawn again and again: `report.pdf ━━━━━━╌╌╌╌ 61 %  112 MB/s  4 s left`.
    package func bar(_ transfer: JSON, rate: Double, columns: Int) -> String {
        let size = transfer["size"]?.integer ?? 0
        let have = transfer["have"]?.integer ?? 0
        let share = size > 0 ? min(1, Double(have) / Double(size)) : 0
        let speed = rate > 0 ? "  \(Self.size(Int64(rate)))/s" : ""
        let left = rate > 0 && size > have ? "  \(Self.span(Int64((Double(size - have) / rate).rounded(.up)))) left" : ""
        let tail = size > 0 ? " \(Width.fit("\(Int(share * 100)) %", 5))\(speed)\(left)" : " \(Self.size(have))\(speed)"
        let name = Width.fit(transfer["name"]?.string ?? "", max(8, min(30, columns / 3)))
        let room = max(4, min(40, columns - Width.of(name) - 34))
        let filled = Int(share * Double(room))
        return "\(name) \(self.bar(filled: filled, of: room))\(tail)"
    }
}
