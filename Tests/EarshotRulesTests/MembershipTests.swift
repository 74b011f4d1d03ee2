import EarshotModel
import EarshotTesting
import EarshotWire
import Noise
import Testing

@testable import EarshotRules

/// One question: may this device have this conversation?
@Suite struct MembershipTests {
    private let me: Identity
    /// Another device of ours, which our manifest lists; and one that it does not.
    private let mine: Identity
    private let stray: Identity
    private let anna: Identity
    private let bob: Identity
    private var people: People
    private var membership: Membership

    init() throws {
        func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
        func identity(_ person: UInt8, _ device: UInt8) throws -> Identity {
            try Identity.create(
                personSeed: seed(person), signingSeed: seed(device), agreementSeed: seed(device + 50), name: "N",
                issued: 1_700_000_000)
        }
        let key = try SigningKeyPair(seed: seed(1))
        let (one, two) = (try identity(1, 2), try identity(1, 3))
        let manifest = Manifest.sign(
            version: 1, prev: .zero, issued: 1_700_000_000, active: [one.certificate, two.certificate], name: "Me",
            by: key)
        self.me = Identity(
            certificate: one.certificate, manifest: manifest, signing: one.signing, agreement: one.agreement)
        self.mine = two
        self.stray = try identity(1, 4)
        self.anna = try identity(5, 6)
        self.bob = try identity(7, 8)
        self.people = People(self.me, Snapshot(generation: seed(9)))
        for one in [self.anna, self.bob] {
            _ = self.people.receive(manifest: one.manifest.wire, from: one.person, at: Self.now)
            _ = self.people.accept(one.person, at: Self.now)
        }
        self.membership = Membership(me: self.me.person)
        for person in [self.me.person, self.anna.person, self.bob.person] { _ = self.membership.open(with: person) }
    }

    private static let now = Moment(wall: Timestamp(milliseconds: 5), uptime: 5)

    private var peers: Peers {
        Peers(
            Links(device: self.me.device), self.people, Dialer(me: self.me.device), device: self.me.device,
            isWritable: true)
    }

    private func admits(_ one: Identity, to person: PersonID) -> Bool {
        self.membership.admits(
            one.device, of: one.person, to: self.membership.conversation(with: person), self.peers)
    }

    @Test func aTalkOfTwoIsForThoseTwo() {
        #expect(self.admits(self.anna, to: self.anna.person))
        #expect(!self.admits(self.bob, to: self.anna.person))
        #expect(self.membership.other(in: self.membership.conversation(with: self.anna.person)) == self.anna.person)
    }

    @Test func whatWeTellOurselvesIsForOurDevicesAlone() {
        #expect(self.admits(self.mine, to: self.me.person))
        #expect(!self.admits(self.anna, to: self.me.person))
        #expect(self.membership.other(in: self.membership.conversation(with: self.me.person)) == nil)
        #expect(self.membership.persons(in: self.membership.conversation(with: self.me.person)) == [self.me.person])
    }

    @Test func ourOwnDevicesMayHaveEverything() {
        for person in [self.me.person, self.anna.person, self.bob.person] {
            #expect(self.admits(self.mine, to: person))
        }
    }

    @Test func aDeviceThatNoManifestListsMayHaveNothing() throws {
        for person in [self.me.person, self.anna.person] { #expect(!self.admits(self.stray, to: person)) }
    }

    @Test func whoIsBlockedMayHaveNothingAnyMore() {
        var other = self
        _ = other.people.block(self.anna.person)
        #expect(!other.admits(self.anna, to: self.anna.person))
        #expect(other.admits(self.mine, to: self.anna.person), "it is still ours")
    }

    @Test func nobodyMayHaveAConversationThatWeDoNotKnow() {
        let empty = Membership(me: self.me.person)
        let id = empty.conversation(with: self.anna.person)
        #expect(!empty.admits(self.anna.device, of: self.anna.person, to: id, self.peers))
        #expect(empty.persons(in: id).isEmpty && empty.links(for: id, self.peers).isEmpty)
    }

    @Test func bothDeriveTheSameConversation() {
        #expect(
            Membership(me: self.anna.person).conversation(with: self.me.person)
                == self.membership.conversation(with: self.anna.person))
    }
}
