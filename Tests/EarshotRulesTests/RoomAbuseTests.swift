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

    private static func topic(_ number: Int, by author: PersonID) -> RoomFold.Entry {
        let setting = RoomSetting(.topic, number: UInt64(number) + 1, owner: nil, text: "", value: 0, cut: [:])
        return RoomFold.Entry(
            id: EnvelopeID(hash: Self.hash(number, author.bytes[1])), author: author, log: LogID(hash: .zero),
            seq: UInt64(number) + 1, membership: 1, operation: .set(setting))
    }

    @Test func nobodyFillsARoomForTheOthers() {
        let (anna, bob, cleo, dora) = (Self.person(1), Self.person(2), Self.person(3), Self.person(4))
        let charter = Charter(name: "ops", owner: anna, salt: [UInt8](repeating: 7, count: 16))
        let known = KnownRoom(
            id: charter.room, charter: charter, standing: .joined, inviter: nil, number: 1,
            since: Timestamp(milliseconds: 0))
        var room = Room(known, me: cleo)
        for number in 1..<Limits.roomOperationsEach { room.add(Self.topic(number, by: bob), bytes: 10) }
        #expect(room.access.spent.isEmpty)
        room.add(Self.topic(1, by: bob), bytes: 10)
        #expect(room.access.spent.isEmpty, "what came twice counts once")
        room.add(Self.topic(0, by: bob), bytes: 10)
        #expect(room.access.spent == [bob] && !room.access.isFull && room.hasSpace)
        room.add(Self.topic(0, by: dora), bytes: Limits.roomBytesEach)
        #expect(room.access.spent == [bob, dora] && !room.access.isFull, "nor by bytes")
        room.add(Self.topic(0, by: cleo), bytes: Limits.roomBytesEach)
        #expect(!room.hasSpace, "what others would not take is not said")
        var owned = Room(known, me: anna)
        owned.add(Self.topic(0, by: anna), bytes: Limits.roomBytes)
        #expect(owned.access.isFull && owned.hasSpace, "its owner goes on")
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
