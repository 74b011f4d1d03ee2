import CLinux
import Glibc

/// A file that somebody still writes. Not shared between threads.
package final class GrowingFile {
    package let path: String
    private var descriptor: Int32 = -1
    /// Can be read once the file was written to; -1 where the kernel has no watch left for us.
    package let changes: Int32

    package init(path: String) {
        self.path = path
        let changes = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if changes >= 0, inotify_add_watch(changes, path, UInt32(IN_MODIFY) | UInt32(IN_DONT_FOLLOW)) < 0 {
            close(changes)
            self.changes = -1
        } else {
            self.changes = changes
        }
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
        if self.changes >= 0 { close(self.changes) }
    }

    /// Takes note of what `changes` told so far. What is written after this is told anew.
    package func heed() {
        guard self.changes >= 0 else { return }
        // Of one file, and without names: each event is as small as they get.
        withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 8) { buffer in
            while Glibc.read(self.changes, buffer.baseAddress, buffer.count) > 0 {}
        }
    }

    /// As much as is there; 0 if nothing is, yet or at all.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StreamSource.Failure) -> Int
    {
        if self.descriptor < 0 {
            self.descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard self.descriptor >= 0 else { throw .unreadable(self.path, String(cString: strerror(errno))) }
        }
        while true {
            let count = pread(self.descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .unreadable(self.path, String(cString: strerror(errno))) }
        }
    }
}
