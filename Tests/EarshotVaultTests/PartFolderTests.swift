import EarshotModel
import EarshotVault
import Foundation
import Testing

/// Receiving is a hostile act (Protocol.md 13, cases 36, 37 and 39).
@Suite final class PartFolderTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-\(UUID().uuidString)").path
    var downloads: String { self.root + "/downloads" }
    let outside: String

    init() throws {
        self.outside = self.root + "/outside"
        try FileManager.default.createDirectory(atPath: self.outside, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.root) }

    func names(_ parts: String...) -> [SafeName] { parts.map { SafeName($0) } }
    func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    func put(_ text: String, _ file: PartFile) throws {
        var bytes = Array(text.utf8)
        try bytes.withUnsafeMutableBytes { try file.write(UnsafeRawBufferPointer($0)) }
    }

    @Test func aFolderIsPutTogetherAndTaken() throws {
        let folder = try DownloadFolder(opening: self.downloads)
        let part = try folder.part("abc")
        try part.makeFolder(self.names("trip", "empty"))
        let file = try part.file(self.names("trip", "deep", "a.txt"), size: 5)
        try self.put("hello", file)
        file.finish(modified: FileTime(milliseconds: 1_600_000_000_123), origin: "earshot:test")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: self.downloads) == [".earshot"],
            "nothing under its name before it is whole")
        #expect(try folder.place(part, self.names("trip")).map(\.text) == ["trip"])
        folder.discard("abc")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: self.downloads) == ["trip"], "and nothing left over")
        let path = self.downloads + "/trip/deep/a.txt"
        #expect(try self.text(path) == "hello")
        var status = stat()
        #expect(
            stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_mtim.tv_sec == 1_600_000_000
                && status.st_mtim.tv_nsec == 123_000_000)
    }

    /// Where the kernel has Landlock: a thread that has confined itself reaches what it receives into, and nothing
    /// else; whether or not the place where most is made has a rule of its own.
    @Test(arguments: [false, true]) func aConfinedThreadReachesNothingElse(isForPart: Bool) throws {
        try "secret".write(toFile: self.outside + "/secret", atomically: true, encoding: .utf8)
        nonisolated(unsafe) let folder = try DownloadFolder(opening: self.downloads)
        nonisolated(unsafe) var seen: (isConfined: Bool, outside: Int32, made: Int32, names: [String])?
        nonisolated(unsafe) let tests = self
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let part = try? folder.part("id")
            let isConfined = folder.confineThread(for: isForPart ? part : nil)
            let outside = open(tests.outside + "/secret", O_RDONLY)
            let made = open(tests.outside + "/made", O_WRONLY | O_CREAT, 0o600)
            var names: [String] = []
            if let part, let file = try? part.file(tests.names("deep", "a.txt"), size: 1),
                (try? tests.put("x", file)) != nil
            {
                names = ((try? folder.place(part, tests.names("deep"))) ?? []).map(\.text)
            }
            seen = (isConfined, outside, made, names)
            done.signal()
        }
        thread.start()
        done.wait()
        let found = try #require(seen)
        #expect(found.names == ["deep"])
        guard found.isConfined else { return print("LANDLOCK TEST SKIPPED: this kernel has none") }
        #expect(found.outside < 0 && found.made < 0)
        // The others are as free as before.
        #expect(try self.text(self.outside + "/secret") == "secret")
    }

    @Test func nothingIsReplaced() throws {
        let folder = try DownloadFolder(opening: self.downloads)
        for round in 1...3 {
            let part = try folder.part("id\(round)")
            try self.put("\(round)", part.file(self.names("a.txt"), size: 1))
            _ = try folder.place(part, self.names("a.txt"))
        }
        #expect(try self.text(self.downloads + "/a.txt") == "1")
        #expect(try self.text(self.downloads + "/a (3).txt") == "3")
        // Not even what is only a link to nowhere.
        symlink("/nowhere", self.downloads + "/b")
        let part = try folder.part("b")
        try self.put("x", part.file(self.names("b"), size: 1))
        #expect(try folder.place(part, self.names("b")).map(\.text) == ["b (2)"])
    }

    @Test func whatWasBegunGoesOnWhereItStopped() throws {
        let folder = try DownloadFolder(opening: self.downloads)
        do {
            let part = try folder.part("r")
            let file = try part.file(self.names("big"), size: 100)
            try self.put("0123456789rubbish", file)
            try file.sync()
            #expect(throws: DownloadError.self) { try part.file(self.names("big"), size: 100) }
        }
        let part = try folder.part("r")
        let file = try part.file(self.names("big"), size: 100, at: 10, mayBeThere: true)
        try self.put("abc", file)
        _ = try folder.place(part, self.names("big"))
        #expect(try self.text(self.downloads + "/big") == "0123456789abc")
    }

    @Test func noLinkIsFollowed() throws {
        // In place of the hidden folder.
        try FileManager.default.createDirectory(atPath: self.downloads, withIntermediateDirectories: true)
        symlink(self.outside, self.downloads + "/.earshot")
        let folder = try DownloadFolder(opening: self.downloads)
        #expect(throws: DownloadError.obstructed(path: self.downloads + "/.earshot")) { try folder.part("x") }
        unlink(self.downloads + "/.earshot")
        // In place of the transfer\'s own.
        _ = try folder.part("other")
        symlink(self.outside, self.downloads + "/.earshot/x.part")
        #expect(throws: DownloadError.self) { try folder.part("x") }
        // As a folder in it, as a file in it, as a file that is gone on with.
        let part = try folder.part("y")
        let inside = self.downloads + "/.earshot/y.part"
        symlink(self.outside, inside + "/dir")
        #expect(throws: DownloadError.obstructed(path: inside + "/dir")) {
            try part.file(self.names("dir", "f"), size: 1)
        }
        #expect(throws: DownloadError.self) { try part.makeFolder(self.names("dir", "g")) }
        symlink(self.outside + "/planted", inside + "/file")
        #expect(throws: DownloadError.self) { try part.file(self.names("file"), size: 1) }
        _ = FileManager.default.createFile(atPath: self.outside + "/planted", contents: Data("secret".utf8))
        #expect(throws: DownloadError.self) { try part.file(self.names("file"), size: 1, at: 0, mayBeThere: true) }
        // A second name of somebody else\'s file, and a pipe.
        link(self.outside + "/planted", inside + "/hard")
        #expect(throws: DownloadError.self) { try part.file(self.names("hard"), size: 1, at: 0, mayBeThere: true) }
        mkfifo(inside + "/pipe", 0o600)
        #expect(throws: DownloadError.self) { try part.file(self.names("pipe"), size: 1, at: 0, mayBeThere: true) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.outside) == ["planted"])
        #expect(try self.text(self.outside + "/planted") == "secret")
    }

    @Test func aFolderExchangedMeanwhileLeadsNowhere() throws {
        let folder = try DownloadFolder(opening: self.downloads)
        let part = try folder.part("z")
        _ = try part.file(self.names("d", "one"), size: 1)
        let inside = self.downloads + "/.earshot/z.part"
        rename(inside + "/d", inside + "/moved")
        symlink(self.outside, inside + "/d")
        // Still in the folder we have hold of.
        _ = try part.file(self.names("d", "two"), size: 1)
        _ = try part.file(self.names("e", "three"), size: 1)
        #expect(throws: DownloadError.self) { try part.file(self.names("d", "four"), size: 1) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.outside).isEmpty)
    }

    @Test func whatIsDiscardedIsGoneAndNothingElse() throws {
        let folder = try DownloadFolder(opening: self.downloads)
        let part = try folder.part("gone")
        _ = try part.file(self.names("a", "b", "c"), size: 1)
        _ = FileManager.default.createFile(atPath: self.outside + "/kept", contents: nil)
        symlink(self.outside, self.downloads + "/.earshot/gone.part/link")
        part.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.downloads + "/.earshot/gone.part").isEmpty)
        #expect(FileManager.default.fileExists(atPath: self.outside + "/kept"))
    }
}
