import EarshotModel
import EarshotWire
import Testing

@testable import EarshotTransfer
@testable import EarshotVault

/// What is not given of a listing.
@Suite struct SkippedFilesTests {
    private func listing(_ names: [String]) throws -> Listing {
        let folder = Listing.Entry(kind: .folder, path: ["top"], size: 0, modified: FileTime(milliseconds: 0))
        return try Listing(
            [folder]
                + names.map { .init(kind: .file, path: ["top", $0], size: 1, modified: FileTime(milliseconds: 0)) })
    }

    private func skips(_ index: Int, _ skipped: inout SkippedFiles) -> Bool { skipped.skips(self.fault(index)) }

    private func fault(_ index: Int) -> StreamSource.Fault {
        .init(index: index, end: UInt64(index + 1), failure: .unreadable("/nowhere", "why"))
    }

    @Test func theLastOneThatIsLeftIsNotSkipped() throws {
        var skipped = SkippedFiles(try self.listing(["a", "b", "c"]))
        #expect(self.skips(1, &skipped))
        #expect(self.skips(1, &skipped), "it is out already")
        #expect(self.skips(0, &skipped))
        #expect(!self.skips(2, &skipped))
        #expect(skipped.count == 2)
    }

    @Test func theOnlyFileIsNotSkipped() throws {
        var skipped = SkippedFiles(try self.listing(["a"]))
        #expect(!self.skips(0, &skipped))
        #expect(skipped.count == 0)
    }

    @Test func filesAreCountedWithoutFolders() throws {
        let skipped = SkippedFiles(try self.listing(["a", "b"]))
        #expect((0...2).map(skipped.path) == ["top/a", "top/b", ""])
    }
}
