import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct AcceptFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-file", abstract: "Accept files that someone offers.",
        discussion: """
            EXAMPLES
              earshot accept-file k3v7
              earshot accept-file k3v7 --to ~/inbox      also one that failed, once more

            The folder is there, or it is made in one that is. It is looked at first, and refused if files cannot go there.
            """)
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String
    @Option(help: "The folder they go to.") var to: String?
    @OptionGroup var options: Options

    func run() throws {
        let folder = try self.to.map { JSON.string(try TypedPath.ours.absolute($0)) }
        let answer = try self.options.connect().ask("transfer.accept", ["id": .string(self.id), "folder": folder])
        let lines = TransferLines(style: self.options.style)
        self.options.show(
            answer, self.options.quiet ? [] : [lines.line(answer)] + lines.contents(answer).map { "  " + $0 })
    }
}

struct Decline: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say no to files that someone offers.", discussion: "EXAMPLES\n  earshot decline k3v7")
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask("transfer.decline", ["id": .string(self.id)])
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
        commandName: "transfers", abstract: "Files that are offered, under way, or there.",
        discussion: """
            EXAMPLES
              earshot transfers
              earshot transfers --watch
              earshot transfers pause k3v7       resume, retry and cancel likewise

            cancel declines what others offer, and takes back what you offer.
            """)
    @Argument(help: "pause, resume, retry or cancel.") var verb: String?
    @Argument(help: "The transfer's id or its beginning (4 letters or more).") var id: String?
    @Flag(help: "Go on showing what changes.") var watch = false
    @OptionGroup var options: Options

    private static let verbs = ["pause", "resume", "retry", "cancel"]

    func run() throws {
        let lines = TransferLines(style: self.options.style)
        if let verb = self.verb {
            guard Self.verbs.contains(verb), let id = self.id else {
                throw ValidationError("Try: earshot transfers pause ID, or resume, retry, cancel.")
            }
            let answer = try self.options.connect().ask("transfer.\(verb)", ["id": .string(id)])
            return self.options.show(answer, self.options.quiet ? [] : [lines.line(answer)])
        }
        let client = try self.options.connect()
        if self.watch { _ = try client.ask("subscribe") }
        let all = try client.ask("transfers")
        let isNone = (all.array ?? []).isEmpty
        let shown = (all.array ?? []).flatMap { [lines.line($0)] + lines.contents($0).map { "    " + $0 } }
        self.options.show(
            all,
            isNone && !self.watch
                ? [self.options.style.dim("No files yet. Try: earshot send anna -f report.pdf")] : shown)
        guard self.watch else { return }
        var progress = Progress(self.options)
        var last: [String: String] = [:]
        while true {
            guard let line = try client.next(wait: true), let transfer = line["params"]?["transfer"] else { continue }
            progress.show(transfer)
            guard !self.options.json, transfer["state"]?.string != "active" else { continue }
            // What has not changed for a reader is not said again.
            let text = lines.line(transfer)
            guard last.updateValue(text, forKey: transfer["id"]?.string ?? "") != text else { continue }
            progress.clear()
            print(text)
            for line in lines.contents(transfer) { print("    " + line) }
            fflush(nil)
        }
    }
}
