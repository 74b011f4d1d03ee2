import EarshotModel

/// Which devices are whose: the newest manifest of each person, and certificates that came in handshakes (Protocol.md 2). Whatever
/// a person says about devices counts for that person alone: he can neither claim another's device nor revoke it.
package struct ManifestChain: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// It replaces what was held; devices in the set are no longer his.
        case taken(revoked: Set<PersonDevice>)
        case known
        /// An older version than the one we hold.
        case old
        /// It contradicts what we hold, which stays.
        case equivocation
    }

    private var manifests: [PersonID: Manifest] = [:]
    private var certificates: [PersonDevice: DeviceCertificate] = [:]
    private var revocations: [PersonDevice: Revocation] = [:]

    package init() {}

    package subscript(_ person: PersonID) -> Manifest? { self.manifests[person] }
    package var revoked: Set<PersonDevice> { Set(self.revocations.keys) }

    package mutating func receive(_ manifest: Manifest) -> Outcome {
        if let held = self.manifests[manifest.person] {
            if manifest.version < held.version { return .old }
            if manifest.version == held.version { return manifest.hash == held.hash ? .known : .equivocation }
            if manifest.version == held.version + 1, manifest.prev != held.hash { return .equivocation }
        }
        self.manifests[manifest.person] = manifest
        for certificate in manifest.active { self.certificates[PersonDevice(manifest.person, certificate.device)] = certificate }
        var revoked: Set<PersonDevice> = []
        for revocation in manifest.revoked {
            let device = PersonDevice(manifest.person, revocation.device)
            self.revocations[device] = revocation
            revoked.insert(device)
        }
        return .taken(revoked: revoked)
    }

    /// A certificate that a handshake proved. Says whether it is news.
    package mutating func receive(_ certificate: DeviceCertificate) -> Bool {
        let device = PersonDevice(certificate.person, certificate.device)
        guard self.certificates[device] != certificate else { return false }
        self.certificates[device] = certificate
        return true
    }

    /// A stranger has gone: nothing of him is kept.
    package mutating func forget(_ person: PersonID) {
        self.manifests[person] = nil
        self.certificates = self.certificates.filter { $0.key.person != person }
        self.revocations = self.revocations.filter { $0.key.person != person }
    }

    /// Which of these persons a device is certified for, the first named first.
    package func owner(of device: DeviceID, among persons: [PersonID]) -> PersonID? {
        persons.first { self.certificates[PersonDevice($0, device)] != nil }
    }

    /// The key to check an envelope with: its device is certified for one of these persons and was not revoked before it.
    package func key(for envelope: Envelope, among persons: [PersonID]) -> [UInt8]? {
        guard let person = self.owner(of: envelope.device, among: persons), self.counts(person, envelope.device, envelope.log, envelope.seq)
        else { return nil }
        return self.certificates[PersonDevice(person, envelope.device)]?.signingKey
    }

    /// What a device of a person signs with, if it is known and not revoked.
    package func signingKey(_ person: PersonID, _ device: DeviceID) -> [UInt8]? {
        let id = PersonDevice(person, device)
        return self.revocations[id] == nil ? self.certificates[id]?.signingKey : nil
    }

    /// Whether a place in a log is still valid: not above the cut of a revoked device.
    package func counts(_ person: PersonID, _ device: DeviceID, _ log: LogID, _ seq: UInt64) -> Bool {
        guard let revocation = self.revocations[PersonDevice(person, device)] else { return true }
        return seq <= revocation.cut[log] ?? 0
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
