import EarshotModel
import EarshotVault
import Foundation
import Noise
import Testing

/// The file of a backup, by itself.
@Suite struct BackupTests {
    let folder: String
    let passphrase = Array("correct horse".utf8)
    let cost = PassphraseCost.small

    init() throws {
        self.folder = NSTemporaryDirectory() + "eb-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    /// A backup with a file of each length.
    func written(_ lengths: [Int]) throws -> String {
        let path = self.folder + "/\(UUID().uuidString).backup"
        let writer = try BackupWriter(
            path: path, passphrase: self.passphrase, cost: self.cost, salt: [UInt8](repeating: 5, count: 16))
        for (index, length) in lengths.enumerated() {
            let source = self.folder + "/source"
            try Data(repeating: UInt8(truncatingIfNeeded: index), count: length).write(to: URL(filePath: source))
            try writer.add("file\(index)", from: source) { true }
        }
        try writer.end()
        return path
    }

    func read(_ path: String, _ passphrase: [UInt8]? = nil) throws -> [(String, [UInt8])] {
        let reader = try BackupReader(path: path, passphrase: passphrase ?? self.passphrase)
        var files: [(String, [UInt8])] = []
        while let (name, length) = try reader.next() {
            var bytes: [UInt8] = []
            try reader.read(length) { bytes += $0 }
            files.append((name, bytes))
        }
        return files
    }

    func failure(_ path: String, _ passphrase: [UInt8]? = nil) -> BackupError? {
        do {
            _ = try self.read(path, passphrase)
            return nil
        } catch { return error as? BackupError }
    }

    @Test func whatGoesInComesOut() throws {
        // Around the ends of pieces, with the 14 bytes before each file.
        let lengths = [0, 1, 65_536 - 15 - 14, 65_535, 65_536, 65_537, 300_000]
        let path = try self.written(lengths)
        let files = try self.read(path)
        #expect(files.map(\.0) == lengths.indices.map { "file\($0)" })
        for (index, length) in lengths.enumerated() {
            #expect(files[index].1 == [UInt8](repeating: UInt8(index), count: length))
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(!FileManager.default.fileExists(atPath: path + ".earshot-part"))
    }

    @Test func whatWasChangedIsTold() throws {
        let path = try self.written([100_000])
        let whole = try Data(contentsOf: URL(filePath: path))
        let other = self.folder + "/other"
        func changed(_ body: (inout Data) -> Void) throws -> BackupError? {
            var data = whole
            body(&data)
            try data.write(to: URL(filePath: other))
            return self.failure(other)
        }
        #expect(self.failure(path, Array("incorrect horse".utf8)) == .wrongPassphrase(path: path))
        #expect(try changed { $0 = Data("PK".utf8) } == .notABackup(path: other))
        #expect(try changed { $0 = Data() } == .notABackup(path: other))
        #expect(try changed { $0[4] = 2 } == .newer(path: other))
        #expect(try changed { $0 = $0.prefix(20) } == .damaged(path: other))
        // A cost that would take all of the machine's memory is not tried.
        #expect(try changed { $0[9] = 0xFF } == .damaged(path: other))
        #expect(try changed { $0[20] ^= 1 } == .wrongPassphrase(path: other))
        #expect(try changed { $0[60] ^= 1 } == .wrongPassphrase(path: other))
        #expect(try changed { $0[70_000] ^= 1 } == .damaged(path: other))
        // The first piece is whole, and the rest is missing or is more than there was.
        #expect(try changed { $0 = $0.prefix(53 + 65_536 + 17) } == .damaged(path: other))
        #expect(try changed { $0 = $0.dropLast(1) } == .damaged(path: other))
        #expect(try changed { $0.append(0) } == .damaged(path: other))
        #expect(self.failure(self.folder + "/nowhere") != nil)
    }

    /// Each file that a node and its programs put there; what somebody else put there stays.
    @Test func aFolderIsClearedOfAllThatIsOurs() throws {
        let state = try StateDirectory(opening: self.folder + "/state")
        let ours = [
            "identity.key", "earshot.db", "earshot.db-wal", "earshotd.log", "lock", "web.key", "web.browsers",
            "announced", "drafts/a", "spool/upload/x", "shares/b", "proofs/c",
        ]
        for name in ours + ["notes.txt"] {
            let place = URL(filePath: "\(state.path)/\(name)")
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: place)
        }
        state.clear()
        #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == ["notes.txt"])
    }

    @Test func whatIsGivenUpLeavesNothing() throws {
        let path = self.folder + "/given-up"
        try Data(count: 5_000_000).write(to: URL(filePath: self.folder + "/large"))
        #expect(throws: BackupError.givenUp) {
            let writer = try BackupWriter(
                path: path, passphrase: self.passphrase, cost: self.cost, salt: [UInt8](repeating: 5, count: 16))
            try writer.add("large", from: self.folder + "/large") { false }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder) == ["large"])
        // Nor is anything replaced.
        try Data("mine".utf8).write(to: URL(filePath: path))
        let writer = try BackupWriter(
            path: path, passphrase: self.passphrase, cost: self.cost, salt: [UInt8](repeating: 5, count: 16))
        #expect(throws: VaultError.self) { try writer.end() }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
    }
}
