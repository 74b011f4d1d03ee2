import EarshotControl
import Glibc

/// `earshot chat`: keys and events in, questions to the door out. One thread, which waits for either.
package struct Chat {
    private let client: ControlClient
    private let person: String
    private let name: String
    private let listing: Listing
    private let style: Style

    package init(client: ControlClient, person: String, name: String, listing: Listing, style: Style) {
        self.client = client
        self.person = person
        self.name = name
        self.listing = listing
        self.style = style
    }

    /// On a terminal, until somebody leaves.
    package func run(online: Bool) throws(DoorError) {
        let history = try self.client.ask("history", ["who": .string(self.person), "limit": 200]).array ?? []
        var screen = Screen(who: self.name, person: self.person, online: online, history: history)
        _ = try self.client.ask("subscribe")
        try self.client.post("read", ["who": .string(self.person)])
        let terminal = Terminal()
        defer { Terminal.restore() }
        var keys = Keys()
        while true {
            let size = Terminal.size
            let picture = screen.draw(columns: size.columns, rows: size.rows, listing: self.listing, style: self.style)
            terminal.show(picture.lines, row: picture.row, column: picture.column)
            var polls = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: self.client.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let wait = screen.wakeAt.map { Int32(clamping: max(0, Int64($0) - Self.now)) } ?? -1
            let ready = poll(&polls, 2, wait)
            guard ready >= 0 else {
                if errno == EINTR || terminal.isResized { continue }
                return
            }
            screen.now = UInt64(Self.now)
            var asks = screen.tick()
            if polls[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 4_096)
                let count = read(STDIN_FILENO, &bytes, bytes.count)
                guard count > 0 else { return }
                for key in keys.read(Array(bytes.prefix(count))) { asks += screen.press(key) }
            }
            while let line = try self.client.next(wait: false) {
                if line["method"] != nil {
                    asks += screen.hear(line["params"] ?? .null)
                } else if let error = line["error"] {
                    screen.say(DoorError(error).message)
                }
            }
            for ask in asks {
                if ask == .leave { return }
                try self.do(ask)
            }
        }
    }

    private func `do`(_ ask: Screen.Ask) throws(DoorError) {
        switch ask {
        case .send(let text, let reply):
            try self.client.post("send", ["to": [.string(self.person)], "text": .string(text), "replyTo": reply.map { .string($0) }])
        case .edit(let id, let text): try self.client.post("edit", ["id": .string(id), "text": .string(text)])
        case .delete(let id): try self.client.post("delete", ["id": .string(id)])
        case .react(let id, let emoji): try self.client.post("react", ["id": .string(id), "emoji": .string(emoji)])
        case .typing(let on): try self.client.post("typing", ["who": .string(self.person), "on": .bool(on)])
        case .markRead: try self.client.post("read", ["who": .string(self.person)])
        case .leave: break
        }
    }

    /// Through a pipe: lines in are sent, lines out are what the other says. Ends when the input has ended and all was
    /// delivered, or after so many ms without that.
    package func pipe(timeout: Int64) throws(DoorError) {
        _ = try self.client.ask("subscribe")
        try self.client.post("read", ["who": .string(self.person)])
        var waiting: Set<String> = []
        var asked: Set<Int64> = []
        var input: [UInt8] = []
        var isOpen = true
        var deadline: Int64?
        while isOpen || !input.isEmpty || !asked.isEmpty || !waiting.isEmpty {
            var polls = [
                pollfd(fd: self.client.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen && asked.count < Self.underWay && input.count < 1 << 20 ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            let now = Self.now
            if !isOpen { deadline = deadline ?? now + timeout }
            let wait = deadline.map { Int32(clamping: max(0, $0 - now)) } ?? -1
            if poll(&polls, 2, wait) == 0 { throw DoorError(.notDelivered, "\(waiting.count) lines are queued; \(self.name) does not have them yet.") }
            if polls[1].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 65_536)
                let count = read(STDIN_FILENO, &bytes, bytes.count)
                isOpen = count > 0
                input += bytes.prefix(max(0, count))
            }
            while asked.count < Self.underWay, let end = input.firstIndex(of: 0x0A) {
                if let id = try self.send(input[..<end]) { asked.insert(id) }
                input.removeSubrange(...end)
            }
            if !isOpen, !input.isEmpty, !input.contains(0x0A) {
                if let id = try self.send(input[...]) { asked.insert(id) }
                input = []
            }
            while let line = try self.client.next(wait: false) { try self.take(line, &waiting, &asked) }
        }
    }

    /// Lines asked and not answered before more are read: who writes without reading would wait for himself.
    private static let underWay = 64

    private func send(_ line: ArraySlice<UInt8>) throws(DoorError) -> Int64? {
        let text = String(decoding: line, as: UTF8.self)
        guard !text.isEmpty else { return nil }
        return try self.client.post("send", ["to": [.string(self.person)], "text": .string(text)])
    }

    private func take(_ line: JSON, _ waiting: inout Set<String>, _ asked: inout Set<Int64>) throws(DoorError) {
        if let id = line["id"]?.integer {
            guard asked.remove(id) != nil else { return }
            for sent in try ControlClient.result(line).array ?? [] { if let id = sent["id"]?.string { waiting.insert(id) } }
            return
        }
        guard let message = line["params"]?["message"], let id = message["id"]?.string else { return }
        if message["state"]?.string == "delivered" || message["state"]?.string == "read" { waiting.remove(id) }
        if message["from"]?.string == self.person, line["params"]?["event"]?.string == "message" {
            print(message["text"]?.string ?? "")
            fflush(nil)
            try self.client.post("read", ["who": .string(self.person)])
        }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
