import EarshotModel
import EarshotWire

/// Where others are, and where we are found (Protocol.md 8 and 20).
package struct Whereabouts: Sendable {
    package internal(set) var dialer: Dialer
    var ownAdvert: OwnAdvert
    var recognition: Recognition
    var relaying: Relaying
    /// Addresses that our own people typed.
    var staticPeers: Set<String>

    init(_ identity: Identity, _ snapshot: Snapshot) {
        self.dialer = Dialer(me: identity.device)
        self.ownAdvert = OwnAdvert(device: identity.device, snapshot)
        self.recognition = Recognition(snapshot)
        self.relaying = Relaying(identity)
        self.staticPeers = Set(snapshot.staticPeers)
        self.tellKeys()
    }

    /// Begins again from what is on disk, and with what was seen of the network.
    init(again old: Whereabouts, _ snapshot: Snapshot) {
        self.dialer = old.dialer
        self.ownAdvert = OwnAdvert(again: old.ownAdvert, snapshot)
        self.recognition = Recognition(again: old.recognition, snapshot)
        self.relaying = old.relaying
        self.staticPeers = Set(snapshot.staticPeers)
        self.dialer.forgetLinks()
        self.dialer.forgetKeys()
        self.tellKeys()
    }

    private mutating func tellKeys() {
        for (device, key) in self.recognition.keys { self.dialer.know(key, of: device) }
    }
}
