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
