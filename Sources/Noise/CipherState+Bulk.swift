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
    /// - Parameter frame: room for a nonce, 12 bytes, which is put there, and then ciphertext and tag.
    package mutating func open(bulk frame: UnsafeMutableRawBufferPointer) throws(NoiseError) -> Data {
        guard frame.count >= Self.nonceLength + Cipher.tagLength, let base = frame.baseAddress else { throw .length }
        let key = SymmetricKey(data: self.key)
        frame.copyBytes(from: try self.nextNonce())
        // Only looked at while this runs.
        let combined = Data(bytesNoCopy: base, count: frame.count, deallocator: .none)
        do {
            switch self.cipher {
            case .aesGCM: return try AES.GCM.open(AES.GCM.SealedBox(combined: combined), using: key)
            case .chaChaPoly: return try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: combined), using: key)
            }
        } catch { throw .tag }
    }

    package static let nonceLength = 12
}
