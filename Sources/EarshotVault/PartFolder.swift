import CLinux
import EarshotModel
import Glibc

/// A transfer that is being put together. Not shared between threads.
package final class PartFolder {
    let descriptor: Int32
    package let path: String
    /// The folder used last: files of one folder follow each other.
    private var last: (path: [SafeName], descriptor: Int32)?

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        if let last = self.last { close(last.descriptor) }
        close(self.descriptor)
    }

    private func name(_ path: some Collection<SafeName>) -> String { ([self.path] + path.map(\.text)).joined(separator: "/") }

    /// Makes a folder, with those it lies in.
    package func makeFolder(_ path: [SafeName]) throws(DownloadError) { _ = try self.folder(path) }

    private func folder(_ path: [SafeName]) throws(DownloadError) -> Int32 {
        if path.isEmpty { return self.descriptor }
        if let last = self.last, last.path == path { return last.descriptor }
        var here = self.descriptor
        for (depth, part) in path.enumerated() {
            let next: Int32
            do throws(DownloadError) {
                next = try DownloadFolder.folder(part.text, in: here, self.name(path.prefix(depth + 1)))
            } catch {
                if here != self.descriptor { close(here) }
                throw error
            }
            if here != self.descriptor { close(here) }
            here = next
        }
        if let last = self.last { close(last.descriptor) }
        self.last = (path, here)
        return here
    }

    /// A file that is not there yet. Space for `size` bytes is kept free for it where the file system can.
    package func create(_ path: [SafeName], size: UInt64) throws(DownloadError) -> PartFile {
        guard let name = path.last else { throw .obstructed(path: self.path) }
        let folder = try self.folder(Array(path.dropLast()))
        let file = openat(folder, name.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .now(self.name(path)) }
        let part = PartFile(descriptor: file, path: self.name(path))
        try part.reserve(size)
        return part
    }

    /// A file that was begun: what is behind `offset` is thrown away. It must be a file of ours, with one name.
    package func resume(_ path: [SafeName], size: UInt64, at offset: UInt64) throws(DownloadError) -> PartFile {
        guard let name = path.last else { throw .obstructed(path: self.path) }
        let folder = try self.folder(Array(path.dropLast()))
        let file = openat(folder, name.text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .now(self.name(path)) }
        let part = PartFile(descriptor: file, path: self.name(path))
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .now(self.name(path)) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == geteuid(), UInt64(clamping: status.st_size) >= offset else {
            throw .obstructed(path: self.name(path))
        }
        guard ftruncate(file, off_t(clamping: offset)) == 0, lseek(file, off_t(clamping: offset), SEEK_SET) >= 0 else { throw .now(self.name(path)) }
        try part.reserve(size)
        return part
    }

    /// Removes what is left of a transfer that nobody wants any more. Links are removed, not followed.
    package func discard() { Self.empty(self.descriptor) }

    private static func empty(_ folder: Int32) {
        guard let stream = fdopendir(dup(folder)) else { return }
        defer { closedir(stream) }
        rewinddir(stream)
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            if unlinkat(folder, name, 0) == 0 { continue }
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { continue }
            Self.empty(next)
            close(next)
            unlinkat(folder, name, AT_REMOVEDIR)
        }
    }
}

/// One file of it, written from front to back.
package final class PartFile {
    package let path: String
    private let descriptor: Int32

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(self.descriptor) }

    /// Keeps room for the whole of it, so that a full disk is noticed before and not in the middle; its length stays as it is.
    func reserve(_ size: UInt64) throws(DownloadError) {
        guard size > 0, size <= UInt64(Int64.max) else { return }
        if linux_keep_room(self.descriptor, Int64(clamping: size)) != 0, errno == ENOSPC || errno == EDQUOT || errno == EFBIG { throw .now(self.path) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(self.descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .now(self.path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Everything written is on disk when it returns.
    package func sync() throws(DownloadError) { if fdatasync(self.descriptor) != 0 { throw .now(self.path) } }

    /// Complete: gives it the time it had where it came from.
    package func finish(modified: Timestamp) throws(DownloadError) {
        let seconds = Int(clamping: modified.milliseconds / 1_000)
        let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2 /* UTIME_OMIT */), timespec(tv_sec: seconds, tv_nsec: Int(modified.milliseconds % 1_000) * 1_000_000)]
        futimens(self.descriptor, times)
        if fsync(self.descriptor) != 0 { throw .now(self.path) }
    }
}
