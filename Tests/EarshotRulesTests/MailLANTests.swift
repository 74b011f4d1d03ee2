import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Whole nodes: one writes, one reads, one keeps, and never all of them are there.
@Suite struct MailLANTests {
    private static let (anna, bob, carol) = (0, 1, 2)

    /// Everybody knows everybody, and Carol keeps mail.
    private func lan(seed: UInt64, weather: SimulatedLAN.Weather = .fair) throws -> SimulatedLAN {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carol", "Dave"], seed: seed, weather: weather)
        lan.introduceAll()
        lan.run(for: 2_000)
        lan.keepMail(Self.carol, MailSettings(keeps: true))
        lan.run(for: 2_000)
        return lan
    }

    private func has(_ lan: SimulatedLAN, _ host: Int, _ ids: [EnvelopeID]) -> Bool {
        let stored = Set(lan.hosts[host].disk.stored.map(\.id))
        return ids.allSatisfy(stored.contains)
    }

    private func isDelivered(_ lan: SimulatedLAN, _ id: EnvelopeID) -> Bool {
        lan.hosts[Self.anna].disk.stored.contains { envelope in
            let device = lan.hosts[Self.bob].identity.device
            return envelope.id == id && (lan.hosts[Self.anna].disk.held[device]?[envelope.log] ?? 0) >= envelope.seq
        }
    }

    /// Anna writes to Bob, and the round ends, as a node's does.
    private func say(_ text: String, _ lan: inout SimulatedLAN) -> EnvelopeID? {
        let id = lan.say(text, from: Self.anna, to: Self.bob)
        lan.ask(Self.anna) { $0.settle(at: $1) }
        return id
    }

    /// Anna writes while Bob is away, and goes before Bob comes back.
    private func leave(_ count: Int, _ lan: inout SimulatedLAN) throws -> [EnvelopeID] {
        lan.partition([0, 1, 0, 0])
        lan.run(for: 70_000)
        var ids: [EnvelopeID] = []
        for number in 0..<count {
            let id = self.say("word \(number)", &lan)
            ids.append(try #require(id))
            lan.run(for: 500)
        }
        lan.run(for: 5_000)
        return ids
    }

    @Test func whatIsLeftIsReadAlthoughItsAuthorIsGone() throws {
        var lan = try self.lan(seed: 1)
        let ids = try self.leave(3, &lan)
        #expect(lan.hosts[Self.anna].disk.left.map(\.keeper) == [lan.hosts[Self.carol].identity.person])
        #expect(lan.hosts[Self.anna].disk.left.map(\.to) == [3], "one blob has all of it")
        #expect(lan.hosts[Self.carol].disk.blobs.count == 1)
        #expect(!self.has(lan, Self.carol, [ids[0]]) && !self.isDelivered(lan, ids[0]))
        // Anna goes; Bob comes back and meets Carol alone.
        lan.partition([2, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(self.has(lan, Self.bob, ids) && lan.hosts[Self.bob].disk.doubles == 0)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty, "what Bob has is erased")
        #expect(!self.isDelivered(lan, ids[2]), "only a device of Bob says that they have it")
        // They meet again.
        lan.partition([1, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(self.isDelivered(lan, ids[2]) && lan.hosts[Self.anna].disk.left.isEmpty)
        #expect(lan.hosts[Self.bob].disk.stored.count == 3)
    }

    @Test func whoIsAwayForLessThanAMinuteIsWaitedFor() throws {
        var lan = try self.lan(seed: 2)
        lan.partition([0, 1, 0, 0])
        _ = self.say("soon", &lan)
        lan.run(for: 50_000)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty)
        lan.run(for: 15_000)
        #expect(lan.hosts[Self.carol].disk.blobs.count == 1)
    }

    @Test func whatTheyGotOtherwiseIsTakenBack() throws {
        var lan = try self.lan(seed: 3)
        let ids = try self.leave(2, &lan)
        #expect(lan.hosts[Self.carol].disk.blobs.count == 1)
        lan.partition([1, 1, 2, 2])
        lan.run(for: 60_000)
        #expect(self.isDelivered(lan, ids[1]))
        #expect(lan.hosts[Self.carol].disk.blobs.count == 1 && lan.hosts[Self.anna].disk.left.count == 1)
        lan.partition([1, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty && lan.hosts[Self.anna].disk.left.isEmpty)
        #expect(lan.hosts[Self.bob].disk.stored.count == 2)
    }

    @Test func whatIsKeptSurvivesEachOfThem() throws {
        for host in [Self.anna, Self.bob, Self.carol] {
            var lan = try self.lan(seed: 10 + UInt64(host))
            let ids = try self.leave(2, &lan)
            lan.crash(host, downFor: 5_000)
            lan.run(for: 20_000)
            lan.partition([2, 1, 1, 1])
            lan.run(for: 60_000)
            #expect(self.has(lan, Self.bob, ids), "host \(host)")
            #expect(lan.hosts[Self.bob].disk.doubles == 0)
        }
    }

    /// Power fails in the middle of things, again and again: what a keeper has acknowledged is on its disk until its
    /// reader has it.
    @Test(arguments: 1...12) func inAStormNothingThatWasAcknowledgedIsLost(_ seed: UInt64) throws {
        var weather = SimulatedLAN.Weather.fair
        weather.crashing = 60
        var lan = try self.lan(seed: seed, weather: weather)
        var ids: [EnvelopeID] = []
        for round in 0..<6 {
            lan.partition(round.isMultiple(of: 2) ? [0, 1, 0, 0] : [2, 1, 1, 1])
            for step in 0..<40 {
                if step > 25, round.isMultiple(of: 2), let id = self.say("\(round) \(step)", &lan) {
                    ids.append(id)
                }
                lan.run(for: 3_000)
                self.expectPromisesKept(lan)
            }
        }
        lan.weather.crashing = 0
        lan.partition([0, 0, 0, 0])
        // Whoever came back while they were apart has not heard of the others.
        for one in lan.hosts.indices { for other in lan.hosts.indices where other != one { lan.sight(one, other) } }
        lan.run(for: 600_000)
        let isThere = self.has(lan, Self.bob, ids)
        #expect(ids.count > 10 && isThere)
        #expect(lan.hosts.allSatisfy { $0.disk.doubles == 0 })
        #expect(lan.hosts[Self.anna].disk.left.isEmpty)
    }

    private func expectPromisesKept(_ lan: SimulatedLAN) {
        // What stands for nothing was given, and nobody heard what became of it.
        for deposit in lan.hosts[Self.anna].disk.left where deposit.to >= deposit.from {
            let isKept = lan.hosts[Self.carol].disk.blobs[deposit.blob] != nil
            let theirs = lan.hosts[Self.bob].disk.stored.filter { $0.log == deposit.log }.map(\.seq)
            #expect(isKept || theirs.contains(deposit.to), "promised, and neither kept nor given")
        }
    }

    @Test func whatIsDeletedIsTakenBackAndTheRestIsRead() throws {
        var lan = try self.lan(seed: 31)
        let ids = try self.leave(3, &lan)
        let before = Set(lan.hosts[Self.carol].disk.blobs.keys)
        let envelope = try #require(lan.hosts[Self.anna].disk.stored.first { $0.id == ids[1] })
        lan.drop(ids[1], on: Self.anna)
        lan.ask(Self.anna) { $0.handle(.dropped([(envelope.log, envelope.seq)]), at: $1) }
        lan.ask(Self.anna) { $0.settle(at: $1) }
        lan.run(for: 5_000)
        let after = Set(lan.hosts[Self.carol].disk.blobs.keys)
        #expect(before.count == 1 && after.count == 1 && after.isDisjoint(with: before))
        lan.partition([2, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(self.has(lan, Self.bob, [ids[0], ids[2]]) && !self.has(lan, Self.bob, [ids[1]]))
    }

    /// Wherever its author crashes: nothing lies with the keeper of which its author does not know.
    @Test func whoCrashesWhileSomethingIsLeftKnowsWhatMayLieThere() throws {
        var lan = try self.lan(seed: 30)
        lan.partition([0, 1, 0, 0])
        lan.run(for: 70_000)
        _ = self.say("word", &lan)
        // Each moment from the one in which it was given until its answer is there, and some behind it.
        var (crossed, behind) = (0, 0)
        for _ in 0..<2_000 where behind < 3 {
            lan.run(for: 1)
            let left = lan.hosts[Self.anna].disk.left
            if left.isEmpty { continue }
            if left.contains(where: { $0.to >= $0.from }) { behind += 1 } else { crossed += 1 }
            var other = lan
            other.crash(Self.anna, downFor: 5_000)
            other.run(for: 120_000)
            let known = Set(other.hosts[Self.anna].disk.left.map(\.blob))
            #expect(!known.isEmpty && known == Set(other.hosts[Self.carol].disk.blobs.keys), "\(crossed), \(behind)")
        }
        #expect(crossed > 0 && behind == 3)
    }

    // MARK: keepers that do not do as they should

    /// A keeper that loses what it had: everything comes once they meet.
    @Test func whatAKeeperDropsComesFromItsAuthor() throws {
        var lan = try self.lan(seed: 20)
        let before = lan.hosts[Self.carol].disk
        let ids = try self.leave(2, &lan)
        lan.restore(Self.carol, before, generation: nil, downFor: 1_000)
        lan.run(for: 5_000)
        lan.partition([2, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(!self.has(lan, Self.bob, ids))
        lan.partition([1, 1, 1, 1])
        lan.run(for: 60_000)
        #expect(self.has(lan, Self.bob, ids) && self.isDelivered(lan, ids[1]))
    }

    /// A keeper that gives again what was taken: nobody sees anything twice.
    @Test func whatAKeeperReplaysIsKnown() throws {
        var lan = try self.lan(seed: 21)
        let ids = try self.leave(2, &lan)
        let full = lan.hosts[Self.carol].disk
        lan.partition([2, 1, 1, 1])
        lan.run(for: 30_000)
        #expect(self.has(lan, Self.bob, ids))
        lan.restore(Self.carol, full, generation: nil, downFor: 1_000)
        lan.run(for: 30_000)
        #expect(lan.hosts[Self.bob].disk.stored.count == 2 && lan.hosts[Self.bob].disk.doubles == 0)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty)
    }

    /// A keeper that gives what is somebody else's, or nobody's, or touched.
    @Test func whatIsNotOursIsNotTaken() throws {
        var lan = try self.lan(seed: 22)
        _ = try self.leave(1, &lan)
        let blob = try #require(lan.hosts[Self.carol].disk.blobs.values.first)
        lan.partition([2, 1, 1, 1])
        lan.run(for: 30_000)
        let dave = 3
        let carol = lan.hosts[Self.carol].identity.device
        func give(_ bytes: [UInt8], to host: Int) throws -> [Effect] {
            let sealed = try SealedBlob(decoding: bytes)
            var told: [Effect] = []
            lan.ask(host) { engine, now in
                for link in engine.openLinks where engine.device(at: link) == carol {
                    told = engine.handle(.transport(.frame(link, .mail(.give(sealed)), .stream)), at: now)
                }
                return []
            }
            return told
        }
        #expect(try give(blob, to: dave).isEmpty, "it is not sealed to Dave")
        var touched = blob
        touched[touched.count - 1] ^= 1
        let news = try give(touched, to: Self.bob)
        #expect(news.contains { if case .announce(.unreadableMail) = $0 { true } else { false } })
        #expect(try give(touched, to: Self.bob).count == 1, "told of once, and to be erased")
        #expect(lan.hosts[Self.bob].disk.stored.count == 1)
    }

    // MARK: who keeps for whom

    @Test func whoIsNotKeptForGoesElsewhere() throws {
        var lan = try self.lan(seed: 30)
        lan.keepMail(Self.carol, MailSettings(keeps: true, audience: .verified))
        lan.keepMail(3, MailSettings(keeps: true))
        lan.run(for: 1_000)
        _ = try self.leave(1, &lan)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty && lan.hosts[3].disk.blobs.count == 1)
    }

    @Test func whoWasNamedIsAskedFirst() throws {
        var lan = try self.lan(seed: 31)
        lan.keepMail(3, MailSettings(keeps: true))
        let dave = lan.hosts[3].identity.person
        lan.ask(Self.bob) { engine, now in engine.use(keepers: [dave], at: now) + engine.settle(at: now) }
        lan.run(for: 2_000)
        _ = try self.leave(1, &lan)
        #expect(lan.hosts[3].disk.blobs.count == 1 && lan.hosts[Self.carol].disk.blobs.isEmpty)
    }

    @Test func withWhomNothingIsToBeLeftNothingIsLeft() throws {
        var lan = try self.lan(seed: 32)
        lan.keepMail(Self.anna, MailSettings(leaving: .named))
        _ = try self.leave(1, &lan)
        #expect(lan.hosts[Self.carol].disk.blobs.isEmpty && lan.hosts[Self.anna].disk.left.isEmpty)
    }

    /// One says yes long before the other does, in one session.
    @Test func whatWasToldBeforeWeSaidYesCountsThen() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 34)
        lan.keepMail(0, MailSettings(keeps: true))
        lan.run(for: 2_000)
        let (anna, bob) = (lan.hosts[0].identity.person, lan.hosts[1].identity.person)
        lan.ask(0) { $0.accept(bob, at: $1) }
        lan.run(for: 2_000)
        #expect(lan.hosts[1].disk.snapshot.mail.known.isEmpty, "a stranger's is not kept on disk")
        lan.ask(1) { $0.accept(anna, at: $1) }
        lan.run(for: 2_000)
        for host in 0..<2 { #expect(lan.hosts[host].disk.snapshot.mail.known.count == 1) }
        #expect(lan.hosts[1].engine?.presentKeepers == [anna: true])
    }

    /// Of an older prekey than the newest seen nobody is told, and one that was forged ends the session.
    @Test func anOlderPrekeyDoesNotCount() throws {
        var lan = try self.lan(seed: 33)
        let bob = lan.hosts[Self.bob].identity
        let key = try Samples().bobsPrekey.key
        func tell(issued: UInt64, by signing: Identity) throws -> [Effect] {
            let prekey = Prekey.sign(
                device: bob.device, issued: Timestamp(milliseconds: issued),
                until: Timestamp(milliseconds: issued + 1_000), key: key,
                mailbox: MailboxKey(hash: bob.person.hash), keepers: [], with: signing.signing)
            var told: [Effect] = []
            lan.ask(Self.anna) { engine, now in
                for link in engine.openLinks where engine.device(at: link) == bob.device {
                    told = engine.handle(.transport(.frame(link, .mail(.prekey(prekey)), .stream)), at: now)
                }
                return []
            }
            return told
        }
        let now = lan.moment.wall.milliseconds
        #expect(try tell(issued: now - 86_400_000, by: bob).isEmpty)
        #expect(try tell(issued: now + 1_000, by: bob).count == 1)
        #expect(try tell(issued: now + 1_000, by: bob).isEmpty)
        let forged = try tell(issued: now + 2_000, by: lan.hosts[3].identity)
        #expect(forged.contains { if case .close(_, .protocolError) = $0 { true } else { false } })
    }

    /// A new key every ten days; the old ones are good until nothing can come for them, and then they are gone.
    @Test func keysAreRenewedAndErased() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 40)
        lan.introduceAll()
        lan.run(for: 2_000)
        func keys() -> Int { lan.hosts[0].disk.snapshot.mail.own.count }
        #expect(keys() == 1)
        var most = 0
        for day in 1...80 {
            lan.setClock(0, ahead: Int64(day) * 86_400_000)
            lan.run(for: 20_000)
            most = max(most, keys())
        }
        #expect(most == 5 && keys() <= 5)
        let oldest = try #require(lan.hosts[0].disk.snapshot.mail.own.first)
        #expect(lan.moment(0).wall.milliseconds - oldest.made.milliseconds < Limits.prekeyErased + Limits.prekeyRenewal)
        // The others know the newest, and no other.
        #expect(lan.hosts[1].disk.snapshot.mail.known.count == 1)
    }
}
