import EarshotModel
import Foundation
import Testing

@testable import EarshotVault

/// Many small files, made and written by somebody else than whoever takes their bytes.
@Suite final class WholeFilesTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: self.root, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: self.root) }

    /// More small files than go together, empty ones and a large one among them.
    private static let many: [(entry: StreamSink.Entry, bytes: [UInt8])] = (0..<300).map { number in
        let size = number == 150 ? 40_000 : number % 7 == 0 ? 0 : number
        return (
            StreamSink.Entry(
                path: ["d", "\(number / 100)", "\(number)"].map { SafeName($0) }, isFolder: false, size: UInt64(size),
                modified: FileTime(milliseconds: 1_600_000_000_000)),
            (0..<size).map { UInt8(truncatingIfNeeded: $0 + number) }
        )
    }

    /// Whoever reads does not wait for a file to be made, and nothing is promised before it is; in portions as they
    /// come, small and large.
    @Test(arguments: [1_000, 4_097, 100_000]) func smallFilesAreWrittenBehind(portion: Int) throws {
        let folder = try DownloadFolder(opening: self.root + "/in")
        let part = try folder.part("x")
        let sink = try StreamSink(
            part, Self.many.map(\.entry), origin: "test", isOpen: false, at: 0, behind: Late())
        let bytes = Self.many.flatMap(\.bytes)
        func there() throws -> Int {
            try FileManager.default.subpathsOfDirectory(atPath: part.path).count { Int($0.suffix(1)) != nil }
        }
        for start in stride(from: 0, to: bytes.count, by: portion) {
            try bytes[start..<min(start + portion, bytes.count)].withUnsafeBytes { try sink.write($0) }
        }
        #expect(sink.offset == UInt64(bytes.count))
        let before = try there()
        let checkpoint = try sink.checkpoint()
        #expect(before < 100 && checkpoint.offset == sink.offset)
        #expect(try there() > 300)
        try sink.finish()
        for (entry, bytes) in Self.many {
            let path = "\(part.path)/\(entry.path.map(\.text).joined(separator: "/"))"
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mtim.tv_sec == 1_600_000_000)
            #expect(FileManager.default.contents(atPath: path).map(Array.init) == bytes)
        }
        // As it was left, it goes on.
        _ = try StreamSink(folder.part("x"), Self.many.map(\.entry), origin: "test", isOpen: false, at: sink.offset)
    }

    /// A file that cannot be made behind: nothing is promised from there on, and nothing is called complete.
    @Test func whatCannotBeWrittenBehindIsNeverPromised() throws {
        let part = try DownloadFolder(opening: self.root + "/in").part("x")
        let sink = try StreamSink(
            part, Self.many.map(\.entry), origin: "test", isOpen: false, at: 0, behind: Late())
        let bytes = Self.many.flatMap(\.bytes)
        try bytes[..<20_000].withUnsafeBytes { try sink.write($0) }
        // 200 is a link of somebody's, where a file of ours is to be.
        try FileManager.default.createDirectory(atPath: part.path + "/d/2", withIntermediateDirectories: true)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: self.root + "/theirs"))
        symlink(self.root + "/theirs", part.path + "/d/2/201")
        _ = try sink.checkpoint()
        try bytes[20_000...].withUnsafeBytes { try sink.write($0) }
        let obstructed = DownloadError.obstructed(path: part.path + "/d/2/201")
        #expect(throws: obstructed) { try sink.checkpoint() }
        #expect(throws: obstructed) { try sink.checkpoint() }
        #expect(throws: obstructed) { try [UInt8(1)].withUnsafeBytes { try sink.write($0) } }
        #expect(throws: obstructed) { try sink.finish() }
        #expect(FileManager.default.contents(atPath: self.root + "/theirs") == Data([1, 2, 3]))
    }

    /// What others read from us while it comes is there as soon as it was written.
    @Test func whatIsReadMeanwhileIsNotWrittenBehind() throws {
        let part = try DownloadFolder(opening: self.root + "/in").part("x")
        let sink = try StreamSink(
            part, Self.many.map(\.entry), origin: "test", isOpen: false, at: 0, behind: Late(), isReadMeanwhile: true)
        try Self.many.flatMap(\.bytes).withUnsafeBytes { try sink.write($0) }
        #expect(FileManager.default.contents(atPath: part.path + "/d/2/299").map(Array.init) == Self.many[299].bytes)
    }
}
