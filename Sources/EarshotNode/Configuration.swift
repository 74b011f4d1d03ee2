import EarshotConfig
import EarshotControl
import EarshotModel

/// What a node is told when it starts: its folder, and what files, variables and options say.
package struct Configuration: Sendable {
    package let state: String
    package let layers: Layers
    /// Reads all of them again.
    let reread: @Sendable () throws(ConfigFaults) -> Layers
    /// What browsers of this machine are served, if anything.
    package var page: (any LocalPage)?
    /// The socket of the door, where whoever started us opened it already.
    package var socket: Int32?
    /// What is done by itself, if anything.
    package var hooks: (any LocalHooks)?
    /// What counts before the database is open.
    private let start: Config

    /// - Parameter state: absolute.
    package init(state: String, _ layers: Layers, reread: @escaping @Sendable () throws(ConfigFaults) -> Layers) {
        self.state = state
        self.layers = layers
        self.reread = reread
        self.start = layers.config()
    }

    /// As by options, for programs that put nodes together.
    package init(
        state: String, name: String? = nil, port: UInt16? = nil, discovery: DiscoveryChoice = .auto,
        interfaces: [String] = [], usesAES: Bool = true
    ) throws(ConfigFaults) {
        let all = Settings.registry
        var options: [String: Written] = [
            all.discovery.key: .typed(discovery.rawValue), all.interfaces.key: .list(interfaces.map { .typed($0) }),
            all.aes.key: .truth(usesAES),
        ]
        options[all.name.key] = name.map { .typed($0) }
        options[all.port.key] = port.map { .number(Int64($0)) }
        let layers = try Layers(options: options)
        self.init(state: state, layers) { () throws(ConfigFaults) in layers }
    }

    /// What we call ourselves, for a new identity or to change it.
    var name: String? { self.start[\.name] }
    /// `nil` means 47447 or else any.
    var port: UInt16? { self.start[\.port] }
    var discovery: DiscoveryChoice { self.start[\.discovery] }
    /// Names of interfaces to be found on; none means all.
    var interfaces: [String] { self.start[\.interfaces] }
    /// Where others reach us; none means at the addresses of these interfaces.
    var announced: [Endpoint] { self.start[\.discoveryAnnounce] }
    /// Where others are looked for, too.
    var domain: String? { self.start[\.discoveryDomain] }
    /// AES-256-GCM where the processor of either end does it; else ChaCha20-Poly1305 everywhere.
    var usesAES: Bool { self.start[\.aes] }
}
