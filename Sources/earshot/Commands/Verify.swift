import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make sure that someone is who they say, by comparing what both screens show.",
        discussion: """
            EXAMPLES
              earshot verify bob                  both run it, and compare by voice
              earshot verify bob --fingerprint "04821 77310 90012 33481 20967 55120"
              earshot verify bob --qr earshot:mfrgg…  what a scanned code says
              earshot verify bob --json           for programs

            With --json it prints an object a line, and reads yes or no from standard input once there is something to
            compare. Verifying somebody accepts them. Exit code 7 when it is not the same.
            """)
    @Argument(help: "Name or id.") var who: String
    @Option(help: "Compare with this fingerprint: 30 digits, as their `earshot id` shows it.") var fingerprint: String?
    @Option(help: "Compare with the text of their QR code.") var qr: String?
    @Option(help: "How long to wait for the other at most, such as 30s or 10m.") var timeout: Span = .minutes(5)
    @OptionGroup var options: Options

    func run() throws {
        guard self.fingerprint == nil || self.qr == nil else {
            throw ValidationError("Either --fingerprint or --qr, not both.")
        }
        if self.fingerprint != nil || self.qr != nil { return try self.check() }
        guard self.options.json || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError(
                "It asks on a terminal. In a script use --json and answer yes or no, or use --fingerprint or --qr.")
        }
        let client = try self.options.connect()
        _ = try client.ask(Methods.Subscribe())
        let begun = try client.ask(Methods.StartVerification(self.who))
        var comparing = Comparing(options: self.options, client: client, person: begun.person, name: begun.name)
        try comparing.run(begun, span: self.timeout.milliseconds)
    }

    private func check() throws {
        let asked = Methods.CheckKey(who: self.who, fingerprint: self.fingerprint, uri: self.qr)
        let person = try self.options.connect().ask(asked)
        let style = self.options.style
        self.options.show(person, self.options.quiet ? [] : ["\(style.named(person.name, person.trust)) is verified"])
    }
}

/// Comparing keys with somebody, from the first question to what came of it.
private struct Comparing {
    let options: Options
    let client: ControlClient
    let person: PersonID
    let name: String
    private var typed = TextLines()
    private var hasAsked = false
    private var hasAnswered = false
    private var deadline = Deadline(milliseconds: 0)

    init(options: Options, client: ControlClient, person: PersonID, name: String) {
        (self.options, self.client, self.person, self.name) = (options, client, person, name)
    }

    /// - Parameter span: ms to wait for the other, once until they begin and once until they answer.
    mutating func run(_ begun: VerificationView, span: Int64) throws {
        self.deadline = Deadline(milliseconds: span)
        if begun.state == .waiting, !self.options.json, !self.options.quiet {
            let isHere = try self.client.view(self.person.description).online
            self.say(
                isHere
                    ? "Waiting for \(self.name) to begin, too: they run `earshot verify` with your name."
                    : "\(self.name) is not here. It begins when they are, and have run `earshot verify` with your name."
            )
        }
        if try self.show(begun, span) { return }
        while true {
            if let event = try self.event() {
                guard case .verification(let peer, let view) = event.what, peer.person == self.person else { continue }
                if try self.show(view, span) { return }
            } else if self.hasAsked, !self.hasAnswered {
                // What came while it was answered is looked at before anything is waited for.
                if try self.readAnswer(span) { return }
            } else {
                try self.checkTime()
                self.wait()
            }
        }
    }

    private func checkTime() throws(DoorError) {
        guard self.deadline.left == 0 else { return }
        _ = try self.client.ask(Methods.StopVerification(self.person.description))
        let missing =
            !self.hasAsked
            ? "\(self.name) did not begin" : self.hasAnswered ? "\(self.name) did not answer" : "You did not answer"
        throw DoorError(.timeout, "\(missing) in time. Nothing was changed.")
    }

    private func event() throws(DoorError) -> EventView? {
        while let incoming = try self.client.next(wait: false) {
            if case .event(let event) = incoming { return event }
        }
        return nil
    }

    /// Until the node tells something, something is typed, or time is up.
    private func wait() {
        let mayType = self.hasAsked && !self.hasAnswered
        var descriptors = [
            pollfd(fd: self.client.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mayType ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
        ]
        poll(&descriptors, 2, Int32(clamping: self.deadline.left))
    }

    /// - Returns: whether it is over, and well. Throws where it is over otherwise.
    private mutating func show(_ view: VerificationView, _ span: Int64) throws -> Bool {
        switch view.state {
        case .asked, .waiting, .exchanging: return false
        case .comparing:
            guard !self.hasAsked else {
                if view.theyAnswered == true, !self.hasAnswered, !self.options.json {
                    StandardError.draw("\n\(self.name) says that it is the same. Type yes or no: ")
                }
                return false
            }
            self.hasAsked = true
            self.deadline = Deadline(milliseconds: max(span, 600_000))
            self.options.show(view, self.comparison(view))
            try self.options.flush()
            self.ask()
            return false
        case .verified:
            let mark = self.options.style.named(view.name, view.trust)
            self.options.show(view, self.options.quiet ? [] : ["\(mark) is verified"])
            return true
        case .noMatch, .withdrawn, .stopped, .sessionEnded, .tooLate, .broken:
            if self.options.json { self.options.show(object: view) }
            throw DoorError(view.state.kind, "Nothing was changed: \(view.reason ?? view.state.rawValue).")
        }
    }

    private func comparison(_ view: VerificationView) -> [String] {
        ["", "\(self.options.style.named(view.name, view.trust)) sees this too, if nobody is in between:", ""]
            + self.options.printout.comparison(view) + [""]
    }

    private func ask() {
        guard !self.options.json else { return }
        StandardError.draw("Is it the same on both screens? Type yes or no: ")
    }

    private func say(_ text: String) {
        if !self.options.json, !self.options.quiet { StandardError.say(text) }
    }

    /// - Returns: whether it is over, and well.
    private mutating func readAnswer(_ span: Int64) throws -> Bool {
        var readable = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&readable, 1, 0) > 0 else {
            try self.checkTime()
            self.wait()
            return false
        }
        let bytes = try StandardInput.read()
        if bytes.isEmpty { self.typed.end() } else { self.typed.feed(bytes) }
        while let line = try? self.typed.next() {
            let word = line.trimmingWhitespace.lowercased()
            switch word {
            case "yes", "y": return try self.answer(true, span)
            case "no", "n": return try self.answer(false, span)
            default:
                guard !self.options.json else {
                    _ = try self.client.ask(Methods.StopVerification(self.person.description))
                    throw DoorError(.badParameters, "The answer is yes or no, not \(Quoting.shell(word)).")
                }
                StandardError.draw(word.isEmpty ? "Type yes or no: " : "That is neither. Type yes or no: ")
            }
        }
        guard bytes.isEmpty else { return false }
        _ = try self.client.ask(Methods.StopVerification(self.person.description))
        throw DoorError(.failed, "There was no answer. Nothing was changed.")
    }

    private mutating func answer(_ isSame: Bool, _ span: Int64) throws -> Bool {
        self.hasAnswered = true
        let view: VerificationView
        do throws(DoorError) {
            view = try self.client.ask(Methods.AnswerVerification(who: self.person.description, same: isSame))
        } catch {
            // It ended meanwhile: how, the next event says.
            guard error.kind == .refused else { throw error }
            return false
        }
        if view.state == .comparing {
            self.deadline = Deadline(milliseconds: span)
            self.say("Waiting for the answer of \(self.name).")
        }
        return try self.show(view, span)
    }
}

extension VerificationState {
    /// How a command ends with it.
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .noMatch, .broken: .untrusted
        case .withdrawn: .refused
        case .sessionEnded: .unreachable
        case .tooLate: .timeout
        case .asked, .waiting, .exchanging, .comparing, .verified, .stopped: .failed
        }
    }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
