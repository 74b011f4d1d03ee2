import EarshotModel
import EarshotWire

/// Which devices are whose: the newest manifest of each person, and certificates that came in handshakes (Protocol.md
/// 2). Whatever a person says about devices counts for that person alone: they can neither claim another's device nor
/// revoke it.
package struct ManifestChain: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// It replaces what was held.
        case taken
        case known
        /// An older version than the one we hold.
        case old
        /// It contradicts what we hold, which stays; so does every newer one from now on.
        case equivocation
    }

    private var manifests: [PersonID: Manifest] = [:]
    /// What each of them says; what the handshake asks.
    package private(set) var lists: [PersonID: DeviceList] = [:]
    private var certificates: [PersonDevice: DeviceCertificate] = [:]
    /// Whom a device was certified for; nearly always one person.
    private var claimants: [DeviceID: Set<PersonID>] = [:]
    /// Whose active devices have a short id.
    private var shortIDs: [String: Set<PersonID>] = [:]

    package init() {}

    package subscript(_ person: PersonID) -> Manifest? { self.manifests[person] }

    package mutating func receive(_ manifest: Manifest) -> Outcome {
        if let held = self.manifests[manifest.person] {
            if manifest.version < held.version { return .old }
            if manifest.hash == held.hash { return .known }
            let contradicts =
                manifest.version == held.version || manifest.version == held.version + 1 && manifest.prev != held.hash
            if contradicts || self.lists[manifest.person]?.isContradicted ?? false {
                self.contradict(manifest.person)
                return .equivocation
            }
        }
        self.dropShortIDs(of: manifest.person)
        self.manifests[manifest.person] = manifest
        for certificate in manifest.active {
            self.shortIDs[certificate.device.shortID, default: []].insert(manifest.person)
        }
        self.lists[manifest.person] = DeviceList(manifest)
        for certificate in manifest.active { self.keep(certificate, of: manifest.person) }
        return .taken
    }

    /// Nothing newer is believed of this person: two manifests contradict each other.
    package mutating func contradict(_ person: PersonID) { self.lists[person]?.contradict() }

    /// A certificate that a handshake proved. Says whether it is news.
    package mutating func receive(_ certificate: DeviceCertificate) -> Bool {
        let device = PersonDevice(certificate.person, certificate.device)
        guard self.certificates[device] != certificate else { return false }
        self.keep(certificate, of: certificate.person)
        return true
    }

    private mutating func keep(_ certificate: DeviceCertificate, of person: PersonID) {
        self.certificates[PersonDevice(person, certificate.device)] = certificate
        self.claimants[certificate.device, default: []].insert(person)
    }

    /// A stranger has gone: nothing of theirs is kept.
    package mutating func forget(_ person: PersonID) {
        self.dropShortIDs(of: person)
        self.manifests[person] = nil
        self.lists[person] = nil
        for one in self.certificates.keys where one.person == person {
            self.claimants[one.device]?.remove(person)
            if self.claimants[one.device]?.isEmpty ?? false { self.claimants[one.device] = nil }
        }
        self.certificates = self.certificates.filter { $0.key.person != person }
    }

    private mutating func dropShortIDs(of person: PersonID) {
        for certificate in self.manifests[person]?.active ?? [] {
            let shortID = certificate.device.shortID
            self.shortIDs[shortID]?.remove(person)
            if self.shortIDs[shortID]?.isEmpty ?? false { self.shortIDs[shortID] = nil }
        }
    }

    /// Whose newest manifest has a device with this short id among the active ones.
    func owners(ofShortID shortID: String) -> Set<PersonID> { self.shortIDs[shortID] ?? [] }

    /// Which of these persons a device was ever certified for, the first named first. It says whose words are whose,
    /// not whether more of them are taken: see `limit`.
    package func owner(of device: DeviceID, among persons: [PersonID]) -> PersonID? {
        guard let claimants = self.claimants[device], let one = claimants.first else { return nil }
        // In a room there are many persons, and a look-up for each would be the most of what a change costs.
        if claimants.count == 1 { return persons.contains(one) ? one : nil }
        return persons.first(where: claimants.contains)
    }

    /// Which of those whom it counts for a device was ever certified for: this person first, then in order.
    package func owner(of device: DeviceID, first: PersonID, where counts: (PersonID) -> Bool) -> PersonID? {
        guard let claimants = self.claimants[device], let one = claimants.first else { return nil }
        if claimants.count == 1 { return counts(one) ? one : nil }
        let owners = claimants.filter(counts)
        return owners.contains(first) ? first : owners.min()
    }

    /// Whether a device that proved its keys is its person's; `claimed` is the manifest version in its handshake
    /// payload.
    package func standing(of device: DeviceID, _ person: PersonID, claiming claimed: UInt32) -> DeviceStanding {
        self.lists[person]?.standing(of: device, claiming: claimed) ?? .unknown
    }

    /// Whether the newest manifest of a person has the device among the active ones.
    package func lists(_ person: PersonID, _ device: DeviceID) -> Bool { self.lists[person]?.lists(device) ?? false }

    /// The key to check an envelope with: its device is listed by one of these persons, or was revoked after it.
    package func key(for envelope: Envelope, among persons: [PersonID]) -> [UInt8]? {
        self.owner(of: envelope.device, among: persons).flatMap { self.key(for: envelope, of: $0) }
    }

    /// The same, once it is known whose device it is.
    package func key(for envelope: Envelope, of person: PersonID) -> [UInt8]? {
        guard envelope.seq <= self.limit(person, envelope.device, envelope.log) else { return nil }
        return self.certificates[PersonDevice(person, envelope.device)]?.signingKey
    }

    /// What a device of a person signs with, if it is listed.
    package func signingKey(_ person: PersonID, _ device: DeviceID) -> [UInt8]? {
        self.lists(person, device) ? self.certificates[PersonDevice(person, device)]?.signingKey : nil
    }

    /// Up to where a log of a device is taken, whoever passes it on: see `DeviceList.limit`.
    package func limit(_ person: PersonID, _ device: DeviceID, _ log: LogID) -> UInt64 {
        self.lists[person]?.limit(of: device, log) ?? 0
    }
}

/// A device as somebody's. Its keys alone do not say whose it is.
package struct PersonDevice: Hashable, Sendable {
    package let person: PersonID
    package let device: DeviceID

    package init(_ person: PersonID, _ device: DeviceID) {
        self.person = person
        self.device = device
    }
}
