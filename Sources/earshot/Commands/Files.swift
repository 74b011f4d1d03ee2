import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

/// Files are told to the node by paths that mean the same everywhere.
func absolute(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { throw ValidationError("The current folder is gone.") }
    defer { free(here) }
    return String(cString: here) + "/" + path
}

/// What a command that sends or takes files shows while they move.
struct Progress {
    private let options: Options
    private let lines: TransferLines
    private let isLive: Bool
    private var marks: [String: (have: Int64, at: Double, rate: Double)] = [:]
    private var isShown = false

    init(_ options: Options) {
        self.options = options
        self.lines = TransferLines(style: options.style)
        self.isLive = isatty(STDERR_FILENO) == 1 && !options.quiet && !options.json
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    mutating func show(_ transfer: JSON) {
        if self.options.json { return self.options.show(object: transfer) }
        guard self.isLive, transfer["state"]?.string == "active", let id = transfer["id"]?.string else { return }
        let have = transfer["have"]?.integer ?? 0
        let now = Self.now
        var mark = self.marks[id] ?? (have, now, 0)
        if now - mark.at >= 0.2 {
            let rate = Double(max(0, have - mark.have)) / (now - mark.at)
            mark = (have, now, mark.rate == 0 ? rate : mark.rate * 0.7 + rate * 0.3)
        }
        self.marks[id] = mark
        StandardError.draw("\r\u{1B}[K" + self.lines.bar(transfer, rate: mark.rate, columns: Terminal.size.columns))
        self.isShown = true
    }

    mutating func clear() {
        if self.isShown { StandardError.draw("\r\u{1B}[K") }
        self.isShown = false
    }
}

extension JSON {
    /// Nothing more comes of the transfer.
    var isOver: Bool { ["complete", "declined", "cancelled", "failed"].contains(self["state"]?.string ?? "") }
}

/// `send -f`: offers, and watches until the others have it.
struct SendFiles {
    let to: [String]
    let paths: [String]
    let name: String?
    let wait: Request.Wait
    let timeout: Int64?
    let options: Options

    func run() throws {
        let client = try self.options.connect()
        _ = try client.ask("subscribe")
        let sent = try client.ask(
            "offer", ["to": .array(self.to.map { .string($0) }), "paths": .array(try self.paths.map { .string(try absolute($0)) }), "name": self.name.map { .string($0) }],
            patience: 600_000)
        let lines = TransferLines(style: self.options.style)
        var open: [String] = []
        for one in sent.array ?? [] {
            guard let id = one["id"]?.string, let file = one["file"] else { continue }
            open.append(id)
            if self.options.json { self.options.show(object: one) }
            if !self.options.json, !self.options.quiet {
                let reason = one["reason"]?.string.map { $0 == "on its way" ? "" : ": \($0)" } ?? ""
                print("offered \(lines.what(file)) to \(one["toName"]?.string ?? "")\(reason)  \(self.options.style.dim(String(id.prefix(8))))")
                fflush(nil)
            }
        }
        for path in sent.array?.first?["skipped"]?.array ?? [] { StandardError.say("earshot: not sent, as it is no file and no folder: \(path.string ?? "")") }
        // A person watches; a program comes back at once unless it says otherwise.
        guard self.wait != .queued else { return }
        try self.watch(client, open, lines)
    }

    private func watch(_ client: ControlClient, _ ids: [String], _ lines: TransferLines) throws {
        var open = Set(ids)
        var progress = Progress(self.options)
        var worst: Int32 = 0
        func take(_ transfer: JSON) {
            guard let id = transfer["id"]?.string, open.contains(id) else { return }
            progress.show(transfer)
            guard transfer.isOver else { return }
            open.remove(id)
            progress.clear()
            if !self.options.json, !self.options.quiet { print(lines.line(transfer)) }
            switch transfer["state"]?.string {
            case "declined", "cancelled": worst = max(worst, DoorError.Kind.refused.exitCode)
            case "failed": worst = max(worst, DoorError.Kind.notDelivered.exitCode)
            default: break
            }
        }
        // It may have been over before we looked.
        for transfer in try client.ask("transfers").array ?? [] { take(transfer) }
        let until = self.timeout.map { Deadline(milliseconds: $0) }
        while !open.isEmpty {
            guard let line = try client.next(until: until) else {
                progress.clear()
                if !self.options.quiet { StandardError.say("earshot: not there yet; it goes on without this command. `earshot transfers` tells.") }
                throw ExitCode(DoorError.Kind.notDelivered.exitCode)
            }
            if line["method"]?.string == "event", let transfer = line["params"]?["transfer"] { take(transfer) }
        }
        if worst != 0 { throw ExitCode(worst) }
    }
}

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
        var person: String?
        if let from = self.from {
            let peers = try client.ask("peers").array ?? []
            let contacts = try client.ask("contacts").array ?? []
            let all = peers + contacts
            let found = all.first { $0["name"]?.string?.lowercased() == from.lowercased() || ($0["person"]?.string ?? "").hasPrefix(from.lowercased()) || $0["ownName"]?.string?.lowercased() == from.lowercased() }
            person = found?["person"]?.string
            if person == nil { throw DoorError(.unknownName, "There is nobody called \(from).", candidates: all.compactMap { $0["name"]?.string }) }
        }
        _ = try client.ask("subscribe")
        let isStream = self.output == "-"
        let folder = isStream ? self.options.directory + "/spool/out.\(getpid())" : try self.output.map(absolute)
        defer { if isStream, let folder { rmdir(folder) } }
        let asks = !self.yes && isatty(STDIN_FILENO) == 1
        if !self.yes, !asks { throw ValidationError("Nobody is there to say yes. Add --yes, and perhaps --from WHO.") }
        let lines = TransferLines(style: self.options.style)
        var progress = Progress(self.options)
        var taken: Set<String> = []
        var failed = false
        var isDone = false
        func take(_ transfer: JSON) throws {
            guard transfer["direction"]?.string == "in", person == nil || transfer["person"]?.string == person, let id = transfer["id"]?.string else { return }
            if transfer["state"]?.string == "offered", !taken.contains(id) {
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
            } else {
                failed = true
            }
            if !self.options.json, !self.options.quiet {
                if isStream { StandardError.say(lines.line(transfer)) } else { print(lines.line(transfer)) }
                fflush(nil)
            }
        }
        for transfer in try client.ask("transfers").array ?? [] { try take(transfer) }
        while !(self.once && (isDone || failed) && taken.isEmpty) {
            guard let line = try client.next(wait: true) else { continue }
            if line["method"]?.string == "event", let transfer = line["params"]?["transfer"] { try take(transfer) }
        }
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
