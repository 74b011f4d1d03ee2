import Crypto
import FoundationEssentials

/// For large messages: nothing is copied that need not be (Protocol.md 13).
extension CipherState {
    /// Seals the next message of this direction: ciphertext, and behind it the tag.
    package mutating func seal(bulk plaintext: UnsafeRawBufferPointer) throws(NoiseError) -> Data {
        let key = SymmetricKey(data: self.key)
        let nonce = try self.nextNonce()
        do {
            switch self.cipher {
            case .aesGCM:
                guard let combined = try AES.GCM.seal(plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce)).combined else { throw NoiseError.length }
                return combined.dropFirst(nonce.count)
            case .chaChaPoly: return try ChaChaPoly.seal(plaintext, using: key, nonce: ChaChaPoly.Nonce(data: nonce)).combined.dropFirst(nonce.count)
            }
        } catch { throw .tag }
    }

    /// Opens the next message of this direction. After a tag that does not fit nothing more may be read.
    package mutating func open(bulk sealed: UnsafeRawBufferPointer) throws(NoiseError) -> Data {
        guard sealed.count >= Cipher.tagLength else { throw .length }
        let key = SymmetricKey(data: self.key)
        let nonce = try self.nextNonce()
        let middle = sealed.count - Cipher.tagLength
        let ciphertext = UnsafeRawBufferPointer(rebasing: sealed[..<middle])
        let tag = UnsafeRawBufferPointer(rebasing: sealed[middle...])
        do {
            switch self.cipher {
            case .aesGCM:
                return try AES.GCM.open(AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: ciphertext, tag: tag), using: key)
            case .chaChaPoly:
                return try ChaChaPoly.open(ChaChaPoly.SealedBox(nonce: ChaChaPoly.Nonce(data: nonce), ciphertext: ciphertext, tag: tag), using: key)
            }
        } catch { throw .tag }
    }
}
