/// What belongs at the place where somebody pressed Tab.
package struct Completion: Sendable, Hashable {
    /// What is wanted there. Words are known here; the rest has to be looked up.
    package enum Want: Sendable, Hashable {
        case words([Candidate])
        case people(People)
        /// People and rooms.
        case recipients
        /// Rooms: those one is in or invited to, or those one may go into.
        case rooms(isToJoin: Bool)
        /// Ids of messages; only our own where they alone can be meant.
        case messages(isOurs: Bool)
        /// Ids of transfers; only offers to us that wait for an answer.
        case transfers(areOffers: Bool)
        case settings
        case value(setting: String)
        case methods
        /// Addresses that were added by hand.
        case addresses
        /// Numbers of rules.
        case rules
        case files
        case folders
        case nothing
    }

    package enum People: Sendable, Hashable { case all, asking, blocked }

    package struct Candidate: Sendable, Hashable {
        package let value: String
        /// What some shells show beside it.
        package let note: String

        package init(_ value: String, _ note: String = "") {
            self.value = value
            self.note = note
        }
    }

    package let want: Want
    /// What has been typed of it.
    package let typed: String
    /// What stands before it in the same word: `--wait=`.
    package let kept: String
    /// The folder that `--state` names, as it was typed.
    package private(set) var state: String?

    private init(_ want: Want, typed: String, kept: String = "") {
        self.want = want
        self.typed = typed
        self.kept = kept
    }

    /// - Parameter words: what stands after the program's name, without quotes; the last is being typed and may be
    ///   empty.
    package init(_ words: [String], _ tree: CommandTree) {
        let typed = words.last ?? ""
        var line = Line(tree)
        for word in words.dropLast() { line.take(word) }
        self = Self.asked(line, typed)
        self.state = line.state
    }

    private static func asked(_ line: Line, _ typed: String) -> Completion {
        if let option = line.open { return Completion(self.want(of: option, line), typed: typed) }
        if line.takesOptions, typed.hasPrefix("-") {
            if let equals = typed.firstIndex(of: "="), let option = line.command.option(typed[..<equals]),
                option.takesValue
            {
                let rest = typed[typed.index(after: equals)...]
                return Completion(self.want(of: option, line), typed: String(rest), kept: String(typed[...equals]))
            }
            let common = line.command.subcommands.first(where: \.isShown)?.options ?? []
            let options = line.command.options + (line.path.isEmpty ? common : [])
            let names = options.filter(\.isShown).flatMap { option in
                option.names.map { Candidate($0, option.abstract) }
            }
            return Completion(.words(names.filter { $0.value.hasPrefix("--") || typed == "-" }), typed: typed)
        }
        if let many = line.many { return Completion(self.want(of: many, line), typed: typed) }
        if line.isHelp || !line.command.subcommands.isEmpty {
            let shown = line.command.subcommands.filter(\.isShown).map { Candidate($0.name, $0.abstract) }
            let help = line.path.isEmpty && !line.isHelp ? [Candidate("help", "Explain a command.")] : []
            return Completion(.words(shown + help), typed: typed)
        }
        return Completion(self.want(positional: line), typed: typed)
    }

    // MARK: what goes where

    private static func want(of option: CommandTree.Option, _ line: Line) -> Want {
        switch option.names.first(where: { $0.hasPrefix("--") }) {
        case "--file": .files
        case "--state", "--output", "--to": .folders
        case "--with" where ["search", "transfers"].contains(line.path.first): .recipients
        case "--from" where line.path.first == "rules": .recipients
        case "--from", "--with": .people(.all)
        case "--room": .rooms(isToJoin: false)
        case "--history":
            .words([.init("all", "everything"), .init("from-join", "what is said from then on")])
        case "--reply-to", "--before": .messages(isOurs: false)
        case "--wait":
            .words([
                .init("queued", "return at once"), .init("delivered", "when they have it"),
                .init("delivered=all", "when all in the room have it, or all their devices"),
                .init("read", "when they have read it"),
            ])
        case "--timeout", "--since", "--for": .words(["30s", "5m", "2h", "1d", "1w"].map { .init($0) })
        case "--type": .words(["pdf", "image/*", "video/*", "audio/*", "text/*"].map { .init($0) })
        default: .nothing
        }
    }

    private static func want(positional line: Line) -> Want {
        let places = line.command.positionals
        guard
            let place = line.others.count < places.count
                ? places[line.others.count] : places.last.flatMap({ $0.repeats ? $0 : nil })
        else {
            return .nothing
        }
        switch (line.path.joined(separator: " "), place.name) {
        case ("accept", _): return .people(.asking)
        case ("unblock", _): return .people(.blocked)
        case ("send", _), ("chat", "who"), ("history", "who"), ("read", "who"), ("lifetime", "who"), ("pin", "who"),
            ("unpin", "who"), ("mute", "who"), ("unmute", "who"):
            return .recipients
        case (_, "who"): return .people(.all)
        case ("room join", "room"): return .rooms(isToJoin: true)
        case (_, "room"): return .rooms(isToJoin: false)
        case (_, "span"): return .words(["1d", "7d", "30d", "12h", "off"].map { .init($0) })
        case ("remind", "id"), ("receipts", "id"): return .messages(isOurs: true)
        case ("ack", "id"), ("room pin", "id"): return .messages(isOurs: false)
        case ("edit", "id"), ("delete", "id"): return .messages(isOurs: true)
        case ("react", "id"): return .messages(isOurs: false)
        case ("react", "emoji"): return .words(["👍", "❤️", "😂", "🎉", "👀", "✅"].map { .init($0) })
        case ("accept-file", "id"), ("decline", "id"), ("reject", "id"): return .transfers(areOffers: true)
        case (_, "id"): return .transfers(areOffers: false)
        case ("transfers", "verb"):
            return .words([
                .init("pause", "stop for now"), .init("resume", "go on"), .init("retry", "try again"),
                .init("cancel", "end it"),
            ])
        case ("rules", "verb"):
            return .words([.init("add", "accept files without asking"), .init("remove", "remove a rule")])
        case ("rules", "number"): return .rules
        case ("settings", "key"): return .settings
        case ("config check", _): return .files
        case ("settings", "value"): return .value(setting: line.others.first ?? "")
        case ("rpc", "method"): return .methods
        case ("peer remove", "address"): return .addresses
        case ("completions", _): return .words(Shell.allCases.map { .init($0.rawValue) })
        default: return .nothing
        }
    }

    /// The candidates that go on from what was typed, in any case of letters, each once.
    package func fitting(_ candidates: [Candidate]) -> [Candidate] {
        let wanted = self.typed.lowercased()
        var seen: Set<String> = []
        return candidates.filter { $0.value.lowercased().hasPrefix(wanted) && seen.insert($0.value).inserted }
    }

    /// The words before the one that is typed, as far as they matter to it.
    private struct Line {
        var command: CommandTree
        var path: [String] = []
        /// Words that are no options, behind the command.
        var others: [String] = []
        /// The option whose value comes next.
        var open: CommandTree.Option?
        /// The option that takes words until there is another.
        var many: CommandTree.Option?
        var takesOptions = true
        var isHelp = false
        var state: String?
        private let root: CommandTree

        init(_ tree: CommandTree) {
            self.command = tree
            self.root = tree
        }

        mutating func take(_ word: String) {
            if let option = self.open {
                if option.names.contains("--state") { self.state = word }
                (self.open, self.many) = (nil, option.takesMany ? option : nil)
                return
            }
            if self.takesOptions, word.hasPrefix("-"), word != "-" {
                self.many = nil
                if word == "--" {
                    self.takesOptions = false
                    return
                }
                let name = word.prefix { $0 != "=" }
                let option =
                    self.command.option(name) ?? self.root.subcommands.lazy.compactMap { $0.option(name) }.first
                guard let option, option.takesValue else { return }
                if !word.contains("=") {
                    self.open = option
                } else if name == "--state" {
                    self.state = String(word.dropFirst(8))
                }
                return
            }
            if self.many != nil { return }
            if self.path.isEmpty, word == "help", !self.isHelp {
                self.isHelp = true
            } else if let below = self.command.subcommand(word) {
                self.command = below
                self.path.append(word)
            } else {
                self.others.append(word)
            }
        }
    }
}
