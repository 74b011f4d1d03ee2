import EarshotControl
import EarshotText
import Glibc

extension Chat {
    /// Line by line on a terminal that cannot do more. The terminal keeps its modes: Ctrl-Z and Ctrl-C are its own.
    /// - Returns: the exit code.
    package func lines() throws(DoorError) -> Int32 {
        let link = try self.link()
        let state = try self.opening()
        var loop = LineLoop(
            chat: self, link: link,
            transcript: ChatTranscript(state, columns: Terminal.size.columns, style: self.style, zone: self.zone))
        return try loop.run(draft: self.draft.load())
    }
}

private struct LineLoop {
    /// Ms after the end of the input in which the node may take what was typed last.
    private static let patience: Int64 = 5_000

    let chat: Chat
    let link: ChatLink
    var transcript: ChatTranscript
    private var lines = TextLines()
    private var isOpen = true
    private var isLeaving = false
    private var deadline: Deadline?
    private var activity = Activity()

    init(chat: Chat, link: ChatLink, transcript: ChatTranscript) {
        self.chat = chat
        self.link = link
        self.transcript = transcript
    }

    mutating func run(draft: String?) throws(DoorError) -> Int32 {
        self.show(self.transcript.open())
        if let draft {
            self.show(["(not sent last time: \(draft))"])
            self.chat.draft.save(nil)
        }
        self.link.post(.markRead)
        for ask in self.activity.happened(at: Clock.now) { self.link.post(ask) }
        while !self.isLeaving {
            if !self.isOpen {
                if self.transcript.isSettled, self.link.underWay == 0 { break }
                self.deadline = self.deadline ?? Deadline(milliseconds: Self.patience)
                if self.deadline?.left == 0 { break }
            }
            try self.wait()
            let now = Clock.now
            for heard in self.link.hear(at: now) {
                switch heard {
                case .event(let event): self.take(self.transcript.update(.event(event), at: now))
                case .answered(let ask, let result): self.take(self.transcript.update(.answered(ask, result), at: now))
                case .lost(let asks): self.take(self.transcript.update(.lost(asks), at: now))
                case .back: self.take(self.transcript.update(.back, at: now))
                }
            }
            self.take(self.transcript.update(.time, at: now))
        }
        let unsent = self.transcript.state.outbox.items.map(\.text)
        guard !unsent.isEmpty else { return 0 }
        self.chat.draft.save(unsent.joined(separator: "\n"))
        self.show(["(not sent, and kept for next time: \(unsent.count == 1 ? "1 line" : "\(unsent.count) lines"))"])
        return DoorError.Kind.notRunning.exitCode
    }

    private mutating func wait() throws(DoorError) {
        var polls = [
            pollfd(fd: self.isOpen ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.link.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let now = Clock.now
        let due =
            [self.link.wakeAt, self.transcript.state.wakeAt].compactMap { $0 }.map { $0 > now ? $0 - now : 0 }
            + [self.deadline.map { UInt64(clamping: $0.left) }].compactMap { $0 }
        guard poll(&polls, 2, due.min().map { Int32(clamping: $0) } ?? -1) > 0, polls[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        if count > 0 {
            for ask in self.activity.happened(at: Clock.now) { self.link.post(ask) }
            self.lines.feed(bytes.prefix(count))
        } else {
            self.isOpen = false
            self.lines.end()
        }
        while !self.isLeaving {
            do throws(TextInput.Failure) {
                guard let line = try self.lines.next() else { break }
                self.take(self.transcript.update(.resized(columns: Terminal.size.columns, rows: 0), at: Clock.now))
                self.take(self.transcript.read(line, at: Clock.now))
            } catch {
                self.show([DoorError(error, source: .line).message])
            }
        }
    }

    private mutating func take(_ step: (asks: [Ask], lines: [String])) {
        self.show(step.lines)
        for ask in step.asks {
            switch ask {
            case .leave: self.isLeaving = true
            case .startNode:
                do throws(DoorError) { _ = try self.chat.connect(true) } catch { self.show([error.message]) }
            case .redraw, .suspend, .complete: break
            default: self.link.post(ask)
            }
        }
    }

    private func show(_ lines: [String]) {
        for line in lines { print(line) }
        fflush(nil)
    }
}
