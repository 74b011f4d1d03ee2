import Crypto

/// SHA-256 of something that comes in pieces.
package struct ChunkHash {
    private var hash = SHA256()
    package init() {}
    package mutating func update(_ bytes: UnsafeRawBufferPointer) { self.hash.update(bufferPointer: bytes) }
    package func finish() -> [UInt8] { Array(self.hash.finalize()) }
}
