import EarshotModel
import Glibc
import Noise

/// Reads a backup from its beginning to its end. Nothing it says is believed before the piece it stands in was opened.
package final class BackupReader {
    private let path: String
    private let descriptor: Int32
    private let head: [UInt8]
    private var opener: StreamOpener
    private var piece: [UInt8] = []
    private var position = 0
    private var isFirst = true
    private var wasLast = false

    /// - Throws: `BackupError`.
    package init(path: String, passphrase: [UInt8]) throws {
        self.path = path
        self.descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw BackupError.unreadable(path: path, reason: VaultError.reason) }
        do {
            let bytes = try Self.read(self.descriptor, atMost: BackupFormat.headLength, path)
            let head = try BackupFormat.Head(bytes, path: path)
            guard let key = passphraseKey(passphrase, salt: head.salt, cost: head.cost) else {
                throw BackupError.noMemory(path: path, mebibytes: Int(head.cost.memory) >> 10)
            }
            self.head = bytes
            self.opener = try StreamOpener(key: key, header: head.stream)
        } catch {
            close(self.descriptor)
            throw error
        }
    }

    deinit { close(self.descriptor) }

    /// The next file's name and length; nothing at the end.
    package func next() throws -> (name: String, length: UInt64)? {
        let length = try self.take(2).reduce(0) { $0 << 8 | Int($1) }
        if length == 0 {
            // Nothing may follow, and nothing may be missing.
            guard self.position == self.piece.count, self.wasLast,
                try Self.read(self.descriptor, atMost: 1, self.path).isEmpty
            else { throw BackupError.damaged(path: self.path) }
            return nil
        }
        guard length <= BackupFormat.longestName,
            let name = String(validating: try self.take(length), as: UTF8.self)
        else { throw BackupError.damaged(path: self.path) }
        return (name, try self.take(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The bytes of the file that `next` told of, a piece at a time.
    package func read(_ length: UInt64, _ body: ([UInt8]) throws -> Void) throws {
        var left = length
        while left > 0 {
            let count = Int(clamping: min(left, UInt64(BackupFormat.piece)))
            try body(try self.take(count))
            left -= UInt64(count)
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < count {
            if self.position == self.piece.count { try self.open() }
            let part = self.piece[self.position...].prefix(count - taken.count)
            taken += part
            self.position += part.count
        }
        return taken
    }

    private func open() throws {
        guard !self.wasLast else { throw BackupError.damaged(path: self.path) }
        let sealed = try Self.read(self.descriptor, atMost: BackupFormat.piece + StreamSealer.overhead, self.path)
        guard let (piece, isLast) = self.opener.open(sealed, aad: self.head), isLast || !piece.isEmpty else {
            throw self.isFirst ? BackupError.wrongPassphrase(path: self.path) : .damaged(path: self.path)
        }
        (self.piece, self.position, self.wasLast, self.isFirst) = (piece, 0, isLast, false)
    }

    private static func read(_ descriptor: Int32, atMost count: Int, _ path: String) throws(BackupError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(path: path, reason: VaultError.reason) }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }
}
