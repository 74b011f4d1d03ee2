import EarshotModel
import EarshotVault
import Foundation
import Glibc
import Testing

@Suite struct VaultTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    @Test func aCopyHasAnotherBirthMark() throws {
        let directory = try StateDirectory(opening: self.folder + "/births")
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        let (first, copy) = (directory.path + "/a", directory.path + "/b")
        #expect(FileManager.default.createFile(atPath: first, contents: Data([1])))
        guard let mark = BirthMark.of(first) else { return }  // A file system without birth times.
        try FileManager.default.copyItem(atPath: first, toPath: copy)
        #expect(BirthMark.of(copy) != mark && BirthMark.of(directory.path + "/none") == nil)
        rename(first, first + "2")
        #expect(BirthMark.of(first + "2") == mark)
    }

    @Test func aKeyIsWrittenOnceAndReadOnlyIfItIsOursAlone() throws {
        let directory = try StateDirectory(opening: self.folder + "/deep/state")
        let file = KeyFile(path: directory.identity)
        #expect(throws: VaultError.missing(path: directory.identity)) { try file.read() }
        try file.create([1, 2, 3])
        #expect(try file.read() == [1, 2, 3])
        #expect(throws: VaultError.self) { try file.create([4]) }
        #expect(try file.read() == [1, 2, 3], "what is there is not replaced")
        chmod(directory.identity, 0o644)
        #expect(throws: VaultError.exposed(path: directory.identity, reason: "can be read by others")) {
            try file.read()
        }
        unlink(directory.identity)
        symlink("/etc/passwd", directory.identity)
        #expect(throws: VaultError.self) { try file.read() }
        unlink(directory.identity)
        mkdir(directory.identity, 0o700)
        do {
            _ = try file.read()
            Issue.record("a folder was read")
        } catch {
            if case .missing = error { Issue.record("a failed read must not look like a missing file") }
        }
    }

    @Test func oneDaemonAFolderAndItMustBePrivate() throws {
        let directory = try StateDirectory(opening: self.folder)
        let lock = try directory.lock()
        #expect(throws: VaultError.taken(path: self.folder)) { _ = try directory.lock() }
        lock.release()
        try directory.lock().release()
        chmod(self.folder, 0o777)
        #expect(throws: VaultError.exposed(path: self.folder, reason: "can be written by others")) {
            try StateDirectory(opening: self.folder)
        }
        #expect(throws: VaultError.self) { try StateDirectory(opening: "/dev/null/state") }
    }
}
