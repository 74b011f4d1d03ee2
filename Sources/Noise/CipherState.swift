/// One direction of a session: a key and the counter of the next message (Noise 5.1).
package struct CipherState: Sendable {
    package private(set) var cipher: Cipher
    package private(set) var key: [UInt8]
    package private(set) var counter: UInt64
    /// The key made ready, once it was used.
    private var ready: SealingKey?

    package init(key: [UInt8], cipher: Cipher = .chaChaPoly, counter: UInt64 = 0) throws(NoiseError) {
        guard key.count == 32 else { throw .key }
        self.key = key
        self.cipher = cipher
        self.counter = counter
    }

    /// The same keys in another cipher, as both sides agreed in the handshake.
    package mutating func use(_ cipher: Cipher) {
        self.cipher = cipher
        self.ready = nil
    }

    /// Seals the next message of this direction. After 2^63 of them it throws `exhausted`.
    package mutating func encrypt(_ plaintext: [UInt8], ad: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        let (key, nonce) = (try self.sealingKey(), Nonce(self.counter))
        let sealed = try Cipher.array(count: plaintext.count + Cipher.tagLength, from: plaintext) {
            (plain, out) throws(NoiseError) in
            try key.seal(plain, nonce: nonce, ad: ad, into: out)
        }
        self.counter += 1
        return sealed
    }

    /// Opens the next message of this direction. The counter stays where it is when the tag does not fit.
    package mutating func decrypt(_ sealed: [UInt8], ad: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        guard sealed.count >= Cipher.tagLength else { throw .length }
        let (key, nonce) = (try self.sealingKey(), Nonce(self.counter))
        let plaintext = try Cipher.array(count: sealed.count - Cipher.tagLength, from: sealed) {
            (source, out) throws(NoiseError) in
            try key.open(source, nonce: nonce, ad: ad, into: out)
        }
        self.counter += 1
        return plaintext
    }

    /// Seals the next message of this direction where it stands, and puts the tag behind it.
    /// - Parameter message: the plaintext and 16 bytes of room; afterwards ciphertext and tag.
    package mutating func seal(inPlace message: UnsafeMutableRawBufferPointer) throws(NoiseError) {
        guard message.count >= Cipher.tagLength else { throw .length }
        let (key, nonce) = (try self.sealingKey(), Nonce(self.counter))
        let plaintext = UnsafeRawBufferPointer(rebasing: message[..<(message.count - Cipher.tagLength)])
        self.counter += 1
        try key.seal(plaintext, nonce: nonce, into: message)
    }

    /// Opens the next message of this direction where it stands. The counter stays where it is when the tag does not
    /// fit; the message is then worth nothing.
    /// - Parameter message: ciphertext and tag; afterwards the plaintext, and 16 bytes that mean nothing.
    package mutating func open(inPlace message: UnsafeMutableRawBufferPointer) throws(NoiseError) {
        guard message.count >= Cipher.tagLength else { throw .length }
        let (key, nonce) = (try self.sealingKey(), Nonce(self.counter))
        let plaintext = UnsafeMutableRawBufferPointer(rebasing: message[..<(message.count - Cipher.tagLength)])
        try key.open(UnsafeRawBufferPointer(message), nonce: nonce, into: plaintext)
        self.counter += 1
    }

    private mutating func sealingKey() throws(NoiseError) -> SealingKey {
        // 2^64 − 1 is kept for rekeying; at 2^63 a session has long been renewed.
        guard self.counter < 1 << 63 else { throw .exhausted }
        if let ready = self.ready { return ready }
        let key = try SealingKey(self.cipher, self.key)
        self.ready = key
        return key
    }

    /// Noise 4.2 and 11.3: the key becomes what the old one makes of zeros under the last nonce. The counter goes on.
    package mutating func rekey() throws(NoiseError) {
        self.key = Array(
            try self.cipher.seal([UInt8](repeating: 0, count: 32), key: self.key, counter: .max).prefix(32))
        self.ready = nil
    }
}
