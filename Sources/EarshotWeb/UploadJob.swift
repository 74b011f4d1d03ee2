import EarshotControl
import EarshotText
import Glibc

/// One file on its way into the spool.
struct UploadJob: Sendable {
    private static let buffer = 256 << 10

    /// Of the upload; absolute.
    let folder: String
    /// Where in it, none of them `..` or with a slash.
    let names: [String]
    let length: UInt64
    /// They wait for a word before they send.
    let expects: Bool
    let room: SpoolRoom

    private var path: String { self.folder + "/" + self.names.joined(separator: "/") }

    /// - Returns: whether all of it is there.
    func run(_ socket: FileSocket, early: [UInt8]) -> Bool {
        do throws(WebError) {
            guard self.room.claim(self.length, in: self.folder) else { throw Self.full }
            var left = self.length
            defer { self.room.release(left) }
            let (file, parent) = try self.create()
            defer {
                close(file)
                close(parent)
            }
            do {
                if self.expects, early.isEmpty { try socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
                try self.fill(file, socket, early, &left)
            } catch {
                if let name = self.names.last { unlinkat(parent, name, 0) }
                // Whoever is gone needs no answer.
                guard let error = error as? WebError else { return false }
                throw error
            }
        } catch {
            socket.finish(FileAnswer(error), isAllRead: false)
            return false
        }
        let path = self.folder + "/" + (self.names.first ?? "")
        let body = Array((["path": .string(path)] as JSON).line.utf8)
        let fields = [("Content-Type", "application/json"), ("Content-Length", "\(body.count)")]
        socket.finish(FileAnswer("200 OK", WebHeaders.api + fields, body: body))
        return true
    }

    private static let full = WebError(.diskFull)

    /// Makes the folders above it and the file itself, which must not be there yet; no link is followed.
    private func create() throws(WebError) -> (file: Int32, parent: Int32) {
        var parent = open(self.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard parent >= 0 else { throw WebError(.noUploadAnyMore) }
        for name in self.names.dropLast() {
            let isThere = mkdirat(parent, name, 0o700) == 0 || errno == EEXIST
            let next = isThere ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1
            let error = Self.failure(name)
            close(parent)
            guard next >= 0 else { throw error }
            parent = next
        }
        let name = self.names.last ?? ""
        let file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            let error = Self.failure(name)
            close(parent)
            throw error
        }
        return (file, parent)
    }

    /// - Parameter left: bytes that are not on the disk yet.
    private func fill(_ file: Int32, _ socket: FileSocket, _ early: [UInt8], _ left: inout UInt64) throws {
        func took(_ count: Int) {
            left -= min(left, UInt64(count))
            self.room.release(UInt64(count))
        }
        let begin = early.prefix(Int(clamping: self.length))
        try begin.withUnsafeBytes { try Self.write($0, to: file) }
        took(begin.count)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.buffer, alignment: 4_096)
        defer { buffer.deallocate() }
        while left > 0 {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(clamping: left))])
            let count = try socket.receive(into: room)
            try Self.write(UnsafeRawBufferPointer(rebasing: room[..<count]), to: file)
            took(count)
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(WebError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file, part.baseAddress, part.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw self.failure(nil)
            }
        }
    }

    /// - Parameter name: of the file or folder; `nil` for the file itself while it is written.
    private static func failure(_ name: String?) -> WebError {
        let (code, shown) = (errno, name ?? "")
        return switch code {
        case ENOSPC, EDQUOT: self.full
        case EEXIST: WebError(.isThere(shown))
        case ENAMETOOLONG, EINVAL, EILSEQ: WebError(.cannotBeCalled(shown))
        case ENOTDIR, ELOOP: WebError(.isFileThere(shown))
        default: WebError(.unwritable(name, detail: String(cString: strerror(code))))
        }
    }
}
