import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire
import NIOConcurrencyHelpers

/// What we have of a share of someone else, with its author's word for each chunk: others may have it from us while
/// it still comes, and afterwards as long as its files stay as they are.
package final class ChunkStore: Sendable {
    private struct State {
        var source: BulkFrame.Source?
        var proofs: ProofFile?
        var listing: [UInt8] = []
        var files = StreamSource.Files()
        /// The files are where they stay.
        var isPlaced = false
        /// Chunks from here on, up to `end`, are on our disk with their proofs; offsets in the stream.
        var start: UInt64 = 0
        var end: UInt64 = 0
        /// Chunks of which something was skipped, in order: they are not proven, and not given on.
        var holes: [Range<UInt64>] = []
        var isOver = false
        /// Those who pass it on, and wait for more.
        var bells = Bells()
    }

    private let path: String
    private let state: NIOLockedValueBox<State>

    /// - Parameter path: where proofs are kept, if there are any.
    init(path: String) {
        self.path = path
        self.state = NIOLockedValueBox(State())
    }

    /// What was received before we were started anew. Nothing if it is not there any more, or cannot be passed on.
    package init?(again transfer: Transfer, path: String) {
        guard let proofs = ProofFile(opening: path), let head = proofs.finished, head.size == transfer.offer.size,
            head.listing == transfer.listing,
            head.listing > 0, head.start <= head.listing + head.size
        else { return nil }
        var state = State()
        state.proofs = proofs
        state.source = BulkFrame.Source(
            share: transfer.share, listing: head.listing, size: head.size, isOpen: false, isProven: true)
        state.start = head.start
        state.end = head.listing + head.size
        self.path = path
        self.state = NIOLockedValueBox(state)
    }

    // MARK: taking

    /// A taker begins, or begins again: what is proven will be kept. Before its thread confines itself.
    func prepare(_ source: BulkFrame.Source) {
        guard source.isProven, self.state.withLockedValue({ $0.proofs == nil || $0.source != source }) else { return }
        let proofs = ProofFile(making: self.path)
        self.state.withLockedValue { state in
            state.proofs = proofs
            state.source = nil
        }
    }

    /// It begins with everything before `offset` at hand.
    func begin(_ source: BulkFrame.Source, at offset: UInt64) {
        self.state.withLockedValue { state in
            // What we have a proof of from before counts on.
            if state.source != source || state.end < offset || offset < state.start { state.start = offset }
            state.source = source
            state.end = offset
            state.holes.removeAll { $0.lowerBound >= offset }
            state.isOver = false
            state.bells.ring()
        }
    }

    /// The author has left out what lies between.
    func skip(from start: UInt64, to end: UInt64) {
        self.state.withLockedValue { state in
            guard let source = state.source, end > start else { return }
            let first = start / ChunkProof.chunk * ChunkProof.chunk
            let last = end % ChunkProof.chunk == 0 ? end : ChunkProof.end(of: end, length: source.length)
            let hole = first..<last
            if let last = state.holes.last, hole.lowerBound <= last.upperBound {
                state.holes[state.holes.count - 1] =
                    min(last.lowerBound, hole.lowerBound)..<max(last.upperBound, hole.upperBound)
            } else {
                state.holes.append(hole)
            }
            state.bells.ring()
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
            state.proofs?.keep(proof, index: index)
            state.end = end
            state.bells.ring()
        }
    }

    /// Everything has come, and has its place there.
    func moved(_ files: StreamSource.Files) {
        let state = self.state.withLockedValue { state in
            state.files = files
            state.isPlaced = true
            return state
        }
        // Not under the lock: it is synced.
        guard let source = state.source, state.end == source.length, state.holes.isEmpty else { return }
        state.proofs?.finish(
            .init(start: state.start, listing: source.listing, size: source.size),
            chunks: ChunkProof.count(source.length), state.listing)
    }

    /// Nothing more comes, for now.
    func stop() {
        self.state.withLockedValue { state in
            state.isOver = state.source.map { [end = state.end] in end < $0.length } ?? true
            state.bells.ring()
        }
    }

    /// Nobody gets it from us any more.
    func forget() { self.state.withLockedValue { $0.proofs?.remove() } }

    // MARK: passing on

    /// The bell rings whenever there is more, or no more comes.
    func watch(_ bell: Bell) { self.state.withLockedValue { $0.bells.add(bell) } }
    func unwatch(_ bell: Bell) { self.state.withLockedValue { $0.bells.remove(bell) } }

    var source: BulkFrame.Source? { self.state.withLockedValue { $0.source } }
    var files: (files: StreamSource.Files, isPlaced: Bool) { self.state.withLockedValue { ($0.files, $0.isPlaced) } }

    /// Of what came before we were started anew: reads the listing, and where its files are. From a thread that may
    /// take its time.
    func restore(_ transfer: Transfer) {
        guard
            let (source, proofs) = self.state.withLockedValue({ state in
                state.listing.isEmpty && state.end == state.source?.length
                    ? state.source.flatMap { source in state.proofs.map { (source, $0) } } : nil
            }),
            let head = proofs.finished,
            let bytes = proofs.listing(head, chunks: ChunkProof.count(source.length), atMost: Limits.listingBytes),
            let listing = try? Listing(decoding: bytes), listing.size == source.size, let folder = transfer.folder,
            let name = transfer.names.first,
            let tree = try? SafeTree(listing, for: NameRules(at: folder, with: name)),
            transfer.names.count == tree.tops.count
        else { return }
        let files = tree.files(in: folder, as: transfer.names.map { SafeName(noted: $0) })
        self.state.withLockedValue { state in
            state.listing = bytes
            state.files = files
            state.isPlaced = true
        }
    }

    /// Up to where there is something from `offset` on; nothing if it will not be had here.
    func available(from offset: UInt64) -> UInt64? {
        self.state.withLockedValue { state in
            if offset < state.start { return nil }
            let hole = state.holes.first { $0.upperBound > offset }
            if let hole, hole.lowerBound <= offset { return nil }
            return offset < state.end ? min(state.end, hole?.lowerBound ?? .max) : state.isOver ? nil : offset
        }
    }

    func proof(_ index: UInt64) -> [UInt8]? { self.state.withLockedValue { $0.proofs }?.proof(index) }

    /// Bytes of the listing.
    func listing(_ range: Range<Int>) -> [UInt8] {
        self.state.withLockedValue { range.upperBound <= $0.listing.count ? Array($0.listing[range]) : [] }
    }
}

extension SafeTree {
    /// Where the files are that bytes go into: below a folder, and there perhaps under other names at the top.
    func files(in folder: String, as names: [SafeName]? = nil) -> StreamSource.Files {
        let named = Dictionary(zip(self.tops, names ?? self.tops), uniquingKeysWith: { first, _ in first })
        let entries = Each(self) { entry -> StreamSource.Entry? in
            guard entry.kind == .file, let top = entry.path.first else { return nil }
            let path = [folder, (named[top] ?? top).text] + entry.path.dropFirst().map(\.text)
            return .init(path: path.joined(separator: "/"), size: entry.size, modified: entry.modified)
        }
        return .init(entries, size: self.listing.size)
    }
}
