import CBoringSSL

/// A key of one cipher, made ready once for all that is sealed or opened under it. Nothing is allocated or copied by
/// either.
final class SealingKey: Sendable {
    /// BoringSSL only reads it, from whatever thread.
    nonisolated(unsafe) private let raw: OpaquePointer

    /// - Parameter key: 32 bytes.
    init(_ cipher: Cipher, _ key: [UInt8]) throws(NoiseError) {
        let kind =
            switch cipher {
            case .chaChaPoly: boringssl_chacha20_poly1305()
            case .aesGCM: boringssl_aes_256_gcm()
            }
        guard key.count == 32, let raw = boringssl_key_new(kind, key, key.count, Cipher.tagLength) else { throw .key }
        self.raw = raw
    }

    deinit { boringssl_key_free(self.raw) }

    /// Seals `plaintext` into `out`, ciphertext and then tag.
    /// - Parameter nonce: never the same twice under this key.
    /// - Parameter out: 16 bytes longer than the plaintext; begins where that begins, or lies elsewhere.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: Nonce, ad: [UInt8] = [], into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        guard out.count == plaintext.count + Cipher.tagLength else { throw .length }
        var count = 0
        let status = nonce.withBytes { nonce in
            boringssl_seal(
                self.raw, Self.bytes(out), &count, out.count, Self.bytes(nonce), nonce.count, Self.bytes(plaintext),
                plaintext.count, ad, ad.count)
        }
        guard status == 1, count == out.count else { throw .tag }
    }

    /// Opens ciphertext and tag into `out`.
    /// - Parameter out: 16 bytes shorter than `sealed`; begins where that begins, or lies elsewhere.
    func open(
        _ sealed: UnsafeRawBufferPointer, nonce: Nonce, ad: [UInt8] = [], into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        guard sealed.count >= Cipher.tagLength, out.count == sealed.count - Cipher.tagLength else { throw .length }
        var count = 0
        let status = nonce.withBytes { nonce in
            boringssl_open(
                self.raw, Self.bytes(out), &count, out.count, Self.bytes(nonce), nonce.count, Self.bytes(sealed),
                sealed.count, ad, ad.count)
        }
        guard status == 1, count == out.count else { throw .tag }
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
    private static func bytes(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}

/// The 12 bytes that say which message of a key this is. Not an array: there is one for each message.
struct Nonce {
    private let words: (UInt32, UInt32, UInt32)

    /// Four zero bytes and the counter, little-endian.
    init(_ counter: UInt64) {
        self.words = (
            0, UInt32(truncatingIfNeeded: counter).littleEndian, UInt32(truncatingIfNeeded: counter >> 32).littleEndian
        )
    }

    /// Throws `key` unless there are 12 bytes.
    init(_ bytes: [UInt8]) throws(NoiseError) {
        guard bytes.count == 12 else { throw .key }
        self.words = bytes.withUnsafeBytes {
            (
                $0.loadUnaligned(as: UInt32.self), $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            )
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: self.words, body)
    }
}
