import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Adverts are hints from anybody. They cost little, and push out nobody we know.
@Suite struct DialerTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    func address(_ last: Int, port: UInt16 = 47_447) throws -> Endpoint {
        try #require(Endpoint(address: [10, 77, UInt8(last / 256), UInt8(last % 256)], port: port))
    }

    func dials(_ effects: [Effect]) -> [(DialID, Endpoint)] {
        effects.compactMap { if case .dial(let dial, let endpoint, _) = $0 { (dial, endpoint) } else { nil } }
    }

    @Test func aBetterAddressIsWaitedForWhereThereIsALinkLocalOne() throws {
        let bob = self.samples.bob.device.shortID
        let local = try #require(
            Endpoint(address: [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1], scope: 2, port: 47_447))
        var dialer = Dialer(me: self.samples.anna.device)
        dialer.sighted(bob, [local], isContact: false, now: 1_000)
        #expect(self.dials(dialer.due(now: 1_000, mayCallStrangers: true)).isEmpty)
        #expect(dialer.wakeAt(mayCallStrangers: true) == 1_100)
        var alone = dialer
        #expect(
            self.dials(alone.due(now: 1_100, mayCallStrangers: true)).map(\.1) == [local],
            "where there is no other it is called")
        dialer.sighted(bob, [try self.address(7)], isContact: false, now: 1_020)
        #expect(self.dials(dialer.due(now: 1_020, mayCallStrangers: true)).map(\.1) == [try self.address(7)])
        #expect([local, try self.address(7)].sorted(by: Endpoint.isShownBefore) == [try self.address(7), local])
    }

    /// A machine that gets another address from its DHCP server, and whose name follows.
    @Test func aTypedNameIsLookedUpAnewWhenACallFails() throws {
        let (before, after) = (try self.address(1), try self.address(2))
        var dialer = Dialer(me: self.samples.anna.device)
        dialer.typed("print.example:47447", now: 1_000)
        #expect(dialer.due(now: 1_000, mayCallStrangers: true) == [.resolve("print.example:47447")])
        dialer.resolved("print.example:47447", [before], now: 1_010)
        let (dial, endpoint) = try #require(self.dials(dialer.due(now: 1_010, mayCallStrangers: true)).first)
        #expect(endpoint == before && dialer.wakeAt(mayCallStrangers: true) == 31_000)
        dialer.failed(dial)
        let effects = dialer.due(now: 6_000, mayCallStrangers: true)
        #expect(effects == [.resolve("print.example:47447")], "long before the half minute is over")
        dialer.resolved("print.example:47447", [after], now: 6_005)
        #expect(self.dials(dialer.due(now: 6_005, mayCallStrangers: true)).map(\.1) == [after])
        // The old address is not called any more.
        let later = (7..<60).flatMap { self.dials(dialer.due(now: $0 * 1_000, mayCallStrangers: true)).map(\.1) }
        #expect(later.allSatisfy { $0 == after })
    }

    /// Protocol.md 14, case 1: a contact's id with other addresses, a thousand a second.
    @Test func aContactStaysReachableUnderForgedAdverts() throws {
        let bob = self.samples.bob.device
        var dialer = Dialer(me: self.samples.anna.device)
        let home = try self.address(1)
        dialer.restore(bob, home, now: 0)
        var now: UInt64 = 0
        var flying: [(DialID, Endpoint)] = []
        var reached: [UInt64] = []
        for second in 0..<60 {
            for number in 0..<1_000 {
                now += 1
                dialer.sighted(
                    bob.shortID, [try self.address(2 + (second * 1_000 + number) % 60_000)], isContact: true, now: now)
                flying += self.dials(dialer.due(now: now, mayCallStrangers: true))
                #expect(flying.count <= 4, "calls to one node at a time")
            }
            // Whoever answers elsewhere is not Bob; their own machine is off.
            for (dial, endpoint) in flying {
                if endpoint == home { reached.append(now) }
                dialer.failed(dial)
            }
            flying = []
        }
        #expect(reached.count >= 3, "his true address is tried among the others: \(reached)")
        #expect(dialer.endpoints(of: bob).contains(home) && dialer.endpoints(of: bob).count <= 8)
    }

    /// Case 4: twenty thousand ids in twelve seconds.
    @Test func aFloodOfStrangersIsBoundedAndContactsStay() throws {
        var dialer = Dialer(me: self.samples.anna.device)
        dialer.restore(self.samples.bob.device, try self.address(1), now: 0)
        var calls = 0
        for number in 0..<20_000 {
            let now = UInt64(number) * 60 / 100
            let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
            let short = String((0..<16).map { letters[(number >> ($0 * 2)) % 32] })
            dialer.sighted(short, [try self.address(number % 60_000)], isContact: false, now: now)
            for (dial, _) in self.dials(dialer.due(now: now, mayCallStrangers: false)) {
                calls += 1
                dialer.failed(dial)
            }
            #expect(dialer.knownTargets <= 512)
        }
        #expect(calls <= 20, "only the contact is called while strangers are too many: \(calls)")
        #expect(try dialer.endpoints(of: self.samples.bob.device) == [self.address(1)])
    }

    /// Case 3: goodbyes in a contact's name.
    @Test func aForgedGoodbyeCostsOneCheck() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 31)
        lan.introduceAll()
        lan.run(for: 1_000)
        let bob = lan.hosts[1].identity.device
        var pings = 0
        for _ in 0..<1_000 {
            lan.ask(0) { engine, now in
                let effects = engine.handle(.vanished(shortID: bob.shortID), at: now)
                pings += effects.count {
                    if case .transmit(let frames, _) = $0, case .ping = frames.first { true } else { false }
                }
                return effects
            }
        }
        #expect(pings == 1)
        lan.run(for: 20_000)
        #expect(
            lan.hosts[0].engine?.sessionCount == 1
                && lan.hosts[0].engine?.isOnline(lan.hosts[1].identity.person) == true)
        #expect(!lan.hosts[0].news.contains { if case .presence(_, online: false) = $0 { true } else { false } })
    }
}
