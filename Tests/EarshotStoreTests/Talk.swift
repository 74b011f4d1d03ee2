import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire

/// Envelopes of two persons, with whatever the clocks of their devices said and whatever they had seen.
struct Talk {
    let samples: Samples
    private var heads: [PersonID: (seq: UInt64, id: EnvelopeID)] = [:]
    private(set) var said: [VerifiedEnvelope] = []

    init(_ samples: Samples) { self.samples = samples }

    private func log(of identity: Identity) -> LogID {
        Derive.log(generation: identity.device.bytes, self.samples.conversation)
    }

    /// - Parameters:
    ///   - clock: ms.
    ///   - sees: whether the author has the other's last envelope.
    mutating func say(_ content: Content, by author: Identity, clock: UInt64, sees: Bool = true) -> EnvelopeID {
        let other = author.person == self.samples.anna.person ? self.samples.bob : self.samples.anna
        let before = self.heads[author.person]
        let seen = sees ? self.heads[other.person].map { [$0.id] } ?? [] : []
        let envelope = Envelope.sign(
            conversation: self.samples.conversation, device: author.device, log: self.log(of: author),
            seq: (before?.seq ?? 0) + 1,
            prev: before?.id, parents: seen, stamp: HybridTime(raw: clock << 16), kind: content.kind,
            payload: content.payload,
            with: author.signing)
        self.heads[author.person] = (envelope.envelope.seq, envelope.envelope.id)
        self.said.append(envelope)
        return envelope.envelope.id
    }

    func fact(_ envelope: VerifiedEnvelope, arrived: Timestamp) -> Fact {
        let author =
            envelope.envelope.device == self.samples.anna.device ? self.samples.anna.person : self.samples.bob.person
        return .envelope(envelope.envelope, Content(of: envelope.envelope), author: author, arrived: arrived)
    }
}
