import EarshotModel
import Foundation
import Testing

/// Why a transfer stopped, as it is kept: also as a version before this one kept it.
@Suite struct TransferReasonTests {
    static let mismatches: [Mismatch] = [
        .size, .unproven, .listing, .seenListing, .files, .tops, .things, .severalOpen, .overflowing, .rule("too much"),
    ]
    static let errors: [DownloadError] = [
        .full(path: "/a"), .obstructed(path: "/a"), .failed(path: "/a", reason: "no"), .vanished(path: "/a"),
        .overflowing, .noFolder,
    ]

    @Test(
        arguments: mismatches.flatMap { [.notAsOffered($0), .fetchedWrongly($0), .wrongBytes(device: "d", $0)] }
            + errors.map { TransferReason.notTakenHere($0) } + [.unwritableHere("The disk is read-only.")])
    func isReadAsItWasKept(reason: TransferReason) throws {
        let kept = try JSONEncoder().encode(reason)
        #expect(try JSONDecoder().decode(TransferReason.self, from: kept) == reason)
    }

    @Test func sentencesThatWereKeptBeforeStay() throws {
        let kept = Data(#"{"notAsOffered":{"_0":"the size differs"}}"#.utf8)
        #expect(try JSONDecoder().decode(TransferReason.self, from: kept) == .notAsOffered(.rule("the size differs")))
    }
}
