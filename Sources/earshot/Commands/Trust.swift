import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Unverify: PersonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back that someone is verified.",
        discussion: """
            EXAMPLES
              earshot unverify bob
            """)
    static func asking(_ who: String) -> Methods.Unverify { Methods.Unverify(who) }
    static let done = "is not verified any more, and still a contact"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Decide about someone of whom it is not certain who they are.",
        discussion: """
            EXAMPLES
              earshot trust bob          says what is the matter, and asks
              earshot trust bob --yes    goes on with them as they were known

            Until then nothing is sent to them. Comparing keys with `earshot verify` decides it, too; where it is about
            a name, `earshot rename` does; `earshot block` ends it.
            """)
    @Argument(help: "Name or id.") var who: String
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let person = try client.view(self.who)
        if person.trust == .conflict, !self.yes {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("It asks on a terminal. In a script say --yes.")
            }
            self.explain(person)
            guard StandardInput.agrees("Go on with \(person.name)?") else {
                throw DoorError(.refused, "Nothing was changed.")
            }
        }
        let answer = try client.ask(Methods.TrustPerson(person.person.description))
        let name = self.options.style.named(answer.name, answer.trust)
        self.options.show(answer, self.options.quiet ? [] : ["\(name) is one of your contacts again"])
    }

    private func explain(_ person: PersonView) {
        let id = person.person.brief
        var lines = ["\(person.problem ?? "It is not certain who \(person.name) is"). Their id begins with \(id)."]
        switch person.conflict {
        case .deviceLists?, nil:
            lines += [
                "Somebody may have stolen their key. Ask them, by another way than Earshot.",
                "If you go on, only devices of the list that was known first are talked to.",
            ]
        case .name?:
            let command = Quoting.command("rename", id, state: self.options.state)
            lines.append("If that is who you think, `\(command) NAME` gives them a name of your own.")
        }
        lines.forEach { StandardError.say($0) }
    }
}

struct Invite: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a code by which one person can join you, as a verified contact.",
        discussion: """
            EXAMPLES
              earshot invite                  a code for five minutes
              earshot invite --lifetime 15m
              earshot invite --cancel
              earshot invite --json --wait    the code, and then who joined

            The other runs `earshot join`. A code is good once, and three wrong tries end it. On a terminal it waits and
            says who joined; Ctrl-C stops the waiting, not the code.
            """)
    @Option(help: "How long the code is good: 1s to 1h.") var lifetime: Span?
    @Flag(help: "End the invitation that is open.") var cancel = false
    @Flag(help: "Wait until somebody has joined, also elsewhere than on a terminal.") var wait = false
    @OptionGroup var options: Options

    func run() throws {
        guard !self.cancel || self.lifetime == nil && !self.wait else {
            throw ValidationError("--cancel stands alone.")
        }
        let client = try self.options.connect()
        if self.cancel {
            let done = try client.ask(Methods.CancelInvitation())
            return self.options.show(done, self.options.quiet ? [] : ["the code is good no more"])
        }
        let waits = self.wait || !self.options.json && isatty(STDOUT_FILENO) == 1
        if waits { _ = try client.ask(Methods.Subscribe()) }
        let invitation = try client.ask(Methods.CreateInvitation(lifetime: self.lifetime?.milliseconds))
        self.options.show(invitation, self.options.quiet ? [invitation.code] : self.lines(invitation))
        if waits { try self.follow(client, invitation.code) }
    }

    private func lines(_ invitation: InvitationView) -> [String] {
        let span = self.lifetime?.milliseconds ?? 300_000
        let time = span % 60_000 == 0 ? "\(span / 60_000) min" : "\(span / 1_000) s"
        return [
            self.options.style.bold(invitation.code),
            self.options.style.dim(
                "Tell it to one person, who runs `earshot join`. It is good once, and for \(time)."),
        ]
            + (invitation.findable == .guests
                ? [
                    self.options.style.dim(
                        "Until then everybody on this network sees your node's id and may call it, as without private "
                            + "mode.")
                ] : [])
    }

    /// Until it is joined, or good no more. What happened to one from before came before.
    private func follow(_ client: ControlClient, _ code: String) throws {
        while true {
            try self.options.flush()
            let event = try client.nextEvent()
            guard case .invitation(let state, let peer, let left) = event.what else { continue }
            // A code from before ended when ours was made.
            let isOpen = try client.ask(Methods.ListInvitations()).contains { $0.code == code }
            if state == .cancelled, isOpen { continue }
            let name = peer.map { self.options.style.named($0.name, $0.trust) }
            if self.options.json {
                self.options.show(object: event)
            } else {
                print(self.options.printout.invitation(state, name, triesLeft: left))
            }
            switch state {
            case .joined: return
            case .failed: if left == 0 { throw ExitCode(DoorError.Kind.untrusted.exitCode) }
            case .expired: throw ExitCode(DoorError.Kind.timeout.exitCode)
            case .cancelled: throw ExitCode(DoorError.Kind.refused.exitCode)
            }
        }
    }
}

struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Join someone who gave you a code: both are verified contacts then.",
        discussion: """
            EXAMPLES
              earshot join                asks for the code
              earshot join 482 019 337
              echo 482019337 | earshot join -
              earshot join --from anna    where several people invite

            The other made the code with `earshot invite`. Others on this machine can see what stands on a command line.
            """)
    @Argument(help: "The nine digits, or - for standard input. Spaces and dashes do not count.")
    var code: [String] = []
    @Option(help: "Whose code it is.") var from: String?
    @OptionGroup var options: Options

    func run() throws {
        let code = try self.typed()
        let joined = try self.options.connect().ask(Methods.Join(code: code, from: self.from))
        let name = self.options.style.named(joined.name, joined.trust)
        self.options.show(
            joined, self.options.quiet ? [] : ["\(name) and you are verified contacts of each other now"])
    }

    private func typed() throws -> String {
        guard self.code.isEmpty || self.code == ["-"] else { return self.code.joined(separator: " ") }
        guard self.code.isEmpty, isatty(STDIN_FILENO) == 1 else { return try StandardInput.text(nil) }
        StandardError.draw("Code: ")
        guard let line = readLine() else { throw ValidationError("There is no code.") }
        return line
    }
}
