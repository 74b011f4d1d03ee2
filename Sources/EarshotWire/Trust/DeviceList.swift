import EarshotModel

/// The devices of one person, as the newest manifest we hold of them says (Protocol.md 2).
package struct DeviceList: Hashable, Sendable {
    package let version: UInt32
    private let active: Set<DeviceID>
    private let revoked: [DeviceID: Revocation]
    /// Two manifests contradict each other: this one stays, and nothing newer is believed.
    package private(set) var isContradicted = false

    package init(_ manifest: Manifest) {
        self.version = manifest.version
        self.active = Set(manifest.active.map(\.device))
        self.revoked = Dictionary(manifest.revoked.map { ($0.device, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package mutating func contradict() { self.isContradicted = true }

    /// What this list says of a device that proved its keys in a handshake.
    /// - Parameter claimed: the manifest version in its handshake payload.
    package func standing(of device: DeviceID, claiming claimed: UInt32) -> DeviceStanding {
        if self.revoked[device] != nil { return .revoked }
        if self.active.contains(device) { return .listed }
        // A newer manifest, which the device says it has, may list it.
        return claimed > self.version && !self.isContradicted ? .unknown : .unlisted
    }

    package func lists(_ device: DeviceID) -> Bool { self.active.contains(device) && self.revoked[device] == nil }

    /// Up to where a log of a device is taken: to its end if the device is listed, to the cut if it is revoked, else
    /// not at all.
    package func limit(of device: DeviceID, _ log: LogID) -> UInt64 {
        guard let revocation = self.revoked[device] else { return self.active.contains(device) ? .max : 0 }
        return revocation.cut[log] ?? 0
    }
}

/// What we know about whether a device still is its person's (Protocol.md 2).
package enum DeviceStanding: Hashable, Sendable {
    /// In the newest manifest we hold.
    case listed
    /// We hold no manifest of the person yet, or the device says it has a newer one: until that comes nothing it says
    /// counts.
    case unknown
    /// The newest manifest takes it back.
    case revoked
    /// The newest manifest says nothing of it.
    case unlisted
}
