import EarshotModel
import EarshotVault
import Foundation
import Testing

/// Where received files may go, decided before anything is agreed to.
@Suite final class DestinationTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-to-\(UUID().uuidString)").path
    var state: String { self.root + "/state" }

    init() throws {
        for folder in ["state/spool", "inbox", "locked"] {
            try FileManager.default.createDirectory(atPath: self.root + "/" + folder, withIntermediateDirectories: true)
        }
        try Data("x".utf8).write(to: URL(fileURLWithPath: self.root + "/file"))
        symlink(self.root + "/inbox", self.root + "/link")
        symlink(self.state, self.root + "/sneaky")
        symlink("/nowhere/at/all", self.root + "/dangling")
        chmod(self.root + "/locked", 0o500)
    }

    deinit {
        chmod(self.root + "/locked", 0o700)
        try? FileManager.default.removeItem(atPath: self.root)
    }

    @Test func aFolderThatTakesFilesIsFine() throws {
        for path in ["inbox", "link", "inbox/new", "inbox/../inbox", "state/spool/out.77", "state/downloads"] {
            try Destination.check(self.root + "/" + path, state: self.state)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: self.root + "/inbox").isEmpty,
            "looking leaves nothing behind")
    }

    @Test func whatCannotWorkIsRefusedWithItsReason() {
        let root = self.root
        let bad: [(String, FolderProblem)] = [
            ("", .notAbsolute("")), ("~", .notAbsolute("~")), ("~/inbox", .notAbsolute("~/inbox")),
            ("inbox", .notAbsolute("inbox")),
            (root + "/file", .notAFolder(root + "/file")), (root + "/file/in", .notAFolder(root + "/file/in")),
            (root + "/no/such", .missing(root + "/no")), (root + "/state", .ours(root + "/state")),
            (root + "/state/new", .ours(root + "/state/new")),
            (root + "/state/shares", .ours(root + "/state/shares")), (root + "/sneaky", .ours(root + "/sneaky")),
            (root + "/inbox/.earshot", .ours(root + "/inbox/.earshot")),
            (root + "/inbox/.earshot/abc.part", .ours(root + "/inbox/.earshot/abc.part")),
            (root + "/" + String(repeating: "n", count: 300), .tooLong),
            ("/" + String(repeating: "n/", count: 3_000), .tooLong),
        ]
        for (path, problem) in bad {
            #expect(throws: problem, "\(path)") { try Destination.check(path, state: self.state) }
        }
        for path in ["/proc", "/sys", root + "/dangling", "/dev/null"] {
            #expect(throws: FolderProblem.self, "\(path)") { try Destination.check(path, state: self.state) }
        }
        // Root may write anywhere.
        guard geteuid() != 0 else { return }
        #expect(throws: FolderProblem.self) { try Destination.check(root + "/locked", state: self.state) }
    }
}
