/// An AEAD with a 32-byte key, and a nonce made of four zero bytes and a little-endian counter (Protocol.md 4).
package enum Cipher: String, Sendable {
    case chaChaPoly = "ChaCha20-Poly1305"
    case aesGCM = "AES-256-GCM"

    package static let tagLength = 16

    /// Seals under the nonce of a counter.
    package func seal(_ plaintext: [UInt8], key: [UInt8], counter: UInt64, ad: [UInt8] = []) throws(NoiseError)
        -> [UInt8]
    {
        try self.seal(plaintext, key: key, nonce: Self.nonce(counter), ad: ad)
    }

    /// Opens what was sealed under the nonce of a counter.
    package func open(_ sealed: [UInt8], key: [UInt8], counter: UInt64, ad: [UInt8] = []) throws(NoiseError) -> [UInt8]
    {
        try self.open(sealed, key: key, nonce: Self.nonce(counter), ad: ad)
    }

    /// Ciphertext and then tag. Throws `key` unless the key has 32 bytes and the nonce 12.
    package func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], ad: [UInt8]) throws(NoiseError) -> [UInt8] {
        let (sealing, nonce) = (try SealingKey(self, key), try Nonce(nonce))
        return try Self.array(count: plaintext.count + Self.tagLength, from: plaintext) {
            (plain, out) throws(NoiseError) in
            try sealing.seal(plain, nonce: nonce, ad: ad, into: out)
        }
    }

    /// The reverse. Throws `tag` unless it was sealed with the same key, nonce and additional data.
    package func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], ad: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard sealed.count >= Self.tagLength else { throw .length }
        let (sealing, nonce) = (try SealingKey(self, key), try Nonce(nonce))
        return try Self.array(count: sealed.count - Self.tagLength, from: sealed) { (source, out) throws(NoiseError) in
            try sealing.open(source, nonce: nonce, ad: ad, into: out)
        }
    }

    /// A new array that `fill` writes whole, or an error and no array.
    static func array(
        count: Int, from source: [UInt8],
        _ fill: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(NoiseError) -> Void
    ) throws(NoiseError) -> [UInt8] {
        var failure: NoiseError?
        let out = [UInt8](unsafeUninitializedCapacity: count) { target, written in
            source.withUnsafeBytes { source in
                do throws(NoiseError) {
                    try fill(
                        source, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<count])
                    )
                    written = count
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
        return out
    }

    /// Four zero bytes and the counter, little-endian.
    package static func nonce(_ counter: UInt64) -> [UInt8] {
        [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: counter >> (8 * UInt64($0))) }
    }
}
