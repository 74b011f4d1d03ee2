import EarshotModel
import Noise

/// How a backup is written (docs/Backup.md): a head in the clear, then pieces of one sealed stream, and in it files,
/// each as the length of its name (2 bytes), its name, its length (8 bytes) and its bytes; a name of no length ends it.
enum BackupFormat {
    static let magic = Array("ESBK".utf8)
    static let version: UInt8 = 1
    /// Bytes of a piece before it is sealed.
    static let piece = 65_536
    static let saltLength = 16
    static let streamHeaderLength = 24
    static let headLength = 4 + 1 + 4 + 4 + saltLength + streamHeaderLength
    static let longestName = 256

    /// What is in the clear, and what each piece is bound to.
    struct Head {
        let cost: PassphraseCost
        let salt: [UInt8]
        let stream: [UInt8]

        var bytes: [UInt8] {
            BackupFormat.magic + [BackupFormat.version] + BackupFormat.bytes(self.cost.operations)
                + BackupFormat.bytes(self.cost.memory) + self.salt + self.stream
        }

        init(cost: PassphraseCost, salt: [UInt8], stream: [UInt8]) {
            (self.cost, self.salt, self.stream) = (cost, salt, stream)
        }

        /// - Throws: `notABackup`, `newer` or `damaged`.
        init(_ bytes: [UInt8], path: String) throws(BackupError) {
            guard bytes.starts(with: BackupFormat.magic) else { throw .notABackup(path: path) }
            var rest = bytes.dropFirst(BackupFormat.magic.count)
            guard let version = rest.popFirst() else { throw .notABackup(path: path) }
            guard version <= BackupFormat.version else { throw .newer(path: path) }
            guard bytes.count == BackupFormat.headLength else { throw .damaged(path: path) }
            func number() -> UInt32 {
                let four = rest.prefix(4)
                rest = rest.dropFirst(4)
                return four.reduce(0) { $0 << 8 | UInt32($1) }
            }
            guard let cost = PassphraseCost(operations: number(), memory: number()) else {
                throw .damaged(path: path)
            }
            self.cost = cost
            self.salt = Array(rest.prefix(BackupFormat.saltLength))
            self.stream = Array(rest.dropFirst(BackupFormat.saltLength))
        }
    }

    static func bytes(_ number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
