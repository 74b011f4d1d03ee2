/// The peer broke the rules. Its link closes; nobody else notices. The cases say what was seen.
package enum ProtocolError: Error, Hashable, Sendable {
    /// Fewer bytes than the form needs.
    case truncated(String)
    /// Bytes that do not have the form of what they claim to be.
    case malformed(String)
    /// More, longer or deeper than Protocol.md allows.
    case tooMuch(String)
    /// A signature that does not hold.
    case badSignature(String)
    /// A frame type below 0x80 that nobody knows.
    case unknownFrame(UInt8)
    /// A frame that may not come now.
    case unexpected(String)
    /// The handshake failed: a wrong gate, a point of small order, a tag that does not fit.
    case handshake(String)
    /// A certificate or manifest that is someone else's, revoked, expired or older than what was seen.
    case identity(String)
    /// Both sides know a newer version than the one in use: someone in between holds us down.
    case downgrade
}

extension ProtocolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let what): "\(what): bytes are missing"
        case .malformed(let what): "\(what): it does not have the form of one"
        case .tooMuch(let what): "\(what): more than is allowed"
        case .badSignature(let what): "\(what): the signature does not hold"
        case .unknownFrame(let type): "a frame of the unknown type \(type)"
        case .unexpected(let what): "\(what): not now"
        case .handshake(let what): "the handshake failed: \(what)"
        case .identity(let what): "the identity does not fit: \(what)"
        case .downgrade: "both sides speak a newer version than the one in use"
        }
    }
}
