import CLinux
import EarshotModel
import Glibc

/// A transfer that is being put together. Not shared between threads.
package final class PartFolder {
    private let id: String
    private let top: OpenFolder
    /// The folder it lies in, where we note what belongs to it: nothing received can be called like that.
    private let beside: Int32
    /// The folder used last: files of one folder follow each other.
    private var last: (path: [SafeName], folder: OpenFolder)?

    /// Both descriptors are closed with it.
    init(_ id: String, descriptor: Int32, beside: Int32, path: String) {
        self.id = id
        self.top = OpenFolder(descriptor: descriptor, path: path)
        self.beside = beside
    }

    deinit { close(self.beside) }

    var descriptor: Int32 { self.top.descriptor }
    package var path: String { self.top.path }

    private func name(_ path: some Collection<SafeName>) -> String {
        ([self.path] + path.map(\.text)).joined(separator: "/")
    }

    /// Makes a folder, with those it lies in.
    package func makeFolder(_ path: [SafeName]) throws(DownloadError) { _ = try self.folder(path) }

    private func folder(_ path: some BidirectionalCollection<SafeName>) throws(DownloadError) -> Int32 {
        try self.place(path).descriptor
    }

    /// A folder, made if need be.
    func place(_ path: some BidirectionalCollection<SafeName>) throws(DownloadError) -> OpenFolder {
        if path.isEmpty { return self.top }
        // From its end: that is where two folders differ.
        if let last = self.last, last.path.count == path.count, last.path.reversed().elementsEqual(path.reversed()) {
            return last.folder
        }
        var here = self.top
        for (depth, part) in path.enumerated() {
            let name = self.name(path.prefix(depth + 1))
            here = OpenFolder(
                descriptor: try DownloadFolder.folder(part.text, in: here.descriptor, name), path: name)
        }
        self.last = (Array(path), here)
        return here
    }

    /// A file to be written from `offset` on: see `PartFile.init(in:)`. Space for `size` bytes is kept free for it
    /// where the file system can.
    package func file(_ path: [SafeName], size: UInt64, at offset: UInt64 = 0, mayBeThere: Bool = false)
        throws(DownloadError) -> PartFile
    {
        guard let name = path.last else { throw .obstructed(path: self.path) }
        let part = try PartFile(in: self.place(path.dropLast()), name, at: offset, mayBeThere: mayBeThere)
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
        modified.set(on: folder)
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

/// A folder in it, open as long as anybody puts something there.
final class OpenFolder: Sendable {
    let descriptor: Int32
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(self.descriptor) }
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
