import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// Pipes and devices, which go out while they come in: each is an offer of its own, and what comes is kept in the
/// node's spool until those it is offered to have it.
final class Pump {
    private struct Flow {
        let stream: Sources.Stream
        let share: ShareID
        let ids: [EnvelopeID]
        /// Of those the offers to rooms, which are taken back from all their members at once.
        let toRooms: [EnvelopeID]
        /// In the spool.
        let path: String
        let file: Int32
        var size: Int64 = 0
        var told: Int64 = 0
        var isOver = false
    }

    /// Told to the node once so much has come.
    private static let step: Int64 = 1 << 18
    /// Left free on the disk of the spool.
    private static let reserve: UInt64 = 64 << 20
    /// Ms until it is said that nobody writes.
    private static let patience: Int32 = 2_000

    private let client: ControlClient
    private let watch: SendWatch
    private let options: Options
    private var flows: [Flow] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)

    init(_ streams: [Sources.Stream], to: [String], _ client: ControlClient, _ watch: SendWatch, _ options: Options)
        throws
    {
        self.client = client
        self.watch = watch
        self.options = options
        for stream in streams { try self.offer(stream, to) }
    }

    deinit { for flow in self.flows { close(flow.file) } }

    private func offer(_ stream: Sources.Stream, _ to: [String]) throws {
        let folder = try self.options.directory + "/spool"
        let random = (0..<12).map { _ in String(UInt8.random(in: 0...255), radix: 36) }.joined()
        let path = "\(folder)/in.\(random)"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw DoorError(.disk, "\(path): \(String(cString: strerror(errno))).") }
        let sent: [SentView]
        do {
            sent = try self.client.ask(
                Methods.OpenOffer(to: Words(to), path: try AbsolutePath(path), name: stream.name))
        } catch {
            close(file)
            unlink(path)
            throw error
        }
        guard let share = sent.first?.share else {
            throw DoorError(.failed, "The node did not say what it offers.")
        }
        self.flows.append(
            Flow(
                stream: stream, share: share, ids: sent.flatMap { $0.transfers ?? [$0.id] },
                toRooms: sent.filter { $0.room != nil }.map(\.id), path: path, file: file))
        for one in sent {
            self.watch.add(one)
            if self.options.json {
                self.options.show(object: one)
            } else if !self.options.quiet {
                let (to, id) = (self.options.style.named(one.toName, one.trust), self.options.style.dim(one.id.brief))
                print("offered \(stream.name) to \(to) as it comes  \(id)")
            }
        }
        fflush(nil)
    }

    /// Reads all of them to their ends. One that cannot be read, or that nobody wants, ends alone.
    /// - Parameter timeout: ms after which whatever has not ended is taken back.
    func run(timeout: Int64?) throws {
        let until = timeout.map { Deadline(milliseconds: $0) }
        let listener = try self.watch.listen()
        var isQuiet = self.options.quiet
        while self.flows.contains(where: { !$0.isOver }) {
            let open = self.flows.indices.filter { !self.flows[$0].isOver }
            var polls = open.map { pollfd(fd: self.flows[$0].stream.descriptor, events: Int16(POLLIN), revents: 0) }
            polls.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0))
            let patience = isQuiet ? nil : Self.patience
            let left = until.map { Int32(clamping: $0.left) }
            let ready = poll(&polls, UInt(polls.count), [patience, left].compactMap { $0 }.min() ?? -1)
            if let until, until.left == 0 {
                for index in open {
                    try self.takeBack(
                        index, "\(self.flows[index].stream.typed) has not ended in time",
                        DoorError.Kind.notDelivered.exitCode)
                }
                return
            }
            if ready == 0 {
                isQuiet = true
                self.watch.clear()
                let silent = open.filter { self.flows[$0].size == 0 }.map { self.flows[$0].stream.typed }
                if !silent.isEmpty {
                    StandardError.say(
                        """
                        earshot: nothing has come from \(silent.joined(separator: ", ")) yet; waiting. Ctrl-C takes \
                        the offer back.
                        """
                    )
                }
                continue
            }
            try self.watch.look()
            for (poll, index) in zip(polls, open) {
                if !self.flows[index].ids.contains(where: self.watch.isOpen) {
                    // Nobody wants it any more.
                    self.flows[index].isOver = true
                } else if poll.revents != 0 {
                    isQuiet = true
                    try self.read(index)
                }
            }
        }
    }

    private func read(_ index: Int) throws {
        let count = Glibc.read(self.flows[index].stream.descriptor, &self.chunk, self.chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count >= 0 else {
            return try self.takeBack(index, "\(self.flows[index].stream.typed): \(String(cString: strerror(errno)))", 1)
        }
        let flow = self.flows[index]
        var rest = self.chunk[..<count]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(flow.file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                return try self.takeBack(
                    index, "\(flow.path): \(String(cString: strerror(errno)))", DoorError.Kind.disk.exitCode)
            }
            rest = rest.dropFirst(written)
        }
        self.flows[index].size += Int64(count)
        if count == 0 { return try self.finish(index) }
        guard self.flows[index].size - flow.told >= Self.step else { return }
        self.flows[index].told = self.flows[index].size
        var status = statvfs()
        if fstatvfs(flow.file, &status) == 0,
            UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue < Self.reserve
        {
            return try self.takeBack(
                index, "\(flow.stream.typed) does not fit on the disk of \(flow.path)",
                DoorError.Kind.disk.exitCode)
        }
        try self.tell(self.flows[index], isOpen: true)
    }

    private func tell(_ flow: Flow, isOpen: Bool) throws {
        do {
            _ = try self.client.ask(
                Methods.GrowOffer(share: flow.share.description, size: flow.size, open: isOpen))
        } catch {
            // It has just been taken back, or refused by everybody: that comes as an event.
            guard error.kind == .unknownName else { throw error }
        }
    }

    private func finish(_ index: Int) throws {
        self.flows[index].isOver = true
        let flow = self.flows[index]
        guard fsync(flow.file) == 0 else {
            return try self.takeBack(
                index, "\(flow.path): \(String(cString: strerror(errno)))", DoorError.Kind.disk.exitCode)
        }
        try self.tell(flow, isOpen: false)
    }

    /// It cannot go on: whoever it was offered to is told.
    private func takeBack(_ index: Int, _ why: String, _ code: Int32) throws {
        self.flows[index].isOver = true
        self.watch.clear()
        StandardError.say("earshot: \(why). The offer is taken back.")
        self.watch.fail(code)
        for id in self.flows[index].toRooms { _ = try? self.client.ask(Methods.Delete(id.description)) }
        for id in self.flows[index].ids where self.watch.isOpen(id) {
            _ = try? self.client.ask(Methods.CancelTransfer(id.description))
        }
    }
}
