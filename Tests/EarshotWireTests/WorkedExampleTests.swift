import EarshotModel
import Foundation
import Testing

@testable import EarshotWire
@testable import Noise

/// Appendix A of Protocol.md: each of its bytes is what our own code makes of the inputs that stand there.
@Suite struct WorkedExampleTests {
    let shown: [String: [UInt8]]
    let maker: ExampleMaker

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = ExampleDocument(try String(contentsOf: root.appending(path: "Protocol.md"), encoding: .utf8))
        self.shown = document.blocks
        self.maker = try ExampleMaker(document)
    }

    @Test func everyByteIsWhatWeMake() throws {
        let made = try self.maker.make()
        #expect(self.shown.count == 72)
        #expect(Set(made.keys) == Set(self.shown.keys))
        for (name, bytes) in made {
            let known = self.shown[name] ?? []
            let place =
                zip(bytes, known).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? min(bytes.count, known.count)
            #expect(bytes == known, "\(name) differs from byte \(place) on")
        }
    }

    /// The test above can fail: one bit of an input or of a block is enough.
    @Test func oneBitThatDiffersIsSeen() throws {
        let made = try self.maker.make()
        for name in self.shown.keys {
            var touched = self.shown
            touched[name]?[0] ^= 1
            #expect(made != touched, "\(name)")
        }
        var inputs = self.maker.inputs
        inputs["bob.ephemeral"]?[0] ^= 8
        #expect(
            try ExampleMaker(
                inputs: inputs, ciphertext: self.maker.ciphertext, verifying: self.maker.verifying,
                mail: self.maker.mail
            ).make()["message 2"]
                != self.shown["message 2"])
    }
}

/// The blocks in hex of a document. Of each line what stands before `;` counts.
struct ExampleDocument {
    private(set) var blocks: [String: [UInt8]] = [:]
    /// The values of the block `inputs`, by what stands behind `;`.
    private(set) var inputs: [String: [UInt8]] = [:]

    init(_ text: String) {
        var name: String?
        var isInside = false
        var input = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```hex"
                name = nil
            } else if isInside, name == nil {
                name = line.dropFirst(2).split(separator: ":").first.map(String.init)
                if let name { self.blocks[name] = [] }
            } else if isInside, let name {
                let parts = line.split(separator: ";", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                let bytes = Self.bytes(parts.first ?? "")
                self.blocks[name]? += bytes
                guard name == "inputs" else { continue }
                if parts.count == 2 { input = parts[1] }
                self.inputs[input, default: []] += bytes
            }
        }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - digits.count % 2, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}

/// Makes the example with our own code. Libraries do not let the randomness of encapsulation be chosen, so the KEM's
/// ciphertext is an input here, and Alice's key opens it.
struct ExampleMaker {
    let inputs: [String: [UInt8]]
    let ciphertext: [UInt8]
    /// rA, rB, the code, and 64 bytes of chance for each of the two.
    let verifying: [UInt8]
    /// The seed of a prekey, a mailbox key and 64 bytes of chance; and what was sealed with them.
    let mail: (inputs: [UInt8], blob: [UInt8])

    init(_ document: ExampleDocument) throws {
        self.init(
            inputs: document.inputs, ciphertext: try #require(document.blocks["kem ciphertext"]),
            verifying: try #require(document.blocks["verify inputs"]),
            mail: (
                try #require(document.blocks["mail inputs"]), try #require(document.blocks["blob"])
            ))
    }

    init(
        inputs: [String: [UInt8]], ciphertext: [UInt8], verifying: [UInt8], mail: (inputs: [UInt8], blob: [UInt8])
    ) {
        self.inputs = inputs
        self.mail = mail
        self.verifying = verifying
        self.ciphertext = ciphertext
    }

    /// One of the two, with what they say of themselves.
    struct Side {
        let signing: SigningKeyPair
        let agreement: StaticKeyPair
        let person: PersonID
        let device: DeviceID
        let certificate: DeviceCertificate
        let manifest: Manifest
        let index: UInt64
        let ephemeral: [UInt8]

        func payload(features: UInt64) -> [UInt8] {
            HandshakePayload(
                certificate: self.certificate, manifestVersion: 1, manifestHash: self.manifest.hash,
                datagramIndex: self.index, features: features
            ).encoded
        }
    }

    func input(_ name: String) throws -> [UInt8] {
        try #require(self.inputs[name], "\(name) is not among the inputs")
    }
    func number(_ name: String) throws -> UInt64 { try self.input(name).reduce(0) { $0 << 8 | UInt64($1) } }

    private func side(_ who: String, _ name: String) throws -> Side {
        let person = try SigningKeyPair(seed: self.input("\(who).person.seed"))
        let signing = try SigningKeyPair(seed: self.input("\(who).device.seed"))
        let agreement = try StaticKeyPair(seed: self.input("\(who).static"))
        let now = try self.number("unix.seconds")
        let certificate = DeviceCertificate.issue(
            signing: signing.publicKey, agreement: agreement.publicKey, manifestVersion: 1, notBefore: now,
            notAfter: now + Limits.certificateSeconds,
            by: person)
        return Side(
            signing: signing, agreement: agreement, person: try #require(PersonID(person.publicKey)),
            device: Derive.device(signing: signing.publicKey, agreement: agreement.publicKey), certificate: certificate,
            manifest: Manifest.sign(version: 1, prev: nil, issued: now, active: [certificate], name: name, by: person),
            index: try self.number("\(who).index"), ephemeral: try self.input("\(who).ephemeral"))
    }

    /// Every block of the appendix.
    func make() throws -> [String: [UInt8]] {
        let (alice, bob) = (try self.side("alice", "Alice"), try self.side("bob", "Bob"))
        var made: [String: [UInt8]] = [:]
        made["inputs"] = try [
            "alice.person.seed", "alice.device.seed", "alice.static", "alice.gen", "alice.ephemeral", "alice.kem.seed",
            "alice.index", "bob.person.seed",
            "bob.device.seed", "bob.static", "bob.ephemeral", "bob.kem.m", "bob.index", "unix.seconds", "offer.key",
            "room.salt", "bob.discovery.key",
        ].flatMap { try self.input($0) }
        for (who, side) in [("alice", alice), ("bob", bob)] {
            let keys = side.person.bytes + side.signing.publicKey + side.agreement.publicKey + side.device.bytes
            made["keys of \(who)"] = keys + Array(side.device.shortID.utf8)
            made["certificate of \(who)"] = side.certificate.wire
            made["manifest of \(who)"] = side.manifest.wire
            made["manifest hash of \(who)"] = side.manifest.hash.bytes
        }
        made["payload of alice"] = alice.payload(features: HandshakePayload.aes)
        made["payload of bob"] = bob.payload(features: 0)
        made["kem ciphertext"] = self.ciphertext
        let kem = try MLKEM768KEM().generate(seed: self.input("alice.kem.seed"))
        let secret = try kem.decapsulate(self.ciphertext)
        made["kem secret"] = secret

        let head = Hello.head(epoch: UInt32(try self.number("unix.seconds") / 900))
        let handshake = try self.handshake(alice, bob, head, secret, features: HandshakePayload.aes)
        made["hello"] = head + Hello.gate(head: head, message: handshake.messages[0], short: bob.device.shortID)
        made["prologue"] = Hello.prologue(head)
        for (number, message) in handshake.messages.enumerated() {
            made["message \(number + 1)"] = UInt16(message.count).bigEndianBytes + message
        }
        made["keys"] = Self.keys(handshake.result)
        made["steps"] = try self.steps(alice, bob, head, secret, handshake.messages, h: handshake.result.hash)
        try self.session(alice, bob, handshake.result, &made)
        try self.datagram(alice, bob, handshake.result, &made)
        try self.bulk(
            alice, try self.handshake(alice, bob, head, secret, features: HandshakePayload.aes | HandshakePayload.bulk),
            &made)
        try self.room(alice, bob, &made)
        try self.verify(alice, bob, handshake.result.hash, &made)
        try self.privateAdvert(head, handshake.messages[0], &made)
        try self.mail(bob, &made)
        return made
    }

    /// A private advert, and the gate behind it (A.14).
    private func privateAdvert(_ head: [UInt8], _ message: [UInt8], _ made: inout [String: [UInt8]]) throws {
        let key = try #require(DiscoveryKey(self.input("bob.discovery.key")))
        let epoch = UInt32(try self.number("unix.seconds") / 900)
        made["discovery key, body"] = Frame.discoveryKey(key).body
        made["tags of bob"] = [epoch - 1, epoch, epoch + 1].flatMap { Array(Derive.tag(key, epoch: $0).text.utf8) }
        made["closed gate"] = Hello.gate(head: head, message: message, key: key)
    }

    /// Comparing keys, and joining by a code (A.13).
    private func verify(_ alice: Side, _ bob: Side, _ h: [UInt8], _ made: inout [String: [UInt8]]) throws {
        var rest = self.verifying[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        let (reveal, answer) = (try #require(Hash32(take(32))), try #require(Hash32(take(32))))
        let code = try #require(InviteCode(typed: String(decoding: take(9), as: UTF8.self)))
        let ends = SessionEnds(
            initiator: .init(alice.person, alice.device), responder: .init(bob.person, bob.device), handshake: h)
        made["verify inputs"] = self.verifying
        made["commit, body"] = Verify.commit(Derive.commitment(to: reveal, ends)).encoded
        let string = Derive.shortString(reveal: reveal, answer: answer, ends)
        made["short string"] = string.bytes
        made["fingerprints"] = [alice, bob].flatMap { Array(Derive.fingerprint($0.person).description.utf8) }
        let (a, b) = (
            try Derive.agreement(code, ends, chance: take(64)), try Derive.agreement(code, ends, chance: take(64))
        )
        let secret = try #require(a.secret(with: b.share, isInitiator: true))
        #expect(secret == b.secret(with: a.share, isInitiator: false))
        made["shares"] = a.share + b.share
        made["isk"] = secret
        made["tags"] =
            Derive.tag(secret, isInitiator: true, ends).bytes + Derive.tag(secret, isInitiator: false, ends).bytes
    }

    private static func keys(_ result: HandshakeState.Result) -> [UInt8] {
        result.hash + result.send.key + result.receive.key + result.exporter
    }

    // MARK: the handshake

    /// Gives the ciphertext of the document.
    private struct ScriptedKEM: KEM {
        let ciphertext: [UInt8]
        let secret: [UInt8]
        private let real = MLKEM768KEM()
        init(_ ciphertext: [UInt8], _ secret: [UInt8]) { (self.ciphertext, self.secret) = (ciphertext, secret) }
        var name: String { self.real.name }
        var publicKeyLength: Int { self.real.publicKeyLength }
        var ciphertextLength: Int { self.real.ciphertextLength }
        func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair { try self.real.generate(seed: seed) }
        func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8]) {
            (self.ciphertext, self.secret)
        }
    }

    /// What both write, and what Alice has afterwards. Bob has the same, the other way round.
    private func handshake(
        _ alice: Side, _ bob: Side, _ head: [UInt8], _ secret: [UInt8], features: UInt64
    ) throws -> (messages: [[UInt8]], result: HandshakeState.Result) {
        let pattern = try #require(Pattern("XXhfs"))
        let prologue = Hello.prologue(head)
        var initiator = try HandshakeState(
            .init(pattern: pattern, kem: MLKEM768KEM(), prologue: prologue), isInitiator: true,
            keys: .init(ephemeral: alice.ephemeral, kemSeed: self.input("alice.kem.seed"), own: alice.agreement))
        var responder = try HandshakeState(
            .init(pattern: pattern, kem: ScriptedKEM(self.ciphertext, secret), prologue: prologue), isInitiator: false,
            keys: .init(ephemeral: bob.ephemeral, own: bob.agreement))
        let one = try initiator.write([])
        #expect(try responder.read(one).isEmpty)
        let two = try responder.write(bob.payload(features: 0))
        #expect(try initiator.read(two) == bob.payload(features: 0))
        let three = try initiator.write(alice.payload(features: features))
        #expect(try responder.read(three) == alice.payload(features: features))
        let (result, other) = (try initiator.finish(), try responder.finish())
        #expect(result.hash == other.hash && result.exporter == other.exporter)
        #expect(result.send.key == other.receive.key && result.receive.key == other.send.key)
        return ([one, two, three], result)
    }

    /// The symmetric state on the way, token by token.
    private func steps(
        _ alice: Side, _ bob: Side, _ head: [UInt8], _ secret: [UInt8], _ messages: [[UInt8]], h: [UInt8]
    ) throws -> [UInt8] {
        let name = "Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256"
        var (state, keys) = (SymmetricState(name: name, hash: .sha256), NoiseHash.sha256.hash(Array(name.utf8)))
        var out = state.chainingKey
        state.mixHash(Hello.prologue(head))
        out += state.h
        let (one, two, three) = (messages[0], messages[1], messages[2])
        for part in [one[..<32], one[32...], []] { state.mixHash(Array(part)) }
        out += state.h
        func mix(_ secret: [UInt8], _ state: inout SymmetricState) throws {
            let (next, key, _) = NoiseHash.sha256.hkdf(keys, secret)
            try state.mixKey(secret)
            #expect(state.chainingKey == next)
            keys = next
            out += secret + next + key
        }
        let (e, theirs) = (try StaticKeyPair(seed: alice.ephemeral), try StaticKeyPair(seed: bob.ephemeral).publicKey)
        state.mixHash(theirs)
        out += state.h
        try mix(e.agree(theirs), &state)
        #expect(try state.decryptAndHash(Array(two[32..<1_136])) == self.ciphertext)
        try mix(secret, &state)
        #expect(try state.decryptAndHash(Array(two[1_136..<1_184])) == bob.agreement.publicKey)
        try mix(e.agree(bob.agreement.publicKey), &state)
        _ = try state.decryptAndHash(Array(two[1_184...]))
        out += state.h
        #expect(try state.decryptAndHash(Array(three[..<48])) == alice.agreement.publicKey)
        try mix(alice.agreement.agree(theirs), &state)
        _ = try state.decryptAndHash(Array(three[48...]))
        #expect(state.h == h)
        return out
    }

    // MARK: frames

    private func seal(_ name: String, _ frame: Frame, _ cipher: inout CipherState, _ made: inout [String: [UInt8]])
        throws
    {
        let plaintext = try #require(Record.plaintext(type: frame.type, body: frame.body))
        let sealed = try cipher.encrypt(plaintext)
        made["\(name), plaintext"] = plaintext
        made["\(name), frame"] = UInt16(sealed.count).bigEndianBytes + sealed
    }

    private func session(_ alice: Side, _ bob: Side, _ keys: HandshakeState.Result, _ made: inout [String: [UInt8]])
        throws
    {
        var (toBob, toAlice) = (keys.send, keys.receive)
        try self.seal("ready", .ready, &toAlice, &made)
        try self.seal("profile of alice", .profile(name: "Alice"), &toBob, &made)
        try self.seal("profile of bob", .profile(name: "Bob"), &toAlice, &made)

        let conversation = Derive.conversation(alice.person, bob.person)
        let log = Derive.log(generation: try self.input("alice.gen"), conversation)
        made["conversation and log"] = conversation.bytes + log.bytes
        let content = Content.text(.init("Hello, Bob"))
        let envelope = Envelope.sign(
            conversation: conversation, device: alice.device, log: log, seq: 1, prev: nil, parents: [],
            stamp: HybridTime(raw: try self.number("unix.seconds") * 1_000 << 16), kind: content.kind,
            payload: content.payload, with: alice.signing
        ).envelope
        made["envelope"] = envelope.wire
        made["envelope id"] = envelope.id.bytes
        try self.seal("envelopes", .envelopes([envelope]), &toBob, &made)

        let heads = Heads(
            conversation: conversation, marks: [Mark(log: log, device: alice.device, seq: 1, id: envelope.id)])
        made["heads, body"] = heads.encoded
        try self.seal("heads", .heads(heads), &toAlice, &made)
    }

    private func datagram(_ alice: Side, _ bob: Side, _ keys: HandshakeState.Result, _ made: inout [String: [UInt8]])
        throws
    {
        let ping = Frame.ping(7)
        made["datagram key"] = hkdfExpand(
            keys.exporter, info: Array("earshot/1 udp i2r".utf8) + [0, 0] + keys.hash, length: 32)
        made["datagram, plaintext"] = Record.plaintext(type: ping.type, body: ping.body)
        var datagrams = Datagrams(
            exporter: keys.exporter, hash: keys.hash, isInitiator: true, mine: alice.index, theirs: bob.index,
            cipher: .chaChaPoly)
        made["datagram"] = datagrams.seal(ping, now: 0)
    }

    private func bulk(
        _ alice: Side, _ handshake: (messages: [[UInt8]], result: HandshakeState.Result),
        _ made: inout [String: [UInt8]]
    ) throws {
        let third = handshake.messages[2]
        made["bulk message 3"] = UInt16(third.count).bigEndianBytes + third
        made["bulk keys"] = Self.keys(handshake.result)
        var (toBob, toAlice) = (handshake.result.send, handshake.result.receive)
        let ready = try toAlice.encrypt(try #require(Record.plaintext(type: Frame.ready.type, body: [])))
        made["bulk ready, frame"] = UInt16(ready.count).bigEndianBytes + ready
        let key = try self.input("offer.key")
        let share = Derive.share(key: key)
        made["share"] = share.bytes
        let fetch = BulkFrame.fetch(
            Fetch(share, proof: Derive.fetchProof(key: key, handshake: handshake.result.hash, alice.device)))
        let source = BulkFrame.source(.init(share: share, listing: 20, size: 5, isOpen: false, isProven: true))
        func seal(_ name: String, _ frame: BulkFrame, _ cipher: inout CipherState) throws {
            let plaintext = [frame.type] + frame.body
            let sealed = try cipher.encrypt(plaintext)
            made["\(name), plaintext"] = plaintext
            made["\(name), long frame"] = UInt32(sealed.count).bigEndianBytes + sealed
        }
        try seal("fetch", fetch, &toBob)
        try seal("source", source, &toAlice)
    }
}
