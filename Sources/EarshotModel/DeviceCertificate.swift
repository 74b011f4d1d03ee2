/// A person's word that a device is theirs (Protocol.md 2). The reader of certificates makes one only after the
/// signature held.
package struct DeviceCertificate: Hashable, Sendable {
    package let person: PersonID
    /// Ed25519, signs envelopes.
    package let signingKey: [UInt8]
    /// X25519, the Noise static key.
    package let staticKey: [UInt8]
    package let device: DeviceID
    package let manifestVersion: UInt32
    /// Unix seconds. Never used to refuse: boards without a clock battery start in 1970.
    package let notBefore: UInt64
    /// Unix seconds.
    package let notAfter: UInt64
    /// All 186 bytes.
    package let wire: [UInt8]

    package init(
        person: PersonID, signingKey: [UInt8], staticKey: [UInt8], device: DeviceID, manifestVersion: UInt32,
        notBefore: UInt64, notAfter: UInt64, wire: [UInt8]
    ) {
        self.person = person
        self.signingKey = signingKey
        self.staticKey = staticKey
        self.device = device
        self.manifestVersion = manifestVersion
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.wire = wire
    }
}

/// Which devices are a person's, and which no longer (Protocol.md 2). Made only after the signature held.
package struct Manifest: Hashable, Sendable {
    package let person: PersonID
    package let version: UInt32
    package let prev: Hash32?
    /// Unix seconds.
    package let issued: UInt64
    package let active: [DeviceCertificate]
    package let revoked: [Revocation]
    package let name: String
    /// The hash that `prev` of the next version names.
    package let hash: Hash32
    package let wire: [UInt8]

    package init(
        person: PersonID, version: UInt32, prev: Hash32?, issued: UInt64, active: [DeviceCertificate],
        revoked: [Revocation], name: String, hash: Hash32, wire: [UInt8]
    ) {
        self.person = person
        self.version = version
        self.prev = prev
        self.issued = issued
        self.active = active
        self.revoked = revoked
        self.name = name
        self.hash = hash
        self.wire = wire
    }
}

/// A device that is no longer its person's, and up to where its logs still count.
package struct Revocation: Hashable, Sendable {
    package let device: DeviceID
    package let reason: UInt32
    package let cut: [LogID: UInt64]

    package init(device: DeviceID, reason: UInt32, cut: [LogID: UInt64]) {
        self.device = device
        self.reason = reason
        self.cut = cut
    }
}
