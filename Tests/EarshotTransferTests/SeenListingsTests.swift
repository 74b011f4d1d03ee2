import EarshotModel
import EarshotWire
import Testing

@testable import EarshotTransfer

/// What was looked at, for whoever agrees to it.
@Suite struct SeenListingsTests {
    private func id(_ number: UInt8) throws -> EnvelopeID {
        try #require(EnvelopeID([UInt8](repeating: number, count: 32)))
    }

    private func tree(_ name: String, _ count: Int = 1) throws -> SafeTree {
        try SafeTree(
            Listing(
                (0..<count).map {
                    .init(kind: .file, path: ["\($0) \(name)"], size: 1, modified: FileTime(milliseconds: 0))
                }))
    }

    private func bytes(_ tree: SafeTree) -> UInt64 { UInt64(tree.listing.encoded.count) }

    @Test func itIsTakenOnceAndOnlyWhereItFits() throws {
        let seen = SeenListings()
        let tree = try self.tree("a")
        let bytes = self.bytes(tree)
        let portable = NameRules(isPortable: true, ignoresCase: true, longest: 255)
        seen.keep(tree, of: try self.id(1))
        #expect(seen.take(try self.id(2), bytes: bytes, for: tree.rules) == nil)
        #expect(seen.take(try self.id(1), bytes: bytes, for: tree.rules)?.listing == tree.listing)
        #expect(seen.take(try self.id(1), bytes: bytes, for: tree.rules) == nil, "it was taken")
        seen.keep(tree, of: try self.id(1))
        #expect(seen.take(try self.id(1), bytes: bytes, for: portable) == nil, "other names")
        seen.keep(tree, of: try self.id(1))
        #expect(seen.take(try self.id(1), bytes: bytes + 1, for: tree.rules) == nil, "another listing")
    }

    @Test func onlyAFewAndSmallOnesAreKept() throws {
        let seen = SeenListings()
        let tree = try self.tree("a")
        let large = try self.tree(String(repeating: "x", count: 200), 6_000)
        for number in 1...3 { seen.keep(tree, of: try self.id(UInt8(number))) }
        seen.keep(large, of: try self.id(9))
        #expect(seen.take(try self.id(9), bytes: self.bytes(large), for: large.rules) == nil, "more than 1 MiB")
        #expect(seen.take(try self.id(1), bytes: self.bytes(tree), for: tree.rules) == nil, "the oldest")
        #expect(seen.take(try self.id(3), bytes: self.bytes(tree), for: tree.rules) != nil)
    }
}
