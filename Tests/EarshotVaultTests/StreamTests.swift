import EarshotModel
import Foundation
import Testing

@testable import EarshotVault

/// Files as one run of bytes, read here and written there (Protocol.md 13).
@Suite final class StreamTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: self.root, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: self.root) }

    private func put(_ name: String, _ bytes: [UInt8]) throws {
        let path = "\(self.root)/\(name)"
        try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func survey(_ names: String..., as name: String? = nil) throws -> (survey: Survey, entries: [Survey.Entry]) {
        var entries: [Survey.Entry] = []
        let survey = try Survey(of: names.map { "\(self.root)/\($0)" }, as: name) { entries.append($0) }
        return (survey, entries)
    }

    private func read(_ source: StreamSource, _ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = try bytes.withUnsafeMutableBytes { try source.read(at: UInt64(range.lowerBound), into: $0) }
        return Array(bytes.prefix(count))
    }

    @Test func aSurveyTellsEverythingInOrder() throws {
        for name in ["t/b", "t/a b", "t/ü", "t/Z", "t/a/2", "t/a/10", "t/é", "t/e"] { try self.put(name, [1, 2]) }
        symlink("/etc/passwd", self.root + "/t/link")
        let (survey, entries) = try self.survey("t", "t/b")
        #expect(entries.map { $0.path.joined(separator: "/") } == ["t", "t/Z", "t/a", "t/a/10", "t/a/2", "t/a b", "t/b", "t/e", "t/é", "t/ü", "b"])
        #expect(entries.filter(\.isFolder).map(\.path) == [["t"], ["t", "a"]] && survey.isFolder && survey.skipped == [self.root + "/t/link"])
        #expect(try self.survey("t/b", as: "c").entries.map(\.path) == [["c"]])
        #expect(throws: CancellationError.self) { try Survey(of: [self.root + "/t"]) { _ in throw CancellationError() } }
        let bad: [CChar] = Array((self.root + "/t/").utf8CString.dropLast()) + [-1, 0]
        close(open(bad, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: Survey.Failure.self) { try self.survey("t") }
        unlink(bad)
    }

    @Test func everyByteIsFoundFromEverywhere() throws {
        var entries: [StreamSource.Entry] = []
        var bytes: [UInt8] = []
        // More than are between two marks, and some of them empty.
        for index in 0..<700 {
            let content = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 4)
            try self.put("f/\(index)", content)
            bytes += content
        }
        _ = try Survey(of: [self.root + "/f"]) { entry in
            guard !entry.isFolder else { return }
            entries.append(.init(path: self.root + "/" + entry.path.joined(separator: "/"), size: entry.size, modified: entry.modified))
        }
        entries.sort { Int($0.path.split(separator: "/").last ?? "") ?? 0 < Int($1.path.split(separator: "/").last ?? "") ?? 0 }
        let source = StreamSource(.init(entries, size: UInt64(bytes.count)))
        #expect(try self.read(source, 0..<bytes.count + 10) == bytes)
        var generator = SystemRandomNumberGenerator()
        let fresh = StreamSource(.init(entries, size: UInt64(bytes.count)))
        for turn in 0..<600 {
            let from = Int.random(in: 0..<bytes.count, using: &generator)
            let range = from..<min(bytes.count, from + Int.random(in: 1...40, using: &generator))
            #expect(try self.read(turn % 2 == 0 ? source : fresh, range) == Array(bytes[range]))
        }
        #expect(try self.read(fresh, bytes.count..<bytes.count + 1).isEmpty)
    }

    @Test func whatIsNotAsListedIsNoticed() throws {
        try self.put("a", [1, 2, 3])
        let (_, entries) = try self.survey("a")
        let listed = entries.map { StreamSource.Entry(path: self.root + "/a", size: $0.size, modified: $0.modified) }
        #expect(try self.read(StreamSource(.init(listed, size: 3)), 0..<3) == [1, 2, 3])
        // Less is listed than was promised.
        #expect(throws: StreamSource.Failure.changed("")) { try self.read(StreamSource(.init(listed, size: 4)), 0..<4) }
        try self.put("a", [1, 2, 3, 4])
        #expect(throws: StreamSource.Failure.changed(self.root + "/a")) { try self.read(StreamSource(.init(listed, size: 3)), 0..<3) }
        unlink(self.root + "/a")
        #expect(throws: StreamSource.Failure.changed(self.root + "/a")) { try self.read(StreamSource(.init(listed, size: 3)), 0..<3) }
    }

    @Test func aDraftIsPlacedOrLeavesNothing() throws {
        try FileManager.default.createDirectory(atPath: self.root, withIntermediateDirectories: true)
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: self.root) }
        do { try DraftFile(for: self.root + "/x").append([1]) }
        #expect(try names().isEmpty)
        for _ in 0..<2 {
            let draft = try DraftFile(for: self.root + "/x")
            try draft.append([1])
            try draft.append([2, 3])
            if try names() == ["x.new"] { try draft.place() } else { #expect(throws: VaultError.self) { try draft.place() } }
        }
        #expect(try names() == ["x"] && ListingFile.read(self.root + "/x", atMost: 3) == [1, 2, 3])
    }

    /// Folders, empty files at the beginning, in between and at the end, and others.
    private static let tree: [StreamSink.Entry] = [
        ("d", true, 0), ("d/none", false, 0), ("d/one", false, 1), ("d/e", true, 0), ("d/e/none", false, 0), ("d/e/five", false, 5), ("d/e/more", false, 3), ("d/last", false, 0), ("d/z", true, 0),
    ].map { path, isFolder, size in
        StreamSink.Entry(path: path.split(separator: "/").map { SafeName($0) }, isFolder: isFolder, size: size, modified: Timestamp(milliseconds: 1_600_000_000_000))
    }

    @Test(arguments: 0...9) func whatWasInterruptedGoesOn(at offset: Int) throws {
        let bytes = [UInt8](1...9)
        let folder = try DownloadFolder(opening: self.root + "/in")
        do {
            let sink = try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 0)
            try bytes[..<offset].withUnsafeBytes { try sink.write($0) }
            try sink.checkpoint().sync()
            #expect(sink.offset == UInt64(offset))
        }
        let part = try folder.part("x")
        let sink = try StreamSink(part, Self.tree, origin: "test", isOpen: false, at: UInt64(offset))
        for byte in bytes[offset...] { try [byte].withUnsafeBytes { try sink.write($0) } }
        #expect(throws: DownloadError.overflowing) { try [UInt8(1)].withUnsafeBytes { try sink.write($0) } }
        try sink.finish()
        #expect(try folder.place(part, [SafeName("d")]).map(\.text) == ["d"])
        for (name, content) in [("none", []), ("one", [1]), ("e/none", []), ("e/five", [2, 3, 4, 5, 6]), ("e/more", [7, 8, 9]), ("last", [])] as [(String, [UInt8])] {
            #expect(FileManager.default.contents(atPath: "\(self.root)/in/d/\(name)").map(Array.init) == content, "\(name)")
        }
        for name in ["d", "d/e", "d/z", "d/e/five", "d/last"] {
            var status = stat()
            #expect(stat("\(self.root)/in/\(name)", &status) == 0 && status.st_mtim.tv_sec == 1_600_000_000, "\(name)")
        }
    }

    /// Somebody tidied up among unfinished things: it is begun anew rather than kept with a hole.
    @Test(arguments: ["d/one", "d/e/none", "d/e/five"]) func whatIsNotAsItWasLeftIsNoticed(name: String) throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let part = try folder.part("x")
        let sink = try StreamSink(part, Self.tree, origin: "test", isOpen: false, at: 0)
        try [UInt8](1...7).withUnsafeBytes { try sink.write($0) }
        _ = try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 7)
        #expect(unlink("\(part.path)/\(name)") == 0)
        #expect(throws: DownloadError.self) { try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 7) }
        try self.put("in/.earshot/x.part/\(name)", [9, 9])
        #expect(throws: DownloadError.self) { try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 7) }
    }

    @Test func itIsNotWholeBeforeItIs() throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let sink = try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 0)
        try [UInt8]([1, 2]).withUnsafeBytes { try sink.write($0) }
        #expect(throws: DownloadError.overflowing) { try sink.finish() }
    }
}
