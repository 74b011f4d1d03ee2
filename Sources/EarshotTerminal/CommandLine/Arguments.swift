import EarshotModel

/// Why words of a command line make no sense, and what would.
package struct UsageError: Error, Hashable, Sendable {
    package let message: String
    /// The command it was, as far as one was named: `["peer", "add"]`.
    package let path: [String]

    package init(_ message: String, path: [String] = []) {
        self.message = message
        self.path = path
    }
}

/// The words of a command line, put so that the parser reads them as a person means them.
///
/// A word that begins with a dash and cannot be an option (`-hello`, `- milk`, `-5`) is text, wherever the command
/// takes text or names; one that could be an option and is none is an error that says how to send it (`--`). Options
/// may stand before the command.
package enum Arguments {
    package static func prepare(_ words: [String], _ tree: CommandTree) throws(UsageError) -> [String] {
        var (early, rest) = self.earlyOptions(words, tree)
        guard let first = rest.first else {
            guard early.isEmpty else { throw UsageError("A command is missing.") }
            return words
        }
        guard !first.hasPrefix("-") else { return words }
        if first == "help" { return try self.help(Array(rest.dropFirst()), tree) }
        guard var command = tree.subcommand(first) else { throw self.unknown(first, tree) }
        var path = [first]
        var tail = Array(rest.dropFirst())
        while !command.subcommands.isEmpty {
            // Options may stand before the command below, too.
            let (options, behind) = self.earlyOptions(tail, command)
            guard let next = behind.first, !next.hasPrefix("-") else { break }
            guard let below = command.subcommand(next) else {
                try self.expectName(next, command, path)
                break
            }
            command = below
            path.append(next)
            early += options
            tail = Array(behind.dropFirst())
        }
        // Options of the command that is meant where none is named.
        if let usual = command.usual.flatMap(command.subcommand), !(early + tail).isEmpty {
            if (early + tail).prefix(while: { $0 != "--" }).contains(where: self.help.contains) {
                return path + ["--help"]
            }
            command = usual
            path.append(usual.name)
        }
        guard !command.passesOn else { return path + early + tail }
        // Behind a `--` there are no options any more.
        return path + (try self.sorted(tail.contains("--") ? early + tail : tail + early, command, path))
    }

    private static let help: Set = ["-h", "--help"]

    /// Help about a command, whatever options stand there.
    private static func help(_ words: [String], _ tree: CommandTree) throws(UsageError) -> [String] {
        let topics = self.earlyOptions(words, tree).rest
        if let topic = topics.first, !topic.hasPrefix("-"), tree.subcommand(topic) == nil {
            throw self.unknown(topic, tree)
        }
        return ["help"] + topics
    }

    /// A word that names no command of a group may be for the one that is meant where none is named.
    private static func expectName(_ word: String, _ command: CommandTree, _ path: [String]) throws(UsageError) {
        let names = command.subcommands.map(\.name)
        let hint = Nearest.question(word, among: names)
        if hint.isEmpty, let usual = command.usual.flatMap(command.subcommand), !usual.positionals.isEmpty { return }
        let choice = hint.isEmpty ? " Use \(names.joined(separator: " or "))." : hint
        throw UsageError(
            "`earshot \(path.joined(separator: " "))` has no command \(self.shown(word)).\(choice)", path: path)
    }

    private static func unknown(_ word: String, _ tree: CommandTree) -> UsageError {
        let names = tree.subcommands.filter(\.isShown).map(\.name)
        return UsageError("There is no command \(self.shown(word)).\(Nearest.question(word, among: names))")
    }

    /// Options that stand before the command: `earshot --state DIR peers`, `earshot room --json list`.
    private static func earlyOptions(_ words: [String], _ tree: CommandTree) -> (early: [String], rest: [String]) {
        var rest = words[...]
        var early: [String] = []
        let known = self.options(below: tree)
        while let word = rest.first, word.hasPrefix("-"), tree.option(word) == nil {
            let name = word.prefix { $0 != "=" }
            guard let option = known.first(where: { $0.names.contains(String(name)) }) else { break }
            early.append(word)
            rest = rest.dropFirst()
            if option.takesValue, !word.contains("="), let value = rest.first {
                early.append(value)
                rest = rest.dropFirst()
            }
        }
        return (early, Array(rest))
    }

    /// Those of the nearest commands first.
    private static func options(below tree: CommandTree) -> [CommandTree.Option] {
        tree.subcommands.flatMap(\.options) + tree.subcommands.flatMap(self.options)
    }

    /// What a word is to a command.
    private enum Kind {
        case option(CommandTree.Option)
        case flags
        case text
    }

    /// Options first, then `--` and the rest, where a text begins with a dash; else as it came.
    private static func sorted(_ words: [String], _ command: CommandTree, _ path: [String]) throws(UsageError)
        -> [String]
    {
        var options: [String] = []
        var others: [String] = []
        var isAmbiguous = false
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--" {
                guard isAmbiguous else { return words }
                others += words[index...]
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                others.append(word)
                continue
            }
            switch try self.kind(of: word, command, path) {
            case .text:
                others.append(word)
                isAmbiguous = true
            case .flags: options.append(word)
            case .option(let option):
                if option.takesMany {
                    options.append(word)
                    while index < words.count, !words[index].hasPrefix("-") || words[index] == "-" {
                        options.append(words[index])
                        index += 1
                    }
                } else if option.takesValue, !word.contains("="), index < words.count {
                    let value = words[index]
                    index += 1
                    let isDashed = value.hasPrefix("-") && value != "-" && word.hasPrefix("--")
                    if isDashed { isAmbiguous = true }
                    options += isDashed ? ["\(word)=\(value)"] : [word, value]
                } else {
                    options.append(word)
                }
            }
        }
        guard isAmbiguous else { return words }
        return options + (others.isEmpty ? [] : ["--"] + others)
    }

    private static func kind(of word: String, _ command: CommandTree, _ path: [String]) throws(UsageError) -> Kind {
        let name = String(word.prefix { $0 != "=" })
        if let option = command.option(name) { return .option(option) }
        let takesText = !command.positionals.isEmpty
        let letters = word.drop { $0 == "-" }
        let couldBeOption =
            letters.first?.isASCII ?? false && letters.first?.isLetter ?? false && !word.contains(where: \.isWhitespace)
        if takesText, !couldBeOption { return .text }
        var hint = ""
        if word.hasPrefix("--") {
            hint = Nearest.question(
                name, among: command.options.filter(\.isShown).flatMap(\.names).filter { $0.hasPrefix("--") })
        } else {
            if letters.allSatisfy({ command.option("-\($0)") != nil }) { return .flags }
            if command.option("-" + name) != nil {
                hint = " Did you mean -\(name)?"
            } else if let first = letters.first, let option = command.option("-\(first)"), option.takesValue {
                hint = " Put a space between -\(first) and what follows it."
            } else if takesText, letters.count > 1 {
                return .text
            }
        }
        let dashes =
            takesText
            ? """
             A text that begins with a dash goes after --: `earshot \(path.joined(separator: " ")) … -- \
            \(Quoting.shell(word))`.
            """
            : ""
        throw UsageError(
            "`earshot \(path.joined(separator: " "))` has no option \(self.shown(name)).\(hint)\(dashes)", path: path)
    }

    /// A word as it may stand in a sentence, however long it is and whatever is in it.
    private static func shown(_ word: String) -> String {
        let clean =
            word.unicodeScalars.allSatisfy { !$0.properties.generalCategory.isControl }
            ? word : Quoting.shell(String(word.filter { !$0.isNewline }))
        return clean.count > 40 ? String(clean.prefix(40)) + "..." : clean
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isControl: Bool { self == .control || self == .format }
}
