import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Who is here, and whether they still are (Protocol.md 3, 4 and 11).
@Suite struct LinksTests {
    private let samples: Samples
    private let remote: Endpoint

    init() throws {
        self.samples = try Samples()
        self.remote = try #require(Endpoint(address: [10, 0, 0, 1], port: 47_447))
    }

    private func link(_ raw: UInt64) -> LinkID { LinkID(raw: raw) }

    private func state(_ peer: Identity, isOurs: Bool = false, at now: UInt64) -> LinkState {
        let payload = HandshakePayload(
            certificate: peer.certificate, manifestVersion: 1, manifestHash: peer.manifest.hash, datagramIndex: 1,
            features: 0)
        return LinkState(
            Introduction(peer: payload, isInitiator: isOurs, handshakeHash: [], cipher: "none"), remote: self.remote,
            now: now)
    }

    private func links(_ states: LinkState...) -> Links {
        var links = Links(device: self.samples.bob.device)
        for (number, state) in states.enumerated() { links.add(self.link(UInt64(number)), state) }
        return links
    }

    @Test func theyAreFoundByDeviceByPersonAndByAdvert() {
        let anna = self.samples.anna
        var links = self.links(self.state(anna, at: 1), self.state(anna, at: 2))
        let both = [self.link(0), self.link(1)]
        #expect(links.of(anna.device) == both && links.of(anna.person) == both)
        #expect(links.of(shortID: anna.device.shortID) == both && links.count == 2 && links.incoming == 2)
        #expect(links.remove(both[0]) != nil)
        #expect(links.remove(both[0]) == nil)
        #expect(links.of(anna.device) == [both[1]])
        _ = links.remove(both[1])
        #expect(links.of(anna.person).isEmpty && links.of(shortID: anna.device.shortID).isEmpty && links.wakeAt == nil)
    }

    @Test func silenceIsAskedAboutAndThenClosed() {
        var links = self.links(self.state(self.samples.anna, at: 1_000))
        let one = self.link(0)
        #expect(links.wakeAt == 1_000 + Limits.quietTime)
        #expect(links.wake(now: 11_500) == [.ping(one, at: 11_500)])
        #expect(links.wakeAt == 11_500 + Limits.answerTime)
        #expect(links.wake(now: 15_500) == [.close(one, .goingAway)])
        #expect(links.wakeAt ?? 0 > 15_500, "it is not asked for again at once")
        #expect(Limits.quietTime + Limits.answerTime < 15_000 && Limits.presenceTime < Limits.quietTime)
    }

    /// Who called gives the signs, to all at the same moments; the answers are signs of the others.
    @Test func whoCalledGivesASign() {
        var links = self.links(
            self.state(self.samples.anna, isOurs: true, at: 1_000),
            self.state(self.samples.bob, isOurs: true, at: 4_000))
        #expect(links.wakeAt == Limits.presenceTime)
        #expect(
            links.wake(now: 9_000) == [.beat(self.link(0), at: 9_000), .beat(self.link(1), at: 9_000)])
        for link in links.all { _ = links.hear(link, .datagram, now: 9_001) }
        #expect(links.wakeAt == 2 * Limits.presenceTime)
    }

    @Test func whoAnswersStays() {
        var links = self.links(self.state(self.samples.anna, at: 1_000))
        _ = links.wake(now: 11_500)
        #expect(links.hear(self.link(0), .stream, now: 12_000) == true)
        #expect(!links.wake(now: 22_000).contains(.close(self.link(0), .goingAway)))
        #expect(links.hear(self.link(7), .stream, now: 1) == false, "no link of ours")
    }

    @Test func aDoubtGivesLessTime() {
        var links = self.links(self.state(self.samples.anna, at: 50_000))
        #expect(links.doubt(self.link(0), now: 60_000) == [.ping(self.link(0), at: 60_000)])
        #expect(links.doubt(self.link(0), now: 60_001).isEmpty, "asked already")
        #expect(links.wakeAt == 63_000)
    }

    @Test func onlyWhoCalledRenews() {
        var links = self.links(
            self.state(self.samples.anna, isOurs: true, at: 1), self.state(self.samples.bob, at: 1))
        #expect(links.wear(self.link(0), now: 2) == [.renew(self.link(0), at: 2)])
        #expect(links.wear(self.link(1), now: 2).isEmpty)
        for now in stride(from: UInt64(0), through: 3_600_000, by: 10_000) {
            for link in links.all { _ = links.hear(link, .stream, now: now) }
        }
        #expect(links.wake(now: 3_600_001).contains(.renew(self.link(0), at: 3_600_001)))
    }

    @Test func ofTwoThatCrossTheLowerDevicesStays() {
        let (anna, bob) = (self.samples.anna.device, self.samples.bob.device)
        // Ours came first; theirs crossed it.
        let crossed = self.links(
            self.state(self.samples.anna, isOurs: true, at: 1_000), self.state(self.samples.anna, at: 1_500))
        #expect(crossed.losers(to: self.link(1), now: 1_500) == [self.link(bob < anna ? 1 : 0)])
        // Long after that the newer one stays, whoever called.
        let later = self.links(
            self.state(self.samples.anna, isOurs: true, at: 1_000), self.state(self.samples.anna, at: 60_000))
        #expect(later.losers(to: self.link(1), now: 60_000) == [self.link(0)])
    }

    @Test func soManyStrangersAreLetInAndNoMore() {
        var links = Links(device: self.samples.bob.device)
        for number in 0..<UInt64(Limits.strangerSessions) {
            #expect(links.mayTakeStrangers)
            links.add(self.link(number), self.state(self.samples.anna, at: 1))
            links.note(self.link(number), isStranger: true)
        }
        #expect(!links.mayTakeStrangers)
        links.note(self.link(0), isStranger: false)
        #expect(links.mayTakeStrangers)
        links.note(self.link(0), isStranger: true)
        _ = links.remove(self.link(1))
        #expect(links.mayTakeStrangers, "one has gone")
    }

    @Test func aRequestGoesOnceForEachSessionAndOnceMoreWithWords() {
        var links = self.links(self.state(self.samples.anna, at: 1))
        let taken = [self.link(0), self.link(0), self.link(5)].map { links.takeRequest($0, hasWords: false) }
        #expect(taken == [true, false, false])
        let again = [true, true, false].map { links.takeRequest(self.link(0), hasWords: $0) }
        #expect(again == [true, false, false])
        var others = self.links(self.state(self.samples.anna, at: 1))
        let first = [true, true, false].map { others.takeRequest(self.link(0), hasWords: $0) }
        #expect(first == [true, false, false])
    }

    @Test func typingIsHeardTwentyTimesASecond() {
        var links = self.links(self.state(self.samples.anna, at: 1))
        let heard = (0..<100).filter { _ in links.mayType(self.link(0), now: 1_000) }
        #expect(heard.count == Int(Limits.typingPerSecond))
        #expect(links.mayType(self.link(0), now: 1_051) == true)
    }
}
