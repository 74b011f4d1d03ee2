import EarshotModel
import Glibc
import Noise

/// Writes a backup: a new file, 0600, which is there only when all of it is.
package final class BackupWriter {
    private let draft: DraftFile
    private let head: [UInt8]
    private var sealer: StreamSealer
    private var waiting: [UInt8] = []
    /// Of what was written so far.
    package private(set) var bytes: UInt64

    /// - Parameter path: absolute; nothing may be there.
    package init(path: String, passphrase: [UInt8], cost: PassphraseCost, salt: [UInt8]) throws {
        // First, so that a place that cannot be written is known at once.
        self.draft = try DraftFile(for: path, ending: ".earshot-part")
        guard let key = passphraseKey(passphrase, salt: salt, cost: cost) else {
            throw BackupError.noMemory(path: path, mebibytes: Int(cost.memory) >> 10)
        }
        self.sealer = try StreamSealer(key: key)
        self.head = BackupFormat.Head(cost: cost, salt: salt, stream: self.sealer.header).bytes
        try self.draft.append(self.head)
        self.bytes = UInt64(self.head.count)
    }

    /// A small file out of memory.
    package func add(_ name: String, _ content: [UInt8]) throws {
        try self.begin(name, length: UInt64(content.count))
        try self.write(content)
    }

    /// A file from the disk, as long as it is now.
    /// - Parameter goesOn: asked for each MiB; `givenUp` is thrown when it says no.
    package func add(_ name: String, from path: String, goesOn: () -> Bool) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupError.unreadable(path: path, reason: VaultError.reason) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BackupError.unreadable(path: path, reason: "it is not a file")
        }
        var left = UInt64(clamping: status.st_size)
        try self.begin(name, length: left)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while left > 0 {
            guard goesOn() else { throw BackupError.givenUp }
            let count = read(descriptor, &chunk, Int(clamping: min(left, UInt64(chunk.count))))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw BackupError.unreadable(path: path, reason: VaultError.reason) }
            guard count > 0 else { throw BackupError.changed(path: path) }
            try self.write(chunk.prefix(count))
            left -= UInt64(count)
        }
    }

    /// All is in it: puts it in its place.
    package func end() throws {
        try self.write([0, 0])
        try self.seal(self.waiting, isLast: true)
        self.waiting = []
        try self.draft.place()
    }

    private func begin(_ name: String, length: UInt64) throws {
        let name = Array(name.utf8.prefix(BackupFormat.longestName))
        try self.write(BackupFormat.bytes(UInt16(name.count)) + name + BackupFormat.bytes(length))
    }

    private func write(_ bytes: some Sequence<UInt8>) throws {
        self.waiting += bytes
        // One piece stays: the last is sealed as such.
        var sealed = 0
        while self.waiting.count - sealed > BackupFormat.piece {
            try self.seal(Array(self.waiting[sealed..<sealed + BackupFormat.piece]), isLast: false)
            sealed += BackupFormat.piece
        }
        self.waiting.removeFirst(sealed)
    }

    private func seal(_ piece: [UInt8], isLast: Bool) throws {
        let sealed = self.sealer.seal(piece, aad: self.head, isLast: isLast)
        try self.draft.append(sealed)
        self.bytes += UInt64(sealed.count)
    }
}
