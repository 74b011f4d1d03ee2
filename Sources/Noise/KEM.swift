import Crypto
import FoundationEssentials

/// A key encapsulation mechanism as the handshake needs it. Two have it: ML-KEM-768 and, for foreign vectors, X-Wing;
/// tests script a third, because libraries do not let the randomness of encapsulation be given.
package protocol KEM: Sendable {
    var name: String { get }
    /// In bytes.
    var publicKeyLength: Int { get }
    var ciphertextLength: Int { get }
    /// A key pair from its seed; without one, a random one.
    func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair
    /// A fresh shared secret of 32 bytes, and the ciphertext that carries it.
    func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8])
}

package protocol KEMKeyPair: Sendable {
    var publicKey: [UInt8] { get }
    func decapsulate(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8]
}

/// FIPS 203. A public key with a coefficient of q or more is refused when it is read.
package struct MLKEM768KEM: KEM {
    package init() {}
    package var name: String { "MLKEM768" }
    package var publicKeyLength: Int { 1_184 }
    package var ciphertextLength: Int { 1_088 }

    private struct Pair: KEMKeyPair {
        let key: MLKEM768.PrivateKey
        var publicKey: [UInt8] { Array(self.key.publicKey.rawRepresentation) }

        func decapsulate(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
            do { return try self.key.decapsulate(ciphertext).withUnsafeBytes { Array($0) } } catch { throw .kem }
        }
    }

    /// `seed` is d ‖ z, 64 bytes.
    package func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair {
        do {
            return Pair(key: try seed.map { try .init(seedRepresentation: $0, publicKey: nil) } ?? .generate())
        } catch { throw .kem }
    }

    package func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8]) {
        do {
            let result = try MLKEM768.PublicKey(rawRepresentation: publicKey).encapsulate()
            return (Array(result.encapsulated), result.sharedSecret.withUnsafeBytes { Array($0) })
        } catch { throw .kem }
    }
}

/// draft-connolly-cfrg-xwing-kem.
package struct XWingKEM: KEM {
    package init() {}
    package var name: String { "XWing" }
    package var publicKeyLength: Int { 1_216 }
    package var ciphertextLength: Int { 1_120 }

    private struct Pair: KEMKeyPair {
        let key: XWingMLKEM768X25519.PrivateKey
        var publicKey: [UInt8] { Array(self.key.publicKey.rawRepresentation) }

        func decapsulate(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
            do { return try self.key.decapsulate(Data(ciphertext)).withUnsafeBytes { Array($0) } } catch { throw .kem }
        }
    }

    /// `seed` has 32 bytes.
    package func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair {
        do {
            return Pair(key: try seed.map { try .init(seedRepresentation: Data($0), publicKey: nil) } ?? .generate())
        } catch { throw .kem }
    }

    package func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8]) {
        do {
            let result = try XWingMLKEM768X25519.PublicKey(rawRepresentation: Data(publicKey)).encapsulate()
            return (Array(result.encapsulated), result.sharedSecret.withUnsafeBytes { Array($0) })
        } catch { throw .kem }
    }
}
