import EarshotModel

/// What can be typed in a conversation instead of a text.
package enum SlashCommand: Sendable, Hashable {
    case accept(id: String?, folder: String?)
    case decline(id: String?)
    case file([String])
    case transfers
    case transfer(Ask.Verb, id: String?)
    case reply(id: String, String)
    case edit(id: String, String)
    case delete(id: String)
    case react(id: String, String)
    case search(String)
    case acknowledge(id: String)
    /// Nothing shows it; an empty text takes it back.
    case topic(String?)
    case invite([String])
    case pin(id: String, Bool)
    case leave
    case verifyID
    case verify(Ask.Verify)
    /// Goes on with somebody of whom it is not certain who they are.
    case trust
    /// What we call them, or the room; an empty name takes back what we called them.
    case rename(String)
    /// Takes a member out.
    case remove(String)
    case who
    case block
    case unblock
    /// On or off; nil for the other than it is.
    case live(Bool?)
    case status(Presence, String?)
    case start
    case help(String?)
    case quit

    /// What is wrong with a line that was typed, and what would be right.
    package struct Problem: Error, Sendable, Hashable {
        package let message: String
    }

    package struct Usage: Sendable, Hashable {
        package let name: String
        package let arguments: String
        package let meaning: String
        package var line: String { self.arguments.isEmpty ? "/\(self.name)" : "/\(self.name) \(self.arguments)" }
    }

    package static let all: [Usage] = [
        Usage(
            name: "accept", arguments: "[ID] [FOLDER]",
            meaning: "accept someone who asks to talk, or offered files"),
        Usage(name: "decline", arguments: "[ID]", meaning: "decline offered files"),
        Usage(name: "file", arguments: "PATH…", meaning: "offer files and folders"),
        Usage(name: "transfers", arguments: "", meaning: "list the files of this conversation"),
        Usage(name: "pause", arguments: "[ID]", meaning: "pause a transfer; /resume, /retry and /cancel likewise"),
        Usage(name: "resume", arguments: "[ID]", meaning: "resume a paused transfer"),
        Usage(name: "retry", arguments: "[ID]", meaning: "try a failed transfer again"),
        Usage(name: "cancel", arguments: "[ID]", meaning: "end a transfer, or take an offer back"),
        Usage(name: "reply", arguments: "ID TEXT", meaning: "reply to a message"),
        Usage(name: "edit", arguments: "ID TEXT", meaning: "edit one of your messages"),
        Usage(name: "delete", arguments: "ID", meaning: "delete one of your messages, on both sides"),
        Usage(name: "react", arguments: "ID EMOJI", meaning: "react to a message"),
        Usage(name: "ack", arguments: "ID", meaning: "acknowledge a message that asks for it"),
        Usage(name: "search", arguments: "WORDS", meaning: "find words in this conversation"),
        Usage(
            name: "verify", arguments: "[yes|no|stop]",
            meaning: "compare what both screens show, to know that it is really them"),
        Usage(name: "verify-id", arguments: "", meaning: "show both ids, to compare them"),
        Usage(name: "trust", arguments: "", meaning: "go on with somebody of whom it was not certain who they are"),
        Usage(
            name: "rename", arguments: "NAME", meaning: "what you call them, or the name of a room of yours; - for none"
        ),
        Usage(name: "who", arguments: "", meaning: "show whom you are talking to, in a room all members"),
        Usage(name: "topic", arguments: "[TEXT]", meaning: "in a room: show or set what it is about; - takes it back"),
        Usage(name: "members", arguments: "", meaning: "in a room: who is in it"),
        Usage(name: "invite", arguments: "WHO…", meaning: "in a room: add people"),
        Usage(name: "remove", arguments: "WHO", meaning: "in a room of yours: take somebody out"),
        Usage(name: "pin", arguments: "ID", meaning: "in a room: pin a message; /unpin takes it back"),
        Usage(name: "unpin", arguments: "ID", meaning: "in a room: take a pin back"),
        Usage(name: "leave", arguments: "", meaning: "in a room: leave it for good; /quit only closes this"),
        Usage(name: "block", arguments: "", meaning: "block this person; /unblock undoes it"),
        Usage(name: "unblock", arguments: "", meaning: "let them write again"),
        Usage(name: "live", arguments: "[on|off]", meaning: "show each other what you type while you type it"),
        Usage(
            name: "status", arguments: "online|busy|away|invisible [TEXT]",
            meaning: "how present you are, and a word about it"),
        Usage(name: "start", arguments: "", meaning: "start a node when none is running"),
        Usage(name: "help", arguments: "[COMMAND]", meaning: "show this list"),
        Usage(name: "quit", arguments: "", meaning: "leave; the node keeps running"),
    ]

    /// What a line means: a command, or a text to send. A text that begins with `/` is written with a space or a
    /// second `/` before it.
    package static func reading(_ line: String) throws(Problem) -> (command: SlashCommand?, text: String) {
        guard line.hasPrefix("/") else { return (nil, line.hasPrefix(" /") ? String(line.dropFirst()) : line) }
        if line.hasPrefix("//") { return (nil, String(line.dropFirst())) }
        return (try SlashCommand(line), "")
    }

    private init(_ line: String) throws(Problem) {  // lint: table
        let (name, rest) = Self.firstWord(line.dropFirst())
        let word = name.lowercased()
        switch word {
        case "accept":
            let words = TypedWords.split(rest)
            // A path cannot be an id: `/accept ~/inbox` is meant for the one offer there is.
            let isFolder = words.first.map { ["~", ".", ".."].contains($0) || $0.contains("/") } ?? false
            let ids = isFolder ? [] : Array(words.prefix(1))
            let folders = Array(words.dropFirst(ids.count))
            guard folders.count <= 1 else { throw Self.wrong(word) }
            self = .accept(id: ids.first, folder: folders.first)
        case "decline", "reject": self = .decline(id: try Self.optional(rest, "decline"))
        case "file", "send":
            let paths = TypedWords.split(rest)
            guard !paths.isEmpty else { throw Self.wrong("file") }
            self = .file(paths)
        case "pause", "resume", "retry", "cancel":
            guard let verb = Ask.Verb(rawValue: word) else { throw Self.wrong(word) }
            self = .transfer(verb, id: try Self.optional(rest, word))
        case "reply", "edit", "react":
            let (id, behind) = Self.firstWord(rest)
            let text = String(behind)
            guard !id.isEmpty, text.contains(where: { !$0.isWhitespace }) else { throw Self.wrong(word) }
            switch word {
            case "reply": self = .reply(id: id, text)
            case "edit": self = .edit(id: id, text)
            default: self = .react(id: id, text.filter { !$0.isWhitespace })
            }
        case "ack", "pin", "unpin":
            guard let id = try Self.optional(rest, word) else { throw Self.wrong(word) }
            self = word == "ack" ? .acknowledge(id: id) : .pin(id: id, word == "pin")
        case "topic":
            let text = rest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            self = .topic(text.isEmpty ? nil : text == "-" ? "" : text)
        case "invite":
            let people = TypedWords.split(rest)
            guard !people.isEmpty else { throw Self.wrong(word) }
            self = .invite(people)
        case "delete":
            guard let id = try Self.optional(rest, word) else { throw Self.wrong(word) }
            self = .delete(id: id)
        case "verify":
            switch try Self.optional(rest, word)?.lowercased() {
            case nil: self = .verify(.start)
            case "yes": self = .verify(.answer(true))
            case "no": self = .verify(.answer(false))
            case "stop": self = .verify(.stop)
            default: throw Self.wrong(word)
            }
        case "rename":
            let name = rest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !name.isEmpty else { throw Self.wrong(word) }
            self = .rename(name == "-" ? "" : name)
        case "remove":
            let people = TypedWords.split(rest)
            guard people.count == 1 else { throw Self.wrong(word) }
            self = .remove(people[0])
        case "live":
            switch try Self.optional(rest, word) {
            case nil: self = .live(nil)
            case "on": self = .live(true)
            case "off": self = .live(false)
            default: throw Self.wrong(word)
            }
        case "status":
            let (state, text) = Self.firstWord(rest)
            guard let presence = Presence(rawValue: state.lowercased()) else { throw Self.wrong(word) }
            self = .status(presence, text.isEmpty ? nil : String(text))
        case "search":
            guard rest.contains(where: { !$0.isWhitespace }) else { throw Self.wrong(word) }
            self = .search(rest.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        case "help", "?": self = .help(try Self.optional(rest, "help"))
        default:
            guard let bare = Self.bare[word] else { throw Self.unknown(name) }
            // More words, or pasted lines, are a text that happens to begin so: nothing is done by mistake.
            guard rest.allSatisfy(\.isWhitespace) else { throw Self.wrong(word) }
            self = bare
        }
    }

    /// Commands of one word.
    private static let bare: [String: SlashCommand] = [
        "transfers": .transfers, "verify-id": .verifyID, "trust": .trust, "who": .who, "members": .who, "block": .block,
        "unblock": .unblock, "leave": .leave,
        "start": .start, "quit": .quit, "exit": .quit, "q": .quit,
    ]

    private static func firstWord(_ text: Substring) -> (word: String, rest: Substring) {
        let end = text.firstIndex { $0.isWhitespace } ?? text.endIndex
        return (String(text[..<end]), text[end...].drop { $0.isWhitespace })
    }

    private static func optional(_ rest: Substring, _ name: String) throws(Problem) -> String? {
        let words = rest.split(whereSeparator: \.isWhitespace)
        guard words.count <= 1 else { throw self.wrong(name) }
        return words.first.map { String($0) }
    }

    private static func wrong(_ name: String) -> Problem {
        guard let usage = self.all.first(where: { $0.name == name }) else { return self.unknown(name) }
        return Problem(message: "Try: \(usage.line)")
    }

    private static func unknown(_ name: String) -> Problem {
        let hint = Nearest.question("/" + name, among: self.all.map { "/" + $0.name })
        return Problem(
            message:
                "There is no command /\(name).\(hint) /help lists them; to send it as text, type a second / in front.")
    }
}

/// Words of a line that is typed to a program.
package enum TypedWords {
    /// As a shell splits them: quotes keep spaces, a backslash keeps the next character.
    package static func split(_ line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? ""
            } else if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }

    /// A word as `split` reads it back.
    package static func quoted(_ word: String) -> String {
        word.reduce(into: "") { out, character in
            if character.isWhitespace || "\\'\"".contains(character) { out.append("\\") }
            out.append(character)
        }
    }
}
