import EarshotModel
import Glibc

/// What a share consists of, kept as it is told to others.
package enum ListingFile {
    /// Whole and synced, or not at all.
    package static func write(_ bytes: [UInt8], _ path: String) throws(VaultError) {
        try KeyFile(path: path).create(bytes)
    }

    package static func read(_ path: String, atMost limit: Int) throws(VaultError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw .unreadable(path: path, reason: VaultError.reason) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size <= limit,
            let bytes = self.read(file, count: Int(status.st_size))
        else {
            throw .unreadable(path: path, reason: VaultError.reason)
        }
        return bytes
    }

    /// So many bytes, neither more nor fewer.
    static func read(_ file: Int32, count: Int) -> [UInt8]? {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == count else {
            return nil
        }
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Glibc.read(file, buffer.baseAddress?.advanced(by: filled), count - filled)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    isWhole = false
                    return
                }
                filled += got
            }
        }
        return isWhole ? bytes : nil
    }
}
