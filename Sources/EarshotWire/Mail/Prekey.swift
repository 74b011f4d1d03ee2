import EarshotModel
import Noise

/// How to leave mail for a device while it is away, in its own words: signed by the device, told to those whom its
/// person has accepted, kept byte for byte (Protocol.md 19).
package struct Prekey: Hashable, Sendable {
    package let device: DeviceID
    /// Unix ms. Of two records of a device the one that was issued later counts.
    package let issued: Timestamp
    /// Unix ms: nothing is sealed with it from then on.
    package let until: Timestamp
    /// Of X-Wing, 1,216 bytes.
    package let key: [UInt8]
    package let mailbox: MailboxKey
    /// Whom its person wants to keep mail for them, the dearest first.
    package let keepers: [PersonID]
    /// 64 bytes of signature, and what is signed.
    package let wire: [UInt8]

    /// - Parameter key: of the device.
    package static func sign(
        device: DeviceID, issued: Timestamp, until: Timestamp, key: [UInt8], mailbox: MailboxKey, keepers: [PersonID],
        with signing: SigningKeyPair
    ) -> Prekey {
        let keepers = Array(keepers.prefix(Limits.keepersNamed))
        var out = ProtobufWriter()
        out.bytes(1, device.bytes)
        out.integer(2, issued.milliseconds)
        out.integer(3, until.milliseconds)
        out.bytes(4, key)
        out.bytes(5, mailbox.bytes)
        for keeper in keepers { out.element(6, keeper.bytes) }
        return Prekey(
            device: device, issued: issued, until: until, key: key, mailbox: mailbox, keepers: keepers,
            wire: signing.sign(Self.signed(out.bytes)) + out.bytes)
    }

    private static func signed(_ record: some Collection<UInt8>) -> [UInt8] {
        Array("earshot/1 prekey\0".utf8) + record
    }

    /// Whether the device's key signed it.
    package func isSigned(by key: [UInt8]) -> Bool {
        Ed25519.verify(Array(self.wire.prefix(64)), of: Self.signed(self.wire.dropFirst(64)), key: key)
    }
}

extension Prekey {
    /// Its form alone; the signature is not looked at.
    package init(decoding wire: some Collection<UInt8>) throws(ProtocolError) {
        var bytes = ByteReader(wire)
        _ = try bytes.take(64, "prekey")
        var reader = try ProtobufReader(bytes.rest())
        var (device, mailbox): (DeviceID?, MailboxKey?)
        var (issued, until): (UInt64, UInt64) = (0, 0)
        var key: [UInt8] = []
        var keepers: [PersonID] = []
        while let (field, value) = try reader.next() {
            if (1...5).contains(field) { try reader.once(field) }
            switch field {
            case 1: device = try ProtobufReader.id(value)
            case 2: issued = try ProtobufReader.integer(value)
            case 3: until = try ProtobufReader.integer(value)
            case 4: key = Array(try ProtobufReader.bytes(value))
            case 5: mailbox = try ProtobufReader.id(value)
            case 6:
                guard keepers.count < Limits.keepersNamed else { throw .tooMuch("keepers") }
                keepers.append(try ProtobufReader.id(value))
            default: continue
            }
        }
        guard let device, let mailbox, key.count == SealedBox.publicKeyLength, issued > 0 else {
            throw .malformed("prekey without its parts")
        }
        // A life that is longer than any may be was not meant so by whoever follows the rules.
        let (longest, isOver) = issued.addingReportingOverflow(Limits.prekeyTime)
        guard !isOver, until <= longest else { throw .tooMuch("prekey life") }
        self.init(
            device: device, issued: Timestamp(milliseconds: issued), until: Timestamp(milliseconds: until), key: key,
            mailbox: mailbox, keepers: keepers, wire: Array(wire))
    }
}
