import EarshotModel
import Glibc

/// A small secret file: 0600, written whole or not at all, and never made anew because reading it failed.
package struct KeyFile: Sendable {
    private static let largest = 65_536

    package let path: String
    package init(path: String) { self.path = path }

    /// Throws `missing` only if there is no such file.
    package func read() throws(VaultError) -> [UInt8] {
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .missing(path: self.path) }
            throw .unreadable(path: self.path, reason: VaultError.reason)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: self.path, reason: VaultError.reason) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: self.path, reason: "it is not a file") }
        guard status.st_uid == geteuid() else { throw .exposed(path: self.path, reason: "belongs to another user") }
        guard status.st_mode & 0o077 == 0 else { throw .exposed(path: self.path, reason: "can be read by others") }
        guard status.st_size <= Self.largest else { throw .damaged(path: self.path) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0, bytes.count <= Self.largest else {
                throw .unreadable(path: self.path, reason: VaultError.reason)
            }
            bytes += chunk.prefix(count)
        }
    }

    /// Writes beside, syncs, and puts it in place; an existing file is not replaced.
    package func create(_ bytes: [UInt8]) throws(VaultError) {
        let draft = try DraftFile(for: self.path)
        try draft.append(bytes)
        try draft.place()
    }
}

extension KeyFile {
    /// Whether nothing at all is at a path. When in doubt, no.
    package static func isAbsent(_ path: String) -> Bool { access(path, F_OK) != 0 && errno == ENOENT }

    /// Removes what is at a path, if anything is.
    package static func remove(_ path: String) { unlink(path) }

    /// Writes over it before it is removed. Where a disk keeps older blocks, that is no proof.
    package func destroy() {
        let descriptor = open(self.path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor >= 0 {
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                let zeros = [UInt8](repeating: 0, count: min(Int(clamping: status.st_size), Self.largest))
                _ = pwrite(descriptor, zeros, zeros.count, 0)
                fsync(descriptor)
            }
            close(descriptor)
        }
        unlink(self.path)
    }
}
