import CSodium

/// Seals a stream piece by piece: XChaCha20-Poly1305 as libsodium's secretstream, which tells pieces that were left
/// out, moved or cut off at the end.
package struct StreamSealer {
    private var state = crypto_secretstream_xchacha20poly1305_state()
    /// 24 bytes that whoever opens it needs.
    package let header: [UInt8]

    /// What a sealed piece is longer by.
    package static let overhead = 17

    /// - Parameter key: 32 bytes.
    package init(key: [UInt8]) throws(NoiseError) {
        guard key.count == 32 else { throw .key }
        var header = [UInt8](repeating: 0, count: Int(crypto_secretstream_xchacha20poly1305_headerbytes()))
        guard crypto_secretstream_xchacha20poly1305_init_push(&self.state, &header, key) == 0 else { throw .key }
        self.header = header
    }

    package mutating func seal(_ piece: [UInt8], aad: [UInt8], isLast: Bool) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: piece.count + Self.overhead)
        let tag = isLast ? crypto_secretstream_xchacha20poly1305_tag_final() : 0
        crypto_secretstream_xchacha20poly1305_push(
            &self.state, &out, nil, piece, UInt64(piece.count), aad, UInt64(aad.count), tag)
        return out
    }
}

/// Opens what `StreamSealer` sealed.
package struct StreamOpener {
    private var state = crypto_secretstream_xchacha20poly1305_state()

    package init(key: [UInt8], header: [UInt8]) throws(NoiseError) {
        guard key.count == 32, header.count == Int(crypto_secretstream_xchacha20poly1305_headerbytes()),
            crypto_secretstream_xchacha20poly1305_init_pull(&self.state, header, key) == 0
        else { throw .key }
    }

    /// The piece, and whether it is the last; nothing where it is not what was sealed.
    package mutating func open(_ sealed: [UInt8], aad: [UInt8]) -> (piece: [UInt8], isLast: Bool)? {
        guard sealed.count >= StreamSealer.overhead else { return nil }
        var out = [UInt8](repeating: 0, count: sealed.count - StreamSealer.overhead)
        var tag: UInt8 = 0
        guard
            crypto_secretstream_xchacha20poly1305_pull(
                &self.state, &out, nil, &tag, sealed, UInt64(sealed.count), aad, UInt64(aad.count)) == 0
        else { return nil }
        return (out, tag == crypto_secretstream_xchacha20poly1305_tag_final())
    }
}
