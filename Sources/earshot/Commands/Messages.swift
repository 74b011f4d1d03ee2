import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send text or files to one or several people.",
        discussion: """
            EXAMPLES
              earshot send anna "lunch?"
              earshot send anna bob "meeting at ten"
              uptime | earshot send anna -
              earshot send anna -f report.pdf photos/
              earshot send anna bob -f plans.pdf --text "the plans"
              earshot send anna "are you there?" --wait delivered --timeout 10s
            """)
    @Argument(help: "WHO… and then the TEXT, or - for standard input. With -f or --text, every word is a WHO.") var words: [String]
    @Option(name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption, help: "Files and folders to send, or - for standard input.") var files: [String] = []
    @Option(name: .customLong("text"), help: "The text, where it is not the last word: with -f it is always given like this.") var said: String?
    @Option(help: "What a single file is called there.") var `as`: String?
    @Option(help: "When to come back: queued, delivered or read; with files: queued (offered) or delivered (there).") var wait: String?
    @Option(help: "How long to wait at most, as 30s or 5m.") var timeout: Span?
    @Option(help: "The message this answers.") var replyTo: String?
    @OptionGroup var options: Options

    func run() throws {
        guard let wait = Request.Wait(rawValue: self.wait ?? "queued") else { throw ValidationError("--wait is queued, delivered or read.") }
        if !self.files.isEmpty { return try self.sendFiles(wait) }
        // With one word and a pipe the text comes from the pipe.
        let isPiped = self.said == nil && self.words.count == 1 && isatty(STDIN_FILENO) == 0
        guard self.said != nil || self.words.count > 1 || isPiped else {
            throw ValidationError("There is no text. Try: earshot send \(self.words.first ?? "anna") \"hello\"")
        }
        let to = isPiped || self.said != nil ? self.words : Array(self.words.dropLast())
        let body = try StandardInput.text(isPiped ? nil : self.said ?? self.words.last)
        let sent = try self.options.connect().ask(
            "send",
            [
                "to": .array(to.map { .string($0) }), "text": .string(body), "wait": .string(wait.rawValue),
                "timeout": self.timeout.map { .integer($0.milliseconds) }, "replyTo": self.replyTo.map { .string($0) },
            ], patience: (self.timeout?.milliseconds ?? 30_000) + 30_000)
        let style = self.options.style
        let lines = (sent.array ?? []).map { one in
            let state = one["state"]?.string ?? ""
            let reason = one["reason"]?.string.map { ": \($0)" } ?? ""
            return "\(style.tick(state)) \(state) for \(one["toName"]?.string ?? "")\(reason)  \(style.dim(String((one["id"]?.string ?? "").prefix(8))))"
        }
        self.options.show(sent, self.options.quiet ? [] : lines)
        let states = Set((sent.array ?? []).compactMap { $0["state"]?.string })
        let isDone = wait == .queued || !states.contains("queued") && (wait == .delivered || !states.contains("delivered"))
        if !isDone { throw ExitCode(DoorError.Kind.notDelivered.exitCode) }
    }
}

struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give one of your messages other words.")
    @Argument(help: "The message's id or its beginning.") var id: String
    @Argument(help: "The new text, or - for standard input.") var words: String?
    @OptionGroup var options: Options

    func run() throws {
        let body = try StandardInput.text(self.words)
        let answer = try self.options.connect().ask("edit", ["id": .string(self.id), "text": .string(body)])
        self.options.show(answer, self.options.quiet ? [] : ["edited"])
    }
}

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete one of your messages, and ask the others to.")
    @Argument(help: "The message's id or its beginning.") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask("delete", ["id": .string(self.id)])
        self.options.show(answer, self.options.quiet ? [] : ["deleted here; the others are asked to"])
    }
}

struct React: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put a sign to a message.")
    @Argument(help: "The message's id or its beginning.") var id: String
    @Argument(help: "An emoji or a short word.") var emoji: String
    @Flag(help: "Take it back.") var remove = false
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask("react", ["id": .string(self.id), "emoji": .string(self.emoji), "on": .bool(!self.remove)])
        self.options.show(answer, self.options.quiet ? [] : [self.remove ? "taken back" : "done"])
    }
}

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What was said with somebody.")
    @Argument(help: "Name or id.") var who: String
    @Option(help: "Only so far back, as 2h or 3d.") var since: Span?
    @Option(help: "At most so many, the newest.") var limit: Int = 50
    @OptionGroup var options: Options

    func run() throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let from = self.since.map { Int64(now.tv_sec) * 1_000 - $0.milliseconds }
        let messages = try self.options.connect().ask(
            "history", ["who": .string(self.who), "since": from.map { .integer(max(0, $0)) }, "limit": .integer(Int64(self.limit))])
        self.options.show(messages, self.options.listing.messages(messages.array ?? [], columns: self.options.columns))
    }
}

struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Find words in all conversations.")
    @Argument(help: "Words; all must be there.") var query: [String]
    @Option(help: "Only with this person.") var with: String?
    @Option(help: "At most so many, the newest.") var limit: Int = 50
    @OptionGroup var options: Options

    func run() throws {
        let found = try self.options.connect().ask(
            "search",
            ["query": .string(self.query.joined(separator: " ")), "who": self.with.map { .string($0) }, "limit": .integer(Int64(self.limit))])
        let words = self.query.flatMap { $0.split(separator: " ").map(String.init) }
        let lines = self.options.listing.found(found.array ?? [], words: words, columns: self.options.columns)
        self.options.show(found, lines.isEmpty ? ["Nothing found."] : lines)
    }
}

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Everything as it happens.")
    @Option(help: "From this cursor on, so that nothing is missed.") var since: Int64?
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        _ = try client.ask("subscribe", ["since": self.since.map { .integer($0) }])
        let listing = self.options.listing
        while true {
            let event = try client.nextEvent()
            self.options.show(event, listing.event(event, columns: self.options.columns))
            fflush(nil)
        }
    }
}
