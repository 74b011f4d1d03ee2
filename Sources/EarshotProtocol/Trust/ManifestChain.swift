import EarshotModel

/// Which devices are whose: the newest manifest of each person, and certificates that came in handshakes (Protocol.md 2).
package struct ManifestChain: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// It replaces what was held; devices in the set are out from now on.
        case taken(revoked: Set<DeviceID>)
        case known
        /// An older version than the one we hold.
        case old
        /// It contradicts what we hold, which stays.
        case equivocation
    }

    private var manifests: [PersonID: Manifest] = [:]
    private var certificates: [DeviceID: DeviceCertificate] = [:]
    private var revocations: [DeviceID: Revocation] = [:]

    package init() {}

    package subscript(_ person: PersonID) -> Manifest? { self.manifests[person] }
    package subscript(_ device: DeviceID) -> DeviceCertificate? { self.certificates[device] }
    package var revoked: Set<DeviceID> { Set(self.revocations.keys) }

    package mutating func receive(_ manifest: Manifest) -> Outcome {
        if let held = self.manifests[manifest.person] {
            if manifest.version < held.version { return .old }
            if manifest.version == held.version { return manifest.hash == held.hash ? .known : .equivocation }
            if manifest.version == held.version + 1, manifest.prev != held.hash { return .equivocation }
        }
        self.manifests[manifest.person] = manifest
        for certificate in manifest.active { self.certificates[certificate.device] = certificate }
        for revocation in manifest.revoked where self.certificates[revocation.device]?.person ?? manifest.person == manifest.person {
            self.revocations[revocation.device] = revocation
        }
        return .taken(revoked: Set(manifest.revoked.map(\.device)))
    }

    /// A certificate that a handshake proved. Says whether it is news.
    package mutating func receive(_ certificate: DeviceCertificate) -> Bool {
        guard self.certificates[certificate.device] != certificate else { return false }
        self.certificates[certificate.device] = certificate
        return true
    }

    /// The key to check an envelope with: its device is certified for one of these persons and was not revoked before it.
    package func key(for envelope: Envelope, among persons: Set<PersonID>) -> [UInt8]? {
        guard let certificate = self.certificates[envelope.device], persons.contains(certificate.person) else { return nil }
        guard self.counts(envelope.device, envelope.log, envelope.seq) else { return nil }
        return certificate.signingKey
    }

    /// Whether a place in a log is still valid: not above the cut of a revoked device.
    package func counts(_ device: DeviceID, _ log: LogID, _ seq: UInt64) -> Bool {
        guard let revocation = self.revocations[device] else { return true }
        return seq <= revocation.cut[log] ?? 0
    }
}
