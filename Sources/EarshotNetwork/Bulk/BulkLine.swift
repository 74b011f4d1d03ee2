import CLinux
import EarshotModel
import EarshotProtocol
import FoundationEssentials
import Glibc
import Noise
import Synchronization

/// A session that carries the bytes of files (Protocol.md 13). It belongs to one thread, which waits on it: so a byte goes from the
/// file through the cipher into the socket without changing hands. Everything else may only `halt` it.
package final class BulkLine: @unchecked Sendable {  // lint: handed from thread to thread, one at a time
    package enum Failure: Error, Equatable {
        /// The other end closed, or the way to it broke.
        case ended(String)
        case silent
        /// We want no more.
        case halted
        case violated(ProtocolError)
    }

    package enum Incoming {
        /// Bytes of the stream; with the offset they belong at, where lines carry it side by side.
        case data(Data, at: UInt64?)
        case frame(BulkFrame)
    }

    private static let head = 4
    /// Before the length, so that there is room for a nonce before the ciphertext.
    private static let margin = CipherState.nonceLength - BulkLine.head
    private static let longest = 1 + Limits.bulkBody + Cipher.tagLength
    /// Before data that says where it belongs.
    private static let offset = 8
    private static let rekeyEvery = Limits.rekeyFrames
    /// Ms that the other end may take nothing of what is sent: a minute more than anything it does takes it.
    static let writing: UInt64 = 180_000
    /// How often a waiting thread looks whether it was halted, ms.
    static let glance: Int32 = 100
    private static let page = 4_096

    package let introduction: Introduction
    let descriptor: Int32
    private var sending: CipherState
    private var receiving: CipherState
    private let inbox = UnsafeMutableRawBufferPointer.allocate(byteCount: BulkLine.margin + 2 * BulkLine.head + BulkLine.longest, alignment: 64)
    private var filled = 0
    private let outbox = UnsafeMutableRawBufferPointer.allocate(byteCount: BulkLine.page + Limits.bulkBody, alignment: BulkLine.page)
    /// What of a frame the socket did not take yet.
    private var unsent = Data()
    private let isHalted = Atomic(false)

    /// Takes over a connected socket of its own. Nothing where it cannot be had.
    init?(descriptor: Int32, introduction: Introduction, send: CipherState, receive: CipherState, leftover: [UInt8]) {
        guard descriptor >= 0, leftover.count <= self.inbox.count - Self.margin else { return nil }
        self.descriptor = descriptor
        self.introduction = introduction
        self.sending = send
        self.receiving = receive
        UnsafeMutableRawBufferPointer(rebasing: self.inbox[Self.margin...]).copyBytes(from: leftover)
        self.filled = leftover.count
        // Behind everything else that waits at this machine's network card.
        for (level, option, value) in [(SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)] as [(Int32, Int32, Int32)] {
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

    /// From any thread: whoever waits on the line is told soon.
    package func halt() { self.isHalted.store(true, ordering: .releasing) }
    func checkHalted() throws(Failure) { if self.isHalted.load(ordering: .acquiring) { throw .halted } }

    // MARK: sending

    package func send(_ frame: BulkFrame) throws(Failure) {
        let body = frame.body
        body.withUnsafeBytes { self.room.copyMemory(from: $0) }
        try self.send(type: frame.type, count: body.count)
    }

    /// Where the bytes of a Data go before `sendData`: 262,144 of them.
    package var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: self.outbox[Self.page...]) }

    /// Sends the first bytes of `room`.
    package func sendData(_ count: Int) throws(Failure) { try self.send(type: BulkFrame.data, count: count) }

    /// The same, with the offset in the stream that they belong at; what the socket does not take is sent by and by.
    package func sendData(_ count: Int, at offset: UInt64) throws(Failure) {
        self.outbox.storeBytes(of: offset.bigEndian, toByteOffset: Self.page - Self.offset, as: UInt64.self)
        try self.send(type: BulkFrame.dataAt, count: count, before: Self.offset, mayWait: false)
    }

    private func send(type: UInt8, count: Int, before: Int = 0, mayWait: Bool = true) throws(Failure) {
        let start = Self.page - before - 1
        self.outbox[start] = type
        try self.flush()
        let sealed: Data
        do {
            sealed = try self.sending.seal(bulk: UnsafeRawBufferPointer(rebasing: self.outbox[start..<(Self.page + count)]))
            if self.sending.counter.isMultiple(of: Self.rekeyEvery) { try self.sending.rekey() }
        } catch { throw .ended("\(error)") }
        var length = UInt32(truncatingIfNeeded: sealed.count).bigEndian
        var done = 0
        while true {
            let written = withUnsafeBytes(of: &length) { head in sealed.withUnsafeBytes { self.write(head, $0, from: done) } }
            done = try written.get()
            guard done < Self.head + sealed.count else { return }
            guard mayWait else { break }
            try self.wait(for: Int16(POLLOUT), deadline: uptime() + Self.writing)
        }
        if done < Self.head { self.unsent = withUnsafeBytes(of: &length) { Data($0.dropFirst(done)) } }
        self.unsent += sealed.dropFirst(max(0, done - Self.head))
    }

    /// Whether the socket has taken everything that was sent.
    func flushNow() throws(Failure) -> Bool {
        guard !self.unsent.isEmpty else { return true }
        let written = self.unsent.withUnsafeBytes { self.write($0, UnsafeRawBufferPointer(start: nil, count: 0), from: 0) }
        self.unsent = Data(self.unsent.dropFirst(try written.get()))
        return self.unsent.isEmpty
    }

    func flush() throws(Failure) {
        while try !self.flushNow() { try self.wait(for: Int16(POLLOUT), deadline: uptime() + Self.writing) }
    }

    /// Writes what the socket takes now, of which so much was written before; says how far it got.
    private func write(_ head: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, from start: Int) -> Result<Int, Failure> {
        var done = start
        let total = head.count + bytes.count
        while done < total {
            var parts = [iovec(), iovec()]
            if done < head.count {
                parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress?.advanced(by: done)), iov_len: head.count - done)
                parts[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            } else {
                parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress?.advanced(by: done - head.count)), iov_len: total - done)
            }
            let count = parts.withUnsafeMutableBufferPointer { parts in
                var message = msghdr()
                message.msg_iov = parts.baseAddress
                message.msg_iovlen = done < head.count ? 2 : 1
                return sendmsg(self.descriptor, &message, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 { done += count } else if errno == EAGAIN { break } else if errno != EINTR { return .failure(.ended(String(cString: strerror(errno)))) }
        }
        return .success(done)
    }

    /// Until it can be read or written. Throws `silent` at the deadline, uptime in ms.
    private func wait(for events: Int16, deadline: UInt64) throws(Failure) {
        while true {
            try self.checkHalted()
            var one = pollfd(fd: self.descriptor, events: events, revents: 0)
            let now = uptime()
            let left = deadline > now ? deadline - now : 0
            let count = poll(&one, 1, min(Self.glance, Int32(clamping: left)))
            if count > 0 { return }
            if left == 0 { throw .silent }
        }
    }

    /// Whether the network loses what we send, and the congestion control of this socket slows down for each loss: then several lines
    /// are faster than one. Known only after some time of sending.
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

    /// The next frame if it comes within so many ms.
    package func receive(orNothingWithin patience: UInt64) throws(Failure) -> Incoming? {
        do throws(Failure) {
            return try self.receive(within: patience)
        } catch {
            if error == .silent { return nil }
            throw error
        }
    }

    /// The next frame if it is here, without waiting.
    package func receiveNow() throws(Failure) -> Incoming? {
        try self.checkHalted()
        if let incoming = try self.take() { return incoming }
        guard try self.read() else { return nil }
        return try self.take()
    }

    /// As much as belongs to this frame, and the length of the next.
    private var wanted: Int {
        guard self.filled >= Self.head else { return Self.head }
        return Self.head + Int(clamping: self.inbox.loadUnaligned(fromByteOffset: Self.margin, as: UInt32.self).bigEndian)
    }

    private func take() throws(Failure) -> Incoming? {
        guard self.filled >= Self.head else { return nil }
        let wanted = self.wanted
        guard (Self.head + 17...Self.head + Self.longest).contains(wanted) else { throw .ended("garbled on the way") }
        guard self.filled >= wanted else { return nil }
        let opened: Data
        do {
            opened = try self.receiving.open(bulk: UnsafeMutableRawBufferPointer(rebasing: self.inbox[..<(Self.margin + wanted)]))
            if self.receiving.counter.isMultiple(of: Self.rekeyEvery) { try self.receiving.rekey() }
        } catch {
            // Anybody on the way can do that: it says nothing of who is at the other end.
            throw .ended("garbled on the way")
        }
        let rest = UnsafeRawBufferPointer(rebasing: self.inbox[(Self.margin + wanted)..<(Self.margin + self.filled)])
        UnsafeMutableRawBufferPointer(rebasing: self.inbox[Self.margin...]).copyMemory(from: rest)
        self.filled -= wanted
        guard let type = opened.first else { throw .violated(.malformed("frame without type")) }
        let body = opened.dropFirst()
        if type == BulkFrame.data {
            guard !body.isEmpty else { throw .violated(.malformed("empty data")) }
            return .data(body, at: nil)
        }
        if type == BulkFrame.dataAt {
            guard body.count > Self.offset else { throw .violated(.malformed("empty data")) }
            return .data(body.dropFirst(Self.offset), at: body.prefix(Self.offset).reduce(0) { $0 << 8 | UInt64($1) })
        }
        do throws(ProtocolError) { return .frame(try BulkFrame(type: type, body: body)) } catch { throw .violated(error) }
    }

    private func fill(_ deadline: UInt64) throws(Failure) {
        while true {
            if try self.read() { return }
            try self.wait(for: Int16(POLLIN), deadline: deadline)
        }
    }

    /// Whether something came.
    private func read() throws(Failure) -> Bool {
        let most = min(self.wanted + Self.head, self.inbox.count - Self.margin)
        guard most > self.filled else { throw .ended("garbled on the way") }
        while true {
            let count = recv(self.descriptor, self.inbox.baseAddress?.advanced(by: Self.margin + self.filled), most - self.filled, Int32(MSG_DONTWAIT))
            if count > 0 {
                self.filled += count
                return true
            }
            if count == 0 { throw .ended("the other end closed") }
            switch errno {
            case EINTR: continue
            case EAGAIN: return false
            default: throw .ended(String(cString: strerror(errno)))
            }
        }
    }
}
