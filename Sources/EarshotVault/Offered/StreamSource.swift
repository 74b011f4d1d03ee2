import EarshotModel
import Glibc

/// Reads the contents of a share as the one run of bytes that they are (Protocol.md 13), and notices when a file is
/// not what was listed. Not shared between threads.
package final class StreamSource {
    package struct Entry: Sendable {
        /// Absolute; of what is offered, as `PathText`.
        package let path: String
        package let size: UInt64
        package let modified: FileTime

        package init(path: String, size: UInt64, modified: FileTime) {
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

    /// A file that is not as it was listed.
    package struct Fault {
        /// Which one of the files, from 0.
        package let index: Int
        /// Where it ends among the contents.
        package let end: UInt64
        package let failure: Failure

        package var reason: OmissionReason {
            switch self.failure {
            case .unreadable: .unreadable
            case .changed(let path): DiskPath.isThere(path) ? .changed : .gone
            }
        }
    }

    /// So many files lie between two places that are remembered.
    private static let stride = 256

    /// Whose files they are.
    package enum State: Sendable {
        /// A person's own, as they were listed; what a link leads to is theirs too.
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
    private var current: (entry: Entry, start: UInt64, index: Int, descriptor: Int32)?
    /// What the last failure was about; nothing if it was no single file.
    package private(set) var fault: Fault?

    package init(_ files: Files, state: State = .offered) {
        self.state = state
        self.size = files.size
        self.place = Place(rest: files.entries.makeIterator())
        self.marks = [self.place]
    }

    deinit { self.close() }

    /// Fills `buffer` from an offset among the contents as far as there is something, and before a file that is not as
    /// it was listed: there the next call throws, and `fault` says which one it is. What was filled is good then, as
    /// far as can be known.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < buffer.count {
            let at = offset + UInt64(done)
            guard at < self.size else { break }
            do throws(Failure) {
                done += try self.readOne(at: at, into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            } catch {
                // Nothing of that file is given, if it can be helped.
                let start = self.current.map { $0.start > offset ? Int(clamping: $0.start - offset) : 0 } ?? done
                self.close()
                guard min(start, done) > 0 else { throw error }
                return min(start, done)
            }
        }
        return done
    }

    /// Of one file, at most to its end.
    private func readOne(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        if let fault, fault.end > offset, fault.end - offset <= self.pending { throw fault.failure }
        let (entry, start, index, descriptor) = try self.file(offset, room: buffer.count)
        let within = offset - start
        let most = Int(clamping: min(UInt64(buffer.count), entry.size - within))
        while true {
            let count = pread(descriptor, buffer.baseAddress, most, off_t(clamping: within))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                do throws(Failure) { try self.check(descriptor, entry) } catch {
                    throw self.failed(entry, start, index, error)
                }
                throw self.failed(entry, start, index, .unreadable(entry.path, reason))
            }
            guard count > 0 else { throw self.failed(entry, start, index, .changed(entry.path)) }
            // The last of it is read: was it the same all the time?
            if within + UInt64(count) == entry.size {
                do throws(Failure) { try self.check(descriptor, entry) } catch {
                    throw self.failed(entry, start, index, error)
                }
            }
            return count
        }
    }

    /// Bytes of the file that the fault is about: it stays one, for whoever asks for them again.
    private var pending: UInt64 = 0

    private func failed(_ entry: Entry, _ start: UInt64, _ index: Int, _ failure: Failure) -> Failure {
        self.fault = Fault(index: index, end: start + entry.size, failure: failure)
        self.pending = entry.size
        return failure
    }

    private func close() {
        if let current = self.current { Glibc.close(current.descriptor) }
        self.current = nil
    }

    /// The file with a byte at this offset, open; empty ones have none.
    /// - Parameter room: for so many bytes. What fits is looked at when it was read, once.
    private func file(
        _ offset: UInt64, room: Int
    ) throws(Failure) -> (entry: Entry, start: UInt64, index: Int, descriptor: Int32) {
        if let current = self.current {
            if offset >= current.start, offset - current.start < current.entry.size { return current }
            self.close()
        }
        self.jump(to: offset)
        while let (entry, start) = self.place.next() {
            if self.place.index == self.marks.count * Self.stride { self.marks.append(self.place) }
            guard offset - start < entry.size else { continue }
            let index = self.place.index - 1
            do throws(Failure) {
                let isWhole = offset == start && entry.size <= UInt64(room)
                let current = (entry, start, index, try self.open(entry, isLookedAt: !isWhole))
                self.current = current
                return current
            } catch {
                throw self.failed(entry, start, index, error)
            }
        }
        // Less is listed than was promised.
        self.fault = nil
        throw .changed("")
    }

    /// Empty files that are not empty any more, or gone: no byte of theirs is ever asked for.
    package func staleEmpties() -> [Fault] {
        guard self.state == .offered else { return [] }
        var faults: [Fault] = []
        var place = self.marks[0]
        while let (entry, start) = place.next() {
            guard entry.size == 0 else { continue }
            var status = stat()
            let isThere = stat(DiskPath.bytes(entry.path), &status) == 0
            if isThere, status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 { continue }
            // What the kernel makes up says 0 of everything.
            if isThere, status.st_mode & S_IFMT == S_IFREG, self.isMadeUp(entry.path) { continue }
            faults.append(Fault(index: place.index - 1, end: start, failure: .changed(entry.path)))
        }
        return faults
    }

    private func isMadeUp(_ path: String) -> Bool {
        let descriptor = DiskPath.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return FileSystem(of: descriptor).isMadeUp
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

    private func open(_ entry: Entry, isLookedAt: Bool) throws(Failure) -> Int32 {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor =
            self.state == .offered ? DiskPath.open(entry.path, flags) : Glibc.open(entry.path, flags | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .changed(entry.path) : .unreadable(entry.path, String(cString: strerror(errno)))
        }
        do throws(Failure) {
            if isLookedAt { try self.check(descriptor, entry) }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        if entry.size > 1 << 20 { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        return descriptor
    }

    private func check(_ descriptor: Int32, _ entry: Entry) throws(Failure) {
        var status = stat()
        if self.state == .growing { return }
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(entry.path, String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG, UInt64(clamping: status.st_size) == entry.size,
            status.modified == entry.modified
        else {
            throw .changed(entry.path)
        }
    }
}
