import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct AcceptFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-file", abstract: "Accept files that someone offers.",
        discussion: """
            EXAMPLES
              earshot accept-file k3v7
              earshot accept-file k3v7 --to ~/inbox      also one that failed, once more

            The folder is there, or it is made in one that is. It is looked at first, and refused if files cannot go \
            there.
            """)
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String
    @Option(help: "The folder they go to.") var to: String?
    @OptionGroup var options: Options

    func run() throws {
        let folder = try self.to.map { try AbsolutePath(TypedPath.ours.absolute($0)) }
        let answer = try self.options.connect().ask(Methods.AcceptTransfer(id: self.id, folder: folder))
        let lines = TransferLines(style: self.options.style)
        self.options.show(
            answer, self.options.quiet ? [] : [lines.line(answer)] + lines.contents(answer).map { "  " + $0 })
    }
}

struct Decline: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decline files that someone offers.", discussion: "EXAMPLES\n  earshot decline k3v7")
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask(Methods.DeclineTransfer(self.id))
        self.options.show(answer, self.options.quiet ? [] : [TransferLines(style: self.options.style).line(answer)])
    }
}

/// What `decline` was called before.
struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The same as decline.", discussion: "EXAMPLES\n  earshot reject k3v7", shouldDisplay: false)
    @OptionGroup var decline: Decline

    func run() throws { try self.decline.run() }
}

struct TransfersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfers", abstract: "Show files that are offered, on their way, or complete.",
        discussion: """
            EXAMPLES
              earshot transfers
              earshot transfers --watch
              earshot transfers --from anna      what Anna offers; --with anna: both ways
              earshot transfers --with '#ops'    what is offered in a room
              earshot transfers pause k3v7       resume, retry and cancel likewise

            cancel declines what others offer, and takes back what you offer.
            """)
    @Argument(help: "pause, resume, retry or cancel.") var verb: String?
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String?
    @Flag(help: "Keep running, and show what changes.") var watch = false
    @Option(help: "Only what one person offers.") var from: String?
    @Option(name: .customLong("with"), help: "Only those with one person, or in one #room.")
    var who: String?
    @Option(help: "How many to show at most, the newest.") var limit: Limit = 200
    @OptionGroup var options: Options

    private enum Verb: String, CaseIterable {
        case pause, resume, retry, cancel

        func done(to id: String, _ client: ControlClient) throws(DoorError) -> TransferView {
            switch self {
            case .pause: try client.ask(Methods.PauseTransfer(id))
            case .resume: try client.ask(Methods.ResumeTransfer(id))
            case .retry: try client.ask(Methods.RetryTransfer(id))
            case .cancel: try client.ask(Methods.CancelTransfer(id))
            }
        }
    }

    private static func isWith(_ recipient: RecipientView, _ transfer: TransferView) -> Bool {
        switch recipient {
        case .person(let person): transfer.person == person.person
        case .room(let room): transfer.room == room.id
        }
    }

    func run() throws {
        let lines = TransferLines(style: self.options.style)
        if let typed = self.verb {
            guard let verb = Verb(rawValue: typed), let id = self.id else {
                let hint = Nearest.question(typed, among: Verb.allCases.map(\.rawValue))
                throw ValidationError("Try: earshot transfers pause ID, or resume, retry, cancel.\(hint)")
            }
            let answer = try verb.done(to: id, self.options.connect())
            return self.options.show(answer, self.options.quiet ? [] : [lines.line(answer)])
        }
        let client = try self.options.connect()
        if self.watch { _ = try client.ask(Methods.Subscribe()) }
        let count = Count(Int64(self.limit.count))
        let all = try client.ask(Methods.Transfers(limit: count, who: self.who, from: self.from))
        let shown = all.flatMap { [lines.line($0)] + lines.contents($0).map { "    " + $0 } }
        self.options.show(
            all,
            all.isEmpty && !self.watch
                ? [self.options.style.dim("No files yet. Try: earshot send anna -f report.pdf")] : shown)
        if all.count >= count.value {
            self.options.hint("These are the newest \(all.count). Older ones: --limit N").forEach { print($0) }
        }
        guard self.watch else { return }
        let author = try self.from.map { who throws(DoorError) in try client.person(who) }
        let with = try self.who.map { who throws(DoorError) in try client.ask(Methods.Resolve(who)) }
        var progress = Progress(self.options)
        var last: [EnvelopeID: String] = [:]
        while true {
            guard let transfer = try client.nextEvent().transfer,
                author.map({ $0 == transfer.person && transfer.direction == .in }) ?? true,
                with.map({ Self.isWith($0, transfer) }) ?? true
            else { continue }
            progress.show(transfer)
            guard !self.options.json, transfer.state != .active else { continue }
            // What has not changed for a reader is not said again.
            let text = lines.line(transfer)
            guard last.updateValue(text, forKey: transfer.id) != text else { continue }
            progress.clear()
            print(text)
            for line in lines.contents(transfer) { print("    " + line) }
            fflush(nil)
        }
    }
}
