import CLinux
import EarshotModel
import Glibc

/// A transfer that is being put together. Not shared between threads.
package final class PartFolder {
    private let id: String
    let descriptor: Int32
    /// The folder it lies in, where we note what belongs to it: nothing received can be called like that.
    private let beside: Int32
    package let path: String
    /// The folder used last: files of one folder follow each other.
    private var last: (path: [SafeName], descriptor: Int32, name: String)?

    /// Both descriptors are closed with it.
    init(_ id: String, descriptor: Int32, beside: Int32, path: String) {
        self.id = id
        self.descriptor = descriptor
        self.beside = beside
        self.path = path
    }

    deinit {
        if let last = self.last { close(last.descriptor) }
        close(self.descriptor)
        close(self.beside)
    }

    private func name(_ path: some Collection<SafeName>) -> String {
        ([self.path] + path.map(\.text)).joined(separator: "/")
    }

    /// Makes a folder, with those it lies in.
    package func makeFolder(_ path: [SafeName]) throws(DownloadError) { _ = try self.folder(path) }

    private func folder(_ path: some BidirectionalCollection<SafeName>) throws(DownloadError) -> Int32 {
        try self.place(path).descriptor
    }

    /// A folder, made if need be, and what it is called.
    private func place(_ path: some BidirectionalCollection<SafeName>) throws(DownloadError) -> (
        descriptor: Int32, name: String
    ) {
        if path.isEmpty { return (self.descriptor, self.path) }
        // From its end: that is where two folders differ.
        if let last = self.last, last.path.count == path.count, last.path.reversed().elementsEqual(path.reversed()) {
            return (last.descriptor, last.name)
        }
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
        let name = self.name(path)
        self.last = (Array(path), here, name)
        return (here, name)
    }

    /// A file to be written from `offset` on: made now; or, if `mayBeThere`, begun before, and what is behind
    /// `offset` is thrown away. Space for `size` bytes is kept free for it where the file system can. It must be a
    /// file of ours, with one name.
    package func file(_ path: [SafeName], size: UInt64, at offset: UInt64 = 0, mayBeThere: Bool = false)
        throws(DownloadError) -> PartFile
    {
        guard let name = path.last else { throw .obstructed(path: self.path) }
        let (folder, above) = try self.place(path.dropLast())
        // Almost always nothing is there yet, and then there is nothing to look at.
        func open(_ made: Int32) -> Int32 {
            openat(folder, name.text, O_WRONLY | made | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        }
        var file = offset > 0 ? -1 : open(O_CREAT | O_EXCL)
        let isNew = file >= 0
        if offset > 0 || file < 0 && mayBeThere && errno == EEXIST { file = open(0) }
        guard file >= 0 else { throw .now(self.name(path)) }
        let part = PartFile(descriptor: file, in: above, name.text)
        if !isNew {
            var status = stat()
            guard fstat(file, &status) == 0 else { throw .now(self.name(path)) }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == geteuid(),
                UInt64(clamping: status.st_size) >= offset
            else {
                throw .obstructed(path: self.name(path))
            }
            guard ftruncate(file, off_t(clamping: offset)) == 0, lseek(file, off_t(clamping: offset), SEEK_SET) >= 0
            else { throw .now(self.name(path)) }
        }
        try part.reserve(size)
        return part
    }

    /// Whether a file of ours is there, of this size.
    func holds(_ path: [SafeName], size: UInt64) -> Bool {
        guard let name = path.last, let folder = try? self.folder(path.dropLast()) else { return false }
        var status = stat()
        return fstatat(folder, name.text, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_nlink == 1
            && UInt64(clamping: status.st_size) == size
    }

    /// What we note about a transfer, each in a file beside its part.
    enum Note: String {
        case listing, names, omitted
    }

    /// Keeps what the transfer consists of beside it.
    package func keep(listing bytes: [UInt8]) throws(DownloadError) { try self.keep(bytes, as: .listing) }

    /// Nothing if there is none of this length.
    package func listing(count: Int) -> [UInt8]? { self.read(.listing, count: count) }

    /// Whole and on disk when it returns, or as it was before.
    func keep(_ bytes: [UInt8], as note: Note) throws(DownloadError) {
        let (name, draft) = ("\(self.id).\(note.rawValue)", "\(self.id).\(note.rawValue).new")
        unlinkat(self.beside, draft, 0)
        let file = openat(self.beside, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .now("\(self.path).\(note.rawValue)") }
        let part = PartFile(descriptor: file, "\(self.path).\(note.rawValue)")
        var failure: DownloadError?
        bytes.withUnsafeBytes { bytes in
            do throws(DownloadError) { try part.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        try part.sync()
        guard renameat(self.beside, draft, self.beside, name) == 0, fsync(self.beside) == 0 else {
            throw .now("\(self.path).\(note.rawValue)")
        }
    }

    /// `nil` if there is none, or with a `count` none of this length.
    func read(_ note: Note, count: Int? = nil) -> [UInt8]? {
        let file = openat(self.beside, "\(self.id).\(note.rawValue)", O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size <= 1 << 30 else { return nil }
        return ListingFile.read(file, count: count ?? Int(clamping: status.st_size))
    }

    /// Removes a file of ours that does not come.
    func remove(_ path: [SafeName]) {
        guard let name = path.last, let folder = try? self.folder(path.dropLast()) else { return }
        unlinkat(folder, name.text, 0)
    }

    /// Forgets a note.
    func drop(_ note: Note) { unlinkat(self.beside, "\(self.id).\(note.rawValue)", 0) }

    /// A note that more is written behind.
    func appending(to note: Note) throws(DownloadError) -> PartFile {
        let path = "\(self.path).\(note.rawValue)"
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let file = openat(self.beside, "\(self.id).\(note.rawValue)", flags, 0o600)
        guard file >= 0 else { throw .now(path) }
        return PartFile(descriptor: file, path)
    }

    /// The place itself goes, with everything noted about it.
    func remove() {
        self.discard()
        unlinkat(self.beside, "\(self.id).part", AT_REMOVEDIR)
    }

    /// Gives a folder the time it had where it came from.
    func date(_ path: [SafeName], _ modified: FileTime) {
        guard let folder = try? self.folder(path) else { return }
        var times = modified.times
        _ = withUnsafeBytes(of: &times) { futimens(folder, $0.baseAddress?.assumingMemoryBound(to: timespec.self)) }
    }

    func syncFolder() throws(DownloadError) { if fsync(self.descriptor) != 0 { throw .now(self.path) } }

    /// Everything written on this file system is on disk when it returns.
    func syncAll() throws(DownloadError) { try self.wholeDisk().sync() }

    /// The file system it is on, for another thread to sync.
    func wholeDisk() throws(DownloadError) -> WholeDisk {
        let copy = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .now(self.path) }
        return WholeDisk(descriptor: copy, path: self.path)
    }

    /// Removes what is left of a transfer that nobody wants any more. Links are removed, not followed.
    package func discard() {
        Self.empty(self.descriptor)
        for note in [Note.listing, .names, .omitted] {
            for ending in ["", ".new"] { unlinkat(self.beside, "\(self.id).\(note.rawValue)\(ending)", 0) }
        }
    }

    private static func empty(_ folder: Int32) {
        Self.each(in: folder) { name in
            if unlinkat(folder, name, 0) == 0 { return }
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { return }
            Self.empty(next)
            close(next)
            unlinkat(folder, name, AT_REMOVEDIR)
        }
    }

    /// Whatever is called `.` or `..` aside.
    static func each(in folder: Int32, _ body: (String) -> Void) {
        guard let stream = fdopendir(dup(folder)) else { return }
        defer { closedir(stream) }
        rewinddir(stream)
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { body(name) }
        }
    }
}

/// A file system, known by one of its folders.
final class WholeDisk: Sendable {
    private let descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(self.descriptor) }

    /// Everything written on it is on disk when it returns.
    func sync() throws(DownloadError) { if linux_sync_all(self.descriptor) != 0 { throw .now(self.path) } }
}

/// One file of it, written from front to back.
package final class PartFile: Sendable {
    /// Put together only where somebody is told.
    package var path: String { self.folder.isEmpty ? self.name : self.folder + "/" + self.name }
    private let folder: String
    private let name: String
    private let descriptor: Int32
    /// Where zeros began that were not written. Only whoever writes touches it.
    nonisolated(unsafe) private var hole: off_t?  // lint: one thread writes

    init(descriptor: Int32, in folder: String = "", _ name: String) {
        self.descriptor = descriptor
        self.folder = folder
        self.name = name
    }

    deinit { close(self.descriptor) }

    /// Below it keeping room costs more than it saves.
    static let worthReserving: UInt64 = 1 << 20

    /// Keeps room for the whole of it, so that a full disk is noticed before and not in the middle; its length stays
    /// as it is.
    func reserve(_ size: UInt64) throws(DownloadError) {
        guard size > Self.worthReserving, size <= UInt64(Int64.max) else { return }
        if linux_keep_room(self.descriptor, Int64(clamping: size)) != 0,
            errno == ENOSPC || errno == EDQUOT || errno == EFBIG
        {
            throw .now(self.path)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
        var rest = bytes
        while !rest.isEmpty {
            let zeros = Zeros.leading(rest)
            if zeros > 0 {
                let end = lseek(self.descriptor, off_t(zeros), SEEK_CUR)
                guard end >= 0 else { throw .now(self.path) }
                self.hole = self.hole ?? end - off_t(zeros)
                rest = UnsafeRawBufferPointer(rebasing: rest[zeros...])
                continue
            }
            try self.settle()
            let count = Glibc.write(self.descriptor, rest.baseAddress, Zeros.solid(rest))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .now(self.path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives zeros that were not written their length: a hole, which takes no room on the disk.
    package func settle() throws(DownloadError) {
        guard let hole else { return }
        let end = lseek(self.descriptor, 0, SEEK_CUR)
        guard end >= 0, ftruncate(self.descriptor, end) == 0 else { throw .now(self.path) }
        // Room was kept for all of it.
        _ = linux_punch_hole(self.descriptor, Int64(hole), Int64(end - hole))
        self.hole = nil
    }

    /// Everything written is on disk when it returns; zeros count once they are settled.
    package func sync() throws(DownloadError) { if fdatasync(self.descriptor) != 0 { throw .now(self.path) } }

    /// Complete: gives it the time it had where it came from, and marks where that was, where the file system keeps
    /// marks.
    package func finish(modified: FileTime, origin: String) {
        var times = modified.times
        _ = withUnsafeBytes(of: &times) {
            futimens(self.descriptor, $0.baseAddress?.assumingMemoryBound(to: timespec.self))
        }
        _ = linux_mark(self.descriptor, "user.xdg.origin.url", origin, UInt(origin.utf8.count))
    }
}

extension FileTime {
    /// For futimens: the time of last use stays.
    fileprivate var times: (timespec, timespec) {
        (
            timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2 /* UTIME_OMIT */),
            timespec(tv_sec: Int(clamping: self.seconds), tv_nsec: Int(clamping: self.nanoseconds))
        )
    }
}
