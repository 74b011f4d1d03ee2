import EarshotModel
import EarshotRules
import EarshotWire
import NIOCore
import Noise
import Testing

/// Which devices speak for a person: those of the newest manifest that is held (Protocol.md 2).
@Suite struct DeviceTests {
    /// Anna, who has several devices; the lists of them are made as a test wants them.
    private struct Anna {
        let key: SigningKeyPair
        let person: PersonID
        /// A device of hers, by number.
        let devices: [Identity]

        init() throws {
            func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
            self.key = try SigningKeyPair(seed: seed(1))
            self.devices = try (0..<3).map { (number: UInt8) in
                try Identity.create(
                    personSeed: seed(1), signingSeed: seed(100 + number), agreementSeed: seed(150 + number),
                    name: "Anna",
                    issued: 1_700_000_000)
            }
            self.person = self.devices[0].person
        }

        /// A signed list. `prev` is the hash of the one before it.
        func manifest(
            _ version: UInt32, after before: Manifest? = nil, active: [Int], revoked: [Revocation] = [],
            name: String = "Anna"
        ) -> Manifest {
            Manifest.sign(
                version: version, prev: version == 1 ? nil : before?.hash ?? .zero, issued: 1_700_000_000,
                active: active.map { self.devices[$0].certificate }, revoked: revoked, name: name, by: self.key)
        }

        func revoke(_ number: Int, cut: [LogID: UInt64] = [:]) -> Revocation {
            Revocation(device: self.devices[number].device, reason: 1, cut: cut)
        }
    }

    /// Bob's node, and what it does.
    private struct Bob {
        var engine: Engine
        let identity: Identity
        var facts: [Fact] = []
        var now: UInt64 = 1_000
        private var links: UInt64 = 0

        init(knows contact: Contact? = nil, manifests: [Manifest] = []) throws {
            func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
            self.identity = try Identity.create(
                personSeed: seed(4), signingSeed: seed(5), agreementSeed: seed(6), name: "Bob", issued: 1_700_000_000)
            var snapshot = Snapshot(generation: seed(9))
            snapshot.contacts = contact.map { [$0] } ?? []
            snapshot.manifests = manifests.map(\.wire)
            self.engine = Engine(
                identity: self.identity, snapshot: snapshot, now: Moment(wall: Timestamp(milliseconds: 1), uptime: 1))
        }

        private var moment: Moment { Moment(wall: Timestamp(milliseconds: 1_700_000_000_000), uptime: self.now) }

        @discardableResult mutating func handle(_ event: TransportEvent) -> [Effect] {
            self.note(self.engine.handle(.transport(event), at: self.moment) + self.engine.settle(at: self.moment))
        }

        private mutating func note(_ effects: [Effect]) -> [Effect] {
            self.facts += effects.compactMap { if case .keep(let fact) = $0 { fact } else { nil } }
            return effects
        }

        mutating func accept(_ person: PersonID) -> [Effect] { self.note(self.engine.accept(person, at: self.moment)) }

        /// A session with a device of somebody, which says that its newest manifest has this version and hash.
        mutating func meet(_ peer: Identity, claiming version: UInt32, _ hash: Hash32 = .zero) throws -> (
            LinkID, [Effect]
        ) {
            self.links += 1
            let payload = HandshakePayload(
                certificate: peer.certificate, manifestVersion: version, manifestHash: hash, datagramIndex: 1,
                features: 0)
            let introduction = Introduction(
                peer: payload, isInitiator: false, handshakeHash: [UInt8](repeating: 0, count: 32), cipher: "none")
            let remote = try #require(Endpoint(address: [10, 0, 0, 1], port: 47_447))
            let link = LinkID(raw: self.links)
            return (link, self.handle(.opened(link, introduction, remote: remote, dial: nil)))
        }

        mutating func hear(_ frame: Frame, on link: LinkID) -> [Effect] { self.handle(.frame(link, frame, .stream)) }

        var stored: [UInt64] {
            self.facts.compactMap { if case .envelope(let one, _, _, _) = $0 { one.seq } else { nil } }
        }
        func name(of person: PersonID) -> String? { self.engine.contacts[person]?.name }
    }

    private func frames(_ effects: [Effect]) -> [Frame] {
        effects.flatMap { effect -> [Frame] in if case .transmit(let frames, _) = effect { frames } else { [] } }
    }

    private func closed(_ effects: [Effect]) -> [CloseCode] {
        effects.compactMap { if case .close(_, let code) = $0 { code } else { nil } }
    }

    /// A log of one of Anna's devices with Bob.
    private func log(of device: Identity, with bob: Identity, _ count: UInt64) -> (LogID, [VerifiedEnvelope]) {
        let conversation = Derive.conversation(device.person, bob.person)
        let log = Derive.log(generation: device.device.bytes, conversation)
        var prev: EnvelopeID?
        let envelopes = (1...count).map { seq in
            let content = Content.text(.init("word \(seq)"))
            let one = Envelope.sign(
                conversation: conversation, device: device.device, log: log, seq: seq, prev: prev, parents: [],
                stamp: HybridTime(raw: 1_700_000_000_000 << 16 + seq), kind: content.kind, payload: content.payload,
                with: device.signing)
            prev = one.envelope.id
            return one
        }
        return (log, envelopes)
    }

    private func accepted(_ person: PersonID) -> Contact { Contact(person: person, trust: .accepted) }

    @Test func whatAListSaysOfADevice() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0])
        var list = DeviceList(anna.manifest(3, after: one, active: [0, 2], revoked: [anna.revoke(1), anna.revoke(2)]))
        let devices = anna.devices.map(\.device)
        let stranger = DeviceID(hash: .zero)
        for claimed: UInt32 in [0, 2, 3, 4, .max] {
            #expect(list.standing(of: devices[0], claiming: claimed) == .listed)
            #expect(list.standing(of: devices[1], claiming: claimed) == .revoked)
            #expect(list.standing(of: devices[2], claiming: claimed) == .revoked, "active and revoked is revoked")
            #expect(list.standing(of: stranger, claiming: claimed) == (claimed > 3 ? .unknown : .unlisted))
        }
        list.contradict()
        #expect(list.standing(of: stranger, claiming: .max) == .unlisted, "nothing newer is believed")
        #expect(list.standing(of: devices[0], claiming: 3) == .listed)
    }

    @Test func theHandshakeRefusesWhoIsRevokedOrNotListedWithoutAByte() throws {
        let anna = try Anna()
        let bob = try Bob().identity
        func meet(_ manifest: Manifest, claims version: UInt32) throws -> Session.End? {
            let mine = anna.devices[1]
            let claimed = anna.manifest(version, active: [1])
            let calls = Identity(
                certificate: mine.certificate, manifest: claimed, signing: mine.signing, agreement: mine.agreement)
            func settings(_ identity: Identity, _ admission: Admission, _ byte: UInt8) -> Session.Settings {
                .init(
                    identity: identity, admission: admission, ephemeralSeed: [UInt8](repeating: byte, count: 32),
                    datagramIndex: 1,
                    hasAES: true, unixSeconds: 1_700_000_000)
            }
            var (one, hello) = try Session.calling(.anyone, settings(calls, Admission(), 1))
            let admission = Admission(lists: [anna.person: DeviceList(manifest)])
            var other = Session(answering: settings(bob, admission, 2))
            func written(_ actions: [Session.Action]) -> ByteBuffer {
                ByteBuffer(
                    bytes: actions.flatMap { action -> [UInt8] in
                        if case .write(let bytes) = action { bytes } else { [] }
                    })
            }
            var first = ByteBuffer(bytes: hello)
            var second = written(other.receive(&first))
            var third = written(one.receive(&second))
            let actions = other.receive(&third)
            let end = actions.compactMap { if case .end(let end) = $0 { end } else { nil } }.first
            #expect(end == nil || written(actions).readableBytes == 0, "who is turned away hears nothing")
            return end
        }
        #expect(try meet(anna.manifest(1, active: [0, 1]), claims: 1) == nil)
        #expect(try meet(anna.manifest(1, active: [0]), claims: 1) == .unlisted)
        #expect(try meet(anna.manifest(3, active: [0]), claims: 2) == .unlisted, "an older list does not help")
        #expect(try meet(anna.manifest(1, active: [0]), claims: 2) == nil, "a newer one may list it")
        #expect(try meet(anna.manifest(2, active: [0], revoked: [anna.revoke(1)]), claims: 3) == .revoked)
    }

    @Test func nothingADeviceSaysCountsBeforeAManifestListsIt() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0])
        var bob = try Bob(knows: self.accepted(anna.person), manifests: [one])
        let phone = anna.devices[1]
        let two = anna.manifest(2, after: one, active: [0, 1])
        let (link, opened) = try bob.meet(phone, claiming: 2, two.hash)
        #expect(self.frames(opened) == [.profile(name: "Bob"), .manifestAsk(anna.person)], "no Heads for it yet")
        #expect(!bob.engine.isOnline(anna.person))
        let (log, words) = self.log(of: phone, with: bob.identity, 3)
        let conversation = words[0].envelope.conversation
        let mark = Mark(log: log, device: phone.device, seq: 3, id: words[2].envelope.id)
        var heard = bob.hear(.profile(name: "Somebody else"), on: link)
        heard += bob.hear(.request(text: "let me in"), on: link)
        heard += bob.hear(.heads(Heads(conversation: conversation, marks: [mark], ask: true)), on: link)
        heard += bob.hear(.typing(conversation, on: true), on: link)
        heard += bob.handle(.envelopes(link, words, unverified: [], .stream))
        #expect(heard.isEmpty && bob.facts.isEmpty, "\(heard)")
        // The list comes.
        let listed = bob.hear(.manifestGive(two.wire), on: link)
        #expect(
            bob.engine.isOnline(anna.person) && listed.contains(.hear(link, true))
                && listed.contains(.keep(.manifest(two))))
        #expect(bob.name(of: anna.person) == "Somebody else")
        let asks = self.frames(listed).contains { if case .heads(let heads) = $0 { heads.ask } else { false } }
        #expect(asks, "what it said before is asked for again")
        _ = bob.hear(.heads(Heads(conversation: conversation, marks: [mark])), on: link)
        bob.handle(.envelopes(link, words, unverified: [], .stream))
        #expect(bob.stored == [1, 2, 3])
    }

    @Test func aDeviceThatItsOwnManifestDoesNotListIsSentAway() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0])
        let two = anna.manifest(2, after: one, active: [0], name: "still without it")
        for held in [[], [one], [two]] {
            for given in [one, two] {
                var bob = try Bob(knows: self.accepted(anna.person), manifests: held)
                let (link, _) = try bob.meet(anna.devices[1], claiming: 9)
                #expect(self.closed(bob.hear(.manifestGive(given.wire), on: link)) == [.notWanted])
                let (_, words) = self.log(of: anna.devices[1], with: bob.identity, 1)
                bob.handle(.envelopes(link, words, unverified: [], .stream))
                #expect(bob.stored.isEmpty)
            }
        }
        // And a stranger whom nobody knows as well; what it asks in its person's name is not heard.
        var bob = try Bob()
        let (link, _) = try bob.meet(anna.devices[1], claiming: 1, one.hash)
        _ = bob.hear(.request(text: "let me in"), on: link)
        #expect(self.closed(bob.hear(.manifestGive(one.wire), on: link)) == [.notWanted])
        #expect(bob.engine.contacts[anna.person]?.trust == .new && bob.facts.isEmpty)
        // The one that is listed is heard, and so is one request more; a third is not.
        let (other, _) = try bob.meet(anna.devices[0], claiming: 1, one.hash)
        for text in ["hello", "again"] { _ = bob.hear(.request(text: text), on: other) }
        _ = bob.hear(.manifestGive(one.wire), on: other)
        #expect(bob.engine.contacts[anna.person]?.request == "again")
        for text in ["once more", "and more"] { _ = bob.hear(.request(text: text), on: other) }
        #expect(bob.engine.contacts[anna.person]?.request == "again")
        // Another session asks for nothing new.
        let (third, _) = try bob.meet(anna.devices[0], claiming: 1, one.hash)
        _ = bob.hear(.request(text: "a greeting"), on: third)
        #expect(bob.engine.contacts[anna.person]?.request == "again")
    }

    @Test func aListThatNeverComesLetsNothingIn() throws {
        let anna = try Anna()
        for claimed: UInt32 in [0, 1, 2, .max] {
            var bob = try Bob(knows: self.accepted(anna.person))
            let (link, opened) = try bob.meet(anna.devices[0], claiming: claimed)
            #expect(self.frames(opened).contains(.manifestAsk(anna.person)))
            let (_, words) = self.log(of: anna.devices[0], with: bob.identity, 2)
            bob.handle(.envelopes(link, words, unverified: [], .stream))
            bob.handle(.envelopes(link, [], unverified: words.map(\.envelope), .stream))
            #expect(bob.stored.isEmpty && !bob.engine.isOnline(anna.person))
        }
    }

    @Test func aNewerManifestEndsTheSessionsOfWhoIsNotInIt() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0, 1, 2])
        for two in [
            anna.manifest(2, after: one, active: [1]),
            anna.manifest(2, after: one, active: [1], revoked: [anna.revoke(0)]),
        ] {
            var bob = try Bob(knows: self.accepted(anna.person), manifests: [one])
            let (old, _) = try bob.meet(anna.devices[0], claiming: 1, one.hash)
            let (_, words) = self.log(of: anna.devices[0], with: bob.identity, 2)
            bob.handle(.envelopes(old, [words[0]], unverified: [], .stream))
            #expect(bob.stored == [1])
            let (new, _) = try bob.meet(anna.devices[1], claiming: 2, two.hash)
            let effects = bob.hear(.manifestGive(two.wire), on: new)
            #expect(effects.contains(.close(old, .notWanted)) && !effects.contains(.close(new, .notWanted)))
            // What is still under way from it, and what another passes on, is not taken.
            bob.handle(.envelopes(old, [words[1]], unverified: [], .stream))
            bob.handle(.envelopes(new, [], unverified: [words[1].envelope], .stream))
            #expect(bob.stored == [1])
            // It comes again, and the session that knew nothing of the news ends after Ready.
            #expect(self.closed(try bob.meet(anna.devices[0], claiming: 1, one.hash).1) == [.notWanted])
            // An old list, or one by somebody else, changes nothing.
            _ = bob.hear(.manifestGive(one.wire), on: new)
            #expect(self.closed(try bob.meet(anna.devices[0], claiming: 2, two.hash).1) == [.notWanted])
        }
    }

    @Test func aRevokedDevicesLogIsTakenUpToItsCutWhoeverHasMore() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0, 1])
        var bob = try Bob(knows: self.accepted(anna.person), manifests: [one])
        let (log, words) = self.log(of: anna.devices[0], with: bob.identity, 5)
        let two = anna.manifest(2, after: one, active: [1], revoked: [anna.revoke(0, cut: [log: 3])])
        let (link, _) = try bob.meet(anna.devices[1], claiming: 2, two.hash)
        _ = bob.hear(.manifestGive(two.wire), on: link)
        let conversation = words[0].envelope.conversation
        let mark = Mark(log: log, device: anna.devices[0].device, seq: 5, id: words[4].envelope.id)
        let wants = self.frames(bob.hear(.heads(Heads(conversation: conversation, marks: [mark])), on: link))
        #expect(wants == [.want(try #require(Want(conversation: conversation, log: log, from: 1, to: 3)))])
        bob.handle(.envelopes(link, [], unverified: words.map(\.envelope), .stream))
        #expect(bob.stored == [1, 2, 3])
        // Without a cut nothing of it is asked for.
        let other = Mark(
            log: Derive.log(generation: [7], conversation), device: anna.devices[0].device, seq: 5,
            id: words[4].envelope.id)
        #expect(self.frames(bob.hear(.heads(Heads(conversation: conversation, marks: [other])), on: link)).isEmpty)
    }

    @Test func twoManifestsOfOneVersionFreezeTheListOfDevices() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0])
        let rival = anna.manifest(1, active: [0, 1], name: "another")
        let two = anna.manifest(2, after: one, active: [0, 1])
        var bob = try Bob(knows: self.accepted(anna.person), manifests: [one])
        let (link, _) = try bob.meet(anna.devices[0], claiming: 1, one.hash)
        let effects = bob.hear(.manifestGive(rival.wire), on: link)
        #expect(effects.contains(.announce(.warning(.equivocation, anna.person))))
        #expect(self.closed(effects).isEmpty, "whom the first list has may stay")
        _ = bob.hear(.manifestGive(two.wire), on: link)
        #expect(self.closed(try bob.meet(anna.devices[1], claiming: 2, two.hash).1) == [.notWanted])
        // Also after a restart.
        var contact = self.accepted(anna.person)
        (contact.trust, contact.conflict) = (.conflict, .deviceLists)
        var again = try Bob(knows: contact, manifests: [one])
        #expect(self.closed(try again.meet(anna.devices[1], claiming: 2, two.hash).1) == [.notWanted])
        #expect(self.closed(try again.meet(anna.devices[0], claiming: 1, one.hash).1).isEmpty)
    }

    @Test func theNewestListAloneDecides() throws {
        let anna = try Anna()
        let one = anna.manifest(1, active: [0, 1])
        let two = anna.manifest(2, after: one, active: [1], revoked: [anna.revoke(0)])
        let three = anna.manifest(3, after: two, active: [0, 1])
        var chain = ManifestChain()
        #expect(chain.receive(three) == .taken && chain.receive(two) == .old && chain.receive(one) == .old)
        #expect(
            chain.standing(of: anna.devices[0].device, anna.person, claiming: 3) == .listed, "listed again is listed")
        var steps = ManifestChain()
        for manifest in [one, two, three] { #expect(steps.receive(manifest) == .taken) }
        #expect(steps.lists == chain.lists, "it does not matter which were seen on the way")
        let broken = anna.manifest(4, after: two, active: [2])
        #expect(steps.receive(broken) == .equivocation && steps[anna.person] == three)
    }
}
