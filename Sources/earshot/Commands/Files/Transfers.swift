import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct AcceptFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-file", abstract: "Say yes to files that someone offers.", discussion: "EXAMPLES\n  earshot accept-file k3v7\n  earshot accept-file k3v7 --to ~/inbox")
    @Argument(help: "The transfer's id or its beginning.") var id: String
    @Option(help: "The folder they go to.") var to: String?
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask("transfer.accept", ["id": .string(self.id), "folder": try self.to.map { .string(try absolute($0)) }])
        self.options.show(answer, self.options.quiet ? [] : [TransferLines(style: self.options.style).line(answer)])
    }
}

struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say no to files that someone offers.")
    @Argument(help: "The transfer's id or its beginning.") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask("transfer.reject", ["id": .string(self.id)])
        self.options.show(answer, self.options.quiet ? [] : ["rejected"])
    }
}

struct TransfersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfers", abstract: "Files that are offered, under way, or there.",
        discussion: """
            EXAMPLES
              earshot transfers
              earshot transfers --watch
              earshot transfers pause k3v7       resume, retry and cancel likewise
            """)
    @Argument(help: "pause, resume, retry or cancel.") var verb: String?
    @Argument(help: "The transfer's id or its beginning.") var id: String?
    @Flag(help: "Go on showing what changes.") var watch = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let lines = TransferLines(style: self.options.style)
        if let verb = self.verb {
            guard ["pause", "resume", "retry", "cancel"].contains(verb), let id = self.id else {
                throw ValidationError("Try: earshot transfers pause ID, or resume, retry, cancel.")
            }
            let answer = try client.ask("transfer.\(verb)", ["id": .string(id)])
            return self.options.show(answer, self.options.quiet ? [] : [answer["name"] == nil ? "cancelled" : lines.line(answer)])
        }
        if self.watch { _ = try client.ask("subscribe") }
        let all = try client.ask("transfers")
        let isNone = (all.array ?? []).isEmpty
        self.options.show(all, isNone && !self.watch ? [self.options.style.dim("No files yet. Try: earshot send anna -f report.pdf")] : (all.array ?? []).map(lines.line))
        guard self.watch else { return }
        var progress = Progress(self.options)
        while true {
            guard let line = try client.next(wait: true), let transfer = line["params"]?["transfer"] else { continue }
            progress.show(transfer)
            guard !self.options.json, transfer["state"]?.string != "active" else { continue }
            progress.clear()
            print(lines.line(transfer))
            fflush(nil)
        }
    }
}
