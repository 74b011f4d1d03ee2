import EarshotModel
import Noise

/// An envelope whose signature held under the key of the device it names. Nothing else may enter a log.
package struct VerifiedEnvelope: Hashable, Sendable {
    package let envelope: Envelope

    /// Checks the signature with the device's Ed25519 key (Protocol.md 6 and 11).
    package init(_ envelope: Envelope, key: [UInt8]) throws(ProtocolError) {
        guard Ed25519.verify(Array(envelope.signature), of: Envelope.signed(envelope.id), key: key) else {
            throw .badSignature("envelope")
        }
        self.envelope = envelope
    }

    /// One that we have just signed ourselves.
    init(own envelope: Envelope) { self.envelope = envelope }
}

extension Envelope {
    /// What bytes that were kept say. They were checked before they were kept.
    package static func kept(_ wire: [UInt8]) -> (Envelope, Content)? {
        guard let envelope = try? Envelope(decoding: wire) else { return nil }
        return (envelope, Content(of: envelope))
    }
}
