import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Noise
import Testing

/// What the fuzzers found once, in the fewest lines.
@Suite struct FoundByFuzzing {
    @Test(arguments: [
        "\u{1F469}\u{200D}\u{FFFD}\t\t\0\u{301}\0O",
        "\u{1F469}\u{200D}\u{FFFD}\u{FFFD}Int\u{FFFD}6\0\u{FFFD}\n\n\u{200D}\u{FFFD}",
        " \u{301}a", "a \u{200D}\u{FE0F}b", "\u{301}",
    ]) func aCleanNameStaysClean(raw: String) {
        let name = SafeText.name(raw)
        #expect(SafeText.name(name) == name, "\(name.unicodeScalars.map { $0.value })")
    }
}

/// What reviews found: each was a way to lose a word, or the node.
@Suite struct FoundByReading {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    @Test func aStubAtTheEndOfAllNumbersIsRefused() throws {
        let words = self.samples.words("one", "two")
        var log = Log(device: self.samples.anna.device)
        _ = log.receive(words[0])
        for seq: UInt64 in [.max, .max - 1, UInt64(Int64.max), 1 << 40] {
            let gone = Gone(
                conversation: self.samples.conversation, log: self.samples.log, seq: seq, id: words[0].envelope.id)
            let outcome = log.receive(gone)
            #expect(outcome == .parked && log.earlyCount == 0)
            if seq > UInt64(Int64.max) { #expect(throws: ProtocolError.self) { try Gone(decoding: gone.encoded) } }
        }
        let outcome = log.receive(words[1])
        #expect(outcome == .taken([.envelope(words[1])]))
    }

    /// Mallory says that Anna's device is their own, and that it is revoked.
    @Test func nobodySpeaksForTheDevicesOfOthers() throws {
        func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
        let anna = self.samples.anna
        let mallory = try Identity.create(
            personSeed: seed(20), signingSeed: seed(21), agreementSeed: seed(22), name: "M", issued: 1_700_000_000)
        let key = try SigningKeyPair(seed: seed(20))
        let stolen = DeviceCertificate.issue(
            signing: anna.certificate.signingKey, agreement: anna.certificate.staticKey, manifestVersion: 2,
            notBefore: 0, notAfter: 0, by: key)
        let claim = Manifest.sign(
            version: 2, prev: mallory.manifest.hash, issued: 1_700_000_001, active: [stolen],
            revoked: [Revocation(device: anna.device, reason: 1, cut: [:])], name: "M", by: key)
        var chain = ManifestChain()
        _ = chain.receive(anna.manifest)
        _ = chain.receive(mallory.manifest)
        _ = chain.receive(claim)
        let word = self.samples.words("one")[0].envelope
        #expect(chain.key(for: word, among: [self.samples.bob.person, anna.person]) != nil)
        #expect(chain.lists(anna.person, anna.device))
        chain.forget(mallory.person)
        #expect(
            chain.lists.keys.map { $0 } == [anna.person] && chain[mallory.person] == nil && chain[anna.person] != nil)
    }

    @Test func aConversationGoesOnAfterBlockingAndARestart() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 41)
        lan.introduceAll()
        lan.run(for: 1_000)
        for number in 1...3 { _ = lan.say("word \(number)", from: 0, to: 1) }
        lan.run(for: 1_000)
        let bob = lan.hosts[1].identity.person
        lan.ask(0) { engine, _ in engine.block(bob) }
        lan.crash(0, downFor: 1_000)
        lan.run(for: 3_000)
        lan.ask(0) { engine, _ in engine.unblock(bob) }
        _ = lan.say("again", from: 0, to: 1)
        lan.run(for: 60_000)
        #expect(lan.hosts[0].disk.doubles == 0)
        #expect(lan.hosts[1].disk.stored.map(\.seq) == [1, 2, 3, 4])
    }

    /// A database set back, without a new birth mark, that wrote more than was lost: what it says is never taken for
    /// what they hold.
    @Test func whatSomebodyHoldsOtherwiseIsNotDelivered() throws {
        var conversation = Conversation(
            Derive.conversation(self.samples.anna.person, self.samples.bob.person), device: self.samples.anna.device,
            others: [self.samples.bob.person], generation: [UInt8](repeating: 9, count: 32))
        for word in self.samples.words("a", "b", "c") { _ = conversation.receive(word) }
        let now = Timestamp(milliseconds: 5)
        let isNews = conversation.note(held: 2, of: conversation.ours, by: self.samples.bob.device, at: now)
        #expect(isNews)
        #expect(conversation.progress(of: conversation.ours, 2).deliveredAt == now)
        conversation.forgetHeld(conversation.ours, by: self.samples.bob.device)
        #expect(conversation.progress(of: conversation.ours, 2).deliveredAt == nil)
    }
}
