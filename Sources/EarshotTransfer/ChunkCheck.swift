import EarshotModel
import EarshotWire
import Noise

/// Lets bytes of the author through, and of others only whole chunks that they have signed.
final class ChunkCheck {
    private let share: ShareID
    private let length: UInt64
    /// The author's; nothing where nothing is proven.
    private let key: [UInt8]?
    /// It does not come from them.
    private let holdsBack: Bool
    private(set) var received: UInt64
    /// What of a chunk has come and is not proven yet.
    private let chunk: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var hash = ChunkHash()
    /// Something before it in its chunk was skipped: up to here nothing is proven.
    private var unproven: UInt64 = 0

    init(share: ShareID, length: UInt64, key: [UInt8]?, holdsBack: Bool, at offset: UInt64) {
        self.share = share
        self.length = length
        self.key = key
        self.holdsBack = holdsBack
        self.received = offset
        self.chunk = .allocate(byteCount: holdsBack ? Int(ChunkProof.chunk) : 0, alignment: 64)
    }

    deinit { self.chunk.deallocate() }

    /// A chunk is complete but for its proof.
    var awaitsProof: Bool {
        self.key != nil && self.filled > 0
            && self.received == ChunkProof.end(of: self.received - 1, length: self.length)
    }

    /// Whether it may be written now; else it is kept until it is proven.
    func passes(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) -> Bool {
        let from = self.received
        self.received += UInt64(bytes.count)
        guard self.key != nil else { return true }
        if from < self.unproven {
            guard self.received <= self.unproven else { throw .unexpected("data beyond a chunk") }
            return true
        }
        // Also what comes from the author: nobody should be blamed for passing on what they signed wrongly.
        guard bytes.count <= Int(ChunkProof.chunk) - self.filled else { throw .unexpected("a chunk without its proof") }
        self.hash.update(bytes)
        guard self.holdsBack else {
            self.filled += bytes.count
            return true
        }
        UnsafeMutableRawBufferPointer(rebasing: self.chunk[self.filled...]).copyMemory(from: bytes)
        self.filled += bytes.count
        return false
    }

    /// The author has left out what comes before `end`. A chunk of which something is missing has no proof; nobody else
    /// may say so.
    func skip(to end: UInt64) throws(ProtocolError) {
        guard !self.holdsBack, end >= self.received, !self.awaitsProof else { throw .unexpected("a skip") }
        guard end > self.received else { return }
        self.received = end
        guard self.key != nil else { return }
        self.filled = 0
        self.hash = ChunkHash()
        self.unproven = end % ChunkProof.chunk == 0 ? end : ChunkProof.end(of: end, length: self.length)
    }

    /// What may be written now, until the next call.
    func prove(_ index: UInt64, _ signature: [UInt8]) throws(ProtocolError) -> UnsafeRawBufferPointer? {
        guard self.received > 0, index == (self.received - 1) / ChunkProof.chunk,
            self.received == ChunkProof.end(of: self.received - 1, length: self.length)
        else { throw .unexpected("a proof of something else") }
        guard let key else { return nil }
        guard ChunkProof.holds(signature, self.share, index: index, hash: self.hash.finish(), key: key) else {
            throw .badSignature("chunk \(index)")
        }
        self.hash = ChunkHash()
        let count = self.filled
        self.filled = 0
        return self.holdsBack ? UnsafeRawBufferPointer(rebasing: self.chunk[..<count]) : nil
    }
}
