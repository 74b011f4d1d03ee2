import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotHooks
import EarshotModel
import EarshotTerminal
import Glibc

struct Hooks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show hooks, ways in for programs and announcements, and how each goes.",
        discussion: """
            EXAMPLES
              earshot hooks
              earshot hooks --json | jq 'select(.failing > 0)'

            They stand in config.toml: docs/Hooks.md.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let hooks = try self.options.connect().ask(Methods.ListHooks())
        self.options.show(
            hooks,
            hooks.isEmpty
                ? self.options.hint("There are none. `earshot config edit` opens the file they stand in.")
                : hooks.flatMap { HookLines.lines($0, self.options.style) })
    }
}

struct On: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program each time something happens; what it answers is sent.",
        discussion: """
            EXAMPLES
              earshot on message --room ops -- ./bot.sh
              earshot on message --from anna --word deploy -- sh -c 'echo "reply: on it"'
              earshot on offer,request --verified -- notify-send "Earshot"

            The program has the event as a line of JSON on its input and EARSHOT_… in its environment. Each line of its
            output that begins with `reply: ` is sent into the conversation; others are printed. It goes on until it is
            ended, or the node is. What you write yourself is never told to it. The same for good: docs/Hooks.md.
            """)
    @Argument(help: "Events, with commas: message, offer, presence, …") var events: String
    @Option(help: "Only of this person: an id, or the name of a contact.") var from: String?
    @Option(help: "Only in this room: its name or id.") var room: String?
    @Flag(help: "Only of people whom you have verified.") var verified = false
    @Option(help: "Only what begins with this.") var prefix: String?
    @Option(help: "Only what has this word in it.") var word: String?
    @Option(help: "End a run after this time.") var timeout = Span(milliseconds: Int64(Hook.usualTimeout))
    @Flag(help: "End after the first run, with its exit code.") var once = false
    @Argument(parsing: .postTerminator, help: "The program and its words, behind a --.") var command: [String] = []
    @OptionGroup var options: Options

    func run() throws {
        guard !self.command.isEmpty else { throw ValidationError("The program is missing: write it behind a --.") }
        let filter = try self.filter()
        // Whoever does not read what they are given ends nobody but themselves.
        signal(SIGPIPE, SIG_IGN)
        let halt = try Halt.signals()
        defer { close(halt) }
        let client = try self.options.connect()
        _ = try client.ask(Methods.Subscribe())
        if !self.options.quiet { StandardError.say("earshot: waiting; Ctrl-C ends it") }
        let timeout = UInt64(clamping: self.timeout.milliseconds)
        let process = HookProcess(Hook.Command(self.command), timeout: timeout, halt: halt)
        var replies = ReplyLimit()
        while let event = try self.next(client, halt) {
            guard filter.fits(event) else { continue }
            let result = try self.run(process, HookEvent(event), client, &replies)
            if result == .halted { return }
            if case .notStarted(let why) = result {
                throw DoorError(.failed, "\(self.command[0]) cannot be started: \(why).")
            }
            if !result.isGood { StandardError.say("earshot: \(self.command[0]): \(result.text)") }
            guard !self.once else { throw ExitCode(Self.code(result)) }
        }
    }

    private func run(
        _ process: HookProcess, _ event: HookEvent, _ client: ControlClient, _ replies: inout ReplyLimit
    ) throws -> HookResult {
        var said: [(text: String, cites: Bool)] = []
        var variables = event.variables
        variables["EARSHOT_STATE"] = try self.options.directory
        variables["EARSHOT_HOOK"] = "on"
        let result = process.run(input: event.line, environment: Environment.ours, more: variables) { line in
            switch line {
            case .reply(let text, let cites): said.append((text, cites))
            case .log(let text): print(text)
            }
        }
        for reply in said {
            guard let place = event.place else {
                StandardError.say("earshot: nobody is answered here: \(reply.text.prefix(100))")
                continue
            }
            switch replies.take(place, at: Self.uptime) {
            case .drop: continue
            case .warn:
                StandardError.say("earshot: it answers too much; what is over is not sent")
                continue
            case .say: break
            }
            let send = Methods.Send(to: [place], text: reply.text, replyTo: reply.cites ? event.message : nil)
            do throws(DoorError) { _ = try client.ask(send) } catch {
                guard error.kind != .notRunning else { throw error }
                StandardError.say("earshot: the answer was not sent: \(error.message)")
            }
        }
        try self.options.flush()
        return result
    }

    private func filter() throws -> EventFilter {
        let words = self.events.split(separator: ",").map(String.init)
        let kinds = try words.map { word in
            guard let kind = EventView.Kind(rawValue: word) else {
                let all = EventView.Kind.allCases.map(\.rawValue)
                throw DoorError(
                    .badParameters, "There is no event \(word).\(Nearest.question(word, among: all))", candidates: all)
            }
            return kind
        }
        return EventFilter(
            Set(kinds), from: self.from, room: self.room, isVerified: self.verified, prefix: self.prefix,
            word: self.word)
    }

    /// The next event; `nil` once somebody wants it to end.
    private func next(_ client: ControlClient, _ halt: Int32) throws(DoorError) -> EventView? {
        while true {
            while let incoming = try client.next(wait: false) {
                if case .event(let event) = incoming { return event }
            }
            var watched = [
                pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: halt, events: Int16(POLLIN), revents: 0),
            ]
            poll(&watched, 2, -1)
            if watched[1].revents != 0 { return nil }
        }
    }

    private static func code(_ result: HookResult) -> Int32 {
        switch result {
        case .ended(let code): code
        case .signalled(let signal): 128 + signal
        case .tookTooLong: DoorError.Kind.timeout.exitCode
        case .flooded, .halted, .notStarted, .posted, .notPosted: 1
        }
    }

    /// Ms.
    private static var uptime: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(clamping: time.tv_sec) * 1_000 + UInt64(clamping: time.tv_nsec) / 1_000_000
    }
}

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Show how the node is, in numbers, as Prometheus reads them.",
        discussion: """
            EXAMPLES
              earshot metrics
              earshot metrics --json
              earshot metrics | grep hook

            Nobody is named in them. With the setting metrics.enabled they are at /metrics beside the page, too.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let metrics = try self.options.connect().ask(Methods.ReadMetrics())
        self.options.show(metrics, [String(PrometheusText.text(metrics).dropLast())])
    }
}
