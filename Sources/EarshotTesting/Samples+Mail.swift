import EarshotModel
import EarshotWire
import Noise

extension Samples {
    /// Of the private half of Bob's prekey.
    package var bobsPrekeySeed: [UInt8] { [UInt8](repeating: 0x26, count: 32) }
    package var bobsMailbox: MailboxKey { MailboxKey(hash: self.anna.person.hash) }

    /// How to leave mail for Bob, from 14 November 2023 on.
    package var bobsPrekey: Prekey {
        let key = (try? XWingKEM().generate(seed: self.bobsPrekeySeed).publicKey) ?? []
        return Prekey.sign(
            device: self.bob.device, issued: Timestamp(milliseconds: 1_700_000_000_000),
            until: Timestamp(milliseconds: 1_702_592_000_000), key: key, mailbox: self.bobsMailbox,
            keepers: [self.anna.person], with: self.bob.signing)
    }

    /// What people said, sealed to Bob.
    package func sealed(_ items: [SealedBlob.Item]) -> SealedBlob? {
        try? SealedBlob(
            sealing: SealedBlob.pack(items).bytes, to: self.bobsPrekey,
            at: Timestamp(milliseconds: 1_700_000_000_000))
    }

    /// A frame of every kind that sealed mail has.
    package var mailFrames: [Frame] {
        let blob = self.sealed(self.words("one").map { .envelope($0.envelope) })
        return [
            .mail(.take([self.bobsMailbox])), .mail(.prekey(self.bobsPrekey)), .mail(.offer(takes: true)),
            .mail(.answer(Derive.blob([1]), .done)), .mail(.answer(Derive.blob([1]), .other(99))),
        ] + (blob.map { [.mail(.put($0)), .mail(.give($0))] } ?? [])
    }
}
