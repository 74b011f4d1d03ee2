import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Two contacts who cannot reach each other meet over a third (Protocol.md 20).
@Suite struct RelayTests {
    /// Anna, Bob and Carol know each other; Carol is on both networks and Dora on Bob's.
    private func lan(seed: UInt64 = 5) throws -> SimulatedLAN {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carol", "Dora"], seed: seed)
        lan.run(for: 2_000)
        lan.introduceAll()
        lan.run(for: 3_000)
        lan.everywhere = [2]
        return lan
    }

    private func part(_ lan: inout SimulatedLAN) { lan.partition([0, 1, 1, 1]) }
    private func relay(_ lan: inout SimulatedLAN, _ host: Int, _ on: Bool) {
        lan.ask(host) { engine, _ in engine.use(relayPort: on ? 47_447 : nil) }
    }
    private func isOnline(_ lan: SimulatedLAN, _ one: Int, _ other: Int) -> Bool {
        lan.hosts[one].engine?.isOnline(lan.hosts[other].identity.person) ?? false
    }
    /// Over whom one has the other; nothing for nobody.
    private func between(_ lan: SimulatedLAN, _ one: Int, _ other: Int) -> PersonID? {
        guard let engine = lan.hosts[one].engine else { return nil }
        return engine.linksInfo(of: lan.hosts[other].identity.person).compactMap { engine.relay(of: $0.remote) }.first
    }

    @Test func twoWhoAreApartMeetAndGoStraightAgain() throws {
        var lan = try self.lan()
        self.part(&lan)
        lan.run(for: 60_000)
        #expect(!self.isOnline(lan, 0, 1) && self.isOnline(lan, 0, 2) && self.isOnline(lan, 1, 2))
        self.relay(&lan, 2, true)
        lan.run(for: 5_000)
        let carol = lan.hosts[2].identity.person
        #expect(self.between(lan, 0, 1) == carol && self.between(lan, 1, 0) == carol)
        #expect(self.between(lan, 0, 2) == nil, "whom one reaches one reaches without")
        let word = lan.say("over Carol", from: 0, to: 1)
        lan.run(for: 1_000)
        #expect(lan.hosts[1].disk.stored.map(\.id).contains(try #require(word)))
        // Hours: sessions are renewed, over the same door.
        lan.run(for: 3 * 3_600_000)
        #expect(self.between(lan, 0, 1) == carol)
        let late = lan.say("still", from: 1, to: 0)
        lan.run(for: 1_000)
        #expect(lan.hosts[0].disk.stored.map(\.id).contains(try #require(late)))
        lan.partition([0, 0, 0, 0])
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1) && self.between(lan, 0, 1) == nil && self.between(lan, 1, 0) == nil)
    }

    /// Two networks with routers between them and no multicast: whom one has over a relay tells where they are.
    @Test func whomOneHasOverARelayTellsTheirOwnAddresses() throws {
        var lan = try self.lan(seed: 7)
        func address(_ bytes: [UInt8], port: UInt16 = 5_000) throws -> Endpoint {
            try #require(Endpoint(address: bytes, port: port))
        }
        let six: [UInt8] = [0xFD] + [UInt8](repeating: 7, count: 15)
        let good = try [address([10, 9, 9, 9]), address(six), address([192, 168, 7, 7], port: 5_001)]
        let bad = try [
            address([127, 0, 0, 1]), address([8, 8, 8, 8]), address([169, 254, 1, 1]),
            address([10, 9, 9, 8], port: 80), address([0xFE, 0x80] + [UInt8](repeating: 1, count: 14)),
        ]
        lan.ask(1) { engine, _ in engine.use(addresses: bad + good) }
        let bob = lan.hosts[1].identity.device
        func known() -> Set<Endpoint> { Set(lan.hosts[0].engine?.whereabouts.dialer.endpoints(of: bob) ?? []) }
        lan.run(for: 5_000)
        #expect(known().isDisjoint(with: good), "who is reached otherwise is told nothing")
        self.part(&lan)
        self.relay(&lan, 2, true)
        lan.run(for: 3_000)
        #expect(self.between(lan, 0, 1) == lan.hosts[2].identity.person)
        #expect(known().isSuperset(of: good) && known().isDisjoint(with: bad))
        // They lead nowhere, and are not called for ever.
        lan.run(for: 900_000)
        #expect(known().isDisjoint(with: good) && self.between(lan, 0, 1) != nil)
        // The way that there is is taken at once.
        let straight = lan.hosts[1].endpoint
        lan.ask(1) { engine, _ in engine.use(addresses: [straight]) }
        lan.partition([0, 0, 0, 0])
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1) && self.between(lan, 0, 1) == nil)
    }

    @Test func whoStopsRelayingOrGoesLeavesThemApart() throws {
        var lan = try self.lan(seed: 6)
        self.part(&lan)
        self.relay(&lan, 2, true)
        lan.run(for: 60_000)
        #expect(self.isOnline(lan, 0, 1))
        lan.crash(2, downFor: 10_000)
        lan.run(for: 5_000)
        #expect(!self.isOnline(lan, 0, 1))
        lan.run(for: 30_000)
        #expect(!self.isOnline(lan, 0, 1), "Carol's setting is not on any more")
        self.relay(&lan, 2, true)
        lan.run(for: 30_000)
        #expect(self.isOnline(lan, 0, 1))
    }

    @Test func aRoomAndACrashOverARelayLoseNothing() throws {
        for seed in UInt64(1)...6 {
            var lan = try self.lan(seed: seed)
            lan.weather = .storm
            self.relay(&lan, 2, true)
            self.part(&lan)
            var said: [EnvelopeID] = []
            for number in 0..<40 {
                if let id = lan.say("\(number)", from: number % 2, to: 1 - number % 2) { said.append(id) }
                lan.run(for: 2_000)
                // It forgets with a crash that it relays: a setting, as the node would say again.
                self.relay(&lan, 2, true)
            }
            lan.weather = .fair
            for _ in 0..<20 {
                self.relay(&lan, 2, true)
                lan.run(for: 10_000)
            }
            for host in 0...1 {
                let stored = lan.hosts[host].disk.stored.map(\.id)
                #expect(Set(said).isSubset(of: stored), "seed \(seed)")
                #expect(Set(stored).count == stored.count)
            }
        }
    }

    // MARK: the desk

    private func device(_ number: UInt8) throws -> DeviceID {
        try #require(DeviceID([UInt8](repeating: number, count: 32)))
    }
    private func tag(_ number: UInt8) throws -> Hash16 { try #require(Hash16([UInt8](repeating: number, count: 16))) }

    private func random() -> (Int) -> [UInt8] {
        var random = SeededRandom(seed: 9)
        let bytes = (0..<200).map { _ in random.bytes(16) }
        var next = 0
        return { _ in
            next += 1
            return bytes[next % bytes.count]
        }
    }

    @Test func theDeskTellsBothAndFetchesWhoWasCalled() throws {
        var desk = RelayDesk()
        let chance = self.random()
        let (anna, bob) = (try self.device(1), try self.device(2))
        #expect(desk.seek([try self.tag(1)], anna, chance: chance, now: 0).isEmpty, "it does not relay")
        #expect(desk.use(port: 1_234).isEmpty)
        #expect(desk.seek([try self.tag(1), try self.tag(2)], anna, chance: chance, now: 0).isEmpty)
        let told = desk.seek([try self.tag(1)], bob, chance: chance, now: 0)
        #expect(told.count == 2)
        guard case .transmit(.there(try self.tag(1), let toAnna), bob) = told[0],
            case .transmit(.there(_, let toBob), anna) = told[1]
        else { throw CancellationError() }
        #expect(toAnna != toBob)
        // Told again, and with the same doors.
        #expect(desk.seek([try self.tag(1)], bob, chance: chance, now: 0) == [told[0]])
        let knock = KnockID(raw: 1)
        let brought = desk.knocked(knock, toBob, chance: chance, now: 0)
        guard case .bring(knock, let ticket) = brought[0] else { throw CancellationError() }
        #expect(brought == [.bring(knock, ticket: ticket), .transmit(.come(ticket: ticket), bob)])
        #expect(desk.meetingCount == 1)
        #expect(desk.knocked(KnockID(raw: 2), ticket, chance: chance, now: 0) == [.turnAway(KnockID(raw: 2))])
        // Whoever does not seek any more is not called any more.
        #expect(desk.seek([], bob, chance: chance, now: 0) == [.transmit(.gone(door: toBob), anna)])
        #expect(desk.knocked(KnockID(raw: 3), toBob, chance: chance, now: 0) == [.turnAway(KnockID(raw: 3))])
        #expect(desk.refuse(anna) == [.end(knock)])
        #expect(desk.meetingCount == 0)
        #expect(desk.use(port: nil).isEmpty)
    }

    @Test func oneWhoCallsTooOftenIsTurnedAway() throws {
        var desk = RelayDesk()
        let chance = self.random()
        _ = desk.use(port: 1)
        _ = desk.seek([try self.tag(1)], try self.device(1), chance: chance, now: 0)
        let told = desk.seek([try self.tag(1)], try self.device(2), chance: chance, now: 0)
        guard case .transmit(.there(_, let door), _) = told[1] else { throw CancellationError() }
        var let_in = 0
        for number in 0..<100 {
            let actions = desk.knocked(KnockID(raw: UInt64(number)), door, chance: chance, now: 0)
            if case .bring = actions.first { let_in += 1 }
        }
        #expect(let_in == Limits.relayMeetingsPerDevice)
        for number in 0..<100 { desk.ended(KnockID(raw: UInt64(number))) }
        #expect(desk.meetingCount == 0)
        for number in 100..<200 {
            if case .bring = desk.knocked(KnockID(raw: UInt64(number)), door, chance: chance, now: 0).first {
                let_in += 1
            }
            desk.ended(KnockID(raw: UInt64(number)))
        }
        #expect(let_in == Int(Limits.relayKnocksAtOnce))
    }

    @Test func onlyTheTwoCanTellATag() throws {
        let samples = try Samples()
        var (anna, bob) = (Relayed(samples.anna), Relayed(samples.bob))
        let relay = try self.device(7)
        let one = anna.tag(samples.bob.device, samples.bob.certificate.staticKey, at: relay)
        #expect(one != nil && one == bob.tag(samples.anna.device, samples.anna.certificate.staticKey, at: relay))
        #expect(one != anna.tag(samples.bob.device, samples.bob.certificate.staticKey, at: try self.device(8)))
        #expect(anna.tag(relay, [UInt8](repeating: 0, count: 32), at: relay) == nil, "a key of small order")
    }
}
