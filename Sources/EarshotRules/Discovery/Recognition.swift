import EarshotModel
import EarshotWire

/// Whose private adverts are whose: the keys that others have told us, and the tags that follow from them now
/// (Protocol.md 8). It costs three hashes a key and epoch, and no alarm unless an advert waits to be recognised.
package struct Recognition: Sendable {
    private struct Known: Hashable, Sendable {
        let person: PersonID
        let key: DiscoveryKey
    }

    private var known: [DeviceID: Known] = [:]
    /// Of the epoch before, this one and the next.
    private var tags: [AdvertTag: DeviceID] = [:]
    private var epoch: UInt32?
    /// The tag that each was heard under last.
    private var heard: [DeviceID: AdvertTag] = [:]
    /// Adverts that are nobody's whom we know, yet: their clock may be off, or their key may still come.
    private var unknown: [AdvertTag: [Endpoint]] = [:]
    /// In which order those came, and perhaps others that are gone.
    private var order: [AdvertTag] = []
    /// When the next epoch may let us recognise somebody, as it was found last; uptime in ms.
    private(set) var dueAt: UInt64?

    package init(_ snapshot: Snapshot) {
        for key in snapshot.discoveryKeys.prefix(Limits.discoveryKeys) {
            self.known[key.device] = Known(person: key.person, key: key.key)
        }
    }

    /// Begins again from what is on disk, with what was heard on the network.
    init(again old: Recognition, _ snapshot: Snapshot) {
        self.init(snapshot)
        (self.heard, self.unknown, self.order) = (old.heard, old.unknown, old.order)
    }

    // MARK: keys

    package subscript(device: DeviceID) -> DiscoveryKey? { self.known[device]?.key }
    /// All of them, for whoever calls.
    var keys: [DeviceID: DiscoveryKey] { self.known.mapValues(\.key) }
    package var persons: Set<PersonID> { Set(self.known.values.map(\.person)) }
    func devices(of person: PersonID) -> [DeviceID] {
        self.known.filter { $0.value.person == person }.keys.sorted()
    }

    /// A device told its key. Says whether that is news; of too many devices those count whom we have known longer.
    package mutating func learn(_ key: DiscoveryKey, of device: DeviceID, _ person: PersonID) -> Bool {
        let known = Known(person: person, key: key)
        guard self.known[device] != known,
            self.known[device] != nil || self.known.count < Limits.discoveryKeys
        else { return false }
        self.known[device] = known
        self.epoch = nil
        return true
    }

    /// Says whether there was one.
    package mutating func forget(_ device: DeviceID) -> Bool {
        self.epoch = nil
        self.heard[device] = nil
        return self.known.removeValue(forKey: device) != nil
    }

    // MARK: adverts

    /// An advert under a tag. Whose it is; `nil` if that is not known, and then it is kept in mind.
    package mutating func sighted(_ tag: AdvertTag, _ endpoints: [Endpoint], at wall: Timestamp) -> DeviceID? {
        self.renew(at: wall)
        if let device = self.tags[tag] {
            self.heard[device] = tag
            return device
        }
        if self.unknown[tag] == nil { self.makeRoom(for: tag) }
        for endpoint in endpoints {
            let known = self.unknown[tag] ?? []
            guard known.count < Limits.addressesPerNode, !known.contains(endpoint) else { continue }
            self.unknown[tag, default: []].append(endpoint)
        }
        return nil
    }

    /// Of too many the oldest is forgotten.
    private mutating func makeRoom(for tag: AdvertTag) {
        while self.unknown.count >= Limits.unknownTags, !self.order.isEmpty {
            self.unknown[self.order.removeFirst()] = nil
        }
        if self.order.count >= 2 * Limits.unknownTags {
            self.order = self.order.filter { self.unknown[$0] != nil }
        }
        self.order.append(tag)
        self.unknown[tag] = []
    }

    /// An advert was taken back. Whose it was, if they have no newer one: who changes their tag is not gone.
    package mutating func vanished(_ tag: AdvertTag) -> DeviceID? {
        self.unknown[tag] = nil
        guard let device = self.heard.first(where: { $0.value == tag })?.key else { return nil }
        self.heard[device] = nil
        return device
    }

    /// Adverts that are known now and were not when they came: a key was told since, or an epoch began.
    package mutating func settle(at wall: Timestamp) -> [(DeviceID, [Endpoint])] {
        guard self.renew(at: wall), !self.unknown.isEmpty else { return [] }
        var found: [(DeviceID, [Endpoint])] = []
        for tag in self.order {
            guard let device = self.tags[tag], let endpoints = self.unknown.removeValue(forKey: tag) else { continue }
            self.heard[device] = tag
            found.append((device, endpoints))
        }
        return found
    }

    mutating func wait(from now: Moment) { self.dueAt = self.wakeAt(now) }

    /// When `settle` should be asked, uptime in ms: when the next epoch begins, if an advert waits for it.
    package func wakeAt(_ now: Moment) -> UInt64? {
        guard !self.unknown.isEmpty, !self.known.isEmpty else { return nil }
        return now.uptime + Limits.tagEpochTime - now.wall.milliseconds % Limits.tagEpochTime
    }

    /// The tags of now. Says whether they are others than before.
    @discardableResult
    private mutating func renew(at wall: Timestamp) -> Bool {
        let epoch = Rotation.epoch(of: wall)
        guard epoch != self.epoch else { return false }
        self.epoch = epoch
        self.tags = [:]
        for (device, known) in self.known {
            for near in [epoch &- 1, epoch, epoch &+ 1] { self.tags[Derive.tag(known.key, epoch: near)] = device }
        }
        return true
    }
}
