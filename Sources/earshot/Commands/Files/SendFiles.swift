import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

/// `send -f`: offers, reads what only this process can read, and watches until the others have it.
struct SendFiles {
    let to: [String]
    let sources: Sources
    let name: String?
    let wait: Request.Wait
    let timeout: Int64?
    let options: Options

    func run() throws {
        let client = try self.options.connect()
        let watch = SendWatch(self.options, timeout: self.timeout)
        if !self.sources.paths.isEmpty { try self.offer(client, watch) }
        let ids = watch.ids
        if !self.sources.streams.isEmpty {
            Interrupt.says("earshot: what was still being read is taken back.\(Self.goesOn(ids))")
            let pump = try Pump(self.sources.streams, to: self.to, client, watch, self.options)
            try pump.run(timeout: self.timeout)
        }
        // A person watches; a program comes back at once unless it says otherwise.
        guard self.wait != .queued else { return try watch.end() }
        Interrupt.says("earshot:\(Self.goesOn(watch.ids))")
        if isatty(STDERR_FILENO) == 1, !self.options.quiet, !self.options.json {
            StandardError.say(self.options.style.dim("Ctrl-C leaves; the node goes on sending."))
        }
        try watch.run()
    }

    private static func goesOn(_ ids: [String]) -> String {
        guard let first = ids.first else { return "" }
        let short = ids.map { String($0.prefix(8)) }
        return
            " The node goes on sending \(short.prefix(5).joined(separator: ", "))\(short.count > 5 ? " and others" : ""): "
            + "`earshot transfers` shows it, `earshot transfers cancel \(first.prefix(8))` takes it back."
    }

    /// What the node reads by itself.
    private func offer(_ client: ControlClient, _ watch: SendWatch) throws {
        let sent = try client.ask(
            "offer",
            [
                "to": .array(self.to.map { .string($0) }), "paths": .array(self.sources.paths.map { .string($0) }),
                "name": self.name.map { .string($0) },
            ],
            patience: 600_000)
        let lines = TransferLines(style: self.options.style)
        for one in sent.array ?? [] {
            guard let id = one["id"]?.string, let file = one["file"] else { continue }
            watch.add(id, one)
            if self.options.json { self.options.show(object: one) }
            if !self.options.json, !self.options.quiet {
                let reason = one["reason"]?.string.map { $0 == "on its way" ? "" : ": \($0)" } ?? ""
                print(
                    "offered \(lines.what(file)) to \(one["toName"]?.string ?? "")\(reason)  \(self.options.style.dim(String(id.prefix(8))))"
                )
                fflush(nil)
            }
        }
        if !self.options.json, let first = sent.array?.first {
            for line in lines.notes(first) { StandardError.say("earshot: \(line)") }
        }
    }
}

/// What becomes of offers, until all of them are over. Not shared between threads.
final class SendWatch {
    private let options: Options
    private let timeout: Int64?
    private let lines: TransferLines
    private var progress: Progress
    private(set) var ids: [String] = []
    private var open: Set<String> = []
    /// What was said of each not to go along.
    private var told: [String: Set<String>] = [:]
    private var worst: Int32 = 0
    private var client: ControlClient?

    init(_ options: Options, timeout: Int64?) {
        self.options = options
        self.timeout = timeout
        self.lines = TransferLines(style: options.style)
        self.progress = Progress(options)
    }

    func add(_ id: String, _ sent: JSON) {
        self.ids.append(id)
        self.open.insert(id)
        self.told[id] = TransferLines.told(sent)
        if sent["notSentCount"]?.integer ?? 0 > 0 { self.fail(1) }
    }

    /// Something did not go as it was meant to; what is worse counts.
    func fail(_ code: Int32) { self.worst = max(self.worst, code) }

    func isOpen(_ id: String) -> Bool { self.open.contains(id) }

    /// Hears of what happens from now on. The descriptor that can be waited for.
    func listen() throws -> ControlClient {
        if let client { return client }
        let client = try self.options.connect()
        _ = try client.ask("subscribe")
        self.client = client
        // It may have been over before we looked.
        for transfer in try client.ask("transfers").array ?? [] { self.take(transfer) }
        return client
    }

    /// Whatever has come, without waiting.
    func look() throws {
        let client = try self.listen()
        while let line = try client.next(wait: false) { self.hear(line) }
    }

    private func hear(_ line: JSON) {
        if line["method"]?.string == "event", let transfer = line["params"]?["transfer"] { self.take(transfer) }
    }

    private func take(_ transfer: JSON) {
        guard let id = transfer["id"]?.string, self.open.contains(id) else { return }
        self.progress.show(transfer)
        guard transfer.isOver else { return }
        self.open.remove(id)
        self.progress.clear()
        if !self.options.json, !self.options.quiet { print(self.lines.line(transfer)) }
        if !self.options.json {
            for line in self.lines.notes(transfer, told: self.told[id] ?? []) { StandardError.say("earshot: \(line)") }
        }
        switch transfer["state"]?.string {
        case "declined", "cancelled": self.fail(DoorError.Kind.refused.exitCode)
        case "failed": self.fail(DoorError.Kind.notDelivered.exitCode)
        default: if transfer["notSentCount"]?.integer ?? 0 > 0 { self.fail(1) }
        }
    }

    /// Until all are over, or the time is.
    func run() throws {
        let client = try self.listen()
        let until = self.timeout.map { Deadline(milliseconds: $0) }
        while !self.open.isEmpty {
            guard let line = try client.next(until: until) else {
                self.progress.clear()
                if !self.options.quiet {
                    StandardError.say(
                        "earshot: not there yet; it goes on without this command. `earshot transfers` tells.")
                }
                throw ExitCode(DoorError.Kind.notDelivered.exitCode)
            }
            self.hear(line)
        }
        try self.end()
    }

    func clear() { self.progress.clear() }

    func end() throws { if self.worst != 0 { throw ExitCode(self.worst) } }
}
