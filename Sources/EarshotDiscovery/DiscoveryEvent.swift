import EarshotModel

/// What discovery tells.
package enum DiscoveryEvent: Sendable, Equatable {
    /// An advert of a node, by its 16 characters, one address it gives, and the index of the interface it was heard on.
    case found(shortID: String, Endpoint, interface: UInt32)
    /// An advert was taken back.
    case lost(shortID: String)
    /// Others can see us now.
    case advertised
    /// Who does the work: `avahi` or `embedded`.
    case backend(String)
    case failed(String)
}

/// What we tell of ourselves: nothing but the id and the port (Protocol.md 8).
package struct Advertisement: Sendable, Hashable {
    package let shortID: String
    package let port: UInt16

    package init(shortID: String, port: UInt16) {
        self.shortID = shortID
        self.port = port
    }

    var instance: String { ServiceRecord.prefix + self.shortID }
    var text: [String] { ["txtvers=1", "v=1", "id=\(self.shortID)"] }
}
