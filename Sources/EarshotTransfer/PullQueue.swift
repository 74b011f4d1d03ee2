import EarshotModel
import EarshotNetwork
import EarshotWire

/// What a receiver has asked for and was not given yet, in order (Protocol.md 13).
struct PullQueue {
    struct Pull {
        var from: UInt64
        /// 0 is the end of the stream.
        let to: UInt64
    }

    /// The end of the stream; of an open one nobody knows it.
    let length: UInt64?
    /// What is proven is given from the beginning of a chunk on: in the middle of one nothing could prove it.
    let isProven: Bool
    private(set) var waiting: [Pull] = []

    init(length: UInt64?, isProven: Bool = false) {
        self.length = length
        self.isProven = isProven
    }

    var first: Pull? { self.waiting.first }

    /// Whether something behind a place in the stream is asked for.
    func reaches(beyond offset: UInt64) -> Bool { self.waiting.contains { $0.to == 0 || $0.to > offset } }

    mutating func advance(to offset: UInt64) { if !self.waiting.isEmpty { self.waiting[0].from = offset } }
    mutating func removeFirst() { if !self.waiting.isEmpty { self.waiting.removeFirst() } }

    /// What the receiver says; an end if that is one.
    mutating func take(_ incoming: BulkChannel.Incoming, have: (UInt64) -> Void) throws -> BulkEnd? {
        guard case .frame(let frame) = incoming else {
            throw BulkChannel.Failure.violated(.unexpected("data from a receiver"))
        }
        switch frame {
        case .pull(let from, let to):
            let length = self.length ?? UInt64(Int64.max)
            guard from <= length, to <= length, self.waiting.count < Limits.waitingPulls else {
                throw BulkChannel.Failure.violated(.malformed("pull beyond the end"))
            }
            guard !self.isProven || from % ChunkProof.chunk == 0 || from == length else {
                throw BulkChannel.Failure.violated(.malformed("pull inside a chunk"))
            }
            self.waiting.append(Pull(from: from, to: to))
        case .have(let at): have(at)
        case .stop(let reason, let text): return .stopped(reason, SafeText.name(text))
        case .close: return .broken(.closed)
        case .fetch, .source, .end, .proof, .refer, .join, .more, .skip:
            throw BulkChannel.Failure.violated(.unexpected("not for a giver"))
        }
        return nil
    }
}
