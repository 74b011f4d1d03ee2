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
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func survey(
        _ names: String..., as name: String? = nil, beside: (any Behind)? = nil
    ) throws -> (survey: Survey, entries: [Survey.Entry]) {
        var entries: [Survey.Entry] = []
        let survey = try Survey(
            of: names.map { "\(self.root)/\($0)" }, as: name, copies: CopyFolder(path: self.root + "/copies"),
            beside: beside
        ) { entries.append($0) }
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
        let paths = entries.map { $0.path.joined(separator: "/") }
        #expect(paths == ["t", "t/Z", "t/a", "t/a/10", "t/a/2", "t/a b", "t/b", "t/e", "t/link", "t/é", "t/ü", "b"])
        #expect(entries.filter { $0.kind == .folder }.map(\.path) == [["t"], ["t", "a"]] && survey.isFolder)
        #expect(survey.notes.omitted == [.init(path: "t/link", reason: .special)] && survey.notes.omittedCount == 1)
        #expect(try self.survey("t/b", as: "c").entries.map(\.path) == [["c"]])
        let copies = CopyFolder(path: self.root + "/copies")
        #expect(throws: CancellationError.self) {
            try Survey(of: [self.root + "/t"], copies: copies) { _ in throw CancellationError() }
        }
    }

    /// Who is asked beside changes nothing of what is told, and leaves nothing open.
    @Test func aSurveyWithSomebodyBesideTellsTheSame() throws {
        for number in 0..<12 {
            for name in ["a", "b/c", "b/d/e", "z"] { try self.put("t/\(number)/\(name)", [1, 2]) }
            symlink("/etc", self.root + "/t/\(number)/b/link")
        }
        mkfifo(self.root + "/t/9/fifo", 0o600)
        let alone = try self.survey("t")
        let beside = try self.survey("t", beside: Late())
        #expect(alone.entries.count == 1 + 12 * 8 + 1)
        #expect(beside.entries == alone.entries && beside.survey.notes == alone.survey.notes)
        #expect(throws: CancellationError.self) {
            try Survey(of: [self.root + "/t"], copies: CopyFolder(path: self.root + "/copies"), beside: Late()) {
                if $0.path.count == 4 { throw CancellationError() }
            }
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(!open.contains { $0.hasPrefix(self.root) })
    }

    /// The rest goes, and what does not is named.
    @Test func whatCannotBeSentDoesNotKeepTheRest() throws {
        for name in ["t/a", "t/z", "u"] { try self.put(name, [1]) }
        let long = self.root + "/t/" + Array(repeating: "d", count: 70).joined(separator: "/")
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: true)
        mkfifo(self.root + "/t/fifo", 0o600)
        let (survey, entries) = try self.survey("t", "u", "nowhere")
        #expect(entries.filter { $0.kind == .file }.map(\.path) == [["t", "a"], ["t", "z"], ["u"]])
        #expect(
            Set(survey.notes.omitted.map(\.reason)) == [.special, .tooDeep, .gone]
                && survey.roots.map(\.name) == ["t", "u"])
        #expect(entries.last?.path == ["nowhere"] && entries.last?.kind == .omitted(.gone))
        #expect(throws: SurveyError.unreadable(self.root + "/nowhere", reason: "No such file or directory")) {
            try self.survey("nowhere")
        }
    }

    /// A name that is not UTF-8 goes as what stands for it, and leads back to the file.
    @Test func namesThatAreNoTextAreSentAll() throws {
        try self.put("t/a", [1])
        let bad: [CChar] = Array((self.root + "/t/caf").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0]
        let file = open(bad, O_CREAT | O_WRONLY, 0o600)
        #expect(write(file, [7, 8] as [UInt8], 2) == 2)
        close(file)
        let (survey, entries) = try self.survey("t")
        #expect(
            entries.map { $0.path.joined(separator: "/") } == ["t", "t/a", "t/caf%E9"]
                && survey.notes.renamed.map(\.to) == ["t/caf%E9"])
        let entry = try #require(entries.last)
        let source = StreamSource(
            .init([.init(path: self.root + "/t/caf%E9", size: entry.size, modified: entry.modified)], size: 2))
        #expect(try self.read(source, 0..<2) == [7, 8])
        #expect(try self.survey("t/caf%E9").entries.map(\.path) == [["caf%E9"]], "also by itself")
        // Where another file has that very name, nothing can stand for it.
        try self.put("t/caf%E9", [9])
        #expect(try self.survey("t").survey.notes.omitted.map(\.reason) == [.name])
        unlink(bad)
    }

    /// What the kernel makes up as it is read says that it is empty, or a page long.
    @Test(arguments: [
        "/proc/cpuinfo", "/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/sys/kernel",
    ]) func whatHasNoLengthIsReadToItsEnd(path: String) throws {
        guard access(path, R_OK) == 0 else { return }
        let copies = self.root + "/copies"
        try FileManager.default.createDirectory(atPath: self.root, withIntermediateDirectories: true)
        var entries: [Survey.Entry] = []
        _ = try Survey(of: [path], copies: CopyFolder(path: copies)) { entries.append($0) }
        let files = entries.filter { $0.kind == .file }
        #expect(
            !files.isEmpty && CopyFolder.indices(at: copies).isSubset(of: Set(files.indices))
                && !CopyFolder.indices(at: copies).isEmpty)
        for index in CopyFolder.indices(at: copies) {
            let bytes = FileManager.default.contents(atPath: "\(copies)/\(index)") ?? Data()
            #expect(bytes.count == Int(files[index].size) && !bytes.isEmpty)
        }
        if path == "/proc/self/status" {
            #expect(FileManager.default.contents(atPath: copies + "/0")?.starts(with: Data("Name:".utf8)) == true)
        }
        CopyFolder.remove(copies)
        #expect(access(copies, F_OK) != 0)
    }

    /// One that is not what it was is passed by, before a byte of it is given if that can be helped.
    @Test func theRestIsGivenWithoutWhatHasChanged() throws {
        for (name, bytes) in [("a", [1, 2]), ("b", [3, 4]), ("c", [5, 6]), ("d", [7]), ("e", [])] as [(String, [UInt8])]
        { try self.put("t/" + name, bytes) }
        let files = try self.survey("t").entries.filter { $0.kind == .file }
        let listed = files.map {
            StreamSource.Entry(
                path: self.root + "/" + $0.path.joined(separator: "/"), size: $0.size, modified: $0.modified)
        }
        unlink(self.root + "/t/b")
        try self.put("t/c", [5, 6, 7])
        try self.put("t/e", [1])
        let source = StreamSource(.init(listed, size: 7))
        #expect(source.staleEmpties().map(\.index) == [4])
        #expect(try self.read(source, 0..<7) == [1, 2])
        #expect(throws: StreamSource.Failure.self) { try self.read(source, 2..<7) }
        #expect(source.fault?.index == 1 && source.fault?.end == 4 && source.fault?.reason == .gone)
        #expect(throws: StreamSource.Failure.self) { try self.read(source, 4..<7) }
        #expect(source.fault?.index == 2 && source.fault?.end == 6 && source.fault?.reason == .changed)
        #expect(try self.read(source, 6..<7) == [7])
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
        _ = try Survey(of: [self.root + "/f"], copies: CopyFolder(path: self.root + "/copies")) { entry in
            guard entry.kind == .file else { return }
            entries.append(
                .init(
                    path: self.root + "/" + entry.path.joined(separator: "/"), size: entry.size,
                    modified: entry.modified))
        }
        entries.sort {
            Int($0.path.split(separator: "/").last ?? "") ?? 0 < Int($1.path.split(separator: "/").last ?? "") ?? 0
        }
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
        let short = StreamSource(.init(listed, size: 4))
        #expect(try self.read(short, 0..<4) == [1, 2, 3])
        #expect(throws: StreamSource.Failure.changed("")) { try self.read(short, 3..<4) }
        try self.put("a", [1, 2, 3, 4])
        #expect(throws: StreamSource.Failure.changed(self.root + "/a")) {
            try self.read(StreamSource(.init(listed, size: 3)), 0..<3)
        }
        unlink(self.root + "/a")
        #expect(throws: StreamSource.Failure.changed(self.root + "/a")) {
            try self.read(StreamSource(.init(listed, size: 3)), 0..<3)
        }
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
            if try names() == ["x.new"] {
                try draft.place()
            } else {
                #expect(throws: VaultError.self) { try draft.place() }
            }
        }
        #expect(try names() == ["x"] && ListingFile.read(self.root + "/x", atMost: 3) == [1, 2, 3])
    }

    /// Folders, empty files at the beginning, in between and at the end, and others.
    private static let tree: [StreamSink.Entry] = [
        ("d", true, 0), ("d/none", false, 0), ("d/one", false, 1), ("d/e", true, 0), ("d/e/none", false, 0),
        ("d/e/five", false, 5), ("d/e/more", false, 3), ("d/last", false, 0), ("d/z", true, 0),
    ].map { path, isFolder, size in
        StreamSink.Entry(
            path: path.split(separator: "/").map { SafeName($0) }, isFolder: isFolder, size: size,
            modified: FileTime(milliseconds: 1_600_000_000_000))
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
        for (name, content) in [
            ("none", []), ("one", [1]), ("e/none", []), ("e/five", [2, 3, 4, 5, 6]), ("e/more", [7, 8, 9]),
            ("last", []),
        ] as [(String, [UInt8])] {
            #expect(
                FileManager.default.contents(atPath: "\(self.root)/in/d/\(name)").map(Array.init) == content, "\(name)")
        }
        for name in ["d", "d/e", "d/z", "d/e/five", "d/last"] {
            var status = stat()
            #expect(stat("\(self.root)/in/\(name)", &status) == 0 && status.st_mtim.tv_sec == 1_600_000_000, "\(name)")
        }
    }

    /// What was promised to be on disk is not written again after a crash, and so has its time by then.
    @Test(arguments: 0...9) func whatIsDoneBehindIsDoneBeforeAnythingIsPromised(at offset: Int) throws {
        let bytes = [UInt8](1...9)
        let part = try DownloadFolder(opening: self.root + "/in").part("x")
        let sink = try StreamSink(part, Self.tree, origin: "test", isOpen: false, at: 0, behind: Late())
        func isDated(_ name: String) -> Bool {
            var status = stat()
            return stat("\(part.path)/\(name)", &status) == 0 && status.st_mtim.tv_sec == 1_600_000_000
        }
        try bytes[..<offset].withUnsafeBytes { try sink.write($0) }
        _ = try sink.checkpoint()
        #expect(
            isDated("d/one") == (offset >= 1) && isDated("d/e/five") == (offset >= 6)
                && isDated("d/e/more") == (offset >= 9))
        try bytes[offset...].withUnsafeBytes { try sink.write($0) }
        try sink.finish()
        for name in ["d/none", "d/one", "d/e/none", "d/e/five", "d/e/more", "d/last", "d"] {
            #expect(isDated(name), "\(name)")
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
        #expect(throws: DownloadError.self) {
            try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 7)
        }
        try self.put("in/.earshot/x.part/\(name)", [9, 9])
        #expect(throws: DownloadError.self) {
            try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 7)
        }
    }

    /// Files that do not come after all: in the middle of one, before one, without bytes; with an interruption at each
    /// place.
    @Test(arguments: 0...9) func whatIsLeftOutIsNotMissed(at offset: Int) throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        // d/one (file 1) is not given, d/e/five (3) breaks off after two bytes, d/e/none (2) and d/last (5) have no
        // bytes and are gone.
        func go(_ sink: StreamSink, to end: Int) throws {
            let bytes = [UInt8](1...9)
            #expect(
                try sink.omit(7, .gone) != nil && sink.omit(2, .gone) != nil && sink.omit(-1, .gone) == nil,
                "no bytes, or none there")
            while Int(sink.offset) < end {
                switch sink.offset {
                case 0: #expect(try sink.omit(1, .gone) == 1)
                case 3: #expect(try sink.omit(3, .changed) == 6)
                default: try bytes[Int(sink.offset)..<Int(sink.offset) + 1].withUnsafeBytes { try sink.write($0) }
                }
            }
        }
        do {
            let sink = try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 0)
            try go(sink, to: offset)
            try sink.checkpoint().sync()
        }
        let part = try folder.part("x")
        let sink = try StreamSink(part, Self.tree, origin: "test", isOpen: false, at: UInt64(offset))
        try go(sink, to: 9)
        #expect(try sink.omit(5, .gone) == 9)
        try sink.finish()
        #expect(try folder.place(part, [SafeName("d")]).map(\.text) == ["d"])
        folder.discard("x")
        let names = try FileManager.default.subpathsOfDirectory(atPath: self.root + "/in").sorted()
        #expect(names == ["d", "d/e", "d/e/more", "d/none", "d/z"], "\(names)")
        #expect(FileManager.default.contents(atPath: self.root + "/in/d/e/more") == Data([7, 8, 9]))
    }

    /// A run of zeros becomes a hole, also where room was kept, at the end and across a checkpoint.
    @Test func zerosTakeNoRoom() throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let part = try folder.part("x")
        let size = 8 << 20
        let sink = try StreamSink(
            part,
            [
                .init(
                    path: [SafeName("f")], isFolder: false, size: UInt64(size),
                    modified: FileTime(milliseconds: -86_400_001))
            ], origin: "test", isOpen: false, at: 0)
        var bytes = [UInt8](repeating: 0, count: size)
        bytes[100] = 1
        bytes[5 << 20] = 2
        for start in stride(from: 0, to: size, by: 200_000) {
            try bytes[start..<min(size, start + 200_000)].withUnsafeBytes { try sink.write($0) }
            if start == 2_000_000 { try sink.checkpoint().sync() }
        }
        try sink.finish()
        _ = try folder.place(part, [SafeName("f")])
        #expect(FileManager.default.contents(atPath: self.root + "/in/f") == Data(bytes))
        var status = stat()
        #expect(stat(self.root + "/in/f", &status) == 0 && status.st_blocks * 512 < 1 << 20, "\(status.st_blocks)")
        #expect(status.st_mtim.tv_sec == -86_401 && status.st_mtim.tv_nsec == 999_000_000, "a day before 1970")
    }

    /// A pipe that has said nothing is an empty file.
    @Test func whatNeverBeganIsEmpty() throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let part = try folder.part("x")
        let sink = try StreamSink(
            part, [.init(path: [SafeName("f")], isFolder: false, size: 0, modified: FileTime(milliseconds: 0))],
            origin: "test", isOpen: true, at: 0)
        try sink.finish()
        _ = try folder.place(part, [SafeName("f")])
        #expect(FileManager.default.contents(atPath: self.root + "/in/f") == Data())
    }

    @Test func itIsNotWholeBeforeItIs() throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let sink = try StreamSink(folder.part("x"), Self.tree, origin: "test", isOpen: false, at: 0)
        try [UInt8]([1, 2]).withUnsafeBytes { try sink.write($0) }
        #expect(throws: DownloadError.overflowing) { try sink.finish() }
    }
}
