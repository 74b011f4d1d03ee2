import EarshotConfig
import EarshotDiscovery
import EarshotModel

/// Where we are on the network, and what discovery has told.
struct NetworkNotes {
    /// More interfaces are not told apart.
    private static let mostInterfaces = 64

    let port: UInt16
    var backend = "starting"
    var isAdvertised = false
    /// How the last look into a domain of the DNS ended.
    var domain: Result<Int, DomainTrouble>?
    /// What the setting of the lobby was when it was last looked at.
    var lobby: Switch = .off
    /// Adverts of others, by the index of the interface they were heard on.
    private var heardOn: [UInt32: Int] = [:]

    init(port: UInt16) { self.port = port }

    var hasHeard: Bool { !self.heardOn.isEmpty }
    /// So many adverts of others.
    func heard(on interface: UInt32) -> Int { self.heardOn[interface] ?? 0 }

    mutating func hear(on interface: UInt32) {
        guard self.heardOn.count < Self.mostInterfaces || self.heardOn[interface] != nil else { return }
        self.heardOn[interface, default: 0] += 1
    }
}
