import EarshotModel
import Glibc

/// The folder of a node: its keys, its database, its socket. Belongs to one user, and to one daemon at a time.
package struct StateDirectory: Sendable {
    package let path: String

    package var database: String { self.path + "/earshot.db" }
    package var identity: String { self.path + "/identity.key" }
    /// Listings of what we offer.
    package var shares: String { self.path + "/shares" }
    /// What programs pipe to us until it is with the others.
    package var spool: String { self.path + "/spool" }
    /// What proves what others may have from us.
    package var proofs: String { self.path + "/proofs" }
    /// A copy of the database, while a backup is made of it.
    package var copy: String { self.spool + "/copy.db" }
    package var socket: String { self.path + "/earshot.sock" }

    /// Makes the folder if there is none, with its parents, and checks that it is ours alone.
    package init(opening path: String) throws(VaultError) {
        self.path = path
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && !path.hasPrefix("/") ? part : "/" + part
            guard !part.isEmpty else {
                made = made == "/" ? "" : made
                continue
            }
            if mkdir(made, 0o700) != 0, errno != EEXIST { throw .unwritable(path: made, reason: VaultError.reason) }
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadable(path: path, reason: VaultError.reason) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .unwritable(path: path, reason: "it is not a folder") }
        guard status.st_uid == geteuid() else { throw .exposed(path: path, reason: "belongs to another user") }
        guard status.st_mode & 0o022 == 0 else { throw .exposed(path: path, reason: "can be written by others") }
        guard access(path, W_OK | X_OK) == 0 else { throw .unwritable(path: path, reason: VaultError.reason) }
        for folder in [self.shares, self.spool, self.proofs] {
            if mkdir(folder, 0o700) != 0, errno != EEXIST { throw .unwritable(path: folder, reason: VaultError.reason) }
        }
    }

    /// What lies in one of the folders in it.
    package static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        return FolderNames(reading: stream).compactMap { String(validating: $0, as: UTF8.self) }
    }

    /// Keeps other daemons out until it is released, or the process ends.
    package func lock() throws(VaultError) -> StateLock {
        let descriptor = open(self.path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: self.path + "/lock", reason: VaultError.reason) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .taken(path: self.path)
        }
        return StateLock(descriptor: descriptor)
    }

    /// Removes all that a node puts into it, and the folder itself where nothing else is in it.
    package func clear() {
        for folder in [self.shares, self.spool, self.proofs, self.path + "/drafts"] { Self.remove(folder, depth: 0) }
        for name in Self.names(in: self.path) where Self.isOurs(name) { unlink("\(self.path)/\(name)") }
        rmdir(self.path)
    }

    private static func isOurs(_ name: String) -> Bool {
        ["lock", "earshot.sock", "announced", "announced.new"].contains(name)
            || ["identity.key", "earshot.db", "earshotd.log", "web."].contains { name.hasPrefix($0) }
    }

    /// Follows no link, and does not go down without an end.
    private static func remove(_ folder: String, depth: Int) {
        for name in Self.names(in: folder) {
            let path = "\(folder)/\(name)"
            if unlink(path) != 0, errno == EISDIR || errno == EPERM, depth < 64 { Self.remove(path, depth: depth + 1) }
        }
        rmdir(folder)
    }

    /// Bytes free for us on the disk of the folder.
    package func freeSpace() -> UInt64 {
        var status = statvfs()
        guard statvfs(self.path, &status) == 0 else { return .max }
        return UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
    }
}

/// A folder kept for one daemon.
package struct StateLock: Sendable {
    fileprivate let descriptor: Int32

    package func release() { close(self.descriptor) }
}
