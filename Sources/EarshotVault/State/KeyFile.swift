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
            guard count > 0, bytes.count <= Self.largest else { throw .unreadable(path: self.path, reason: VaultError.reason) }
            bytes += chunk.prefix(count)
        }
    }

    /// Writes beside, syncs, and puts it in place; an existing file is not replaced.
    package func create(_ bytes: [UInt8]) throws(VaultError) {
        let draft = self.path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: self.path, reason: VaultError.reason) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let reason = VaultError.reason
                close(descriptor)
                unlink(draft)
                throw .unwritable(path: self.path, reason: reason)
            }
            rest = rest.dropFirst(count)
        }
        let isSynced = fsync(descriptor) == 0
        let reason = VaultError.reason
        close(descriptor)
        // `link` does not replace what is there, as `rename` would.
        guard isSynced, link(draft, self.path) == 0 else {
            let why = isSynced ? VaultError.reason : reason
            unlink(draft)
            throw .unwritable(path: self.path, reason: why)
        }
        unlink(draft)
        try self.syncFolder()
    }

    private func syncFolder() throws(VaultError) {
        let folder = self.path.lastIndex(of: "/").map { String(self.path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path: folder, reason: VaultError.reason) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unwritable(path: folder, reason: VaultError.reason) }
    }
}

extension KeyFile {
    /// Whether nothing at all is at a path. When in doubt, no.
    package static func isAbsent(_ path: String) -> Bool { access(path, F_OK) != 0 && errno == ENOENT }
}
