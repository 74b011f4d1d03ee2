import EarshotModel

/// One open link to a device. Numbers are never used again while a node runs.
package struct LinkID: Hashable, Sendable, Comparable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
    package static func < (left: LinkID, right: LinkID) -> Bool { left.raw < right.raw }
}

/// One attempt to reach an address.
package struct DialID: Hashable, Sendable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
}

/// Whom a call is for.
package enum Expectation: Hashable, Sendable {
    case device(DeviceID)
    /// The 16 characters of an advert.
    case shortID(String)
    /// A device that has told us its key: with it we are answered where strangers are not.
    case keyed(DeviceID, DiscoveryKey)
    /// Whoever answers at an address that a person typed.
    case anyone
}

/// How a frame came.
package enum LinkPath: Hashable, Sendable {
    case stream
    case datagram
}

/// Why an open link is no more.
package enum LinkEnd: Hashable, Sendable {
    case byPeer(CloseCode)
    case byUs(CloseCode)
    /// The stream broke off or timed out; the words are the system's.
    case broken(String)
    case violated(ProtocolError)
}

/// Why a call led to no session.
package enum DialFailure: Hashable, Sendable {
    case unreachable(String)
    case timeout
    /// The other end closed during the handshake: wrong gate, blocked, or full.
    case hungUp
    /// Someone else answered than was called.
    case wrongIdentity
    case violated(ProtocolError)
    /// Our own device answered, or one of somebody we have blocked.
    case notWanted
    /// A device answered that its person has revoked.
    case revoked
    /// A device answered that is not among its person's (Protocol.md 2).
    case unlisted
}

/// Who is at the other end of a fresh session, as the handshake proved it (Protocol.md 3).
package struct Introduction: Hashable, Sendable {
    package let peer: HandshakePayload
    /// Whether we called.
    package let isInitiator: Bool
    package let handshakeHash: [UInt8]
    /// `AES-256-GCM` or `ChaCha20-Poly1305`.
    package let cipher: String
    /// It carries the bytes of files and nothing else.
    package let isBulk: Bool

    package init(
        peer: HandshakePayload, isInitiator: Bool, handshakeHash: [UInt8], cipher: String, isBulk: Bool = false
    ) {
        self.peer = peer
        self.isInitiator = isInitiator
        self.handshakeHash = handshakeHash
        self.cipher = cipher
        self.isBulk = isBulk
    }

    package var device: DeviceID { self.peer.certificate.device }
    package var person: PersonID { self.peer.certificate.person }
}

/// Whom the handshake turns away (Protocol.md 3).
package struct Admission: Hashable, Sendable {
    package var blocked: Set<PersonID>
    /// The devices of everybody whose manifest we hold.
    package var lists: [PersonID: DeviceList]
    /// Whose envelopes are looked at: the persons we talk to.
    package var heard: Set<PersonID>
    /// And those with whom we share a room.
    package var mates: Set<PersonID>
    /// The highest wire version ever authenticated with a person; absent means 1.
    package var wireVersions: [PersonID: UInt32]
    /// Whether `not_after` may refuse.
    package var clockIsTrusted: Bool
    /// Whom we answer at all.
    package var gate: Gate
    /// Whom we call so that they answer us.
    package var keys: [DeviceID: DiscoveryKey] = [:]

    package init(
        blocked: Set<PersonID> = [], lists: [PersonID: DeviceList] = [:], heard: Set<PersonID> = [],
        mates: Set<PersonID> = [], wireVersions: [PersonID: UInt32] = [:], clockIsTrusted: Bool = false,
        gate: Gate = Gate()
    ) {
        self.blocked = blocked
        self.lists = lists
        self.heard = heard
        self.mates = mates
        self.wireVersions = wireVersions
        self.clockIsTrusted = clockIsTrusted
        self.gate = gate
    }

    func standing(of device: DeviceID, _ person: PersonID, claiming claimed: UInt32) -> DeviceStanding {
        self.lists[person]?.standing(of: device, claiming: claimed) ?? .unknown
    }

    /// Whether envelopes of a device are looked at from its first frame on.
    func hears(_ person: PersonID, _ device: DeviceID) -> Bool {
        guard self.heard.contains(person) || self.mates.contains(person) else { return false }
        return self.lists[person]?.lists(device) ?? false
    }
}

/// What happens on the links, as the network tells it.
package enum TransportEvent: Sendable {
    case opened(LinkID, Introduction, remote: Endpoint, dial: DialID?)
    case frame(LinkID, Frame, LinkPath)
    /// Envelopes of the link's own device come verified, others as they are.
    case envelopes(LinkID, [VerifiedEnvelope], unverified: [Envelope], LinkPath)
    /// The outgoing buffer has room again.
    case writable(LinkID)
    /// So much was sent that the session should be renewed.
    case worn(LinkID)
    /// Comes once, and only for a link that was opened.
    case closed(LinkID, LinkEnd)
    case dialFailed(DialID, Endpoint, DialFailure)
    /// An incoming handshake failed; told seldom.
    case refused(Endpoint, String)
}
