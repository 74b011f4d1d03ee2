import EarshotModel
import Glibc

/// A secret file that is being written: 0600, beside its place until it is whole and synced. Given up, it leaves
/// nothing.
package final class DraftFile {
    private let path: String
    private let descriptor: Int32
    private var isPlaced = false
    private let draft: String

    /// - Parameter ending: what its name has beyond that of the file, while it is written.
    package init(for path: String, ending: String = ".new") throws(VaultError) {
        self.path = path
        self.draft = path + ending
        let draft = self.draft
        unlink(draft)
        self.descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.descriptor >= 0 else { throw .unwritable(path: path, reason: VaultError.reason) }
    }

    deinit {
        guard self.descriptor >= 0 else { return }
        close(self.descriptor)
        if !self.isPlaced { unlink(self.draft) }
    }

    package func append(_ bytes: [UInt8]) throws(VaultError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .unwritable(path: self.path, reason: VaultError.reason) }
            rest = rest.dropFirst(count)
        }
    }

    /// All of it is written: puts it in its place. An existing file is not replaced.
    package func place() throws(VaultError) {
        // `link` does not replace what is there, as `rename` would.
        guard fsync(self.descriptor) == 0, link(self.draft, self.path) == 0 else {
            throw .unwritable(path: self.path, reason: VaultError.reason)
        }
        unlink(self.draft)
        self.isPlaced = true
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
