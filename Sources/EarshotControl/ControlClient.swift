import EarshotText
import Glibc

/// The other end of the local socket, for a program that asks and waits. Not shared between threads.
package final class ControlClient {
    package let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Up to where its lines were told.
    private var told = 0
    /// How far it was looked through for a line end.
    private var looked = 0
    private var nextID: Int64 = 1
    /// Events that came while an answer was waited for.
    private var events: [EventView] = []

    /// Throws `notRunning` when nobody answers there.
    package init(path: String) throws(DoorError) {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard self.descriptor >= 0, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw DoorError(.connection(.longPath(path)))
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            // `deinit` closes the socket: it runs for an init that throws, too.
            throw DoorError(.connection(errno == EACCES ? .notOurs(path: path) : .notRunning(path: path)))
        }
    }

    deinit { close(self.descriptor) }

    /// Asks without waiting for an answer. Returns the number of the request.
    /// - Parameter patience: ms after which a node that takes nothing counts as stuck; the connection is of no use
    /// then.
    @discardableResult
    package func post<One: Method>(_ method: One, patience: Int64 = 30_000) throws(DoorError) -> Int64 {
        let id = self.nextID
        self.nextID += 1
        var line = Array(#"{"id":\#(id),"jsonrpc":"2.0","method":"\#(One.name)","params":"#.utf8)
        JSONWriter.write(method, to: &line)
        line.append(UInt8(ascii: "}"))
        try self.post(line: String(decoding: line, as: UTF8.self), patience: patience)
        return id
    }

    /// Sends a line as it is.
    /// - Parameter patience: as in `post`.
    package func post(line: String, patience: Int64 = 30_000) throws(DoorError) {
        var rest = Array((line + "\n").utf8)[...]
        guard rest.count <= ControlLine.longest else {
            throw DoorError(.line(.escapedTooLong))
        }
        while !rest.isEmpty {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)  // lint: constants
            let count = rest.withUnsafeBytes { Glibc.send(self.descriptor, $0.baseAddress, $0.count, flags) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // The node reads on when its answers are read: whoever asks a lot at once takes them meanwhile.
                var ready = pollfd(fd: self.descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
                guard poll(&ready, 1, Int32(clamping: patience)) != 0 else {
                    throw DoorError(.connection(.notReading(process: self.peer, seconds: patience / 1_000)))
                }
                if ready.revents & Int16(POLLIN) != 0 { _ = try self.receive(wait: false) }
                continue
            }
            guard count > 0 else { throw DoorError(.connection(.stopped)) }
            rest = rest.dropFirst(count)
        }
    }

    /// Asks and waits for the answer; events that come meanwhile are kept for `next`.
    /// - Parameter patience: ms after which a node that says nothing counts as stuck.
    package func ask<One: Method>(_ method: One, patience: Int64 = 30_000) throws(DoorError) -> One.Answer {
        try self.answer(to: try self.post(method), patience).to(One.self)
    }

    /// Asks with words that are passed on as they came from outside, and waits for the answer as it comes.
    /// - Parameters:
    ///   - parameters: an object.
    ///   - patience: as above.
    package func ask(named method: String, _ parameters: JSON, patience: Int64 = 30_000) throws(DoorError) -> JSON {
        let id = self.nextID
        self.nextID += 1
        let request: JSON = ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": parameters]
        try self.post(line: request.line)
        return try self.answer(to: id, patience).result()
    }

    private func answer(to id: Int64, _ patience: Int64) throws(DoorError) -> Incoming.Answer {
        var readable = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            guard let json = try self.line(wait: false) else {
                let ready = poll(&readable, 1, Int32(clamping: patience))
                if ready == 0 {
                    throw DoorError(.connection(.notAnswering(process: self.peer, seconds: patience / 1_000)))
                }
                continue
            }
            switch Incoming(json) {
            case .event(let event): self.events.append(event)
            case .answer(let answer) where answer.id == id: return answer
            case .answer, nil: continue
            }
        }
    }

    /// Which process is at the other end, for a person who may have to end it.
    private var peer: UInt32? {
        var credentials = [UInt32](repeating: 0, count: 3)
        var length = socklen_t(12)
        guard getsockopt(self.descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return credentials.first
    }

    /// The next answer or event; without `wait`, `nil` if none has come.
    package func next(wait: Bool) throws(DoorError) -> Incoming? {
        if !self.events.isEmpty { return .event(self.events.removeFirst()) }
        while let json = try self.line(wait: wait) {
            // What a newer node tells and we do not know is passed over.
            if let incoming = Incoming(json) { return incoming }
        }
        return nil
    }

    /// The next answer or event; `nil` if none comes until then.
    package func next(until deadline: Deadline?) throws(DoorError) -> Incoming? {
        guard let deadline else { return try self.next(wait: true) }
        while true {
            if let line = try self.next(wait: false) { return line }
            let left = deadline.left
            guard left > 0 else { return nil }
            var readable = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&readable, 1, Int32(clamping: left))
        }
    }

    /// The next object as it came, for whoever wants no more than that.
    package func nextLine() throws(DoorError) -> JSON? { try self.line(wait: true) }

    /// The next object from the socket itself.
    private func line(wait: Bool) throws(DoorError) -> JSON? {
        while true {
            if let end = self.buffer[self.looked...].firstIndex(of: 0x0A) {
                let json = JSON(text: self.buffer[self.told..<end])
                (self.told, self.looked) = (end + 1, end + 1)
                if let json { return json }
                continue
            }
            // Not line by line: each would move all that is behind it.
            self.buffer.removeSubrange(..<self.told)
            (self.told, self.looked) = (0, self.buffer.count)
            guard try self.receive(wait: wait) else { return nil }
        }
    }

    /// Takes what is there, or waits for something. Says whether something came.
    private func receive(wait: Bool) throws(DoorError) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(self.descriptor, &chunk, chunk.count, wait ? 0 : Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return false }
            guard count > 0 else { throw DoorError(.connection(.stopped)) }
            self.buffer += chunk.prefix(count)
            return true
        }
    }

    /// The next event; waits for it.
    package func nextEvent() throws(DoorError) -> EventView {
        while true { if case .event(let event)? = try self.next(wait: true) { return event } }
    }
}

/// A moment until which something is waited for.
package struct Deadline: Sendable {
    private let at: Int64

    package init(milliseconds: Int64) { self.at = Self.now.addingReportingOverflow(max(0, milliseconds)).partialValue }

    /// Ms; 0 once it is over.
    package var left: Int64 { max(0, self.at - Self.now) }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(clamping: time.tv_sec) * 1_000 + Int64(clamping: time.tv_nsec) / 1_000_000
    }
}
