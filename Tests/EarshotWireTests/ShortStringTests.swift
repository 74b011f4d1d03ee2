import EarshotModel
import EarshotTesting
import EarshotWire
import Noise
import Testing

/// What persons compare: the same on both sides, and different as soon as anything is.
@Suite struct ShortStringTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    private var ends: SessionEnds {
        SessionEnds(
            initiator: .init(self.samples.anna.person, self.samples.anna.device),
            responder: .init(self.samples.bob.person, self.samples.bob.device),
            handshake: [UInt8](repeating: 3, count: 32))
    }

    @Test func picturesAndNamesAreSixtyFourAndEachThereOnce() {
        let all = ShortStringPictures.all
        #expect(all.count == 64 && Set(all.map(\.emoji)).count == 64 && Set(all.map(\.name)).count == 64)
        #expect(all.map(\.name) == all.map(\.name).sorted())
        for (emoji, name) in all {
            #expect(emoji.unicodeScalars.count == 1)
            #expect(emoji.unicodeScalars.first?.properties.isEmojiPresentation ?? false)
            #expect(!name.isEmpty && name.allSatisfy { $0.isASCII && $0.isLowercase })
        }
    }

    @Test func everythingThatIsHashedCounts() {
        let (reveal, answer) = (self.samples.anna.manifest.hash, self.samples.bob.manifest.hash)
        let ends = self.ends
        let strangers = SessionEnds.End(self.samples.bob.person, self.samples.anna.device)
        let variants: [ShortString] = [
            Derive.shortString(reveal: reveal, answer: answer, ends),
            Derive.shortString(reveal: answer, answer: answer, ends),
            Derive.shortString(reveal: reveal, answer: reveal, ends),
            Derive.shortString(
                reveal: reveal, answer: answer,
                SessionEnds(initiator: ends.responder, responder: ends.initiator, handshake: ends.handshake)),
            Derive.shortString(
                reveal: reveal, answer: answer,
                SessionEnds(initiator: ends.initiator, responder: strangers, handshake: ends.handshake)),
            // Somebody in the middle: two sessions, two handshake hashes.
            Derive.shortString(
                reveal: reveal, answer: answer,
                SessionEnds(
                    initiator: ends.initiator, responder: ends.responder,
                    handshake: [UInt8](repeating: 4, count: 32))),
        ]
        #expect(Set(variants).count == variants.count)
        #expect(Set(variants.map(\.numbers)).count == variants.count)
        for variant in variants {
            let groups = variant.numbers.split(separator: " ").compactMap { Int($0) }
            #expect(groups.count == 3 && groups.allSatisfy { (1_000...9_191).contains($0) })
            #expect(variant.pictures.count == 7)
        }
        #expect(Derive.commitment(to: reveal, ends) != Derive.commitment(to: answer, ends))
    }

    @Test func aCodeIsTheSameHoweverItIsTyped() {
        let code = InviteCode(typed: "482 019 337")
        #expect(code?.digits == "482019337" && code?.description == "482 019 337")
        for typed in ["482019337", "482-019-337", " 48 20 19 33 7 ", "482–019–337", "482\u{A0}019\u{A0}337"] {
            #expect(InviteCode(typed: typed) == code, "\(typed)")
        }
        for typed in ["", "48201933", "4820193377", "48201933x", "482_019_337", "４８２０１９３３７"] {
            #expect(InviteCode(typed: typed) == nil, "\(typed)")
        }
        #expect(InviteCode(chance: [0, 0, 0, 7])?.digits == "000000007")
        #expect(InviteCode(chance: [0xEE, 0x6B, 0x28, 0x00]) == nil && InviteCode(chance: [1]) == nil)
        #expect(InviteCode(chance: [0xEE, 0x6B, 0x27, 0xFF])?.digits == "999999999")
    }

    @Test func aFingerprintIsThirtyDigits() {
        let fingerprint = Derive.fingerprint(self.samples.anna.person)
        #expect(fingerprint.groups.count == 6 && fingerprint.groups.allSatisfy { $0.count == 5 })
        #expect(Fingerprint(typed: fingerprint.description) == fingerprint)
        #expect(Fingerprint(typed: fingerprint.groups.joined(separator: "-")) == fingerprint)
        #expect(Fingerprint(typed: fingerprint.groups.dropLast().joined()) == nil)
        #expect(fingerprint != Derive.fingerprint(self.samples.bob.person))
    }

    @Test func stepsHaveAValueWhereOneBelongsAndNowhereElse() throws {
        func read(_ body: [UInt8]) throws(ProtocolError) -> Frame { try Frame(type: 0x50, body: body[...]) }
        let value = [0x12, 32] + [UInt8](repeating: 7, count: 32)
        #expect(try read([0x08, 1]) == .verify(.ask))
        #expect(try read([0x08, 3] + value) == .verify(.commit(Hash32([UInt8](repeating: 7, count: 32)) ?? .zero)))
        #expect(try read([0x08, 200, 1] + value) == .verify(.other(200)))
        for bad in [[], [0x08, 0], [0x08, 3], [0x08, 1] + value, value, [0x08, 3, 0x12, 2, 1, 1]] as [[UInt8]] {
            #expect(throws: ProtocolError.self) { try read(bad) }
        }
    }
}
