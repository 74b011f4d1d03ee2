import EarshotModel
import Glibc

/// Copies of what has no length of its own (what the kernel makes up in `/proc` as it is read), kept as long as it is
/// offered. Each is called by the number of its file in the listing.
package final class CopyFolder {
    /// So much of one is read, and of all together; whatever is not at its end by then has none.
    private static let mostOfOne: UInt64 = 64 << 20
    private static let mostOfAll: UInt64 = 1 << 30
    /// Left free on the disk.
    private static let reserve: UInt64 = 64 << 20

    package let path: String
    private var isMade = false
    private var all: UInt64 = 0

    package init(path: String) { self.path = path }

    enum Failure: Error {
        case unreadable
        case endless
    }

    /// Reads an open file to its end. Nothing is kept of one that is empty.
    func copy(_ file: Int32, as index: Int) throws -> (size: UInt64, modified: FileTime)? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var count = try Self.read(file, &chunk)
        guard count > 0 else { return nil }
        if !self.isMade {
            guard mkdir(self.path, 0o700) == 0 || errno == EEXIST else {
                throw VaultError.unwritable(path: self.path, reason: VaultError.reason)
            }
            self.isMade = true
        }
        let path = "\(self.path)/\(index)"
        let copy = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard copy >= 0 else { throw VaultError.unwritable(path: path, reason: VaultError.reason) }
        defer { close(copy) }
        do {
            var size: UInt64 = 0
            while count > 0 {
                size += UInt64(count)
                self.all += UInt64(count)
                guard size <= Self.mostOfOne, self.all <= Self.mostOfAll else { throw Failure.endless }
                try self.write(chunk[..<count], to: copy)
                count = try Self.read(file, &chunk)
            }
            var status = stat()
            guard fsync(copy) == 0, fstat(copy, &status) == 0 else {
                throw VaultError.unwritable(path: path, reason: VaultError.reason)
            }
            return (size, status.modified)
        } catch {
            unlink(path)
            throw error
        }
    }

    private static func read(_ file: Int32, _ chunk: inout [UInt8]) throws(Failure) -> Int {
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            // It would say more if one waited for it.
            throw errno == EAGAIN ? .endless : .unreadable
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to copy: Int32) throws(VaultError) {
        var status = statvfs()
        if fstatvfs(copy, &status) == 0,
            UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue < Self.reserve
        {
            throw .unwritable(path: self.path, reason: String(cString: strerror(ENOSPC)))
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(copy, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: self.path, reason: VaultError.reason) }
            rest = rest.dropFirst(count)
        }
    }

    /// Which files there are copies of.
    package static func indices(at path: String) -> Set<Int> {
        Set(StateDirectory.names(in: path).compactMap { Int($0) })
    }

    package static func remove(_ path: String) {
        for name in StateDirectory.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
