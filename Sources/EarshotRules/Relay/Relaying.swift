import EarshotWire

/// The machines of relaying (Protocol.md 20): for others, and for ourselves.
struct Relaying: Sendable {
    var desk = RelayDesk()
    var own: Relayed

    init(_ identity: Identity) { self.own = Relayed(identity) }
}
