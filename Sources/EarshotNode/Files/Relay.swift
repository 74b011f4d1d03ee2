import EarshotModel
import EarshotProtocol
import EarshotVault
import NIOConcurrencyHelpers

/// What we have of a share of someone else, with its author's word for each chunk: others may have it from us while it still comes.
final class Relay: Sendable {
    private struct State {
        var source: BulkFrame.Source?
        var listing: [UInt8] = []
        var files = StreamSource.Files()
        var proofs: [UInt64: [UInt8]] = [:]
        /// Chunks from here on, up to `end`, are on our disk with their proofs; offsets in the stream.
        var start: UInt64 = 0
        var end: UInt64 = 0
        var isOver = false
    }

    private let state = NIOLockedValueBox(State())

    /// A taker begins, or begins again, with everything before `offset` at hand.
    func begin(_ source: BulkFrame.Source, at offset: UInt64) {
        self.state.withLockedValue { state in
            // What we have a proof of from before counts on.
            if state.source != source || state.end < offset || offset < state.start { state.start = offset }
            state.source = source
            state.end = offset
            state.isOver = false
        }
    }

    /// The listing is known, and where its files are.
    func learn(_ listing: [UInt8], _ files: StreamSource.Files) {
        self.state.withLockedValue { state in
            state.listing = listing
            state.files = files
        }
    }

    /// One more chunk, which ends at `end`.
    func add(_ proof: [UInt8], index: UInt64, end: UInt64) {
        self.state.withLockedValue { state in
            state.proofs[index] = proof
            state.end = end
        }
    }

    /// Everything has come, and has its place there.
    func moved(_ files: StreamSource.Files) { self.state.withLockedValue { $0.files = files } }

    /// Nothing more comes, for now.
    func stop() { self.state.withLockedValue { $0.isOver = $0.source.map { [end = $0.end] in end < $0.length } ?? true } }

    var source: BulkFrame.Source? { self.state.withLockedValue { $0.source } }
    var isOver: Bool { self.state.withLockedValue { $0.isOver } }
    var files: StreamSource.Files { self.state.withLockedValue { $0.files } }

    /// Up to where there is something from `offset` on; nothing if it will not be had here.
    func available(from offset: UInt64) -> UInt64? {
        self.state.withLockedValue { state in
            if offset < state.start { return nil }
            return offset < state.end ? state.end : state.isOver ? nil : offset
        }
    }

    func proof(_ index: UInt64) -> [UInt8]? { self.state.withLockedValue { $0.proofs[index] } }

    /// Bytes of the listing.
    func listing(_ range: Range<Int>) -> [UInt8] { self.state.withLockedValue { range.upperBound <= $0.listing.count ? Array($0.listing[range]) : [] } }
}
