import Crypto
import FoundationEssentials

/// Sealing to a public key, for somebody who is not there: HPKE (RFC 9180) in base mode, with X-Wing (0x647a),
/// HKDF-SHA256 and ChaCha20-Poly1305. One message for each encapsulation.
package enum SealedBox {
    /// Of an encapsulated key, in bytes.
    package static let encapsulatedLength = 1_120
    /// Of the tag that a ciphertext ends with, in bytes.
    package static let tagLength = 16
    /// Of a public key, in bytes.
    package static let publicKeyLength = 1_216

    private static let suite = HPKE.Ciphersuite(kem: .XWingMLKEM768X25519, kdf: .HKDF_SHA256, aead: .chaChaPoly)

    /// - Parameter ad: bytes that are authenticated and not sealed.
    /// - Returns: the encapsulated key, 1,120 bytes, and the ciphertext with its tag.
    package static func seal(
        _ plaintext: [UInt8], to publicKey: [UInt8], info: [UInt8], ad: [UInt8]
    ) throws(NoiseError) -> (encapsulated: [UInt8], ciphertext: [UInt8]) {
        do {
            let key = try XWingMLKEM768X25519.PublicKey(rawRepresentation: Data(publicKey))
            var sender = try HPKE.Sender(recipientKey: key, ciphersuite: Self.suite, info: Data(info))
            return (Array(sender.encapsulatedKey), Array(try sender.seal(plaintext, authenticating: ad)))
        } catch { throw .kem }
    }

    /// - Parameter seed: that of the private key, 32 bytes.
    package static func open(
        _ ciphertext: [UInt8], encapsulated: [UInt8], seed: [UInt8], info: [UInt8], ad: [UInt8]
    ) throws(NoiseError) -> [UInt8] {
        try self.open([(ciphertext, ad)], encapsulated: encapsulated, seed: seed, info: info).first ?? []
    }

    /// Several messages under one encapsulation. We send one; what others published has more.
    static func open(
        _ messages: [(ciphertext: [UInt8], ad: [UInt8])], encapsulated: [UInt8], seed: [UInt8], info: [UInt8]
    ) throws(NoiseError) -> [[UInt8]] {
        guard encapsulated.count == Self.encapsulatedLength else { throw .length }
        var recipient: HPKE.Recipient
        do {
            let key = try XWingMLKEM768X25519.PrivateKey(seedRepresentation: Data(seed), publicKey: nil)
            recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: Self.suite, info: Data(info), encapsulatedKey: Data(encapsulated))
        } catch { throw .kem }
        do {
            return try messages.map { Array(try recipient.open($0.ciphertext, authenticating: $0.ad)) }
        } catch { throw .tag }
    }
}
