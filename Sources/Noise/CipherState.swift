/// One direction of a session: a key and the counter of the next message (Noise 5.1).
package struct CipherState: Sendable {
    package private(set) var cipher: Cipher
    package private(set) var key: [UInt8]
    package private(set) var counter: UInt64

    package init(key: [UInt8], cipher: Cipher = .chaChaPoly, counter: UInt64 = 0) throws(NoiseError) {
        guard key.count == 32 else { throw .key }
        self.key = key
        self.cipher = cipher
        self.counter = counter
    }

    /// The same keys in another cipher, as both sides agreed in the handshake.
    package mutating func use(_ cipher: Cipher) { self.cipher = cipher }

    /// Seals the next message of this direction. After 2^63 of them it throws `exhausted`.
    package mutating func encrypt(_ plaintext: [UInt8], ad: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        try self.checkCounter()
        let sealed = try self.cipher.seal(plaintext, key: self.key, counter: self.counter, ad: ad)
        self.counter += 1
        return sealed
    }

    /// Opens the next message of this direction. The counter stays where it is when the tag does not fit.
    package mutating func decrypt(_ sealed: [UInt8], ad: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        try self.checkCounter()
        let plaintext = try self.cipher.open(sealed, key: self.key, counter: self.counter, ad: ad)
        self.counter += 1
        return plaintext
    }

    /// The nonce of the next message, which is then used up.
    mutating func nextNonce() throws(NoiseError) -> [UInt8] {
        try self.checkCounter()
        defer { self.counter += 1 }
        return Cipher.nonce(self.counter)
    }

    /// Noise 4.2 and 11.3: the key becomes what the old one makes of zeros under the last nonce. The counter goes on.
    package mutating func rekey() throws(NoiseError) {
        self.key = Array(
            try self.cipher.seal([UInt8](repeating: 0, count: 32), key: self.key, counter: .max).prefix(32))
    }

    /// 2^64 − 1 is kept for rekeying; at 2^63 a session has long been renewed.
    private func checkCounter() throws(NoiseError) {
        guard self.counter < 1 << 63 else { throw .exhausted }
    }
}
