import EarshotModel
import Noise

/// An author's word for one chunk of a stream, so that it may come from anybody who has it (Protocol.md 13).
package enum ChunkProof {
    /// Bytes; the last chunk of a stream is shorter.
    package static let chunk = Limits.chunkBytes

    /// What is signed, of a chunk with this SHA-256.
    package static func message(_ share: ShareID, index: UInt64, hash: [UInt8]) -> [UInt8] {
        Array("earshot/1 chunk\0".utf8) + share.bytes + index.bigEndianBytes + hash
    }

    package static func sign(_ share: ShareID, index: UInt64, hash: [UInt8], with key: SigningKeyPair) -> [UInt8] {
        key.sign(self.message(share, index: index, hash: hash))
    }

    package static func holds(_ signature: [UInt8], _ share: ShareID, index: UInt64, hash: [UInt8], key: [UInt8])
        -> Bool
    {
        Ed25519.verify(signature, of: self.message(share, index: index, hash: hash), key: key)
    }

    /// How many chunks a stream of this length has.
    package static func count(_ length: UInt64) -> UInt64 {
        length / self.chunk + (length.isMultiple(of: self.chunk) ? 0 : 1)
    }

    /// Where the chunk with the byte at `offset` ends, in a stream of this length.
    package static func end(of offset: UInt64, length: UInt64) -> UInt64 {
        min(length, (offset / self.chunk + 1) * self.chunk)
    }
}
