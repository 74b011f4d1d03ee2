import EarshotModel
import EarshotWire
import Noise

/// Signs each chunk of a stream that goes by, if it goes by whole.
struct Prover {
    private let share: ShareID
    private let length: UInt64
    private let signer: SigningKeyPair
    private var hash = ChunkHash()
    /// Up to where the chunk was hashed; nothing if its beginning was missed.
    private var at: UInt64?

    init(share: ShareID, length: UInt64, signer: SigningKeyPair) {
        self.share = share
        self.length = length
        self.signer = signer
    }

    /// The proof, when a chunk ends.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> [UInt8]? {
        if offset % ChunkProof.chunk == 0 {
            self.hash = ChunkHash()
            self.at = offset
        }
        guard self.at == offset else {
            self.at = nil
            return nil
        }
        self.hash.update(bytes)
        let end = offset + UInt64(bytes.count)
        self.at = end
        guard end == ChunkProof.end(of: offset, length: self.length) else { return nil }
        return ChunkProof.sign(
            self.share, index: offset / ChunkProof.chunk, hash: self.hash.finish(), with: self.signer)
    }
}
