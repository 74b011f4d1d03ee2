import EarshotModel
import Glibc

/// Reads the contents of a share as the one run of bytes that they are (Protocol.md 13), and notices when a file is not what was
/// listed. Not shared between threads.
package final class StreamSource {
    package struct Entry: Sendable {
        /// Absolute.
        package let path: String
        package let size: UInt64
        package let modified: Timestamp

        package init(path: String, size: UInt64, modified: Timestamp) {
            self.path = path
            self.size = size
            self.modified = modified
        }
    }

    package enum Failure: Error, Equatable {
        case changed(String)
        case unreadable(String, String)
    }

    private let entries: [Entry]
    /// Files are still being written: what they are like at the end cannot be compared yet.
    private let isGrowing: Bool
    /// Where each entry begins.
    private let starts: [UInt64]
    package let size: UInt64
    private var current: (index: Int, descriptor: Int32)?

    /// The files only, in the order of the listing.
    package init(_ entries: [Entry], isGrowing: Bool = false) {
        self.entries = entries
        self.isGrowing = isGrowing
        var starts: [UInt64] = []
        starts.reserveCapacity(entries.count)
        var sum: UInt64 = 0
        for entry in entries {
            starts.append(sum)
            sum = sum.addingReportingOverflow(entry.size).partialValue
        }
        self.starts = starts
        self.size = sum
    }

    deinit { if let current = self.current { close(current.descriptor) } }

    /// Fills `buffer` from an offset among the contents as far as there is something.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < buffer.count {
            let at = offset + UInt64(done)
            guard at < self.size, let index = self.index(at) else { break }
            let entry = self.entries[index]
            let descriptor = try self.open(index)
            let within = at - self.starts[index]
            let most = Int(clamping: min(UInt64(buffer.count - done), entry.size - within))
            let count = pread(descriptor, buffer.baseAddress?.advanced(by: done), most, off_t(clamping: within))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(entry.path, String(cString: strerror(errno))) }
            guard count > 0 else { throw .changed(entry.path) }
            done += count
            // The last of it is read: was it the same all the time?
            if within + UInt64(count) == entry.size { try self.check(descriptor, entry) }
        }
        return done
    }

    /// The file with a byte at this offset; empty ones have none.
    private func index(_ offset: UInt64) -> Int? {
        if let current = self.current {
            if offset >= self.starts[current.index], offset - self.starts[current.index] < self.entries[current.index].size { return current.index }
            var next = current.index + 1
            while next < self.entries.count, self.entries[next].size == 0 { next += 1 }
            if next < self.entries.count, self.starts[next] == offset { return next }
        }
        var low = 0
        var high = self.starts.count
        while low < high {
            let middle = (low + high) / 2
            if self.starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    private func open(_ index: Int) throws(Failure) -> Int32 {
        if let current = self.current {
            if current.index == index { return current.descriptor }
            close(current.descriptor)
            self.current = nil
        }
        let entry = self.entries[index]
        let descriptor = Glibc.open(entry.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (self.isGrowing ? O_NOFOLLOW : 0))
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .changed(entry.path) : .unreadable(entry.path, String(cString: strerror(errno)))
        }
        self.current = (index, descriptor)
        try self.check(descriptor, entry)
        if entry.size > 1 << 20 { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        return descriptor
    }

    private func check(_ descriptor: Int32, _ entry: Entry) throws(Failure) {
        var status = stat()
        if self.isGrowing { return }
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(entry.path, String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG, UInt64(clamping: status.st_size) == entry.size, status.modified == entry.modified else {
            throw .changed(entry.path)
        }
    }
}
