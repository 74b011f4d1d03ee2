import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Private mode among whole nodes: contacts find each other, others find nobody (Protocol.md 8).
@Suite struct PrivateLANTests {
    private static let epoch: UInt64 = 900_000

    /// Hosts of which only these pairs have accepted each other, and have met.
    private func lan(_ names: [String], contacts: [(Int, Int)], seed: UInt64 = 3) throws -> SimulatedLAN {
        var lan = try SimulatedLAN(names: names, seed: seed)
        let persons = lan.hosts.map(\.identity.person)
        lan.run(for: 2_000)
        for (one, other) in contacts {
            lan.ask(one) { $0.accept(persons[other], at: $1) }
            lan.ask(other) { $0.accept(persons[one], at: $1) }
        }
        lan.run(for: 5_000)
        return lan
    }

    private func isOnline(_ lan: SimulatedLAN, _ one: Int, _ other: Int) -> Bool {
        lan.hosts[one].engine?.isOnline(lan.hosts[other].identity.person) ?? false
    }

    private func settle(_ lan: inout SimulatedLAN, _ host: Int) { lan.ask(host) { $0.settle(at: $1) } }

    @Test func twoPrivateContactsFindEachOtherAndAStrangerFindsNobody() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1)])
        #expect(self.isOnline(lan, 2, 0), "before, everybody sees everybody")
        for host in 0...1 { lan.setPrivate(host, true) }
        lan.run(for: 5_000)
        #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
        #expect(!self.isOnline(lan, 2, 0) && !self.isOnline(lan, 2, 1) && !self.isOnline(lan, 0, 2))
        for host in 0...1 {
            guard case .tag = lan.hosts[host].advert else { throw CancellationError() }
        }
        // They come back at other times, and know nothing but what is on their disks.
        for host in 0...1 { lan.crash(host, downFor: UInt64(host + 1) * 20_000) }
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
        #expect(!self.isOnline(lan, 2, 0) && !self.isOnline(lan, 0, 2))
        let word = lan.say("still here", from: 0, to: 1)
        lan.run(for: 2_000)
        #expect(lan.hosts[1].disk.stored.map(\.id).contains(try #require(word)))
    }

    @Test func whoIsPrivateAndWhoIsNotFindEachOther() throws {
        for (quiet, open) in [(0, 1), (1, 0)] {
            var lan = try self.lan(["Anna", "Bob"], contacts: [(0, 1)], seed: UInt64(quiet + 10))
            lan.setPrivate(quiet, true)
            lan.run(for: 2_000)
            lan.crash(open, downFor: 10_000)
            lan.run(for: 40_000)
            #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
            lan.crash(quiet, downFor: 10_000)
            lan.run(for: 40_000)
            #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
        }
    }

    /// Days go by: a tag changes every quarter of an hour, no session ends and nobody is called for it.
    @Test func changingTagsEndNoSessionAndCauseNoCalls() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1), (0, 2), (1, 2)])
        for host in 0...2 { lan.setPrivate(host, true) }
        lan.run(for: 10_000)
        // Sessions are renewed within the hour; here for longer than that only what they cost counts.
        let before = lan.hosts.map(\.called.all)
        var tags: Set<String> = []
        for _ in 0..<12 {
            lan.run(for: Self.epoch / 4)
            tags.insert(lan.hosts[0].advert.text)
            #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 2, 0))
        }
        #expect(tags.count == 4 || tags.count == 3, "\(tags.count)")
        #expect(lan.hosts.map(\.called.all) == before, "nobody was called")
    }

    @Test func whoIsBlockedFindsAndReachesNobody() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1), (0, 2)])
        for host in 0...2 { lan.setPrivate(host, true) }
        lan.run(for: 5_000)
        let before = lan.hosts[0].engine?.gate.key
        let tag = lan.hosts[0].advert
        let carol = lan.hosts[2].identity.person
        lan.ask(0) { engine, _ in engine.block(carol) }
        self.settle(&lan, 0)
        lan.run(for: 5_000)
        #expect(lan.hosts[0].engine?.gate.key != before, "Carol knows the old one")
        #expect(lan.hosts[0].advert != tag)
        #expect(self.isOnline(lan, 0, 1), "Bob was told the new one")
        #expect(
            lan.hosts[1].engine?.whereabouts.recognition[lan.hosts[0].identity.device] == lan.hosts[0].engine?.gate.key)
        #expect(!self.isOnline(lan, 2, 0))
        let answered = lan.hosts[0].called.answered
        lan.crash(2, downFor: 1_000)
        lan.run(for: 120_000)
        #expect(!self.isOnline(lan, 2, 0) && lan.hosts[0].called.answered == answered, "Carol is not answered")
        lan.crash(1, downFor: 1_000)
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1))
    }

    /// Bob was away when Anna drew a new key: Anna knows Bob, and calls.
    @Test func whoMissedANewKeyIsCalledAndTold() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1), (0, 2)])
        for host in 0...1 { lan.setPrivate(host, true) }
        lan.run(for: 5_000)
        lan.partition([0, 1, 0])
        let carol = lan.hosts[2].identity.person
        lan.ask(0) { engine, _ in engine.block(carol) }
        lan.run(for: 30_000)
        lan.partition([0, 0, 0])
        for (one, other) in [(0, 1), (1, 0)] { lan.sight(one, other) }
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
        #expect(
            lan.hosts[1].engine?.whereabouts.recognition[lan.hosts[0].identity.device] == lan.hosts[0].engine?.gate.key)
    }

    /// A stranger repeats a contact's tag under an address of their own: it costs calls that lead nowhere.
    @Test func aTagThatAStrangerRepeatsMisleadsNobodyForLong() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1)])
        for host in 0...1 { lan.setPrivate(host, true) }
        lan.run(for: 5_000)
        let (advert, theirs) = (lan.hosts[1].advert, lan.hosts[2].endpoint)
        let before = lan.hosts[2].called
        for _ in 0..<50 { lan.sight(0, advert, theirs) }
        lan.crash(1, downFor: 1_000)
        lan.run(for: 1_500)
        for _ in 0..<50 { lan.sight(0, advert, theirs) }
        lan.run(for: 30_000)
        #expect(self.isOnline(lan, 0, 1) && !self.isOnline(lan, 0, 2))
        #expect(lan.hosts[2].called.all > before.all && lan.hosts[2].called.answered == before.answered)
        let carol = lan.hosts[2].identity.device
        #expect(lan.hosts[0].engine?.links.of(carol).isEmpty ?? false)
    }

    /// A clock that is off by more: where they met last is where they look.
    @Test func clocksThatAreFarOffFallBackToKnownAddresses() throws {
        for minutes in [-40, 40] as [Int64] {
            var lan = try self.lan(["Anna", "Bob"], contacts: [(0, 1)], seed: UInt64(50 + minutes))
            lan.setClock(1, ahead: minutes * 60_000)
            for host in 0...1 { lan.setPrivate(host, true) }
            lan.run(for: 5_000)
            for host in 0...1 { lan.crash(host, downFor: 5_000) }
            lan.run(for: 60_000)
            #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0), "\(minutes)")
        }
    }

    @Test func anInvitationOpensTheGateAndItsEndShutsIt() throws {
        var lan = try self.lan(["Anna", "Bob", "Carol", "Dave"], contacts: [(0, 3)])
        lan.setPrivate(0, true)
        lan.run(for: 5_000)
        let persons = lan.hosts.map(\.identity.person)
        #expect(!self.isOnline(lan, 1, 0))
        var code: InviteCode?
        lan.ask(0) { engine, now in
            let (open, effects) = engine.invite(lifetime: 60_000, at: now)
            code = open?.code
            return effects + engine.settle(at: now)
        }
        #expect(lan.hosts[0].advert == .id(lan.hosts[0].identity.device.shortID))
        #expect(lan.hosts[0].engine?.isOpenForGuests ?? false)
        lan.run(for: 3_000)
        #expect(self.isOnline(lan, 1, 0) && self.isOnline(lan, 2, 0), "everybody may come")
        #expect(lan.hosts[1].engine?.contacts[persons[0]]?.name == "", "and learns no name")
        let invited = try #require(code)
        lan.ask(1) { $0.join(invited, from: nil, at: $1) }
        lan.run(for: 10_000)
        #expect(lan.hosts[0].engine?.contacts[persons[1]]?.trust == .verified)
        #expect(lan.hosts[1].engine?.contacts[persons[0]]?.name == "Anna")
        #expect(self.isOnline(lan, 1, 0) && !self.isOnline(lan, 2, 0), "Carol had to go")
        guard case .tag = lan.hosts[0].advert else { throw CancellationError() }
        lan.crash(1, downFor: 2_000)
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 1, 0), "Bob was told the key")
    }

    /// Both are private and have never met: who joins calls those who are here, for that one time.
    @Test func twoPrivateStrangersMeetByACode() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carol"], seed: 8)
        for host in 0...1 { lan.setPrivate(host, true) }
        lan.run(for: 20_000)
        let persons = lan.hosts.map(\.identity.person)
        #expect(lan.hosts[0].called.answered + lan.hosts[1].called.answered == 0)
        var code: InviteCode?
        lan.ask(0) { engine, now in
            let (open, effects) = engine.invite(lifetime: 60_000, at: now)
            code = open?.code
            return effects + engine.settle(at: now)
        }
        lan.run(for: 3_000)
        let invited = try #require(code)
        lan.ask(1) { engine, now in engine.join(invited, from: nil, at: now) + engine.settle(at: now) }
        lan.run(for: 15_000)
        #expect(lan.hosts[1].news.contains(.join(.joined(persons[0]))))
        #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 0))
        #expect(!self.isOnline(lan, 1, 2) && !self.isOnline(lan, 2, 1) && !self.isOnline(lan, 2, 0))
    }

    @Test func whoJoinsInPrivateAndFindsNobodyIsToldSo() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 9)
        lan.setPrivate(1, true)
        lan.run(for: 5_000)
        let code = try #require(InviteCode(typed: "482 019 337"))
        lan.ask(1) { engine, now in engine.join(code, from: nil, at: now) + engine.settle(at: now) }
        lan.run(for: 10_000)
        #expect(lan.hosts[1].news.contains(.join(.nobodyInvites)))
        #expect(!self.isOnline(lan, 1, 0) && !self.isOnline(lan, 0, 1), "the calls it made are over")
    }

    /// A private node goes on as it did while a storm rages: nothing is lost, and nobody else is let in.
    @Test(arguments: 1...6) func inAStormNothingIsLost(_ seed: UInt64) throws {
        var lan = try self.lan(["Anna", "Bob", "Carol"], contacts: [(0, 1)], seed: 100 + seed)
        for host in 0...1 { lan.setPrivate(host, true) }
        lan.weather = .storm
        var said: [EnvelopeID] = []
        for number in 0..<20 {
            if let id = lan.say("word \(number)", from: number % 2, to: 1 - number % 2) { said.append(id) }
            lan.run(for: 60_000)
            #expect(!self.isOnline(lan, 2, 0) && !self.isOnline(lan, 2, 1))
        }
        lan.weather = .fair
        lan.run(for: 180_000)
        for host in 0...1 { #expect(Set(said).isSubset(of: lan.hosts[host].disk.stored.map(\.id)), "host \(host)") }
    }

    /// A room reaches a private member through those of its contacts who are in it, and only through them.
    @Test func roomMatesWhoAreNoContactsDoNotFindAPrivateMember() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carol"], seed: 12)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 1, with: [0, 2])
        lan.run(for: 5_000)
        #expect(self.isOnline(lan, 0, 2), "before, room mates meet")
        lan.setPrivate(0, true)
        lan.run(for: 2_000)
        lan.crash(2, downFor: 5_000)
        lan.run(for: 60_000)
        #expect(!self.isOnline(lan, 0, 2) && !self.isOnline(lan, 2, 0))
        #expect(self.isOnline(lan, 0, 1) && self.isOnline(lan, 1, 2))
        let (one, other) = (try lan.say("from Carol", from: 2, in: ops), try lan.say("from Anna", from: 0, in: ops))
        lan.run(for: 60_000)
        for host in [0, 2] { #expect(Set(lan.shown(ops, at: host)) == [one, other], "by way of Bob, host \(host)") }
        #expect(lan.hosts[0].engine?.deafRooms.isEmpty ?? false)
        // Without Bob as a contact nothing comes, and that is told.
        let bob = lan.hosts[1].identity.person
        lan.ask(0) { engine, _ in engine.block(bob) }
        #expect(lan.hosts[0].engine?.deafRooms.map(\.id) == [ops.id])
    }

    @Test func aTypedAddressLeadsToAPrivateContactToo() throws {
        var lan = try self.lan(["Anna", "Bob"], contacts: [(0, 1)])
        lan.setPrivate(1, true)
        lan.run(for: 2_000)
        var dialer = Dialer(me: lan.hosts[0].identity.device)
        let key = try #require(lan.hosts[1].engine?.gate.key)
        dialer.know(key, of: lan.hosts[1].identity.device)
        dialer.typed("bob.local", now: 0)
        _ = dialer.due(now: 0, mayCallStrangers: false)
        dialer.resolved("bob.local", [lan.hosts[1].endpoint], now: 0)
        var tried: [EarshotWire.Expectation] = []
        var now: UInt64 = 0
        for _ in 0..<4 {
            for case .dial(let dial, _, let whom) in dialer.due(now: now, mayCallStrangers: false) {
                tried.append(whom)
                dialer.failed(dial)
            }
            now += 40_000
        }
        let device = lan.hosts[1].identity.device
        #expect(tried == [.anyone, .keyed(device, key), .anyone, .keyed(device, key)])
        #expect(tried.map { lan.answers(1, $0) } == [false, true, false, true])
    }
}
