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
    /// AES-256-GCM where the processor of either end does it; else ChaCha20-Poly1305 everywhere.
    package var usesAES: Bool

    package init(
        state: String, name: String? = nil, port: UInt16? = nil, discovery: DiscoveryChoice = .auto,
        interfaces: [String] = [], usesAES: Bool = true
    ) {
        self.state = state
        self.name = name
        self.port = port
        self.discovery = discovery
        self.interfaces = interfaces
        self.usesAES = usesAES
    }
}
