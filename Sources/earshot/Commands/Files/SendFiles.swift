import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// `send -f`: offers, reads what only this process can read, and watches until the others have it.
struct SendFiles {
    let to: [String]
    let sources: Sources
    let name: String?
    let wait: Wait
    let timeout: Int64?
    let options: Options

    func run() throws {
        let client = try self.options.connect()
        let watch = SendWatch(self.options, timeout: self.timeout)
        if !self.sources.paths.isEmpty { try self.offer(client, watch) }
        let ids = watch.ids
        if !self.sources.streams.isEmpty {
            Interrupt.says("earshot: the offer of what was still being read is taken back.\(Self.goesOn(ids))")
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

    private static func goesOn(_ ids: [EnvelopeID]) -> String {
        guard let first = ids.first else { return "" }
        let short = ids.map(\.brief)
        return
            """
             The node goes on sending \
            \(short.prefix(5).joined(separator: ", "))\(short.count > 5 ? " and others" : ""): 
            """
                + "`earshot transfers` shows it, `earshot transfers cancel \(first.brief)` takes it back."
    }

    /// What the node reads by itself.
    private func offer(_ client: ControlClient, _ watch: SendWatch) throws {
        let paths = AbsolutePaths(try self.sources.paths.map { try AbsolutePath($0) })
        let answer = try client.ask(
            Methods.Offer(to: Words(self.to), paths: paths, name: self.name), patience: 600_000)
        guard case .queued(let sent) = answer else {
            throw DoorError(.failed, "The node did not say what it offers.")
        }
        let lines = TransferLines(style: self.options.style)
        for one in sent {
            guard let file = one.file else { continue }
            watch.add(one)
            if self.options.json { self.options.show(object: one) }
            if !self.options.json, !self.options.quiet {
                let reason = one.holdUp.map { ": \($0)" } ?? ""
                let id = self.options.style.dim(one.id.brief)
                let to = self.options.style.named(one.toName, one.trust)
                print("offered \(lines.what(file)) to \(to)\(reason)  \(id)")
                fflush(nil)
            }
        }
        if !self.options.json, let first = sent.first {
            for line in lines.lines(FileNotes(first)) { StandardError.say("earshot: \(line)") }
        }
    }
}

/// What becomes of offers, until all of them are over. Not shared between threads.
final class SendWatch {
    private let options: Options
    private let timeout: Int64?
    private let lines: TransferLines
    private var progress: Progress
    private(set) var ids: [EnvelopeID] = []
    private var open: Set<EnvelopeID> = []
    /// Paths that were said of each not to go along.
    private var told: [EnvelopeID: Set<String>] = [:]
    private var worst: Int32 = 0
    private var client: ControlClient?

    init(_ options: Options, timeout: Int64?) {
        self.options = options
        self.timeout = timeout
        self.lines = TransferLines(style: options.style)
        self.progress = Progress(options)
    }

    func add(_ sent: SentView) {
        let notes = FileNotes(sent)
        self.ids.append(sent.id)
        // In a room each member has a transfer of their own.
        for id in sent.transfers ?? [sent.id] {
            self.open.insert(id)
            self.told[id] = notes.paths
        }
        if notes.isIncomplete { self.fail(1) }
    }

    /// Something did not go as it was meant to; what is worse counts.
    func fail(_ code: Int32) { self.worst = max(self.worst, code) }

    func isOpen(_ id: EnvelopeID) -> Bool { self.open.contains(id) }

    /// Hears of what happens from now on. The descriptor that can be waited for.
    func listen() throws -> ControlClient {
        if let client { return client }
        let client = try self.options.connect()
        _ = try client.ask(Methods.Subscribe())
        self.client = client
        // It may have been over before we looked.
        for transfer in try client.ask(Methods.Transfers(limit: 10_000)) { self.take(transfer) }
        return client
    }

    /// Whatever has come, without waiting.
    func look() throws {
        let client = try self.listen()
        while let incoming = try client.next(wait: false) { self.hear(incoming) }
    }

    private func hear(_ incoming: Incoming) {
        if case .event(let event) = incoming, let transfer = event.transfer { self.take(transfer) }
    }

    private func take(_ transfer: TransferView) {
        guard self.open.contains(transfer.id) else { return }
        self.progress.show(transfer)
        guard transfer.state.isOver else { return }
        let notes = FileNotes(transfer)
        self.open.remove(transfer.id)
        self.progress.clear()
        if !self.options.json, !self.options.quiet { print(self.lines.line(transfer)) }
        if !self.options.json {
            let told = self.told[transfer.id] ?? []
            for line in self.lines.lines(notes, told: told) { StandardError.say("earshot: \(line)") }
        }
        switch transfer.state {
        case .declined, .cancelled: self.fail(DoorError.Kind.refused.exitCode)
        case .failed: self.fail(DoorError.Kind.notDelivered.exitCode)
        case .complete, .offered, .waiting, .active, .paused: if notes.isIncomplete { self.fail(1) }
        }
    }

    /// Until all are over, or the time is.
    func run() throws {
        let client = try self.listen()
        let until = self.timeout.map { Deadline(milliseconds: $0) }
        while !self.open.isEmpty {
            guard let incoming = try client.next(until: until) else {
                self.progress.clear()
                if !self.options.quiet {
                    StandardError.say(
                        """
                        earshot: not complete yet; the node goes on without this command. `earshot transfers` shows \
                        how far it is.
                        """
                    )
                }
                throw ExitCode(DoorError.Kind.notDelivered.exitCode)
            }
            self.hear(incoming)
        }
        try self.end()
    }

    func clear() { self.progress.clear() }

    func end() throws { if self.worst != 0 { throw ExitCode(self.worst) } }
}
