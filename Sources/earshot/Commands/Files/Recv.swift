import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct Recv: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take files that others offer.",
        discussion: """
            Shows each offer and asks, or with --yes takes all of them. Runs until it is interrupted, or with --once until one is complete.

            EXAMPLES
              earshot recv
              earshot recv --from anna -o ~/inbox --yes
              earshot recv --from anna -o - --once | tar tz
            """)
    @Option(help: "Only what this person offers.") var from: String?
    @Option(name: .shortAndLong, help: "The folder it goes to, or - for standard output.") var output: String?
    @Flag(help: "Take it without asking.") var yes = false
    @Flag(help: "End after one is complete.") var once = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let person = try self.from.map { try client.ask("resolve", ["who": .string($0)])["person"]?.string ?? $0 }
        _ = try client.ask("subscribe")
        let isStream = self.output == "-"
        let folder = isStream ? try self.options.directory + "/spool/out.\(getpid())" : try self.output.map(absolute)
        defer { if isStream, let folder { rmdir(folder) } }
        let asks = !self.yes && isatty(STDIN_FILENO) == 1
        if !self.yes, !asks { throw ValidationError("Nobody is there to say yes. Add --yes, and perhaps --from WHO.") }
        let lines = TransferLines(style: self.options.style)
        var progress = Progress(self.options)
        var taken: Set<String> = []
        var failed = false
        var isDone = false
        var isIncomplete = false
        func take(_ transfer: JSON) throws {
            guard transfer["direction"]?.string == "in", person == nil || transfer["person"]?.string == person, let id = transfer["id"]?.string else { return }
            if transfer["state"]?.string == "offered", !taken.contains(id) {
                if self.once, isDone || failed || !taken.isEmpty { return }
                if asks, !self.agrees(transfer, lines) {
                    _ = try client.ask("transfer.reject", ["id": .string(id)])
                    return
                }
                taken.insert(id)
                _ = try client.ask("transfer.accept", ["id": .string(id), "folder": folder.map { .string($0) }])
                return
            }
            guard taken.contains(id) else { return }
            progress.show(transfer)
            guard transfer.isOver else { return }
            taken.remove(id)
            progress.clear()
            if transfer["state"]?.string == "complete" {
                if isStream { try self.pour(transfer) }
                isDone = true
                if transfer["notSentCount"]?.integer ?? 0 > 0 { isIncomplete = true }
            } else {
                failed = true
            }
            if !self.options.json, !self.options.quiet {
                if isStream { StandardError.say(lines.line(transfer)) } else { print(lines.line(transfer)) }
                fflush(nil)
            }
            if !self.options.json { for line in lines.notes(transfer) { StandardError.say("earshot: \(line)") } }
        }
        for transfer in try client.ask("transfers").array ?? [] { try take(transfer) }
        if taken.isEmpty, isatty(STDERR_FILENO) == 1, !self.options.quiet, !isStream { StandardError.say(self.options.style.dim("Waiting for files. Ctrl-C ends.")) }
        while !(self.once && (isDone || failed) && taken.isEmpty) {
            guard let line = try client.next(wait: true) else { continue }
            if line["method"]?.string == "event", let transfer = line["params"]?["transfer"] { try take(transfer) }
        }
        if isIncomplete { throw ExitCode(1) }
        if failed, !isDone { throw ExitCode(DoorError.Kind.notDelivered.exitCode) }
    }

    private func agrees(_ transfer: JSON, _ lines: TransferLines) -> Bool {
        let warning = lines.warning(transfer).map { " " + self.options.style.red("(\($0))") } ?? ""
        StandardError.draw("\(transfer["peer"]?.string ?? "?") offers \(lines.what(transfer))\(warning). Take it? [y/N] ")
        return readLine()?.lowercased().hasPrefix("y") ?? false
    }

    /// What came goes to standard output, and is not kept.
    private func pour(_ transfer: JSON) throws {
        for path in (transfer["files"]?.array ?? []).compactMap(\.string) {
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { throw DoorError(.failed, "\(path): \(String(cString: strerror(errno)))") }
            defer {
                close(file)
                unlink(path)
            }
            var chunk = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let count = read(file, &chunk, chunk.count)
                if count < 0, errno == EISDIR { throw DoorError(.badParameters, "A folder cannot go to standard output; it is in \(path).") }
                guard count > 0 else { break }
                var rest = chunk[..<count]
                while !rest.isEmpty {
                    let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                    guard written > 0 else { throw ExitCode(1) }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }
}
