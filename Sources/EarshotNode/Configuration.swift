import EarshotDiscovery

/// What a node is told when it starts.
package struct Configuration: Sendable {
    package var state: String
    /// What we call ourselves, for a new identity or to change it.
    package var name: String?
    /// Nothing means 47447 or else any.
    package var port: UInt16?
    package var discovery: DiscoveryChoice
    /// Names of interfaces to be found on; none means all.
    package var interfaces: [String]

    package init(
        state: String, name: String? = nil, port: UInt16? = nil, discovery: DiscoveryChoice = .auto, interfaces: [String] = []
    ) {
        self.state = state
        self.name = name
        self.port = port
        self.discovery = discovery
        self.interfaces = interfaces
    }
}
