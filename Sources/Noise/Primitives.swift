import CSodium
import Crypto
import FoundationEssentials

// Hashes, chance and keys, each from the library that was the faster: X25519 and SHA-256 from swift-crypto, the rest
// from libsodium; ciphers are in SealingKey.swift.

/// Here libsodium picks its fast code and makes its random numbers safe for threads. The first use runs it, once.
private let sodiumIsReady = sodium_init() >= 0

/// BLAKE2b with a personalisation, padded with zeros to 16 bytes, salt zero (head of Protocol.md).
package func blake2b(person: String, key: [UInt8] = [], length: Int = 32, _ data: [UInt8]) -> [UInt8] {
    var personal = Array(person.utf8.prefix(16))
    personal += [UInt8](repeating: 0, count: 16 - personal.count)
    let salt = [UInt8](repeating: 0, count: 16)
    var out = [UInt8](repeating: 0, count: length)
    let status = crypto_generichash_blake2b_salt_personal(
        &out, length, data, UInt64(data.count), key.isEmpty ? nil : key, key.count, salt, personal)
    precondition(status == 0, "lengths of digest and key are ours")
    return out
}

/// HKDF-Expand-SHA256 (RFC 5869) for labels of ours; `length` at most 8,160 bytes.
package func hkdfExpand(_ key: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
    HKDF<SHA256>.expand(pseudoRandomKey: SymmetricKey(data: key), info: info, outputByteCount: length)
        .withUnsafeBytes { Array($0) }
}

/// Whether this machine has the instructions that make AES the faster cipher.
package func hasAES() -> Bool { sodiumIsReady && crypto_aead_aes256gcm_is_available() == 1 }

/// Random bytes of the system.
package func randomBytes(_ count: Int) -> [UInt8] {
    precondition(sodiumIsReady, "libsodium does not start")
    var out = [UInt8](repeating: 0, count: count)
    randombytes_buf(&out, count)
    return out
}

/// Equal, in a time that does not tell where they differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && sodium_memcmp(left, right, left.count) == 0
}

/// Ed25519 signatures, checked as Protocol.md 11 pins it: by libsodium, strictly. Two nodes must never disagree on an
/// envelope, so this answer stays even where another library is faster.
package enum Ed25519 {
    /// Whether a signature holds. Keys and signatures of the wrong length do not.
    package static func verify(_ signature: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
        sodiumIsReady && signature.count == 64 && key.count == 32
            && crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), key) == 0
    }
}

/// An Ed25519 key pair.
package struct SigningKeyPair: Sendable {
    /// 32 bytes.
    package let seed: [UInt8]
    package let publicKey: [UInt8]
    private let secret: [UInt8]

    package init(seed: [UInt8]) throws(NoiseError) {
        guard seed.count == 32, sodiumIsReady else { throw .key }
        var publicKey = [UInt8](repeating: 0, count: 32)
        var secret = [UInt8](repeating: 0, count: 64)
        guard crypto_sign_ed25519_seed_keypair(&publicKey, &secret, seed) == 0 else { throw .key }
        (self.seed, self.publicKey, self.secret) = (seed, publicKey, secret)
    }

    /// 64 bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), self.secret)
        return signature
    }
}

/// An X25519 key pair.
package struct StaticKeyPair: Sendable {
    /// 32 bytes.
    package let seed: [UInt8]
    package let publicKey: [UInt8]
    private let key: Curve25519.KeyAgreement.PrivateKey

    package init(seed: [UInt8]) throws(NoiseError) {
        do { self.key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed) } catch { throw .key }
        self.seed = seed
        self.publicKey = Array(self.key.publicKey.rawRepresentation)
    }

    /// The shared secret. Throws `zeroResult` for points of small order: the library gives zeros for them and no error.
    package func agree(_ other: [UInt8]) throws(NoiseError) -> [UInt8] {
        let secret: [UInt8]
        do {
            let theirs = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: other)
            secret = try self.key.sharedSecretFromKeyAgreement(with: theirs).withUnsafeBytes { Array($0) }
        } catch { throw .key }
        guard sodium_is_zero(secret, secret.count) == 0 else { throw .zeroResult }
        return secret
    }
}
