import EarshotModel
import Testing

@testable import EarshotWire
@testable import Noise

/// The mail of the worked example (A.15). Libraries do not let the randomness of encapsulation be chosen, so the blob
/// is an input here, and Bob opens it.
extension ExampleMaker {
    func mail(_ bob: Side, _ made: inout [String: [UInt8]]) throws {
        let (inputs, blob) = self.mail
        #expect(inputs.count == 128)
        let seed = Array(inputs.prefix(32))
        let mailbox = try #require(MailboxKey(inputs.dropFirst(32).prefix(32)))
        let now = Timestamp(milliseconds: try self.number("unix.seconds") * 1_000)
        let prekey = Prekey.sign(
            device: bob.device, issued: now, until: Timestamp(milliseconds: now.milliseconds + Limits.prekeyTime),
            key: try XWingKEM().generate(seed: seed).publicKey, mailbox: mailbox, keepers: [], with: bob.signing)
        let sealed = try SealedBlob(decoding: blob)
        let items = try sealed.open(seed: seed, device: bob.device)
        let packed = SealedBlob.pack(items).bytes
        made["mail inputs"] = inputs
        made["prekey of bob"] = prekey.wire
        made["mailbox tag"] = Derive.mailbox(mailbox, of: bob.device, day: now.day).bytes
        made["sealed list"] = UInt32(packed.count).bigEndianBytes + packed
        made["blob"] = sealed.bytes
        made["blob id"] = sealed.id.bytes
        #expect(sealed.tag.bytes == made["mailbox tag"] && packed == made["envelope"])
        let again = try SealedBlob(sealing: packed, to: prekey, at: now)
        #expect(again.bytes.count == blob.count && again.tag == sealed.tag)
    }
}
