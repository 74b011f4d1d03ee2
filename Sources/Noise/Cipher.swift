import CSodium
import Crypto
import FoundationEssentials

/// An AEAD with a 32-byte key, and a nonce made of four zero bytes and a little-endian counter (Protocol.md 4).
package enum Cipher: String, Sendable {
    case chaChaPoly = "ChaCha20-Poly1305"
    case aesGCM = "AES-256-GCM"

    package static let tagLength = 16

    /// From this many bytes of plaintext ChaCha20-Poly1305 is swift-crypto's: it costs about 0.7 µs more to call, but
    /// runs at 2.3 GB/s where libsodium runs at 1.5 (measured on x86; for ARM libsodium has no vector code).
    private static let long = 4_096

    /// Seals `plaintext` into `out`, ciphertext and then tag. `out` has room for 16 bytes more than the plaintext.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, key: [UInt8], nonce: [UInt8], ad: [UInt8],
        into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        guard out.count == plaintext.count + Self.tagLength, let target = out.baseAddress else { throw .length }
        guard key.count == 32, nonce.count == 12 else { throw .key }
        switch self {
        case .chaChaPoly where plaintext.count >= Self.long:
            do {
                let box = try ChaChaPoly.seal(
                    plaintext, using: SymmetricKey(data: key), nonce: ChaChaPoly.Nonce(data: nonce), authenticating: ad)
                Self.copy(box.ciphertext, box.tag, into: out)
            } catch {
                throw .tag
            }
        case .chaChaPoly:
            let status = crypto_aead_chacha20poly1305_ietf_encrypt(
                target.assumingMemoryBound(to: UInt8.self), nil,
                plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self),
                UInt64(plaintext.count), ad, UInt64(ad.count), nil, nonce, key)
            guard status == 0 else { throw .tag }
        case .aesGCM:
            do {
                let box = try AES.GCM.seal(
                    plaintext, using: SymmetricKey(data: key), nonce: AES.GCM.Nonce(data: nonce), authenticating: ad)
                Self.copy(box.ciphertext, box.tag, into: out)
            } catch {
                throw .tag
            }
        }
    }

    /// Opens ciphertext and tag into `out`, which has room for 16 bytes less.
    func open(
        _ sealed: UnsafeRawBufferPointer, key: [UInt8], nonce: [UInt8], ad: [UInt8],
        into out: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        guard sealed.count >= Self.tagLength, out.count == sealed.count - Self.tagLength,
            let source = sealed.baseAddress
        else {
            throw .length
        }
        guard key.count == 32, nonce.count == 12 else { throw .key }
        let middle = out.count
        switch self {
        case .chaChaPoly where middle >= Self.long:
            do {
                let box = try ChaChaPoly.SealedBox(
                    nonce: ChaChaPoly.Nonce(data: nonce),
                    ciphertext: UnsafeRawBufferPointer(rebasing: sealed[..<middle]),
                    tag: UnsafeRawBufferPointer(rebasing: sealed[middle...]))
                let plaintext = try ChaChaPoly.open(box, using: SymmetricKey(data: key), authenticating: ad)
                plaintext.withUnsafeBytes { out.copyMemory(from: $0) }
            } catch {
                throw .tag
            }
        case .chaChaPoly:
            var nothing: UInt8 = 0
            let status = withUnsafeMutablePointer(to: &nothing) { spare in
                crypto_aead_chacha20poly1305_ietf_decrypt(
                    out.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? spare, nil, nil,
                    source.assumingMemoryBound(to: UInt8.self), UInt64(sealed.count), ad, UInt64(ad.count), nonce, key)
            }
            guard status == 0 else { throw .tag }
        case .aesGCM:
            do {
                let box = try AES.GCM.SealedBox(
                    nonce: AES.GCM.Nonce(data: nonce), ciphertext: UnsafeRawBufferPointer(rebasing: sealed[..<middle]),
                    tag: UnsafeRawBufferPointer(rebasing: sealed[middle...]))
                let plaintext = try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: ad)
                plaintext.withUnsafeBytes { out.copyMemory(from: $0) }
            } catch {
                throw .tag
            }
        }
    }

    private static func copy(_ ciphertext: Data, _ tag: Data, into out: UnsafeMutableRawBufferPointer) {
        ciphertext.withUnsafeBytes { out.copyMemory(from: $0) }
        tag.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: out[ciphertext.count...]).copyMemory(from: $0) }
    }

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

    /// The array form of `seal`.
    package func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], ad: [UInt8]) throws(NoiseError) -> [UInt8] {
        try Self.array(count: plaintext.count + Self.tagLength, from: plaintext) { (plain, out) throws(NoiseError) in
            try self.seal(plain, key: key, nonce: nonce, ad: ad, into: out)
        }
    }

    /// The array form of `open`.
    package func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], ad: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard sealed.count >= Self.tagLength else { throw .length }
        return try Self.array(count: sealed.count - Self.tagLength, from: sealed) { (source, out) throws(NoiseError) in
            try self.open(source, key: key, nonce: nonce, ad: ad, into: out)
        }
    }

    /// A new array that `fill` writes whole, or an error and no array.
    private static func array(
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
