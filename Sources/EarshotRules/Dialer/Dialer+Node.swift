import EarshotModel
import EarshotWire

/// What the dialer knows of a node and of its addresses.
extension Dialer {
    struct Candidate {
        var triedAt: UInt64?
        var failures = 0
        var dial: DialID?
        var isAdvertised: Bool
        /// Its advert was heard last under a tag that we recognised.
        var isTagged = false
        /// The device itself told of it, by way of a relay.
        var isTold = false
        /// It led to this device once: no advert pushes it out.
        var isProven: Bool
        /// It is not called before; uptime in ms.
        var notBefore: UInt64
    }

    struct Node {
        var candidates: [Endpoint: Candidate] = [:]
        var isLinked = false
        /// It is linked, but over a relay: a way of our own is still looked for.
        var isRelayed = false
        /// For a typed address: whose device answered there.
        var leads: DeviceID?
        var isContact = false
        var seenAt: UInt64
        /// When its addresses should be looked up again; for typed ones.
        var resolveAt: UInt64?
        /// When they were looked up last.
        var resolvedAt: UInt64 = 0
        /// When the last call began, so that calls to one node start 250 ms apart.
        var calledAt: UInt64?
        /// Whether the last call went to an address that was only advertised: then one that led here before is next,
        /// so that no flood of adverts keeps us from it.
        var owesProven = false
    }
}
