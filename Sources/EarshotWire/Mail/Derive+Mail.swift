import EarshotModel
import Noise

extension Derive {
    /// Where mail for a device lies on a day, unix seconds / 86,400 (Protocol.md 19). Only the device itself can show
    /// in a session that a tag is its own.
    package static func mailbox(_ key: MailboxKey, of device: DeviceID, day: UInt32) -> MailboxTag {
        let bytes = blake2b(
            person: "earshot.mbox.v1", key: key.bytes, length: 16, device.bytes + day.bigEndianBytes)
        guard let tag = MailboxTag(bytes) else { preconditionFailure("BLAKE2b gives the length it is asked for") }
        return tag
    }

    package static func blob(_ bytes: [UInt8]) -> BlobID { BlobID(hash: self.hash("earshot.blobid1", bytes)) }
}

extension Timestamp {
    /// Days since 1970.
    package var day: UInt32 { UInt32(clamping: self.milliseconds / 86_400_000) }
}
