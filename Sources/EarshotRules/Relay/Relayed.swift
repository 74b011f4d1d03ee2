import EarshotModel
import EarshotWire
import Noise

/// Being relayed (Protocol.md 20): which of those who are here relay for us, whom we would meet there, and whom we can.
struct Relayed: Sendable {
    private struct Relay: Sendable {
        /// Where it is called.
        let endpoint: Endpoint
        /// What it was told last; `nil` for nothing yet.
        var told: [Hash16]?
        var behind: [Hash16: DeviceID] = [:]
        var comes = TokenBucket(Limits.relayKnocksPerSecond, burst: Limits.relayKnocksAtOnce)
    }

    private let me: DeviceID
    private let keys: StaticKeyPair
    private var relays: [DeviceID: Relay] = [:]
    /// What only we two know, of each device that we would meet.
    private var secrets: [DeviceID: [UInt8]] = [:]
    /// Where we are called on our own networks.
    private(set) var addresses: [Endpoint] = []
    /// Whom we seek may have changed.
    private var isStale = false

    init(_ identity: Identity) {
        self.me = identity.device
        self.keys = identity.agreement
    }

    /// Whether there is anything to find out by asking `settle`.
    var isDue: Bool { self.isStale && !self.relays.isEmpty }

    /// Somebody came, went, or is somebody else to us.
    mutating func changed() { self.isStale = true }

    // MARK: addresses of one's own

    /// - Returns: whether they are others than before.
    mutating func use(addresses: [Endpoint]) -> Bool {
        let told = Array(addresses.filter(Self.mayBeTold).prefix(Limits.addressesPerNode))
        defer { self.addresses = told }
        return told != self.addresses
    }

    /// Those that mean something in another network: private ones, and none that is for one cable or one machine.
    private static func mayBeTold(_ endpoint: Endpoint) -> Bool {
        AddressPolicy.admits(endpoint.address, onLoopback: false) && !AddressPolicy.isLinkLocal(endpoint.address)
            && !endpoint.address.starts(with: [169, 254]) && !endpoint.isRelayed && endpoint.port >= Limits.lowestPort
    }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// Our addresses, for somebody whom we met over a relay: a step for each port.
    var steps: [RelayStep] {
        Dictionary(grouping: self.addresses, by: \.port).sorted { $0.key < $1.key }.map { port, endpoints in
            let addresses = endpoints.compactMap { endpoint in
                Hash16(endpoint.address.count == 4 ? Self.mapped + endpoint.address : endpoint.address)
            }
            return .at(addresses, port: port)
        }
    }

    /// What somebody told of theirs.
    static func endpoints(_ addresses: [Hash16], port: UInt16) -> [Endpoint] {
        addresses.compactMap { address in
            let isMapped = address.bytes.starts(with: self.mapped)
            return Endpoint(address: Array(isMapped ? address.bytes.suffix(4) : address.bytes[...]), port: port)
        }.filter(self.mayBeTold)
    }

    // MARK: relays

    /// A contact of ours relays for us.
    mutating func offered(by relay: DeviceID, at endpoint: Endpoint) {
        guard self.relays[relay] != nil || self.relays.count < Limits.relays else { return }
        let behind = self.relays[relay]?.behind ?? [:]
        self.relays[relay] = Relay(endpoint: endpoint, behind: behind)
        self.isStale = true
    }

    /// Not any more, or it is not here. Says what leads nowhere from now on.
    mutating func left(_ relay: DeviceID) -> [(device: DeviceID, endpoint: Endpoint)] {
        guard let gone = self.relays.removeValue(forKey: relay) else { return [] }
        return gone.behind.sorted { $0.key < $1.key }.map { ($0.value, gone.endpoint.through($0.key)) }
    }

    /// What each relay has to be told, where that is not what it was told last.
    /// - Parameter sought: whom we would meet, with their X25519 keys.
    mutating func settle(_ sought: [DeviceID: [UInt8]]) -> [(relay: DeviceID, step: RelayStep)] {
        self.isStale = false
        var steps: [(relay: DeviceID, step: RelayStep)] = []
        for relay in self.relays.keys.sorted() {
            let tags = self.tags(sought, at: relay).keys.sorted()
            guard self.relays[relay]?.told != tags else { continue }
            // Who has never been told anything need not be told nothing.
            if !(tags.isEmpty && self.relays[relay]?.told == nil) { steps.append((relay, .seek(tags))) }
            self.relays[relay]?.told = tags
        }
        return steps
    }

    private mutating func tags(_ sought: [DeviceID: [UInt8]], at relay: DeviceID) -> [Hash16: DeviceID] {
        var tags: [Hash16: DeviceID] = [:]
        for (device, key) in sought.sorted(by: { $0.key < $1.key }) where device != relay && device != self.me {
            guard tags.count < Limits.relayTags, let tag = self.tag(device, key, at: relay) else { continue }
            tags[tag] = device
        }
        return tags
    }

    /// What two devices are called at a relay: only they can tell.
    mutating func tag(_ device: DeviceID, _ key: [UInt8], at relay: DeviceID) -> Hash16? {
        guard let secret = self.secrets[device] ?? (try? self.keys.agree(key)) else { return nil }
        self.secrets[device] = secret
        return Hash16(blake2b(person: "earshot.relay.v1", key: secret, length: 16, relay.bytes))
    }

    // MARK: who is there

    /// A relay says that somebody whom we seek is there.
    /// - Returns: who, and how they are called.
    mutating func there(
        _ tag: Hash16, _ door: Hash16, at relay: DeviceID, _ sought: [DeviceID: [UInt8]]
    ) -> (device: DeviceID, endpoint: Endpoint)? {
        guard let endpoint = self.relays[relay]?.endpoint, let device = self.tags(sought, at: relay)[tag],
            self.relays[relay]?.behind[door] != nil || (self.relays[relay]?.behind.count ?? 0) < Limits.relayTags
        else { return nil }
        self.relays[relay]?.behind[door] = device
        return (device, endpoint.through(door))
    }

    mutating func gone(_ door: Hash16, at relay: DeviceID) -> (device: DeviceID, endpoint: Endpoint)? {
        guard let endpoint = self.relays[relay]?.endpoint,
            let device = self.relays[relay]?.behind.removeValue(forKey: door)
        else { return nil }
        return (device, endpoint.through(door))
    }

    /// Somebody who is sought has called us there: where to fetch them.
    mutating func come(_ ticket: Hash16, at relay: DeviceID, now: UInt64) -> Endpoint? {
        guard let told = self.relays[relay]?.told, !told.isEmpty, self.relays[relay]?.comes.take(now: now) == nil
        else { return nil }
        return self.relays[relay]?.endpoint.through(ticket)
    }

    /// Which relay is called at an address.
    func relay(at endpoint: Endpoint) -> DeviceID? {
        guard endpoint.isRelayed else { return nil }
        return self.relays.first { $0.value.endpoint == endpoint.through(nil) }?.key
    }
}
