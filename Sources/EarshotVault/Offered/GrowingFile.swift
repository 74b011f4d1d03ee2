import Glibc

/// A file that somebody still writes. Not shared between threads.
package final class GrowingFile {
    package let path: String
    private var descriptor: Int32 = -1

    package init(path: String) { self.path = path }
    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

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
