import CSodium
import Crypto
import FoundationEssentials

/// The hash of a Noise name. SHA256 ships; the others are what foreign vectors are made with.
package enum NoiseHash: String, Sendable, CaseIterable {
    case sha256 = "SHA256"
    case sha512 = "SHA512"
    case blake2b = "BLAKE2b"

    var length: Int { self == .sha256 ? 32 : 64 }
    private var block: Int { self == .sha256 ? 64 : 128 }

    func hash(_ data: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: return Array(SHA256.hash(data: data))
        case .sha512: return Array(SHA512.hash(data: data))
        case .blake2b:
            var out = [UInt8](repeating: 0, count: 64)
            crypto_generichash_blake2b(&out, 64, data, UInt64(data.count), nil, 0)
            return out
        }
    }

    /// RFC 2104.
    package func hmac(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        if self == .sha256 { return Array(HMAC<SHA256>.authenticationCode(for: data, using: SymmetricKey(data: key))) }
        var padded = key.count > self.block ? self.hash(key) : key
        padded += [UInt8](repeating: 0, count: self.block - padded.count)
        return self.hash(padded.map { $0 ^ 0x5C } + self.hash(padded.map { $0 ^ 0x36 } + data))
    }

    /// Noise's HKDF with three outputs; of those with two, they are the first (Noise 4.3).
    func hkdf(_ chainingKey: [UInt8], _ input: [UInt8]) -> (first: [UInt8], second: [UInt8], third: [UInt8]) {
        let temporary = self.hmac(key: chainingKey, input)
        let first = self.hmac(key: temporary, [1])
        let second = self.hmac(key: temporary, first + [2])
        return (first, second, self.hmac(key: temporary, second + [3]))
    }
}
