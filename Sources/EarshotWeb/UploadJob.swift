import EarshotControl
import EarshotText
import Glibc

/// One file on its way into the spool.
struct UploadJob: Sendable {
    /// Bytes that stay free on the disk.
    private static let reserve: UInt64 = 64 << 20
    private static let buffer = 256 << 10

    /// Of the upload; absolute.
    let folder: String
    /// Where in it, none of them `..` or with a slash.
    let names: [String]
    let length: UInt64
    /// They wait for a word before they send.
    let expects: Bool

    private var path: String { self.folder + "/" + self.names.joined(separator: "/") }

    func run(_ socket: FileSocket, early: [UInt8]) {
        do throws(WebError) {
            try self.checkRoom()
            let (file, parent) = try self.create()
            defer {
                close(file)
                close(parent)
            }
            do {
                if self.expects, early.isEmpty { try socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
                try self.fill(file, socket, early)
            } catch {
                if let name = self.names.last { unlinkat(parent, name, 0) }
                // Whoever is gone needs no answer.
                guard let error = error as? WebError else { return }
                throw error
            }
        } catch { return socket.finish(FileAnswer(error), isAllRead: false) }
        let path = self.folder + "/" + (self.names.first ?? "")
        let body = Array((["path": .string(path)] as JSON).line.utf8)
        let fields = [("Content-Type", "application/json"), ("Content-Length", "\(body.count)")]
        socket.finish(FileAnswer("200 OK", WebHeaders.api + fields, body: body))
    }

    private func checkRoom() throws(WebError) {
        var status = statvfs()
        guard statvfs(self.folder, &status) == 0 else { return }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let needed = self.length.addingReportingOverflow(Self.reserve)
        guard free.overflow || !needed.overflow && needed.partialValue <= free.partialValue else {
            throw Self.full
        }
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

    private func fill(_ file: Int32, _ socket: FileSocket, _ early: [UInt8]) throws {
        try early.prefix(Int(clamping: self.length)).withUnsafeBytes { try Self.write($0, to: file) }
        var left = self.length - min(self.length, UInt64(early.count))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.buffer, alignment: 4_096)
        defer { buffer.deallocate() }
        while left > 0 {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(clamping: left))])
            let count = try socket.receive(into: room)
            try Self.write(UnsafeRawBufferPointer(rebasing: room[..<count]), to: file)
            left -= UInt64(count)
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
