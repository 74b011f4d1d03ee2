import EarshotModel
import Noise

extension Derive {
    /// What the advert of a device is called in an epoch, unix seconds / 900, if it is private (Protocol.md 8).
    package static func tag(_ key: DiscoveryKey, epoch: UInt32) -> AdvertTag {
        let bytes = blake2b(person: "earshot.mdns.v1", key: key.bytes, length: 10, epoch.bigEndianBytes)
        guard let tag = AdvertTag(Base32.encode(bytes)) else { preconditionFailure("ten bytes are sixteen letters") }
        return tag
    }
}
