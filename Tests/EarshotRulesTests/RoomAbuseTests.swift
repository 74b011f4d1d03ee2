import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// What one member cannot do to the others, and what is heard of a room beside its words (Protocol.md 17).
@Suite struct RoomAbuseTests {
    private static func person(_ number: UInt8) -> PersonID { PersonID(hash: Self.hash(Int(number), 1)) }

    private static func hash(_ number: Int, _ kind: UInt8) -> Hash32 {
        Hash32([kind] + (0..<31).map { UInt8(truncatingIfNeeded: number >> (8 * min($0, 7))) }) ?? .zero
    }

    @Test func nobodyFillsARoomForTheOthers() {
        let (bob, cleo, dora) = (Self.person(1), Self.person(2), Self.person(3))
        var load = RoomLoad()
        for _ in 1..<Limits.roomOperationsEach { load.add(bytes: 10, by: bob) }
        /// Whether so many bytes more of a person are taken, one after another.
        func takes(_ bytes: Int..., by person: PersonID) -> [Bool] {
            var space = load.space(for: person)
            return bytes.map { space.take($0) }
        }
        #expect(takes(10, 10, by: bob) == [true, false], "one more, and then no more")
        load.add(bytes: 10, by: bob)
        #expect(load.space(for: bob).count == 0 && load.space(for: cleo).count == Limits.roomOperationsEach)
        load.add(bytes: Limits.roomBytesEach, by: dora)
        #expect(takes(1, by: dora) == [false], "nor by bytes")
        while load.space(for: nil).bytes > 0 { load.add(bytes: 1 << 20, by: dora) }
        #expect(takes(1, by: cleo) == [false], "a full room is full for all but its owners")
    }

    /// What a member writes who heeds no limit, behind what they wrote in a room: what their node would not say.
    private func flood(_ lan: SimulatedLAN, _ host: Int, _ room: SimulatedLAN.Room, _ count: Int) throws
        -> [VerifiedEnvelope]
    {
        let identity = lan.hosts[host].identity
        var last = try #require(
            lan.hosts[host].disk.stored.last {
                $0.conversation == room.id.operations && $0.device == identity.device
            })
        return (0..<count).map { number in
            let setting = RoomSetting(
                .topic, number: UInt64(number) + 1, owner: nil, text: "\(number)", value: 0, cut: [:])
            let content = Content.room(.set(setting))
            let next = Envelope.sign(
                conversation: last.conversation, device: identity.device, log: last.log, seq: last.seq + 1,
                prev: last.id, parents: [], stamp: last.stamp, membership: 1, kind: content.kind,
                payload: content.payload, with: identity.signing)
            last = next.envelope
            return next
        }
    }

    /// The limits hold also within a round, and for what waited behind a gap.
    @Test(arguments: [false, true]) func whoeverHeedsNoLimitIsNotTakenAtTheirWord(isBehindAGap: Bool) throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 37)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let bob = lan.hosts[1].identity.person
        var flood = try self.flood(lan, 1, ops, Limits.roomOperationsEach + 100)
        if isBehindAGap {
            // Before there were 1,000 all come but one, and that one last.
            flood.append(flood.remove(at: 998))
        }
        let link = try #require(lan.hosts[2].engine?.links.of(bob).first)
        lan.ask(2) { engine, now in
            engine.handle(.transport(.envelopes(link, flood, unverified: [], .stream)), at: now)
                + engine.settle(at: now)
        }
        func taken(_ host: Int) -> Int {
            lan.hosts[host].disk.stored.count {
                $0.conversation == ops.id.operations && $0.device == lan.hosts[1].identity.device
            }
        }
        // One of them is by Bob: that they have joined.
        #expect(taken(2) == Limits.roomOperationsEach)
        #expect(lan.hosts[2].engine?.room(ops.id)?.state.topic == "\(Limits.roomOperationsEach - 2)")
        lan.crash(2, downFor: 1_000)
        lan.run(for: 5_000)
        let again = try #require(lan.hosts[2].engine?.links.of(bob).first)
        let late = flood.suffix(50)
        lan.ask(2) { engine, now in
            engine.handle(.transport(.envelopes(again, Array(late), unverified: [], .stream)), at: now)
                + engine.settle(at: now)
        }
        #expect(taken(2) == Limits.roomOperationsEach, "nor after a restart")
        lan.ask(0) { (try? $0.remove(bob, from: ops.id, at: $1)) ?? [] }
        lan.run(for: 5_000)
        #expect(!lan.members(of: ops, at: 2).contains(bob), "its owner goes on")
    }

    /// What a member wrote before others heard that they are one counts after a restart as it did before it.
    @Test func whoWroteAnOperationIsKnownAfterARestart() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 38)
        lan.run(for: 1_000)
        let (anna, bob, carla) = (lan.hosts[0].identity, lan.hosts[1].identity, lan.hosts[2].identity)
        let charter = Charter(name: "ops", owner: anna.person, salt: lan.chance(16), isOpen: true)
        func operation(_ operation: RoomOperation, by identity: Identity) -> Envelope {
            let content = Content.room(operation)
            let id = charter.room.operations
            return Envelope.sign(
                conversation: id, device: identity.device, log: Derive.log(generation: identity.device.bytes, id),
                seq: 1, prev: nil, parents: [], stamp: HybridTime(raw: 1), membership: 1, kind: content.kind,
                payload: content.payload, with: identity.signing
            ).envelope
        }
        let joined = operation(.joined, by: carla)
        let added = RoomOperation.add(RoomMembership(carla.person, 1), owner: 1)
        var chain = ManifestChain()
        for identity in [anna, bob, carla] { _ = chain.receive(identity.manifest) }
        var snapshot = Snapshot(generation: lan.chance(32))
        snapshot.rooms = [
            KnownRoom(
                id: charter.room, charter: charter, standing: .joined, inviter: nil, number: 1,
                since: Timestamp(milliseconds: 0))
        ]
        snapshot.operations = [Snapshot.Operation(wire: joined.wire, author: carla.person)]
        var rooms = Rooms(bob, snapshot, chain)
        _ = rooms.came(operation(added, by: anna), added, by: anna.person)
        _ = rooms.settle(at: lan.moment)
        let stay = rooms[charter.room]?.state.membership(of: carla.person)
        #expect(stay?.standing == .joined)
        #expect(rooms.takeLoads()[charter.room.operations]?.space(for: carla.person).count == 1_023)
    }

    @Test func whatABlockedPersonSaysIsNotShown() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 31)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let before = try lan.say("before", from: 2, in: ops)
        lan.run(for: 1_000)
        #expect(lan.shown(ops, at: 1) == [before])
        let carla = lan.hosts[2].identity.person
        lan.ask(1) { engine, _ in engine.block(carla) }
        let after = try lan.say("after", from: 2, in: ops)
        let other = try lan.say("from Anna", from: 0, in: ops)
        lan.run(for: 30_000)
        #expect(lan.shown(ops, at: 1) == [other])
        #expect(lan.hosts[1].disk.stored.contains { $0.id == after }, "it came by Anna, and is kept for the others")
        lan.crash(1, downFor: 1_000)
        lan.run(for: 10_000)
        #expect(lan.shown(ops, at: 1) == [other], "nor after a restart")
        lan.ask(1) { engine, _ in engine.unblock(carla) }
        lan.run(for: 1_000)
        #expect(Set(lan.shown(ops, at: 1)) == [before, after, other])
        #expect(lan.hashes(of: ops).count == 1)
    }

    /// Of two who were made owner at once, by a copy of the owner's database, one is not; whoever took them for it is
    /// warned.
    @Test func whoGivesARoomAwayTwiceIsNoticed() throws {
        var warned = 0
        for seed in 40..<44 as Range<UInt64> {
            var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: seed)
            lan.run(for: 1_000)
            let ops = try lan.room("ops", by: 0, with: [1, 2])
            let (bob, carla) = (lan.hosts[1].identity.person, lan.hosts[2].identity.person)
            let disk = lan.hosts[0].disk
            lan.ask(0) { (try? $0.transferRoom(ops.id, to: bob, at: $1)) ?? [] }
            lan.run(for: 2_000)
            func owner(_ host: Int) -> PersonID? { lan.hosts[host].engine?.room(ops.id)?.state.owner }
            #expect(owner(1) == bob && owner(2) == bob)
            lan.partition([0, 1, 1])
            lan.restore(0, disk, generation: Array(repeating: 9, count: 32))
            lan.run(for: 1_000)
            lan.ask(0) { (try? $0.transferRoom(ops.id, to: carla, at: $1)) ?? [] }
            #expect(owner(0) == carla)
            lan.partition([0, 0, 0])
            lan.sightAll()
            lan.run(for: 60_000)
            #expect(lan.hashes(of: ops).count == 1, "seed \(seed)")
            let last = owner(0)
            for host in 0..<3 {
                let isTold = lan.hosts[host].news.contains {
                    if case .warning(.ownerReplaced(ops.id), let person) = $0 { person == last } else { false }
                }
                #expect(isTold == (last != (host == 0 ? carla : bob)), "seed \(seed), host \(host)")
                warned += isTold ? 1 : 0
            }
        }
        #expect(warned >= 4)
    }

    @Test func nothingIsFetchedOfWhatABlockedPersonOffers() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 35)
        lan.downloads = "/downloads"
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let carla = lan.hosts[2].identity.person
        lan.ask(1) { engine, _ in engine.block(carla) }
        let (share, offer) = lan.files("report.pdf", size: 40_000)
        var message: EnvelopeID?
        lan.ask(2) { engine, now in
            let offered = try? engine.offer(offer, share, in: ops.id, at: now)
            message = offered?.said.id
            return offered?.effects ?? []
        }
        lan.run(for: 30_000)
        func transfers(_ host: Int) -> [EnvelopeID] { lan.hosts[host].engine?.openTransfers.map(\.id) ?? [] }
        #expect(message != nil && lan.hosts[1].disk.stored.contains { $0.id == message }, "the offer came, by Anna")
        #expect(transfers(0).count == 1)
        #expect(transfers(1).isEmpty && lan.hosts[1].disk.snapshot.transfers.isEmpty)
        lan.crash(1, downFor: 1_000)
        lan.run(for: 30_000)
        #expect(transfers(1).isEmpty && lan.hosts[1].disk.finished.isEmpty, "nor after a restart")
    }

    @Test func whoTypesIsToldToThoseWhoAreHere() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 32)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1])
        let anna = lan.hosts[0].identity.person
        lan.ask(0) { engine, now in engine.typing(in: ops.id, on: true, at: now) }
        lan.run(for: 1_000)
        #expect(lan.hosts[1].news.contains(.typing(anna, ops.id, on: true)))
        #expect(!lan.hosts[2].news.contains { if case .typing = $0 { true } else { false } }, "who is not in it")
        let news = try lan.room("news", by: 0, with: [1], isAnnouncement: true)
        let bob = lan.hosts[1].identity.person
        lan.ask(1) { engine, now in
            let told = engine.typing(in: news.id, on: true, at: now)
            #expect(told.isEmpty, "who may not write there does not type")
            return []
        }
        lan.run(for: 1_000)
        #expect(!lan.hosts[0].news.contains(.typing(bob, news.id, on: true)))
    }

    @Test func anOpenRoomThatAppearsOrGoesIsNews() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 33)
        lan.run(for: 1_000)
        func count(_ host: Int) -> Int {
            lan.hosts[host].news.count { if case .openRoom = $0 { true } else { false } }
        }
        let dev = try lan.room("dev", by: 0, with: [], isOpen: true)
        lan.run(for: 1_000)
        #expect(count(1) == 1 && count(2) == 1)
        lan.ask(1) { (try? $0.joinRoom(dev.id, at: $1)) ?? [] }
        lan.run(for: 2_000)
        #expect(count(2) == 1, "that one more tells of it is none")
        lan.crash(0, downFor: 600_000)
        lan.run(for: 60_000)
        #expect(count(2) == 1, "nor that one of two goes")
        lan.crash(1, downFor: 600_000)
        lan.run(for: 60_000)
        #expect(count(2) == 2)
    }
}
