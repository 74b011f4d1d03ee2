import COpenSSL
import Synchronization

/// A key of one cipher, made ready once for all that is sealed or opened under it. Nothing is allocated or copied by
/// either.
final class SealingKey: Sendable {
    private enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    /// As much is enciphered and then authenticated while it is in the processor's cache: two passes over all of a
    /// long message would fetch it twice.
    private static let stride = 16_384

    /// OpenSSL's state of one key; a message changes it, so only whoever has the lock touches it.
    nonisolated(unsafe) private let context: OpaquePointer  // lint: as it says
    private let lock = Mutex(())

    /// - Parameter key: 32 bytes.
    init(_ cipher: Cipher, _ key: [UInt8]) throws(NoiseError) {
        let kind = cipher == .chaChaPoly ? LibCrypto.chaChaPoly : LibCrypto.aesGCM
        guard key.count == 32, let kind = kind.pointer, let context = EVP_CIPHER_CTX_new() else { throw .key }
        self.context = context
        guard EVP_CipherInit_ex(context, kind, nil, key, nil, Direction.seal.rawValue) == 1 else { throw .key }
    }

    deinit { EVP_CIPHER_CTX_free(self.context) }

    /// Seals `plaintext` into `out`, ciphertext and then tag.
    /// - Parameter nonce: never the same twice under this key.
    /// - Parameter out: 16 bytes longer than the plaintext; begins where that begins, or lies elsewhere.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: Nonce, ad: [UInt8] = [], into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        let (count, isOver) = plaintext.count.addingReportingOverflow(Cipher.tagLength)
        guard !isOver, out.count == count else { throw .length }
        let tag = UnsafeMutableRawBufferPointer(rebasing: out[plaintext.count...])
        let isDone = self.lock.withLock { _ in
            self.run(.seal, nonce, ad, from: plaintext, to: out) && self.finish()
                && EVP_CIPHER_CTX_ctrl(self.context, EVP_CTRL_AEAD_GET_TAG, Int32(Cipher.tagLength), tag.baseAddress)
                    == 1
        }
        guard isDone else { throw .tag }
    }

    /// Opens ciphertext and tag into `out`. Nothing of what does not fit its tag is left there.
    /// - Parameter out: 16 bytes shorter than `sealed`; begins where that begins, or lies elsewhere.
    func open(
        _ sealed: UnsafeRawBufferPointer, nonce: Nonce, ad: [UInt8] = [], into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        guard sealed.count >= Cipher.tagLength, out.count == sealed.count - Cipher.tagLength else { throw .length }
        let ciphertext = UnsafeRawBufferPointer(rebasing: sealed[..<out.count])
        // Only read, but the call has one signature for both ways.
        let tag = UnsafeMutableRawPointer(mutating: UnsafeRawBufferPointer(rebasing: sealed[out.count...]).baseAddress)
        let isDone = self.lock.withLock { _ in
            self.run(.open, nonce, ad, from: ciphertext, to: out)
                && EVP_CIPHER_CTX_ctrl(self.context, EVP_CTRL_AEAD_SET_TAG, Int32(Cipher.tagLength), tag) == 1
                && self.finish()
        }
        guard isDone else {
            _ = out.initializeMemory(as: UInt8.self, repeating: 0)
            throw .tag
        }
    }

    /// Everything but the tag.
    private func run(
        _ direction: Direction, _ nonce: Nonce, _ ad: [UInt8],
        from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var count: Int32 = 0
        let isBegun = nonce.withBytes { nonce in
            EVP_CipherInit_ex(self.context, nil, nil, nil, Self.bytes(nonce), direction.rawValue) == 1
        }
        guard isBegun, let most = Int32(exactly: ad.count) else { return false }
        guard most == 0 || EVP_CipherUpdate(self.context, nil, &count, ad, most) == 1 else { return false }
        guard let from = Self.bytes(source), let to = target.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return source.isEmpty
        }
        var done = 0
        while done < source.count {
            let part = Int32(truncatingIfNeeded: min(Self.stride, source.count - done))
            guard EVP_CipherUpdate(self.context, to + done, &count, from + done, part) == 1, count == part else {
                return false
            }
            done += Int(part)
        }
        return true
    }

    /// Neither cipher has anything left to write then.
    private func finish() -> Bool {
        var count: Int32 = 0
        var nothing: (UInt64, UInt64) = (0, 0)
        return withUnsafeMutableBytes(of: &nothing) { nothing in
            EVP_CipherFinal_ex(self.context, nothing.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1
                && count == 0
        }
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}

/// The ciphers of OpenSSL, looked up once. In a context of our own: the system's configuration of OpenSSL is for TLS,
/// and is not read.
private enum LibCrypto {
    struct Kind: Sendable {
        /// Never freed, and nobody writes to it. Nothing if the library cannot do it.
        nonisolated(unsafe) let pointer: OpaquePointer?  // lint: as it says
        init(_ name: String) { self.pointer = EVP_CIPHER_fetch(LibCrypto.library.pointer, name, nil) }
    }
    struct Library: Sendable { nonisolated(unsafe) let pointer = OSSL_LIB_CTX_new() }  // lint: made once

    static let library = Library()
    static let chaChaPoly = Kind("ChaCha20-Poly1305")
    static let aesGCM = Kind("AES-256-GCM")
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
