import EarshotModel

/// One frame of envelopes as it came from a device. Parsing them and checking their signatures is most of what a
/// message costs, and needs nothing but this: so whoever runs the session may have it done on another thread.
package struct UnreadEnvelopes: Sendable {
    private let body: ArraySlice<UInt8>
    private let device: DeviceID
    private let key: [UInt8]

    init(_ body: ArraySlice<UInt8>, from introduction: Introduction) {
        self.body = body
        self.device = introduction.device
        self.key = introduction.peer.certificate.signingKey
    }

    /// Bytes.
    package var count: Int { self.body.count }

    /// Those of the peer's own device are verified, others as they came. Throws if one is malformed or its signature
    /// does not hold: none of the frame counts then, and the link ends.
    package func read() throws(ProtocolError) -> (verified: [VerifiedEnvelope], others: [Envelope]) {
        var verified: [VerifiedEnvelope] = []
        var others: [Envelope] = []
        for envelope in try Frame.envelopes(self.body) {
            if envelope.device == self.device {
                verified.append(try VerifiedEnvelope(envelope, key: self.key))
            } else {
                others.append(envelope)
            }
        }
        return (verified, others)
    }
}
