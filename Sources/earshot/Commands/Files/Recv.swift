import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Recv: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receive files that others offer.",
        discussion: """
            EXAMPLES
              earshot recv                 wait for offers, and ask about each
              earshot recv --from anna -o ~/inbox --yes
              earshot recv --pending       those that wait already, and no others
              earshot recv k3v7            one of them, by its id
              earshot recv --from anna -o - --once | tar tz

            Without an id or --pending it waits for a new offer. It runs until it is interrupted, or with --once \
            until one is complete. What was accepted goes on without it; only what goes to standard output then waits \
            for an answer again.
            """)
    @Argument(help: "The transfer's id or its beginning (4 letters or more): only this offer.") var id: String?
    @Option(help: "Only what this person offers.") var from: String?
    @Option(name: .shortAndLong, help: "The folder it goes to, or - for standard output.") var output: String?
    @Flag(help: "Accept without asking.") var yes = false
    @Flag(help: "Begin with the offers that are waiting for your answer; without --loop, end after them.") var pending =
        false
    @Flag(help: "End after one offer.") var once = false
    @Flag(help: "Keep going until interrupted, also after --pending.") var loop = false
    @Option(help: "How long to wait at most for an offer, such as 30s or 5m; then the exit code is 10.") var timeout:
        Span?
    @OptionGroup var options: Options

    func validate() throws {
        if self.once, self.loop { throw ValidationError("--once ends after one offer, --loop never ends. Choose one.") }
        guard self.id != nil else { return }
        if self.from != nil || self.pending || self.loop {
            throw ValidationError("An id names one offer: it cannot be combined with --from, --pending or --loop.")
        }
    }

    func run() throws {
        let isAsking = !self.yes && self.id == nil
        // Before anything is begun: a script must not wait for somebody who is not there.
        if isAsking, isatty(STDIN_FILENO) != 1 {
            throw ValidationError("There is no terminal to ask on. Add --yes, and perhaps --from WHO.")
        }
        let folder = self.output == "-" ? nil : try self.output.map { try AbsolutePath(TypedPath.ours.absolute($0)) }
        let client = try self.options.connect()
        let person = try self.from.map { try client.person($0) }
        _ = try client.ask(Methods.Subscribe())
        var receiving = Receiving(
            client: client, options: self.options, person: person, folder: folder, isStream: self.output == "-",
            isAsking: isAsking, isOnce: self.once || self.id != nil)
        defer { receiving.end() }
        try self.receive(client, &receiving)
        try receiving.finish()
    }

    private func receive(_ client: ControlClient, _ receiving: inout Receiving) throws {
        if let id = self.id { try receiving.take(id: id) }
        let waiting = try client.ask(Methods.Transfers(limit: 10_000))
        if self.pending { for transfer in waiting where !receiving.isDone { try receiving.hear(transfer) } }
        if self.id == nil, !self.pending { receiving.mention(waiting) }
        let isEndless = self.id == nil && (!self.pending || self.loop)
        let deadline = self.timeout.map { Deadline(milliseconds: $0.milliseconds) }
        while !receiving.isDone, isEndless || receiving.isBusy {
            // The time is for an offer to come; what was accepted may take as long as it takes.
            guard let incoming = try client.next(until: receiving.isBusy ? nil : deadline) else {
                throw DoorError(
                    .timeout, receiving.hasReceived ? "No further offer came in time." : "No offer came in time.")
            }
            if case .event(let event) = incoming, let transfer = event.transfer { try receiving.hear(transfer) }
        }
    }
}

/// What `recv` does about offers, one event after the other.
struct Receiving {
    /// Ms that an offer of several things may take until it is known what is in it.
    private static let lookPatience: Int64 = 5_000

    private let client: ControlClient
    private let options: Options
    private let person: PersonID?
    private let isStream: Bool
    private let folder: AbsolutePath?
    private let isAsking: Bool
    private let isOnce: Bool
    private let lines: TransferLines
    private var progress: Progress
    /// Accepted, and not over yet.
    private var taken: Set<EnvelopeID> = []
    /// Offers somebody was asked about and did not want to answer now, or that cannot be taken like this.
    private var passed: Set<EnvelopeID> = []
    private(set) var hasReceived = false
    private var worst: Int32 = 0
    /// Somebody has had enough.
    private var isEnded = false

    init(
        client: ControlClient, options: Options, person: PersonID?, folder: AbsolutePath?, isStream: Bool,
        isAsking: Bool,
        isOnce: Bool
    ) {
        self.client = client
        self.options = options
        self.person = person
        self.isStream = isStream
        self.folder = folder
        self.isAsking = isAsking
        self.isOnce = isOnce
        self.lines = TransferLines(style: options.style)
        self.progress = Progress(options)
    }

    /// Something is on its way.
    var isBusy: Bool { !self.taken.isEmpty }

    /// One was wanted, and it is over.
    var isDone: Bool {
        self.isEnded && self.taken.isEmpty || self.isOnce && self.taken.isEmpty && (self.hasReceived || self.worst != 0)
    }

    private func streamFolder() throws(DoorError) -> String { try self.options.directory + "/spool/out.\(getpid())" }

    /// Accepts one by its id.
    mutating func take(id: String) throws {
        let all = try self.client.ask(Methods.Transfers(limit: 10_000))
        let found = all.filter { $0.direction == .in && $0.id.hasPrefix(id.lowercased()) }
        // Unknown and ambiguous ids are the node's to explain.
        guard let one = found.first, found.count == 1 else { return try self.accept(id) }
        switch one.state {
        case .offered, .failed, .paused: break
        case .waiting where !self.isStream, .active where !self.isStream:
            self.taken.insert(one.id)
            return try self.hear(one)
        case .waiting, .active, .complete, .declined, .cancelled:
            let place = one.files?.first.map { ": \($0)" } ?? ""
            throw DoorError(
                .refused,
                """
                That transfer is \(one.state.rawValue)\(place). Only an offer that is waiting for your answer can be \
                received.
                """
            )
        }
        if self.isStream, let refusal = self.refusal(one) { throw DoorError(.badParameters, refusal) }
        try self.accept(one.id.description)
    }

    private mutating func accept(_ id: String) throws(DoorError) {
        var folder = self.folder
        if self.isStream { folder = try AbsolutePath(try self.streamFolder()) }
        self.taken.insert(try self.client.ask(Methods.AcceptTransfer(id: id, folder: folder)).id)
    }

    /// Offers that wait are not what is waited for; but it is said that there are some.
    func mention(_ transfers: [TransferView]) {
        guard !self.options.quiet, !self.options.json else { return }
        let count = transfers.count { self.isWaiting($0) }
        let more =
            count == 0
            ? "" : " \(count) offer\(count == 1 ? " is" : "s are") waiting already: `earshot recv --pending`."
        if isatty(STDERR_FILENO) == 1 || count > 0 {
            StandardError.say(self.options.style.dim("Waiting for files.\(more) Ctrl-C ends."))
        }
    }

    private func isWaiting(_ transfer: TransferView) -> Bool {
        transfer.isOfferToUs && (self.person == nil || transfer.person == self.person)
    }

    /// Something is told of a transfer.
    mutating func hear(_ transfer: TransferView) throws {
        let id = transfer.id
        if self.isWaiting(transfer) {
            // Accepted before it was known what is in it: it asks once more.
            if self.taken.contains(id), transfer.reason != nil { self.taken.remove(id) }
            guard !self.taken.contains(id), !self.passed.contains(id), !self.isEnded else { return }
            if self.isOnce, self.hasReceived || self.worst != 0 || !self.taken.isEmpty { return }
            return try self.consider(transfer)
        }
        guard self.taken.contains(id) else { return }
        self.progress.show(transfer)
        guard transfer.state.isOver else { return }
        self.taken.remove(id)
        self.progress.clear()
        try self.over(transfer)
    }

    /// Why an offer cannot go to standard output.
    private func refusal(_ transfer: TransferView) -> String? {
        transfer.folder == true || transfer.tops ?? 1 > 1
            ? "A folder or several files cannot go to standard output. Give a folder with -o." : nil
    }

    private mutating func consider(_ offer: TransferView) throws {
        if self.isStream, let refusal = self.refusal(offer) {
            self.passed.insert(offer.id)
            return StandardError.say("earshot: \(offer.name): \(refusal)")
        }
        var offer = offer
        if self.isAsking {
            self.progress.clear()
            guard let known = try self.looked(offer) else { return }
            offer = known
            switch self.answer(to: offer) {
            case .yes: break
            case .no:
                _ = try self.client.ask(Methods.DeclineTransfer(offer.id.description))
                self.passed.insert(offer.id)
                return
            case .later:
                self.passed.insert(offer.id)
                return
            case .end:
                self.isEnded = true
                return
            }
        }
        do throws(DoorError) { try self.accept(offer.id.description) } catch {
            // It was taken back meanwhile; a folder that does not work is wrong for all of them.
            guard error.kind == .refused || error.kind == .unknownName else { throw error }
            StandardError.say("earshot: \(error.message)")
        }
    }

    /// The offer once it is known what is in it, or when that takes too long; `nil` if it is gone.
    private mutating func looked(_ offer: TransferView) throws -> TransferView? {
        guard offer.unseen == true else { return offer }
        let deadline = Deadline(milliseconds: Self.lookPatience)
        while let incoming = try self.client.next(until: deadline) {
            guard case .event(let event) = incoming, let transfer = event.transfer else { continue }
            guard transfer.id == offer.id else {
                try self.hear(transfer)
                continue
            }
            guard self.isWaiting(transfer) else { return nil }
            if transfer.unseen != true || transfer.reason != nil { return transfer }
        }
        return offer
    }

    private enum Answer {
        case yes, no, later, end
    }

    private func answer(to offer: TransferView) -> Answer {
        for line in self.lines.contents(offer) { StandardError.say("  " + line) }
        while true {
            StandardError.draw("\(offer.peer) offers \(self.lines.what(offer.file)). Accept? [y]es, [n]o, [l]ater: ")
            guard let typed = readLine()?.trimmed.lowercased() else {
                StandardError.say("")
                return .end
            }
            switch typed {
            case "y", "yes": return .yes
            case "n", "no": return .no
            case "", "l", "later": return .later
            default: continue
            }
        }
    }

    private mutating func over(_ transfer: TransferView) throws {
        let notes = FileNotes(transfer)
        switch transfer.state {
        case .complete:
            if self.isStream { try self.pour(transfer) }
            self.hasReceived = true
            // Not everything that was offered is here.
            if notes.isIncomplete { self.worst = max(self.worst, 1) }
        case .declined, .cancelled: self.worst = max(self.worst, DoorError.Kind.refused.exitCode)
        case .failed, .offered, .waiting, .active, .paused:
            self.worst = max(self.worst, DoorError.Kind.notDelivered.exitCode)
        }
        if !self.options.json { for line in self.lines.lines(notes) { StandardError.say("earshot: \(line)") } }
        guard !self.options.json, !self.options.quiet else { return }
        if self.isStream { StandardError.say(self.lines.line(transfer)) } else { print(self.lines.line(transfer)) }
        fflush(nil)
    }

    /// What came goes to standard output, and is not kept.
    private func pour(_ transfer: TransferView) throws {
        for path in transfer.files ?? [] {
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { throw DoorError(.failed, "\(path): \(String(cString: strerror(errno))).") }
            defer {
                close(file)
                unlink(path)
            }
            var chunk = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let count = read(file, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw DoorError(.failed, "\(path): \(String(cString: strerror(errno))).") }
                if count == 0 { break }
                try Self.write(chunk[..<count])
            }
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw DoorError(.failed, "Standard output cannot be written: \(String(cString: strerror(errno))).")
            }
            rest = rest.dropFirst(written)
        }
    }

    func end() { if self.isStream, let folder = try? self.streamFolder() { rmdir(folder) } }

    /// Tells by the exit code if something did not come.
    func finish() throws { if self.worst != 0 { throw ExitCode(self.worst) } }
}

extension String {
    fileprivate var trimmed: String {
        String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
