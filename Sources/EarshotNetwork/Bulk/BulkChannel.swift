import CLinux
import EarshotModel
import EarshotWire
import Glibc
import Noise
import Synchronization

/// A session that carries the bytes of files (Protocol.md 13). It belongs to one thread, which waits on it: so a byte
/// goes from the file through the cipher into the socket without changing hands. Everything else may only `halt`
/// it, or ring its `bell`.
package final class BulkChannel: @unchecked Sendable {  // lint: handed from thread to thread, one at a time
    package enum Failure: Error, Equatable {
        /// The other end closed, or the way to it broke.
        case ended(BulkBreak)
        case silent
        /// We want no more.
        case halted
        case violated(ProtocolError)
    }

    package enum Incoming {
        /// Bytes of the stream; with the offset they belong at, where subflows carry it side by side.
        case data(Portion, at: UInt64?)
        case frame(BulkFrame)
    }

    private static let head = 4
    private static let longest = 1 + Limits.bulkBody + Cipher.tagLength
    /// Before data that says where it belongs.
    private static let offset = 8
    private static let rekeyEvery = Limits.rekeyFrames
    /// Ms that the other end may take nothing of what is sent: a minute more than anything it does takes it.
    static let writing: UInt64 = 180_000
    private static let page = 4_096

    package let introduction: Introduction
    let descriptor: Int32
    private var sending: CipherState
    private var receiving: CipherState
    /// Frames are opened where they arrive, and sealed where they were written: no byte of a file is copied on its way.
    private let inbox = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 2 * BulkChannel.head + BulkChannel.longest, alignment: BulkChannel.page)
    private var filled = 0
    /// Of the inbox, what the last frame took: it is read until the next one is asked for.
    private var lent = 0
    private let outbox = UnsafeMutableRawBufferPointer.allocate(
        byteCount: BulkChannel.page + Limits.bulkBody + Cipher.tagLength, alignment: BulkChannel.page)
    /// What of the outbox the socket did not take yet.
    private var unsent = 0..<0
    private let isHalted = Atomic(false)
    /// Whoever has something for the thread that waits here rings it.
    package let bell: Bell
    /// It was rung, and whoever works here was not told yet.
    private var isRung = false
    /// What is waited for: made once, as this is done for each frame.
    private var polls = [pollfd](repeating: pollfd(), count: 3)
    /// How often whoever works here woke up; for tests.
    private(set) var wakeUps = 0

    /// Takes over a connected socket of its own. Nothing where it cannot be had.
    init?(descriptor: Int32, introduction: Introduction, send: CipherState, receive: CipherState, leftover: [UInt8]) {
        guard descriptor >= 0, leftover.count <= self.inbox.count, let bell = Bell() else { return nil }
        self.descriptor = descriptor
        self.bell = bell
        self.introduction = introduction
        self.sending = send
        self.receiving = receive
        self.inbox.copyBytes(from: leftover)
        self.filled = leftover.count
        // Behind everything else that waits at this machine's network card.
        for (level, option, value) in [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ] as [(Int32, Int32, Int32)] {
            var value = value
            setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        var priority: Int32 = 2
        setsockopt(descriptor, SOL_SOCKET, SO_PRIORITY, &priority, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(self.descriptor)
        self.inbox.deallocate()
        self.outbox.deallocate()
    }

    /// From any thread: whoever waits on the channel is told.
    package func halt() {
        self.isHalted.store(true, ordering: .releasing)
        self.bell.ring()
    }
    func checkHalted() throws(Failure) { if self.isHalted.load(ordering: .acquiring) { throw .halted } }

    // MARK: sending

    package func send(_ frame: BulkFrame) throws(Failure) {
        let body = frame.body
        let room = try self.room
        body.withUnsafeBytes { room.copyMemory(from: $0) }
        try self.send(type: frame.type, count: body.count)
    }

    /// Where the bytes of a Data go before `sendData`: 262,144 of them. Waits until what was sent before is out.
    package var room: UnsafeMutableRawBufferPointer {
        get throws(Failure) {
            try self.flush()
            return UnsafeMutableRawBufferPointer(rebasing: self.outbox[Self.page..<(Self.page + Limits.bulkBody)])
        }
    }

    /// Sends the first bytes of `room`.
    package func sendData(_ count: Int) throws(Failure) { try self.send(type: BulkFrame.data, count: count) }

    /// The same, with the offset in the stream that they belong at; what the socket does not take is sent by and by.
    package func sendData(_ count: Int, at offset: UInt64) throws(Failure) {
        try self.flush()
        self.outbox.storeBytes(of: offset.bigEndian, toByteOffset: Self.page - Self.offset, as: UInt64.self)
        try self.send(type: BulkFrame.dataAt, count: count, before: Self.offset, mayWait: false)
    }

    private func send(type: UInt8, count: Int, before: Int = 0, mayWait: Bool = true) throws(Failure) {
        try self.flush()
        let start = Self.page - before - 1
        let end = Self.page + count + Cipher.tagLength
        self.outbox[start] = type
        do {
            try self.sending.seal(inPlace: UnsafeMutableRawBufferPointer(rebasing: self.outbox[start..<end]))
            if self.sending.counter.isMultiple(of: Self.rekeyEvery) { try self.sending.rekey() }
        } catch { throw .ended(.system("\(error)")) }
        self.outbox.storeBytes(
            of: UInt32(truncatingIfNeeded: end - start).bigEndian, toByteOffset: start - Self.head, as: UInt32.self)
        self.unsent = (start - Self.head)..<end
        if mayWait { try self.flush() } else { _ = try self.flushNow() }
    }

    /// Whether the socket has taken everything that was sent.
    func flushNow() throws(Failure) -> Bool {
        while !self.unsent.isEmpty {
            let rest = UnsafeRawBufferPointer(rebasing: self.outbox[self.unsent])
            let count = Glibc.send(
                self.descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if count > 0 {
                self.unsent = (self.unsent.lowerBound + count)..<self.unsent.upperBound
            } else if errno == EAGAIN {
                return false
            } else if errno != EINTR {
                throw .ended(.system(String(cString: strerror(errno))))
            }
        }
        return true
    }

    func flush() throws(Failure) {
        guard try !self.flushNow() else { return }
        let deadline = uptime() + Self.writing
        repeat { try self.wait(for: Int16(POLLOUT), until: deadline) } while try !self.flushNow()
    }

    /// Whether the network loses what we send, and the congestion control of this socket slows down for each loss:
    /// then several subflows are faster than one. Known only after some time of sending.
    package var isLosing: Bool {
        var sent: UInt32 = 0
        var again: UInt32 = 0
        guard linux_tcp_loss(self.descriptor, &sent, &again) == 1 else { return false }
        return Self.losses.contains { sent >= $0.sent && UInt64(again) * $0.tolerated >= UInt64(sent) }
    }

    /// After so many segments, one lost in so many is too much: what is lost much is known early.
    private static let losses: [(sent: UInt32, tolerated: UInt64)] = [(400, 200), (4_000, 1_000)]

    // MARK: receiving

    /// The next frame. Throws `silent` after so many ms; nothing is lost by that.
    package func receive(within patience: UInt64) throws(Failure) -> Incoming {
        let deadline = uptime() + patience
        while true {
            if let incoming = try self.take() { return incoming }
            try self.fill(deadline)
        }
    }

    /// The next frame; `nil` once the bell has rung, or at the deadline, uptime in ms.
    /// - Parameter other: a descriptor that counts as the bell while it can be read; -1 for none.
    package func receive(until deadline: UInt64, or other: Int32 = -1) throws(Failure) -> Incoming? {
        while true {
            if let incoming = try self.receiveNow() { return incoming }
            if self.takeRing() { return nil }
            do throws(Failure) {
                try self.wait(for: Int16(POLLIN), until: deadline, or: other)
            } catch {
                if error == .silent { return nil }
                throw error
            }
        }
    }

    /// The next frame if it is here, without waiting.
    package func receiveNow() throws(Failure) -> Incoming? {
        try self.checkHalted()
        repeat { if let incoming = try self.take() { return incoming } } while try self.read()
        return nil
    }

    /// As much as belongs to this frame, and the length of the next.
    private var wanted: Int {
        guard self.filled >= Self.head else { return Self.head }
        return Self.head + Int(clamping: self.inbox.loadUnaligned(as: UInt32.self).bigEndian)
    }

    private func take() throws(Failure) -> Incoming? {
        self.makeRoom()
        guard self.filled >= Self.head else { return nil }
        let wanted = self.wanted
        guard (Self.head + 17...Self.head + Self.longest).contains(wanted) else { throw .ended(.garbled) }
        guard self.filled >= wanted else { return nil }
        do {
            try self.receiving.open(inPlace: UnsafeMutableRawBufferPointer(rebasing: self.inbox[Self.head..<wanted]))
            if self.receiving.counter.isMultiple(of: Self.rekeyEvery) { try self.receiving.rekey() }
        } catch {
            // Anybody on the way can do that: it says nothing of who is at the other end.
            throw .ended(.garbled)
        }
        self.lent = wanted
        let body = UnsafeRawBufferPointer(rebasing: self.inbox[(Self.head + 1)..<(wanted - Cipher.tagLength)])
        switch self.inbox[Self.head] {
        case BulkFrame.data:
            guard !body.isEmpty else { throw .violated(.malformed("empty data")) }
            return .data(Portion(body), at: nil)
        case BulkFrame.dataAt:
            guard body.count > Self.offset else { throw .violated(.malformed("empty data")) }
            let offset = UInt64(bigEndian: body.loadUnaligned(as: UInt64.self))
            return .data(Portion(UnsafeRawBufferPointer(rebasing: body[Self.offset...])), at: offset)
        case let type:
            do throws(ProtocolError) { return .frame(try BulkFrame(type: type, body: body)) } catch {
                throw .violated(error)
            }
        }
    }

    /// What was lent is read by now; what came behind it moves to the front.
    private func makeRoom() {
        guard self.lent > 0 else { return }
        self.inbox.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.inbox[self.lent..<self.filled]))
        self.filled -= self.lent
        self.lent = 0
    }

    private func fill(_ deadline: UInt64) throws(Failure) {
        while true {
            if try self.read() { return }
            try self.wait(for: Int16(POLLIN), until: deadline)
        }
    }

    /// Whether something came.
    private func read() throws(Failure) -> Bool {
        let most = min(self.wanted + Self.head, self.inbox.count)
        guard most > self.filled else { throw .ended(.garbled) }
        while true {
            let count = recv(
                self.descriptor, self.inbox.baseAddress?.advanced(by: self.filled), most - self.filled,
                Int32(MSG_DONTWAIT))
            if count > 0 {
                self.filled += count
                return true
            }
            if count == 0 { throw .ended(.closed) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return false
            default: throw .ended(.system(String(cString: strerror(errno))))
            }
        }
    }

    // MARK: waiting

    /// Until the socket can be read or written, or the bell rings. Throws `silent` at the deadline, uptime in ms.
    private func wait(for events: Int16, until deadline: UInt64, or other: Int32 = -1) throws(Failure) {
        try self.checkHalted()
        self.polls[0] = pollfd(fd: self.descriptor, events: events, revents: 0)
        self.polls[1] = self.bellPoll
        // The kernel leaves out what is negative.
        self.polls[2] = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
        guard try self.poll(&self.polls, until: deadline) else { throw .silent }
        if self.polls[1].revents != 0 { self.hear() }
        if self.polls[2].revents != 0 { self.isRung = true }
        try self.checkHalted()
    }

    /// Whether one of them is ready before the deadline, uptime in ms.
    func poll(_ polls: inout [pollfd], until deadline: UInt64) throws(Failure) -> Bool {
        while true {
            let now = uptime()
            let left = deadline > now ? deadline - now : 0
            let count = Glibc.poll(&polls, nfds_t(polls.count), Int32(clamping: left))
            self.wakeUps += 1
            if count > 0 { return true }
            guard count == 0 || errno == EINTR else { throw .ended(.system(String(cString: strerror(errno)))) }
            // Longer than it can be told at once.
            if count == 0, left <= UInt64(Int32.max) { return false }
        }
    }

    /// How the bell is waited for.
    var bellPoll: pollfd { pollfd(fd: self.bell.descriptor, events: Int16(POLLIN), revents: 0) }

    /// It rings: whoever works here is told, once.
    func hear() { if self.bell.answer() { self.isRung = true } }

    /// Whether it has rung, once.
    func takeRing() -> Bool {
        defer { self.isRung = false }
        return self.isRung
    }

    /// Does nothing until then, uptime in ms, or until the bell rings; what comes meanwhile waits.
    /// - Returns: whether the connection is still there. If not, who sends next is told.
    package func rest(until time: UInt64) throws(Failure) -> Bool {
        do throws(Failure) {
            try self.wait(for: 0, until: time)
        } catch {
            guard error == .silent else { throw error }
            return true
        }
        // Whoever rests looks at everything again afterwards.
        _ = self.takeRing()
        return self.polls[0].revents == 0
    }
}
