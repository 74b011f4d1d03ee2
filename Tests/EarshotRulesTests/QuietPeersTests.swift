import EarshotModel
import EarshotWire
import Testing

@testable import EarshotRules

/// A node on a large network: what happens with one of many costs no more than what happens with one of few.
@Suite struct QuietPeersTests {
    /// Bob's node, with so many people they talk to, each of whom has been here for a while.
    private struct Network {
        var engine: Engine
        let people: [Identity]
        private(set) var now: UInt64 = 1_000

        init(_ count: Int) throws {
            func seed(_ number: Int, _ kind: UInt8) -> [UInt8] {
                [kind, UInt8(number / 256), UInt8(number % 256)] + [UInt8](repeating: 7, count: 29)
            }
            func identity(_ number: Int) throws -> Identity {
                try Identity.create(
                    personSeed: seed(number, 1), signingSeed: seed(number, 2), agreementSeed: seed(number, 3),
                    name: "P\(number)", issued: 1_700_000_000)
            }
            self.people = try (1...count).map(identity)
            var snapshot = Snapshot(generation: seed(0, 9))
            snapshot.contacts = self.people.map { Contact(person: $0.person, trust: .accepted) }
            snapshot.manifests = self.people.map(\.manifest.wire)
            let start = Moment(wall: Timestamp(milliseconds: 1_700_000_000_000), uptime: 1)
            self.engine = Engine(identity: try identity(0), snapshot: snapshot, now: start)
            for (number, peer) in self.people.enumerated() {
                // Each a moment after the one before, so that they are not due together.
                self.now += 1
                let payload = HandshakePayload(
                    certificate: peer.certificate, manifestVersion: 1, manifestHash: peer.manifest.hash,
                    datagramIndex: 1, features: 0)
                let introduction = Introduction(
                    peer: payload, isInitiator: number.isMultiple(of: 2), handshakeHash: [], cipher: "none")
                let remote = try #require(
                    Endpoint(address: [10, 0, UInt8(number / 256), UInt8(number % 256)], port: 47_447))
                self.happen(
                    .transport(.opened(LinkID(raw: UInt64(number)), introduction, remote: remote, dial: nil)))
            }
            self.now = 2_000
        }

        private var moment: Moment {
            Moment(wall: Timestamp(milliseconds: 1_700_000_000_000 + self.now), uptime: self.now)
        }

        @discardableResult mutating func happen(_ event: Event) -> [Effect] {
            self.engine.handle(event, at: self.moment) + self.engine.settle(at: self.moment)
        }

        mutating func wait(until now: UInt64) { self.now = now }

        /// How many links, conversations and nodes a story looks at, its rounds and the question when to be woken
        /// included.
        mutating func looks(_ story: (inout Network) throws -> Void) rethrows -> Int {
            let before = self.engine.looks
            try story(&self)
            _ = self.engine.wakeAt
            return self.engine.looks - before
        }

        mutating func say(_ text: String, to peer: Int) throws {
            _ = try self.engine.say(text, to: [self.people[peer].person], at: self.moment)
            _ = self.engine.settle(at: self.moment)
        }

        mutating func hear(_ texts: [String], from peer: Int) {
            let identity = self.people[peer]
            let conversation = Derive.conversation(identity.person, self.engine.me)
            let log = Derive.log(generation: identity.device.bytes, conversation)
            var prev: EnvelopeID?
            for (index, text) in texts.enumerated() {
                let content = Content.text(.init(text))
                let one = Envelope.sign(
                    conversation: conversation, device: identity.device, log: log, seq: UInt64(index + 1), prev: prev,
                    parents: [], stamp: HybridTime(raw: 1_700_000_000_000 << 16), kind: content.kind,
                    payload: content.payload, with: identity.signing)
                prev = one.envelope.id
                self.happen(.transport(.envelopes(LinkID(raw: UInt64(peer)), [one], unverified: [], .stream)))
            }
        }
    }

    private static let few = 5
    private static let many = 300

    private func compare(_ story: (inout Network) throws -> Void) throws {
        var few = try Network(Self.few)
        var many = try Network(Self.many)
        #expect(many.engine.sessionCount == Self.many)
        let (little, more) = (try few.looks(story), try many.looks(story))
        #expect(little > 0)
        #expect(more == little, "with \(Self.many) links, and with \(Self.few)")
    }

    @Test func whatOneSaysCostsTheSame() throws {
        try self.compare { $0.hear(["a", "b", "c"], from: 2) }
    }

    @Test func whatWeSayToOneCostsTheSame() throws {
        try self.compare { try $0.say("hello", to: 3) }
    }

    @Test func aRoundInWhichNothingHappensLooksAtNobody() throws {
        var network = try Network(Self.many)
        #expect(network.looks { _ = $0.happen(.woke) } == 0)
    }

    @Test func onlyThoseWhoseTimeHasComeAreLookedAt() throws {
        /// What the first two of them cost, who have been silent for long enough to be asked.
        func looks(_ count: Int) throws -> Int {
            var network = try Network(count)
            // Signs to all go at one moment, and that is not it.
            network.wait(until: Limits.presenceTime)
            network.happen(.woke)
            return network.looks { network in
                network.wait(until: 1_002 + Limits.quietTime)
                let asked = network.happen(.woke).count { Self.isQuestion($0) }
                #expect(asked == 2)
            }
        }
        let (little, more) = (try looks(Self.few), try looks(Self.many))
        #expect(little > 0 && more == little)
    }

    private static func isQuestion(_ effect: Effect) -> Bool {
        guard case .transmit(let frames, _) = effect, case .ping? = frames.first else { return false }
        return true
    }

    @Test func oneThatLeavesCostsTheSame() throws {
        try self.compare { $0.happen(.transport(.closed(LinkID(raw: 1), .byPeer(.goingAway)))) }
    }
}
