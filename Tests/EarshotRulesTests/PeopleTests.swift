import EarshotModel
import EarshotTesting
import EarshotWire
import Noise
import Testing

@testable import EarshotRules

/// What is known of persons, whatever others say of their devices (Protocol.md 2 and 10).
@Suite struct PeopleTests {
    private let samples: Samples
    private let now = Moment(wall: Timestamp(milliseconds: 5), uptime: 5)

    init() throws { self.samples = try Samples() }

    private func people() -> People {
        People(self.samples.bob, Snapshot(generation: [UInt8](repeating: 9, count: 32)))
    }

    /// A stranger's list that has a device of somebody else in it.
    private func claim(_ device: Identity, by seed: UInt8) throws -> Manifest {
        let key = try SigningKeyPair(seed: [UInt8](repeating: seed, count: 32))
        let certificate = DeviceCertificate.issue(
            signing: device.signing.publicKey, agreement: device.agreement.publicKey, manifestVersion: 1,
            notBefore: 0, notAfter: .max, by: key)
        return Manifest.sign(version: 1, prev: nil, issued: 0, active: [certificate], name: "M", by: key)
    }

    @Test func whoClaimsAFriendsDeviceDoesNotHideTheirAdverts() throws {
        let anna = self.samples.anna
        var people = self.people()
        _ = people.receive(manifest: anna.manifest.wire, from: anna.person, at: self.now)
        _ = people.accept(anna.person, at: self.now)
        let claims = try (UInt8(20)..<28).map { try self.claim(anna, by: $0) }
        #expect(claims.contains { $0.person < anna.person }, "one of them comes first")
        for claim in claims {
            people.met(claim.person)
            _ = people.receive(manifest: claim.wire, from: claim.person, at: self.now)
        }
        #expect(people.owners(ofShortID: anna.device.shortID).count == 1 + claims.count)
        #expect(people.isContact(shortID: anna.device.shortID))
        #expect(!people.isContact(shortID: self.samples.bob.device.shortID))
    }

    @Test func aListCountsForWhoGaveItAlone() throws {
        var people = self.people()
        let claim = try self.claim(self.samples.anna, by: 20)
        #expect(people.receive(manifest: claim.wire, from: self.samples.anna.person, at: self.now).isEmpty)
        #expect(people.manifests[claim.person] == nil)
        let actions = people.receive(manifest: [1, 2, 3], from: claim.person, at: self.now)
        guard case .refuse = try #require(actions.first) else {
            Issue.record("what is no manifest is refused")
            return
        }
    }

    @Test func aRequestGoesToWhomWeHaveAccepted() {
        var people = self.people()
        let anna = self.samples.anna.person
        people.begin(with: anna, String(repeating: "ä", count: 1_000))
        #expect(people.request(to: anna) == nil)
        _ = people.accept(anna, at: self.now)
        guard case .request(let text) = people.request(to: anna) else {
            Issue.record("no request")
            return
        }
        #expect(text == String(repeating: "ä", count: Limits.requestBytes / 2))
    }

    @Test func whoIsAcceptedIsAcceptedOnceAndNeverOurselves() {
        var people = self.people()
        #expect(people.accept(self.samples.bob.person, at: self.now) == nil)
        #expect(people.accept(self.samples.anna.person, at: self.now) != nil)
        #expect(people.accept(self.samples.anna.person, at: self.now) == nil)
    }

    @Test func aStrangerWhoLeavesIsForgotten() {
        var people = self.people()
        let anna = self.samples.anna
        people.met(anna.person)
        _ = people.receive(manifest: anna.manifest.wire, from: anna.person, at: self.now)
        #expect(people.left(anna.person).count == 1 && people.manifests[anna.person] == nil)
        _ = people.receive(manifest: anna.manifest.wire, from: anna.person, at: self.now)
        _ = people.accept(anna.person, at: self.now)
        #expect(people.left(anna.person).isEmpty && people.manifests[anna.person] != nil)
    }
}
