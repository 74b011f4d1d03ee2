import Glibc
import NIOHTTP1

/// The socket of one request for the bytes of a file. It belongs to one thread, which waits on it.
struct FileSocket: Sendable {
    enum Failure: Error {
        /// The other end is gone, or did nothing for too long.
        case gone
    }

    /// Bytes that are read and dropped of a request that was refused, and seconds for that.
    private static let mostDropped = 64 << 20
    private static let droppingTime = 5

    let descriptor: Int32

    /// It was of a loop before; from here on calls wait.
    /// - Parameter patience: seconds that the other end may do nothing.
    func prepare(patience: Int) {
        let flags = fcntl(self.descriptor, F_GETFL)
        if flags >= 0 { _ = fcntl(self.descriptor, F_SETFL, flags & ~O_NONBLOCK) }
        self.setPatience(patience)
    }

    private func setPatience(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(self.descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func send(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .gone
            }
        }
    }

    /// - Returns: how many bytes came, at least one.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            let count = recv(self.descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return count }
            guard count < 0, errno == EINTR else { throw .gone }
        }
    }

    /// Sends a part of a file, from the page cache.
    func send(file: Int32, _ range: Range<UInt64>) throws(Failure) {
        guard var offset = off_t(exactly: range.lowerBound), let end = off_t(exactly: range.upperBound) else {
            throw .gone
        }
        while offset < end {
            let count = sendfile(self.descriptor, file, &offset, Int(clamping: min(end - offset, 1 << 20)))
            // 0: it has become shorter. The other end sees that less came than was said.
            guard count > 0 || count < 0 && errno == EINTR else { throw .gone }
        }
    }

    /// An answer, and the end of the connection. Nobody reads it while they send, so that is read for a while.
    func finish(_ head: FileAnswer, isAllRead: Bool = true) {
        guard (try? self.send(head.bytes)) != nil else { return }
        shutdown(self.descriptor, Int32(SHUT_WR))
        if isAllRead { return }
        self.setPatience(Self.droppingTime)
        var left = Self.mostDropped
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while left > 0, let count = try? self.receive(into: buffer) { left -= count }
        }
    }
}

/// The head of an answer that a thread gives, and a short body.
struct FileAnswer {
    let status: String
    var fields: [(String, String)]
    var body: [UInt8] = []

    init(_ status: String, _ fields: [(String, String)], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    init(_ error: WebError, _ more: [(String, String)] = []) {
        self.init(
            "\(error.status.code) \(error.status.reasonPhrase)",
            WebHeaders.api + more
                + [("Content-Type", "application/json"), ("Content-Length", "\(error.body.count)")], body: error.body)
    }

    var bytes: [UInt8] {
        let fields = WebHeaders.all + self.fields + [("Connection", "close")]
        let head = "HTTP/1.1 \(self.status)\r\n" + fields.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n"
        return Array(head.utf8) + self.body
    }
}
