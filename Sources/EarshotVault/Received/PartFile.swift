import CLinux
import EarshotModel
import Glibc

/// One file of it, written from front to back.
package final class PartFile: Sendable {
    /// Put together only where somebody is told.
    package var path: String { self.folder.isEmpty ? self.name : self.folder + "/" + self.name }
    private let folder: String
    private let name: String
    private let descriptor: Int32
    /// Where zeros began that were not written. Only `write` and `settle` touch it, and one thread alone calls these:
    /// the receiving one for a file of `StreamSink`, the second one for what `WholeFiles` makes, writes and drops,
    /// which is too small for a hole. What is handed on, to be marked or synced, was settled before, and neither looks
    /// at it.
    nonisolated(unsafe) private var hole: off_t?  // lint: one thread writes

    init(descriptor: Int32, _ name: String) {
        self.descriptor = descriptor
        self.folder = ""
        self.name = name
    }

    /// A file in a folder of ours, to be written from `offset` on: made now; or, if `mayBeThere`, begun before, and
    /// what is behind `offset` is thrown away. It must be a file of ours, with one name.
    init(in folder: OpenFolder, _ name: SafeName, at offset: UInt64 = 0, mayBeThere: Bool) throws(DownloadError) {
        // Almost always nothing is there yet, and then there is nothing to look at.
        func open(_ made: Int32) -> Int32 {
            openat(folder.descriptor, name.text, O_WRONLY | made | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        }
        var file = offset > 0 ? -1 : open(O_CREAT | O_EXCL)
        let isNew = file >= 0
        if offset > 0 || file < 0 && mayBeThere && errno == EEXIST { file = open(0) }
        guard file >= 0 else { throw .now("\(folder.path)/\(name)") }
        self.descriptor = file
        self.folder = folder.path
        self.name = name.text
        if isNew { return }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .now(self.path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == geteuid(),
            UInt64(clamping: status.st_size) >= offset
        else {
            throw .obstructed(path: self.path)
        }
        guard ftruncate(file, off_t(clamping: offset)) == 0, lseek(file, off_t(clamping: offset), SEEK_SET) >= 0
        else { throw .now(self.path) }
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
        modified.set(on: self.descriptor)
        _ = linux_mark(self.descriptor, "user.xdg.origin.url", origin, UInt(origin.utf8.count))
    }
}

extension FileTime {
    /// Gives it to an open file or folder.
    func set(on descriptor: Int32) {
        var times = self.times
        _ = withUnsafeBytes(of: &times) {
            futimens(descriptor, $0.baseAddress?.assumingMemoryBound(to: timespec.self))
        }
    }

    /// For futimens: the time of last use stays.
    fileprivate var times: (timespec, timespec) {
        (
            timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2 /* UTIME_OMIT */),
            timespec(tv_sec: Int(clamping: self.seconds), tv_nsec: Int(clamping: self.nanoseconds))
        )
    }
}
