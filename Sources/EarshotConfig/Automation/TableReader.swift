import EarshotControl
import EarshotModel
import EarshotText

/// Takes the members out of one table of a list, each of its kind, and says all that is wrong with them.
struct TableReader {
    let table: TOMLTable
    let file: String
    private(set) var left: [String: TOMLEntry]
    private var known: [String] = []
    private(set) var faults: [ConfigFault] = []
    /// What the table is called, once it is known.
    private(set) var name: String?

    /// Letters of a name at most: it stands in addresses and variables.
    private static let longestName = 32

    init(_ table: TOMLTable, file: String) {
        self.table = table
        self.file = file
        self.left = Dictionary(table.entries.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    }

    /// - Parameter entry: what it is about; the table itself unless given.
    mutating func fault(_ what: Fault, at entry: TOMLEntry? = nil) {
        let (line, column) = entry.map { ($0.line, $0.column) } ?? (self.table.line, self.table.column)
        self.faults.append(ConfigFault(what, file: self.file, line: line, column: column))
    }

    /// Whatever nobody asked for is a slip.
    mutating func finish() {
        for entry in self.left.values.sorted(by: { $0.line < $1.line }) {
            let near = Nearest.to(entry.key, among: self.known)
            self.fault(.table(.unknown(table: self.table.key, key: entry.key, near: near)), at: entry)
        }
    }

    // MARK: members

    mutating func take<Value>(
        _ key: String, _ fits: Fault.Fit, _ read: (Written) -> Value?
    ) -> Value? {
        self.known.append(key)
        guard let entry = self.left.removeValue(forKey: key) else { return nil }
        guard let value = read(entry.value) else {
            self.fault(.table(.unfit(key: key, fits, entry.value.cited)), at: entry)
            return nil
        }
        return value
    }

    mutating func needs<Value>(
        _ key: String, _ fits: Fault.Fit, _ read: (Written) -> Value?
    ) -> Value? {
        let isThere = self.left[key] != nil
        let value = self.take(key, fits, read)
        if !isThere { self.fault(.table(.missing(table: self.table.key, key: key, fits))) }
        return value
    }

    static func text(_ written: Written) -> String? {
        written.string.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
    }

    static func truth(_ written: Written) -> Bool? {
        if case .truth(let truth) = written { truth } else { nil }
    }

    /// One text or a list of them.
    static func texts(_ written: Written) -> [String]? {
        guard case .list(let list) = written else { return self.text(written).map { [$0] } }
        let texts = list.compactMap(self.text)
        return texts.isEmpty || texts.count != list.count ? nil : texts
    }

    /// `500ms`, `10s`, `2m`, or a whole number of seconds.
    private static func span(_ written: Written) -> UInt64? {
        if case .number(let seconds) = written { return UInt64(exactly: seconds).flatMap { self.ms($0, 1_000) } }
        guard let text = written.string else { return nil }
        for (unit, each) in [("ms", UInt64(1)), ("s", 1_000), ("m", 60_000)] where text.hasSuffix(unit) {
            guard let count = UInt64(text.dropLast(unit.count)) else { return nil }
            return self.ms(count, each)
        }
        return nil
    }

    private static func ms(_ count: UInt64, _ each: UInt64) -> UInt64? {
        let (span, isOver) = count.multipliedReportingOverflow(by: each)
        return isOver ? nil : span
    }

    private mutating func takeName(_ usual: String) -> String {
        let name = self.take("name", .name(most: Self.longestName)) { written -> String? in
            guard let text = Self.text(written), text.utf8.count <= Self.longestName else { return nil }
            let isFit = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            return isFit ? text : nil
        }
        self.name = name ?? usual
        return name ?? usual
    }

    /// What is signed with; from a file, where it should not stand among the settings.
    private mutating func takeSecret() -> WebTarget.Secret? {
        let written = self.take("secret", .secret(least: Webhook.shortestSecret)) { Self.text($0) }
        let entry = self.left["secret_file"]
        let path = self.take("secret_file", .path) { written in
            Self.text(written).flatMap { $0.hasPrefix("/") || $0.hasPrefix("~") ? $0 : nil }
        }
        guard let path else { return written.flatMap { self.checked($0, nil) } }
        do throws(ConfigFault) {
            guard let whole = try? TypedPath.ours.absolute(path), let text = try ConfigFile.text(whole) else {
                throw ConfigFault(.file(.none(path: path)))
            }
            return self.checked(text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "", entry)
        } catch {
            self.fault(.hook(.secretFile(path: path, error.what)), at: entry)
            return nil
        }
    }

    private mutating func checked(_ secret: String, _ entry: TOMLEntry?) -> WebTarget.Secret? {
        guard secret.utf8.count >= Webhook.shortestSecret else {
            self.fault(.hook(.shortSecret(least: Webhook.shortestSecret)), at: entry)
            return nil
        }
        return WebTarget.Secret(secret)
    }

    // MARK: tables

    /// - Parameter usual: what it is called without a name.
    mutating func hook(_ usual: String) -> Hook? {
        let name = self.takeName(usual)
        let kinds = EventView.Kind.allCases.map(\.rawValue)
        let events = self.needs("on", .events(kinds)) { written in
            Self.texts(written).flatMap { texts -> Set<EventView.Kind>? in
                let events = texts.compactMap { EventView.Kind(rawValue: $0) }
                return events.count == texts.count ? Set(events) : nil
            }
        }
        let filter = EventFilter(
            events ?? [], from: self.take("from", .person) { Self.text($0) },
            room: self.take("room", .room) { Self.text($0) },
            isVerified: self.take("verified", .truth) { Self.truth($0) } ?? false,
            prefix: self.take("prefix", .prefix) { Self.text($0) },
            word: self.take("word", .word) { Self.text($0) })
        let deed = self.deed()
        let timeout = self.take("timeout", .timeout) { written in
            Self.span(written).flatMap { Hook.timeouts.contains($0) ? $0 : nil }
        }
        let parallel = self.take("max_parallel", .parallels(most: Int(Hook.parallels.upperBound))) { written in
            if case .number(let number) = written, Hook.parallels.contains(number) {
                Int(exactly: number)
            } else {
                nil as Int?
            }
        }
        guard let deed, events != nil else { return nil }
        return Hook(name, filter, deed, timeout: timeout ?? Hook.usualTimeout, parallel: parallel ?? 1)
    }

    private mutating func deed() -> Hook.Deed? {
        let isShell = self.take("shell", .truth) { Self.truth($0) } ?? false
        let execEntry = self.left["exec"]
        let words = self.take("exec", .program) { Self.texts($0) }
        let urlEntry = self.left["url"]
        let url = self.take("url", .url) { Self.text($0) }
        let secret = self.takeSecret()
        switch (words, url) {
        case (nil, nil):
            if execEntry == nil, urlEntry == nil { self.fault(.hook(.noDeed)) }
            return nil
        case (_?, _?):
            self.fault(.hook(.twoDeeds), at: urlEntry)
            return nil
        case (let words?, nil):
            if isShell, words.count > 1 {
                self.fault(.hook(.severalForShell), at: execEntry)
                return nil
            }
            let first = isShell ? words[0] : (try? Self.program(words[0])) ?? words[0]
            return .run(Hook.Command([first] + words.dropFirst(), isShell: isShell))
        case (nil, let url?):
            if url.lowercased().hasPrefix("https:") {
                self.fault(.hook(.https), at: urlEntry)
                return nil
            }
            guard let target = WebTarget(url, secret: secret ?? WebTarget.Secret("")) else {
                self.fault(.hook(.notURL(url)), at: urlEntry)
                return nil
            }
            return .post(target)
        }
    }

    /// A path that begins with `~` is in the home folder; a bare name is looked for in `PATH`.
    static func program(_ word: String) throws(DoorError) -> String {
        word.hasPrefix("~") ? try TypedPath.ours.absolute(word) : word
    }

    mutating func webhook() -> Webhook? {
        if self.left["name"] == nil { self.fault(.hook(.noName)) }
        let name = self.takeName("")
        let to = self.needs("to", .roomOrPerson) { Self.text($0) }
        if self.left["secret"] == nil, self.left["secret_file"] == nil {
            self.fault(.hook(.noSecret))
        }
        let secret = self.takeSecret()
        guard let to, let secret, !name.isEmpty else { return nil }
        return Webhook(name, to: to, secret: secret)
    }

    /// - Parameter usual: what it is called without a name.
    mutating func announcement(_ usual: String) -> Announcement? {
        let name = self.takeName(usual)
        let minute = self.needs("at", .time) { Self.text($0).flatMap(Self.minute) }
        let days = self.take("days", .days(Announcement.days)) { written in
            Self.texts(written).flatMap { texts -> Set<Int>? in
                let days = texts.compactMap { Announcement.days.firstIndex(of: $0.lowercased()) }
                return days.count == texts.count ? Set(days) : nil
            }
        }
        let to = self.needs("to", .roomOrPerson) { Self.text($0) }
        let text = self.needs("text", .said) { Self.text($0) }
        let catchesUp = self.take("catch_up", .truth) { Self.truth($0) } ?? false
        guard let minute, let to, let text else { return nil }
        return Announcement(
            name, minute: minute, weekdays: days ?? Set(0...6), to: to, text: text, catchesUp: catchesUp)
    }

    private static func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }
}
