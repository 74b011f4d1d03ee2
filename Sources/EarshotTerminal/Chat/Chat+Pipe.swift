import EarshotControl
import EarshotModel
import EarshotText
import Glibc

extension Chat {
    /// Through a pipe: a message a line. Ends when the input has ended and all was delivered, or so many ms after its
    /// end.
    /// - Returns: the exit code (docs/Control.md).
    package func pipe(json: Bool, timeout: Int64) throws(DoorError) -> Int32 {
        let link = try self.link()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let started = Timestamp(
            milliseconds: UInt64(clamping: now.tv_sec) * 1_000 + UInt64(clamping: now.tv_nsec / 1_000_000))
        var loop = PipeLoop(
            link: link,
            pipe: ChatPipe(
                place: self.with.place, name: self.with.shownName, json: json, startedAt: started))
        link.post(.markRead)
        return try loop.run(timeout: timeout)
    }
}

private struct PipeLoop {
    let link: ChatLink
    var pipe: ChatPipe
    private var lines = TextLines()
    private var isOpen = true
    private var deadline: Deadline?
    /// Until when the node may answer for the last lines, however short the wait for delivery is.
    private var patience: Deadline?
    private static let patience: Int64 = 5_000

    init(link: ChatLink, pipe: ChatPipe) {
        self.link = link
        self.pipe = pipe
    }

    mutating func run(timeout: Int64) throws(DoorError) -> Int32 {
        while true {
            try self.feed()
            // What was read and not asked for yet has its time, too, as long as there is a node to ask.
            if !self.isOpen, self.deadline == nil, self.pipe.isHungry || self.pipe.isAway {
                self.deadline = Deadline(milliseconds: timeout)
                self.patience = Deadline(milliseconds: max(timeout, Self.patience))
            }
            if self.pipe.fault != nil || !self.isOpen && self.pipe.isDone { break }
            if let deadline, deadline.left == 0, self.pipe.isHandedOver || self.patience?.left == 0 { break }
            try self.wait()
            for heard in self.link.hear(at: Clock.now) { try self.take(heard) }
        }
        while case .success(let line)? = self.next() { _ = self.pipe.read(line) }
        let (actions, code) = self.pipe.report()
        try self.do(actions)
        return code
    }

    /// Hands over whole lines while there are some and they are wanted.
    private mutating func feed() throws(DoorError) {
        while self.pipe.isHungry {
            switch self.next() {
            case nil: return
            case .success(let line): try self.do(self.pipe.read(line))
            case .failure(let error): try self.do(self.pipe.read(bad: DoorError(error, source: .it)))
            }
        }
    }

    private mutating func next() -> Result<String, TextInput.Failure>? {
        do throws(TextInput.Failure) { return try self.lines.next().map { .success($0) } } catch {
            return .failure(error)
        }
    }

    /// Ms until the wait for delivery, or for the node's last answers, is over.
    private var nextDeadline: UInt64? {
        guard let deadline, let patience else { return nil }
        return UInt64(clamping: deadline.left > 0 ? deadline.left : patience.left)
    }

    private mutating func wait() throws(DoorError) {
        let wants = self.isOpen && self.pipe.isHungry
        var polls = [
            pollfd(fd: wants ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.link.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let now = Clock.now
        let due = [self.link.wakeAt.map { $0 > now ? $0 - now : 0 }, self.nextDeadline]
            .compactMap { $0 }.min()
        guard poll(&polls, 2, due.map { Int32(clamping: $0) } ?? -1) > 0, polls[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count > 0 { return self.lines.feed(bytes.prefix(count)) }
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count == 0 else {
            throw DoorError(.input(.unreadable(detail: String(cString: strerror(errno)))))
        }
        self.isOpen = false
        self.lines.end()
    }

    private mutating func take(_ heard: ChatLink.Heard) throws(DoorError) {
        switch heard {
        case .event(let event): try self.do(self.pipe.hear(event))
        case .answered(let ask, let result): try self.do(self.pipe.answered(ask, result))
        case .lost: try self.do(self.pipe.lost())
        case .back: try self.do(self.pipe.back())
        }
    }

    private func `do`(_ actions: [ChatPipe.Action]) throws(DoorError) {
        for action in actions {
            switch action {
            case .ask(let ask): self.link.post(ask)
            case .say(let text): StandardError.say(text)
            case .write(let text): try self.write(text)
            }
        }
    }

    private func write(_ text: String) throws(DoorError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw DoorError(.input(.unwritableOutput(detail: String(cString: strerror(errno)))))
            }
            rest = rest.dropFirst(count)
        }
    }
}
