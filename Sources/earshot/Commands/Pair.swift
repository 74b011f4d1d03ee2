import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Pair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open a window in which people can join this node by a code: for a machine without a screen.",
        discussion: """
            EXAMPLES
              earshot pair                        a code, for two minutes and one person
              earshot pair --window 10m --count 3
              earshot pair --json                 an object for each code and event
              earshot pair --stop                 close the window that is open

            Whoever joins runs `earshot join` and types the code; both are verified contacts then. Each code is good
            once: after somebody has joined, the next is shown. Three wrong tries close the window, and so does the end
            of this command. Exit code 0 when as many have joined as could, 10 when time was over before, 7 after the
            third wrong try.
            """)
    @Option(help: "How long the window is open: 1s to 1h.") var window: Span = .minutes(2)
    @Option(help: "How many may join, one after the other.") var count: Int64 = 1
    @Flag(help: "Close the window that is open.") var stop = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        if self.stop {
            let done = try client.ask(Methods.CancelInvitation())
            return self.options.show(done, self.options.quiet ? [] : ["the window is closed"])
        }
        let halt = try Halt.signals()
        defer { close(halt) }
        _ = try client.ask(Methods.Subscribe())
        let lifetime = self.window.milliseconds
        var window = try client.ask(Methods.CreateInvitation(lifetime: lifetime, count: self.count))
        self.tell(window, isFirst: true)
        while true {
            try self.options.flush()
            guard let event = try self.next(client, halt) else {
                _ = try? client.ask(Methods.CancelInvitation())
                if !self.options.json { self.say("the window is closed: this command was ended") }
                try self.options.flush()
                Halt.die(of: halt)
            }
            guard case .invitation(let state, let peer, let left) = event.what else { continue }
            let open = try client.ask(Methods.ListInvitations()).first
            // What was open before ended when ours was made.
            if state == .cancelled, open?.code == window.code { continue }
            self.tell(state, peer, left, event)
            if let end = Self.end(state, left, window) {
                try self.options.flush()
                guard end != 0 else { return }
                throw ExitCode(end)
            }
            if state == .joined, let open {
                window = open
                self.tell(open, isFirst: false)
            }
        }
    }

    /// The exit code; `nil` while the window is open.
    private static func end(_ state: InvitationState, _ left: Int64?, _ window: InvitationView) -> Int32? {
        switch state {
        case .joined: window.joinsLeft > 1 ? nil : 0
        case .failed: left == 0 ? DoorError.Kind.untrusted.exitCode : nil
        case .expired: DoorError.Kind.timeout.exitCode
        case .cancelled: DoorError.Kind.refused.exitCode
        }
    }

    /// The next event; `nil` once somebody wants the command to end.
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

    // MARK: what is said

    private func tell(_ window: InvitationView, isFirst: Bool) {
        if self.options.json { return self.options.show(object: window) }
        if self.options.quiet { return print(window.code) }
        let code = self.options.style.bold(window.code)
        let more = window.joinsLeft > 1 ? "; \(window.joinsLeft - 1) more can join after them" : ""
        let until = Zone.system.local(window.expires).clock
        self.say(
            isFirst
                ? "code \(code), until \(until), for one person, who runs `earshot join`\(more)"
                : "next code \(code)\(more)")
        guard isFirst, window.findable == .guests else { return }
        self.say("until then everybody on this network sees this node's id and may call it")
    }

    private func tell(_ state: InvitationState, _ peer: PersonView?, _ left: Int64?, _ event: EventView) {
        if self.options.json { return self.options.show(object: event) }
        if self.options.quiet { return }
        let name = peer.map { self.options.style.named($0.name, $0.trust) }
        let text =
            state == .cancelled
            ? "the window was closed" : self.options.printout.invitation(state, name, triesLeft: left)
        self.say(text, isWarning: state == .failed)
    }

    /// A line; where it goes to the journal it begins with its priority, as syslog(3) counts.
    private func say(_ text: String, isWarning: Bool = false) {
        print((Self.isForJournal ? isWarning ? "<4>" : "<5>" : "") + text)
    }

    /// systemd says which file is its journal by device and inode.
    private static let isForJournal: Bool = {
        var status = stat()
        guard let stream = Options.environment("JOURNAL_STREAM"), fstat(STDOUT_FILENO, &status) == 0 else {
            return false
        }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }()
}
