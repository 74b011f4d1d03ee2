import EarshotControl
import EarshotModel

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
    package func what(_ file: FileView) -> String {
        let tops = file.tops ?? 1
        let isFolder = file.folder == true
        let size = file.size.map(Self.size) ?? "as it comes"
        let more = tops > 1 ? " and \(tops - 1) more" : isFolder ? "/" : ""
        let count = isFolder || tops > 1 ? "\(file.count) file\(file.count == 1 ? "" : "s"), " : ""
        let length = file.duration.map { ", \(Self.span($0 / 1_000))" } ?? ""
        return "\(self.style.bold(file.name + more)) (\(count)\(size)\(length))"
    }

    /// Why one should look twice.
    package func warning(_ transfer: TransferView) -> String? {
        let count = transfer.programs ?? 1
        let isItself = transfer.programs == nil
        switch transfer.warning {
        case .disguised where count > 1: return "\(count) programs in it, some of which look like documents"
        case .disguised:
            return isItself ? "looks like a document and is a program" : "a program in it looks like a document"
        case .program where count > 1: return "\(count) programs in it: opening them may run them"
        case .program: return isItself ? "opening it may run it" : "a program in it: opening it may run it"
        case nil: return nil
        }
    }

    /// What one should know of an offer before one says yes; nothing of one that is answered.
    package func contents(_ transfer: TransferView) -> [String] {
        guard transfer.isOfferToUs else { return [] }
        var lines: [String] = []
        if let warning = self.warning(transfer) { lines.append(self.style.red("Careful: \(warning).")) }
        let names = transfer.programNames ?? []
        lines += names.prefix(8).map { "  \($0)" }
        let more = (transfer.programs ?? 0) - Int64(min(8, names.count))
        if !names.isEmpty, more > 0 { lines.append("  and \(more) more") }
        if transfer.unseen == true {
            lines.append(
                self.style.yellow("What is in it is not known yet. If there are programs in it, you are asked again."))
        }
        return lines
    }

    package func line(_ transfer: TransferView) -> String {
        let isIncoming = transfer.direction == .in
        let arrow = self.style.isUnicode ? (isIncoming ? "↓" : "↑") : (isIncoming ? "<" : ">")
        let alarm = self.style.alarm(transfer)
        let who = self.style.named(transfer.peer, transfer.trust) + (alarm.isEmpty ? "" : " \(alarm)")
        let size = transfer.size ?? 0
        let part =
            transfer.state == .complete || size == 0 || transfer.have == 0
            ? "" : " \(Int(min(1, Double(transfer.have) / Double(max(size, 1))) * 100)) %"
        let reason = transfer.reason.map { ": \($0)" } ?? ""
        let missing = transfer.notSentCount ?? 0
        let but =
            missing > 0 ? self.style.red(" but for \(missing) that \(missing == 1 ? "was" : "were") not sent") : ""
        let place = transfer.roomName.map { " in \($0)" } ?? ""
        let today = self.zone.now.date
        let local = self.zone.local(transfer.at)
        let id = self.style.dim(transfer.id.brief + (local.date == today ? "" : "  \(local.brief(today: today))"))
        return
            "\(arrow) \(id)  \(self.what(transfer.file)) \(isIncoming ? "from" : "to") \(who)\(place)  "
            + "\(self.state(of: transfer))\(but)\(part)\(reason)\(self.place(of: transfer))"
    }

    private func state(of transfer: TransferView) -> String {
        let word = transfer.state.rawValue
        return switch transfer.state {
        case .complete: self.style.green(word)
        case .failed, .declined, .cancelled: self.style.red(word)
        case .offered where transfer.direction == .in: self.style.yellow("waiting for your answer")
        case .offered, .waiting, .active, .paused: word
        }
    }

    private func place(of transfer: TransferView) -> String {
        guard let files = transfer.files, !files.isEmpty else { return "" }
        // What a program took from a pipe is not there any more.
        let isPiped = transfer.to?.contains("/spool/out.") ?? false
        return "  " + self.style.dim(isPiped ? "to standard output" : files.prefix(3).joined(separator: ", "))
    }

    /// A line for each, but for those told before.
    package func lines(_ notes: FileNotes, told: Set<String> = []) -> [String] {
        let place = notes.isHere ? "here" : "there"
        func more(_ count: Int64, _ verb: String) -> [String] { count > 0 ? ["and \(count) more \(verb)"] : [] }
        let missing =
            notes.omissions.filter { !told.contains($0.path) }.map { "\($0.path) \($0.reason)" }
            + more(notes.moreOmissions, "not sent")
        let renamed =
            notes.renamings.filter { !told.contains($0.from) }.map { "\($0.from) is called \($0.to) \(place)" }
            + more(notes.moreRenamings, "renamed \(place)")
        return missing.map { self.style.red("not sent: ") + $0 } + renamed
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
    package func bar(_ transfer: TransferView, others: Int = 0, columns: Int) -> String {
        let (size, have) = (transfer.size ?? 0, transfer.have)
        let share = size > 0 ? max(0, min(1, Double(have) / Double(size))) : 0
        let done = size > 0 ? Width.fit("\(Int(share * 100)) %", 5) : Self.size(have)
        let more = others > 0 ? "  +\(others) more" : ""
        let name = Width.fit(transfer.name, max(8, min(30, columns / 3)))
        let room = max(4, min(40, columns - Width.of(name) - 34))
        let filled = Int(share * Double(room))
        let bar = self.bar(filled: filled, of: room)
        // Nothing may be wider than the line: what is drawn over would stay.
        let left = columns - Width.of(name) - room - 3
        return
            "\(name) \(bar) \(Width.fit("\(done)\(self.pace(transfer, size - have))\(more)", max(5, left)).trimmedEnd)"
    }

    /// How fast, and how long yet; or why not.
    private func pace(_ transfer: TransferView, _ missing: Int64) -> String {
        let (isActive, word) = (transfer.state == .active, transfer.state.rawValue)
        let rate = transfer.rate ?? 0
        if let reason = transfer.reason { return "  \(isActive ? "" : word + ": ")\(reason)" }
        guard isActive else { return "  \(word)" }
        guard rate > 0 else { return "" }
        let left = missing > 0 && transfer.size != nil ? "  \(Self.span(missing / rate + 1)) left" : ""
        return "  \(Self.size(rate))/s\(left)"
    }
}

extension TransferView {
    /// Somebody offers it, and we have not answered.
    package var isOfferToUs: Bool { self.direction == .in && self.state == .offered }
}

extension String {
    fileprivate var trimmedEnd: String { String(self.reversed().drop { $0 == " " }.reversed()) }
}
