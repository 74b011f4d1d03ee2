import EarshotModel
import Noise

/// Who is at the two ends of a session, the initiator first, and which session it is: what a short string and a code
/// are about (Protocol.md 18).
package struct SessionEnds: Hashable, Sendable {
    package struct End: Hashable, Sendable {
        package let person: PersonID
        package let device: DeviceID

        package init(_ person: PersonID, _ device: DeviceID) {
            self.person = person
            self.device = device
        }
    }

    package let initiator: End
    package let responder: End
    /// The handshake hash, 32 bytes.
    package let handshake: [UInt8]

    package init(initiator: End, responder: End, handshake: [UInt8]) {
        self.initiator = initiator
        self.responder = responder
        self.handshake = handshake
    }

    /// What a session is about that somebody introduced themselves in.
    package init(me: End, _ introduction: Introduction) {
        let them = End(introduction.person, introduction.device)
        self.init(
            initiator: introduction.isInitiator ? me : them, responder: introduction.isInitiator ? them : me,
            handshake: introduction.handshakeHash)
    }
}

extension Derive {
    /// What the initiator promises before it knows the responder's bytes.
    package static func commitment(to reveal: Hash32, _ ends: SessionEnds) -> Hash32 {
        self.hash("earshot.sasc.v1", reveal.bytes + ends.handshake)
    }

    /// What both persons compare.
    package static func shortString(reveal: Hash32, answer: Hash32, _ ends: SessionEnds) -> ShortString {
        ShortString(
            blake2b(
                person: "earshot.sas.v1", length: ShortString.length,
                reveal.bytes + answer.bytes + ends.handshake + ends.initiator.person.bytes
                    + ends.responder.person.bytes + ends.initiator.device.bytes + ends.responder.device.bytes))
    }

    /// What a person's key is compared by where they are not at the other end: six groups of five digits.
    package static func fingerprint(_ person: PersonID) -> Fingerprint {
        Fingerprint(hash: self.hash("earshot.fprint.1", person.bytes).bytes)
    }

    /// A run of CPace with a code, in a session.
    /// - Parameter chance: 64 random bytes.
    package static func agreement(
        _ code: InviteCode, _ ends: SessionEnds, chance: [UInt8]
    ) throws(NoiseError) -> CPace {
        try CPace(
            code: Array(code.digits.utf8),
            channel: CPace.prefixed(ends.initiator.device.bytes) + CPace.prefixed(ends.responder.device.bytes),
            sid: ends.handshake, chance: chance)
    }

    /// That one of the two has the secret of a run.
    package static func tag(_ secret: [UInt8], isInitiator: Bool, _ ends: SessionEnds) -> Hash32 {
        let role: UInt8 = isInitiator ? 1 : 2
        guard let tag = Hash32(blake2b(person: "", key: Array(secret.prefix(32)), [role] + ends.handshake)) else {
            preconditionFailure("BLAKE2b gives 32 bytes")
        }
        return tag
    }
}
