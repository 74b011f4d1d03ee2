import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send text or files to one or several people or rooms.",
        discussion: """
            EXAMPLES
              earshot send anna "lunch?"
              earshot send anna bob "meeting at ten"
              earshot send '#ops' "the printer is back, @anna"
              earshot send '#ops' "power cut at six" --ask     readers acknowledge it
              uptime | earshot send anna -
              earshot send anna -f report.pdf photos/
              earshot send anna bob -f plans.pdf --text "the plans"
              earshot send anna "are you there?" --wait delivered --timeout 10s
              earshot send '#ops' "power cut at six" --wait delivered=all
            """)
    @Argument(
        help: "WHO… and then the TEXT, or - for standard input. With -f or --text, every word is a WHO, or a #room.")
    var words: [String]
    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption,
        help: "Files and folders to send, or - for standard input.") var files: [String] = []
    @Option(
        name: .customLong("text"),
        help: "The text, where it is not the last word: with -f it is always given like this.") var said: String?
    @Option(help: "The name under which a single file is sent.") var `as`: String?
    @Option(
        help: """
            What to wait for: queued, delivered or read; with files: queued (offered) or delivered (complete). In a \
            room, delivered is when one of the others has it, delivered=3 when three have it, delivered=all when all \
            have it who joined, and read when all have read it. Of a person, delivered=all is all their devices.
            """)
    var wait: String?
    @Option(help: "How long to wait at most, such as 30s or 5m.") var timeout: Span?
    @Option(help: "The message this answers.") var replyTo: String?
    @Flag(help: "Ask those who read it to acknowledge it.") var ask = false
    @OptionGroup var options: Options

    func run() throws {
        let typed = self.wait ?? TextWait.queued.word
        guard let wait = TextWait(typed) else {
            let hint = Nearest.question(typed, among: TextWait.words)
            throw ValidationError("--wait is \(TextWait.kind), not \(typed).\(hint)")
        }
        if !self.files.isEmpty {
            guard let ofFiles = wait.ofFiles else { throw ValidationError("With files, --wait is \(Wait.kind).") }
            return try self.sendFiles(ofFiles)
        }
        // With one word and a pipe the text comes from the pipe.
        let isPiped = self.said == nil && self.words.count == 1 && isatty(STDIN_FILENO) == 0
        guard self.said != nil || self.words.count > 1 || isPiped else {
            throw ValidationError(
                "There is no text. Try: earshot send \(Quoting.shell(self.words.first ?? "anna")) \"hello\"")
        }
        let to = isPiped || self.said != nil ? self.words : Array(self.words.dropLast())
        let body = try StandardInput.text(isPiped ? nil : self.said ?? self.words.last)
        let client = try self.options.connect()
        // Who is here has it in a moment: that moment is waited for, and no more.
        let waitsBriefly = self.wait == nil
        if waitsBriefly { _ = try client.ask(Methods.Subscribe()) }
        let answer = try client.ask(
            Methods.Send(
                to: Words(to), text: body, replyTo: self.replyTo, wait: wait, timeout: self.timeout?.milliseconds,
                ask: self.ask ? true : nil),
            patience: (self.timeout?.milliseconds ?? 30_000).addingReportingOverflow(30_000).partialValue)
        let sent = waitsBriefly ? try Ticks.settled(answer, client) : answer
        let style = self.options.style
        let lines = sent.map { one in
            let reason = one.reason.map { ": \($0)" } ?? ""
            let to = style.named(one.toName, one.trust)
            let some = one.deliveredTo.flatMap { have in one.recipients.map { "\(have) of \($0): " } } ?? ""
            let what = "\(style.tick(one.state)) \(Ticks.words(one.state)) \(some)\(to)\(reason)"
            return "\(what)  \(style.dim(one.id.brief))"
        }
        self.options.show(sent, self.options.quiet ? [] : lines)
        if !sent.allSatisfy({ wait.isMet(by: $0) }) { throw ExitCode(DoorError.Kind.notDelivered.exitCode) }
    }
}

struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Edit one of your messages.",
        discussion: """
            EXAMPLES
              earshot edit k3v7 "dinner at eight"
              earshot edit k3v7 - < corrected.txt

            `earshot history` shows the id after each message; its first four letters are enough.
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @Argument(help: "The new text, or - for standard input.") var words: String?
    @OptionGroup var options: Options

    func run() throws {
        guard self.words != nil || isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("There is no new text. Try: earshot edit \(Quoting.shell(self.id)) \"the new text\"")
        }
        let body = try StandardInput.text(self.words)
        let answer = try self.options.connect().ask(Methods.Edit(id: self.id, text: body))
        self.options.show(answer, self.options.quiet ? [] : ["edited"])
    }
}

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete one of your messages, and ask the others to.",
        discussion: """
            EXAMPLES
              earshot delete k3v7
              earshot delete k3v7 --yes         without asking

            On a terminal it shows the message and asks; elsewhere it deletes the message and shows how it began.
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @Flag(name: .shortAndLong, help: "Delete it without asking.") var yes = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        var id = self.id
        if !self.yes, isatty(STDIN_FILENO) == 1 {
            let message = try client.ask(Methods.ReadMessage(self.id))
            guard message.mine else { throw DoorError(.refused, "Only your own messages can be deleted.") }
            guard message.deleted != true else { throw DoorError(.refused, "That message is already deleted.") }
            // What was looked at is what is deleted, whatever comes meanwhile.
            id = message.id.description
            let lines = self.options.printout.message(
                message, columns: Terminal.size.columns, longest: 400, stamp: .brief, namesBoth: true)
            StandardError.say(lines.joined(separator: "\n"))
            guard StandardInput.agrees("Delete this message, and ask \(message.toName) to?") else {
                StandardError.say("Nothing was deleted.")
                throw ExitCode(DoorError.Kind.failed.exitCode)
            }
        }
        let answer = try client.ask(Methods.Delete(id))
        let what = self.options.style.quoted(answer.file?.name ?? answer.text)
        let line =
            "deleted \(what) to \(answer.toName ?? "?"); \(answer.toName ?? "the other") is asked to delete it too"
        self.options.show(answer, self.options.quiet ? [] : [line])
    }
}

struct React: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "React to a message.",
        discussion: """
            EXAMPLES
              earshot react k3v7 👍
              earshot react k3v7 👍 --remove
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @Argument(help: "An emoji or a short word.") var emoji: String
    @Flag(help: "Take the reaction back.") var remove = false
    @OptionGroup var options: Options

    func run() throws {
        let emoji = try StandardInput.text(self.emoji)
        let answer = try self.options.connect().ask(Methods.React(id: self.id, emoji: emoji, on: !self.remove))
        self.options.show(
            answer, self.options.quiet ? [] : [self.remove ? "\(emoji) taken back" : "reacted with \(emoji)"])
    }
}

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a conversation.",
        discussion: """
            EXAMPLES
              earshot history anna
              earshot history anna --since 2h
              earshot history anna --limit 1000 | grep invoice
              earshot history '#ops' --read        and mark it as read

            By itself it marks nothing as read: scripts look without the others being told.
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @Option(help: "Only what is newer, such as 2h or 3d.") var since: Span?
    @Option(help: "How many messages to show at most, the newest.") var limit: Limit = 50
    @Flag(help: "Mark everything there as read; the others are told.") var read = false
    @OptionGroup var options: Options

    func run() throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let from = self.since.map { Int64(now.tv_sec) * 1_000 - $0.milliseconds }
        let client = try self.options.connect()
        let messages = try self.limit.newest(.oldestFirst) { count, oldest throws(DoorError) in
            try client.ask(
                Methods.History(
                    who: self.who, since: from.map { max(0, $0) }, before: oldest?.description, limit: count))
        }
        let lines = self.options.printout.messages(messages, columns: self.options.columns, breaksURLs: false)
        self.options.show(messages, lines.isEmpty ? self.options.hint("No messages yet.") : lines)
        guard self.read else { return }
        // What is marked as read was shown.
        try self.options.flush()
        _ = try client.ask(Methods.MarkRead(self.who))
    }
}

struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find words in all conversations.",
        discussion: """
            EXAMPLES
              earshot search invoice
              earshot search kiln keys --with anna
              earshot search C++ --limit 200
              earshot search invoice --before 5f2k   what is older than that message
            """)
    @Argument(help: "Words; a message must contain all of them.") var query: [String]
    @Option(help: "Only with this person, or in this #room.") var with: String?
    @Option(help: "Only what is older than the message with this id.") var before: String?
    @Option(help: "How many messages to show at most, the newest.") var limit: Limit = 50
    @OptionGroup var options: Options

    func run() throws {
        let query = try StandardInput.text(self.query.joined(separator: " "))
        let client = try self.options.connect()
        let found = try self.limit.newest(.newestFirst) { count, oldest throws(DoorError) in
            try client.ask(
                Methods.Search(query: query, who: self.with, before: oldest?.description ?? self.before, limit: count))
        }
        let words = query.split(separator: " ").map(String.init)
        let lines = self.options.printout.found(found, words: words, columns: self.options.columns)
        self.options.show(found, lines.isEmpty ? self.options.hint("Nothing found.") : lines)
    }
}

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything as it happens.",
        discussion: """
            EXAMPLES
              earshot watch
              earshot watch --json | jq -r 'select(.event=="message").message.text'
              earshot watch --json --since 4711.88   first what changed after that place
              earshot watch --room ops               of that room alone
              earshot watch --from anna              of what Anna writes and does
            """)
    @Option(help: "First show what changed after this place, as events tell it.") var since: EventPlace?
    @Option(help: "Only what this person writes and does: a name or an id.") var from: String?
    @Option(help: "Only what happens in this room: its name or id.") var room: String?
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let person = try self.from.map { try client.person($0) }
        let room = try self.room.map { try client.ask(Methods.RoomInfo($0)).id }
        _ = try client.ask(Methods.Subscribe(place: self.since))
        let listing = self.options.printout
        var days = listing.days
        while true {
            try self.options.flush()
            let event = try client.nextEvent()
            guard person.map({ event.isOf($0) }) ?? true, room.map({ event.room == $0 }) ?? true else { continue }
            // A day begins while it runs.
            let day = self.options.json || self.options.columns == nil ? nil : listing.today(&days)
            self.options.show(event, ([day].compactMap { $0 }) + listing.event(event, columns: self.options.columns))
        }
    }
}
