import Glibc

/// The author's word for each chunk of what we have received, and the listing, as long as others may have it from us.
/// In the state directory; not precious: if it is lost, others ask the author.
///
/// Three numbers, then 64 bytes for each chunk, then the listing. The numbers are written last: without them it is
/// worth nothing after a restart.
package final class ProofFile: Sendable {
    /// What it is about: lengths in bytes, and from which offset of the stream on there are proofs.
    package struct Head: Hashable, Sendable {
        package let start: UInt64
        package let listing: UInt64
        package let size: UInt64

        package init(start: UInt64, listing: UInt64, size: UInt64) {
            self.start = start
            self.listing = listing
            self.size = size
        }
    }

    package static let proof = 64
    private static let head = 24

    package let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Begins a new one; nothing where that cannot be.
    package convenience init?(making path: String) {
        unlink(path)
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        self.init(path: path, descriptor: file)
    }

    /// One that was finished.
    package convenience init?(opening path: String) {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        self.init(path: path, descriptor: file)
        guard self.finished != nil else { return nil }
    }

    /// Nothing if it was never finished.
    package var finished: Head? {
        guard let bytes = self.read(Self.head, at: 0), bytes.contains(where: { $0 != 0 }) else { return nil }
        func number(_ index: Int) -> UInt64 { bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        return Head(start: number(0), listing: number(1), size: number(2))
    }

    /// Keeps 64 bytes. What cannot be kept cannot be passed on, which is no harm.
    package func keep(_ proof: [UInt8], index: UInt64) {
        guard proof.count == Self.proof, let at = Self.place(index) else { return }
        _ = proof.withUnsafeBytes { pwrite(self.descriptor, $0.baseAddress, $0.count, at) }
    }

    /// Nothing if there is none.
    package func proof(_ index: UInt64) -> [UInt8]? {
        guard let at = Self.place(index), let bytes = self.read(Self.proof, at: at), bytes.contains(where: { $0 != 0 })
        else { return nil }
        return bytes
    }

    /// Everything is there: from now on it counts also after a restart. `chunks` are those of the whole stream.
    package func finish(_ head: Head, chunks: UInt64, _ listing: [UInt8]) {
        guard let at = Self.place(chunks) else { return }
        let isKept =
            listing.withUnsafeBytes { pwrite(self.descriptor, $0.baseAddress, $0.count, at) } == listing.count
            && fdatasync(self.descriptor) == 0
        guard isKept else { return }
        let numbers = [head.start, head.listing, head.size].flatMap { number in
            withUnsafeBytes(of: number.bigEndian) { Array($0) }
        }
        _ = numbers.withUnsafeBytes { pwrite(self.descriptor, $0.baseAddress, $0.count, 0) }
        fdatasync(self.descriptor)
    }

    package func listing(_ head: Head, chunks: UInt64, atMost limit: Int) -> [UInt8]? {
        guard head.listing <= limit, let at = Self.place(chunks) else { return nil }
        return self.read(Int(head.listing), at: at)
    }

    package func remove() { unlink(self.path) }

    private static func place(_ index: UInt64) -> off_t? {
        let (bytes, isOver) = index.multipliedReportingOverflow(by: UInt64(Self.proof))
        guard !isOver, bytes < 1 << 60 else { return nil }
        return off_t(bytes) + off_t(Self.head)
    }

    private func read(_ count: Int, at offset: off_t) -> [UInt8]? {
        var done = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while done < count {
                let got = pread(
                    self.descriptor, buffer.baseAddress?.advanced(by: done), count - done, offset + off_t(done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                done += got
            }
            filled = done
        }
        return done == count ? bytes : nil
    }
}
