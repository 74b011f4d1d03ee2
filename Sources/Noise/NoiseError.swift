/// Why a handshake or a cipher cannot go on. Nothing here tells an attacker which check it was: the line just closes.
package enum NoiseError: Error, Hashable, Sendable {
    /// A message of the wrong length for its place.
    case length
    /// A tag that does not fit: tampered, or another key.
    case tag
    /// An X25519 result of all zeros: a point of small order.
    case zeroResult
    /// A KEM key or ciphertext that is not well-formed.
    case kem
    /// A key or seed that has not 32 bytes, or is no key.
    case key
    /// The counter of a direction is used up.
    case exhausted
    /// A verb out of turn.
    case order
}

extension NoiseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .length: "a message of the wrong length"
        case .tag: "a message that was changed on its way, or sealed with another key"
        case .zeroResult: "a key that hides nothing"
        case .kem: "a key or ciphertext of ML-KEM that is not well-formed"
        case .key: "no key"
        case .exhausted: "the keys of this connection are used up"
        case .order: "a message out of turn"
        }
    }
}
