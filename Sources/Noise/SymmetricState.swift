/// Chaining key, handshake hash and the cipher of a handshake under way (Noise 5.2).
struct SymmetricState: Sendable {
    let hash: NoiseHash
    private(set) var chainingKey: [UInt8]
    private(set) var h: [UInt8]
    private var cipher: CipherState?

    init(name: String, hash: NoiseHash) {
        self.hash = hash
        let bytes = Array(name.utf8)
        self.h =
            bytes.count <= hash.length
            ? bytes + [UInt8](repeating: 0, count: hash.length - bytes.count) : hash.hash(bytes)
        self.chainingKey = self.h
    }

    mutating func mixHash(_ data: [UInt8]) { self.h = self.hash.hash(self.h + data) }

    mutating func mixKey(_ input: [UInt8]) throws(NoiseError) {
        let (key, temporary, _) = self.hash.hkdf(self.chainingKey, input)
        self.chainingKey = key
        self.cipher = try CipherState(key: Array(temporary.prefix(32)))
    }

    mutating func mixKeyAndHash(_ input: [UInt8]) throws(NoiseError) {
        let (key, temporary, last) = self.hash.hkdf(self.chainingKey, input)
        self.chainingKey = key
        self.mixHash(temporary)
        self.cipher = try CipherState(key: Array(last.prefix(32)))
    }

    var hasKey: Bool { self.cipher != nil }

    mutating func encryptAndHash(_ plaintext: [UInt8]) throws(NoiseError) -> [UInt8] {
        let sealed = try self.cipher?.encrypt(plaintext, ad: self.h) ?? plaintext
        self.mixHash(sealed)
        return sealed
    }

    mutating func decryptAndHash(_ sealed: [UInt8]) throws(NoiseError) -> [UInt8] {
        let plaintext = try self.cipher?.decrypt(sealed, ad: self.h) ?? sealed
        self.mixHash(sealed)
        return plaintext
    }

    /// The two keys of Split, and the exporter key (Protocol.md 3).
    func split() throws(NoiseError) -> (first: CipherState, second: CipherState, exporter: [UInt8]) {
        let (first, second, third) = self.hash.hkdf(self.chainingKey, [])
        return (
            try CipherState(key: Array(first.prefix(32))), try CipherState(key: Array(second.prefix(32))),
            Array(third.prefix(32))
        )
    }
}
