import EarshotModel
import EarshotVault
import Foundation
import Testing

/// What is complete gets its place once, whenever the machine stops.
@Suite final class PlacementTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-place-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: self.root, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: self.root) }

    private static let interrupted = DownloadError.failed(path: "", reason: "the machine stops here")

    private func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// A transfer that is complete: some files and a folder.
    private func begin(_ path: String, _ files: [String]) throws -> (DownloadFolder, PartFolder, [SafeName]) {
        let folder = try DownloadFolder(opening: path)
        let part = try folder.part("id")
        for name in files {
            let file = try part.file([SafeName(name)], size: 1)
            try Array(name.utf8).withUnsafeBytes { try file.write($0) }
        }
        try part.makeFolder([SafeName("trip"), SafeName("deep")])
        return (folder, part, files.map { SafeName($0) } + [SafeName("trip")])
    }

    /// Interrupted before each thing it does, and begun again as after a start.
    @Test func everythingIsMovedOnceWhereverItStops() throws {
        let files = ["a.txt", "b", "c.tar.gz"]
        for steps in 0..<9 {
            let path = "\(self.root)/\(steps)"
            try FileManager.default.createDirectory(atPath: path + "/trip", withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/b"))
            var left = steps
            var wasInterrupted = false
            do {
                let (folder, part, tops) = try self.begin(path, files)
                _ = try folder.place(part, tops) { () throws(DownloadError) in
                    guard left > 0 else { throw Self.interrupted }
                    left -= 1
                }
            } catch let error as DownloadError where error == Self.interrupted { wasInterrupted = true }
            #expect(wasInterrupted == (steps < 6), "\(steps)")
            // After a start: the folder is opened again; and once more, as if what came of it was not kept.
            for _ in 0..<2 {
                let folder = try #require(DownloadFolder(existing: path))
                let part = try #require(folder.existingPart("id"))
                #expect(part.isPlacing || steps == 0)
                let placed = try folder.place(part, files.map { SafeName($0) } + [SafeName("trip")])
                #expect(placed.map(\.text) == ["a.txt", "b (2)", "c.tar.gz", "trip (2)"])
            }
            #expect(
                self.names(path) == [".earshot", "a.txt", "b", "b (2)", "c.tar.gz", "trip", "trip (2)"], "\(steps)")
            #expect(try String(contentsOfFile: path + "/b", encoding: .utf8) == "mine")
            #expect(try String(contentsOfFile: path + "/b (2)", encoding: .utf8) == "b")
            #expect(self.names(path + "/trip (2)") == ["deep"] && self.names(path + "/trip").isEmpty)
            DownloadFolder(existing: path)?.discard("id")
            #expect(!self.names(path).contains(".earshot"), "nothing is left over")
        }
    }

    @Test func aNameThatIsTakenMeanwhileIsLeftAlone() throws {
        let (folder, part, tops) = try self.begin(self.root, ["a.txt"])
        var step = 0
        let placed = try folder.place(part, tops) { () throws(DownloadError) in
            step += 1
            // After the name was noted, before anything is moved.
            if step == 2 {
                _ = FileManager.default.createFile(atPath: self.root + "/a.txt", contents: Data("quicker".utf8))
            }
        }
        #expect(placed.map(\.text) == ["a (2).txt", "trip"])
        #expect(try String(contentsOfFile: self.root + "/a.txt", encoding: .utf8) == "quicker")
    }

    @Test func whatWasTakenAwayIsNotComplete() throws {
        let (folder, part, tops) = try self.begin(self.root, ["a.txt", "b"])
        unlink(self.root + "/.earshot/id.part/b")
        #expect(throws: DownloadError.vanished(path: self.root + "/.earshot/id.part/b")) {
            try folder.place(part, tops)
        }
        #expect(self.names(self.root) == [".earshot"])
    }

    /// Nothing received can be taken for what we note about it, whatever it is called.
    @Test func ourNotesAreNotAmongWhatIsReceived() throws {
        let folder = try DownloadFolder(opening: self.root)
        let part = try folder.part("id")
        try part.keep(listing: [1, 2, 3])
        for name in ["id.listing", "id.names", ".listing", ".names", "id.part", ".earshot"] {
            let file = try part.file([SafeName(noted: name)], size: 1)
            try [UInt8(7)].withUnsafeBytes { try file.write($0) }
        }
        #expect(part.listing(count: 3) == [1, 2, 3] && !part.isPlacing)
        let tops = ["id.listing", "id.names", ".listing", ".names", "id.part", ".earshot"].map { SafeName(noted: $0) }
        let placed = try folder.place(part, tops)
        #expect(placed.dropLast().map(\.text) == tops.dropLast().map(\.text) && placed.last?.text != ".earshot")
        #expect(part.listing(count: 3) == [1, 2, 3])
        folder.discard("id")
        #expect(self.names(self.root).count == tops.count)
    }

    /// Room that is kept free for a transfer is there, and not needed again when it goes on.
    @Test func whatIsThereCounts() throws {
        let folder = try DownloadFolder(opening: self.root)
        let part = try folder.part("id")
        var status = statvfs()
        #expect(statvfs(self.root, &status) == 0)
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        #expect(
            folder.hasRoom(for: 1, left: 1, in: part) && !folder.hasRoom(for: free, left: free, in: part)
                && !folder.hasRoom(for: .max, left: .max, in: part))
        // As much as there is was asked for, and 50 MB of it is here, in one file and in many.
        let big = try part.file([SafeName("big")], size: 50 << 20)
        #expect(!folder.hasRoom(for: free + (10 << 20), left: free + (10 << 20), in: part))
        let block = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<50 { try block.withUnsafeBytes { try big.write($0) } }
        try big.sync()
        #expect(folder.hasRoom(for: 50 << 20, left: free, in: part), "all of it is here")
        #expect(!folder.hasRoom(for: free + (500 << 20), left: free, in: part))
    }
}
