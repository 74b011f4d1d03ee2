import EarshotModel

/// What discovery tells.
package enum DiscoveryEvent: Sendable, Equatable {
    /// An advert of a node, what it is called there, one address it gives, and the index of the interface it was heard
    /// on; 0 where a domain says it.
    case found(AdvertName, Endpoint, interface: UInt32)
    /// An advert was taken back, by its 16 characters.
    case lost(shortID: String)
    /// Others can see us now.
    case advertised
    /// Who does the work: `avahi` or `embedded`.
    case backend(String)
    case failed(String)
    /// A look at the domain is over: so many nodes are announced there.
    case domain(Result<Int, DomainTrouble>)
}

/// What we tell of ourselves: nothing but a name, which is the id or a tag, and the port (Protocol.md 8).
package struct Advertisement: Sendable, Hashable {
    package let name: AdvertName
    package let port: UInt16

    package init(_ name: AdvertName, port: UInt16) {
        self.name = name
        self.port = port
    }

    var instance: String { ServiceRecord.prefix + self.name.text }
    var text: [String] {
        switch self.name {
        case .id(let id): ["txtvers=1", "v=1", "id=\(id)"]
        case .tag(let tag): ["txtvers=1", "v=1", "tag=\(tag)"]
        }
    }
}
