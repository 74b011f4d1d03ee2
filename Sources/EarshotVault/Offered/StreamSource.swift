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

    /// The files only, in the order of the listing, and their bytes together.
    package struct Files: Sendable {
        fileprivate let entries: any Sequence<Entry> & Sendable
        package let size: UInt64

        /// - Parameter entries: are gone through more than once, also from a copy of an iterator on.
        package init(_ entries: any Sequence<Entry> & Sendable = [], size: UInt64 = 0) {
            self.entries = entries
            self.size = size
        }
    }

    package enum Failure: Error, Equatable {
        case changed(String)
        case unreadable(String, String)
    }

    /// Between two files.
    private struct Place {
        var index = 0
        /// Where what follows begins.
        var start: UInt64 = 0
        var rest: any IteratorProtocol<Entry>

        mutating func next() -> (entry: Entry, start: UInt64)? {
            guard let entry = self.rest.next() else { return nil }
            defer {
                self.index += 1
                self.start = self.start.addingReportingOverflow(entry.size).partialValue
            }
            return (entry, self.start)
        }
    }

    /// So many files lie between two places that are remembered.
    private static let stride = 256

    /// Whose files they are.
    package enum State: Sendable {
        /// A person's own, as they were listed; what a link leads to is his too.
        case offered
        /// Received, and as they were listed.
        case received
        /// Still being received: what they are like at the end cannot be compared yet.
        case growing
    }

    private let state: State
    package let size: UInt64
    /// Behind the current one.
    private var place: Place
    /// Whoever jumps about need not begin at the beginning.
    private var marks: [Place]
    private var current: (entry: Entry, start: UInt64, descriptor: Int32)?

    package init(_ files: Files, state: State = .offered) {
        self.state = state
        self.size = files.size
        self.place = Place(rest: files.entries.makeIterator())
        self.marks = [self.place]
    }

    deinit { if let current = self.current { close(current.descriptor) } }

    /// Fills `buffer` from an offset among the contents as far as there is something.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < buffer.count {
            let at = offset + UInt64(done)
            guard at < self.size else { break }
            let (entry, start, descriptor) = try self.file(at)
            let within = at - start
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

    /// The file with a byte at this offset, open; empty ones have none.
    private func file(_ offset: UInt64) throws(Failure) -> (entry: Entry, start: UInt64, descriptor: Int32) {
        if let current = self.current {
            if offset >= current.start, offset - current.start < current.entry.size { return current }
            close(current.descriptor)
            self.current = nil
        }
        self.jump(to: offset)
        while let (entry, start) = self.place.next() {
            if self.place.index == self.marks.count * Self.stride { self.marks.append(self.place) }
            guard offset - start < entry.size else { continue }
            let descriptor = try self.open(entry)
            self.current = (entry, start, descriptor)
            return (entry, start, descriptor)
        }
        // Less is listed than was promised.
        throw .changed("")
    }

    /// To the last place before this offset that is known, if it is not ahead of us anyway.
    private func jump(to offset: UInt64) {
        let next = self.place.index / Self.stride + 1
        guard offset < self.place.start || next < self.marks.count && self.marks[next].start <= offset else { return }
        var low = 0
        var high = self.marks.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if self.marks[middle].start <= offset { low = middle } else { high = middle }
        }
        self.place = self.marks[low]
    }

    private func open(_ entry: Entry) throws(Failure) -> Int32 {
        let descriptor = Glibc.open(entry.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (self.state == .offered ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .changed(entry.path) : .unreadable(entry.path, String(cString: strerror(errno)))
        }
        do throws(Failure) {
            try self.check(descriptor, entry)
        } catch {
            close(descriptor)
            throw error
        }
        if entry.size > 1 << 20 { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        return descriptor
    }

    private func check(_ descriptor: Int32, _ entry: Entry) throws(Failure) {
        var status = stat()
        if self.state == .growing { return }
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(entry.path, String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG, UInt64(clamping: status.st_size) == entry.size, status.modified == entry.modified else {
            throw .changed(entry.path)
        }
    }
}
