import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Rooms on a whole simulated LAN (Protocol.md 17).
@Suite struct RoomsLANTests {
    @Test func threeMeetInARoom() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 1)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let word = try lan.say("hello", from: 1, in: ops)
        lan.run(for: 1_000)
        for host in 0..<3 {
            #expect(lan.members(of: ops, at: host) == lan.persons([0, 1, 2]))
            #expect(lan.shown(ops, at: host) == [word])
        }
        #expect(lan.hashes(of: ops).count == 1)
    }

    @Test func roomMatesNeedNotBeContacts() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 2)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let (bob, carla) = (lan.hosts[1].identity.person, lan.hosts[2].identity.person)
        #expect(!(lan.hosts[1].engine?.contacts.talks(carla) ?? true))
        let word = try lan.say("from Bob", from: 1, in: ops)
        lan.run(for: 1_000)
        #expect(lan.shown(ops, at: 2) == [word])
        #expect(!(lan.hosts[2].engine?.contacts.talks(bob) ?? true))
        #expect(lan.hosts[1].disk.receipts(of: word, by: bob, in: ops.talk).filter { $0.deliveredAt != nil }.count == 2)
    }

    @Test func whoWasAwayCatchesUpFromSomebodyElse() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 3)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        lan.crash(2, downFor: 60_000)
        var words: [EnvelopeID] = []
        for number in 1...100 { words.append(try lan.say("word \(number)", from: 1, in: ops)) }
        lan.run(for: 5_000)
        // The author goes before the absent one is back.
        lan.crash(1, downFor: 600_000)
        lan.run(for: 120_000)
        #expect(Set(lan.shown(ops, at: 2)) == Set(words))
        #expect(lan.hosts[2].disk.doubles == 0)
    }

    @Test func aNewcomerGetsEverythingOrNothingFromBefore() throws {
        for startsAtJoin in [false, true] {
            var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 4)
            lan.run(for: 1_000)
            let ops = try lan.room("ops", by: 0, with: [1], startsAtJoin: startsAtJoin)
            for number in 1...700 { _ = try lan.say("before \(number)", from: number % 2, in: ops) }
            lan.run(for: 5_000)
            try lan.invite(2, to: ops, by: 0)
            let after = try lan.say("after", from: 1, in: ops)
            lan.run(for: 20_000)
            #expect(lan.shown(ops, at: 2).count == (startsAtJoin ? 1 : 701))
            #expect(lan.shown(ops, at: 2).contains(after))
            #expect(lan.hashes(of: ops).count == 1)
            // And after a restart.
            lan.crash(2, downFor: 1_000)
            lan.run(for: 5_000)
            let more = try lan.say("more", from: 0, in: ops)
            lan.run(for: 5_000)
            #expect(lan.shown(ops, at: 2).contains(more))
        }
    }

    @Test func whoIsTakenOutGetsNothingMore() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 5)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let before = try lan.say("before", from: 2, in: ops)
        lan.run(for: 1_000)
        let carla = lan.hosts[2].identity.person
        lan.ask(0) { (try? $0.remove(carla, from: ops.id, at: $1)) ?? [] }
        lan.run(for: 2_000)
        #expect(lan.hosts[2].engine?.room(ops.id)?.known.standing == .removed, "they learn of it")
        let after = try lan.say("after", from: 1, in: ops)
        lan.run(for: 2_000)
        #expect(Set(lan.shown(ops, at: 1)) == [before, after])
        #expect(lan.shown(ops, at: 2) == [before])
        #expect(throws: SimulatedLAN.Trouble.self) { try lan.say("still here", from: 2, in: ops) }
        #expect(lan.members(of: ops, at: 1) == lan.persons([0, 1]))
    }

    @Test func whatSomebodySaysWhileTheyAreTakenOutIsKeptUpToTheCut() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 6)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let carla = lan.hosts[2].identity.person
        // Carla and Bob do not hear Anna, who takes Carla out.
        lan.partition([0, 1, 1])
        lan.run(for: 1_000)
        lan.ask(0) { (try? $0.remove(carla, from: ops.id, at: $1)) ?? [] }
        let late = try lan.say("late", from: 2, in: ops)
        lan.run(for: 5_000)
        #expect(lan.shown(ops, at: 1) == [late])
        lan.partition([0, 0, 0])
        lan.sightAll()
        lan.run(for: 120_000)
        #expect(lan.shown(ops, at: 1).isEmpty, "above the cut")
        #expect(lan.shown(ops, at: 0).isEmpty)
        #expect(lan.hashes(of: ops, hosts: [0, 1]).count == 1)
    }

    @Test func anyoneHereMayJoinAnOpenRoom() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 7)
        lan.run(for: 1_000)
        let ops = try lan.room("coffee", by: 0, with: [], isOpen: true)
        lan.run(for: 1_000)
        for host in [1, 2] {
            #expect(lan.hosts[host].engine?.openRooms.map(\.room.charter.room) == [ops.id])
            lan.ask(host) { (try? $0.joinRoom(ops.id, at: $1)) ?? [] }
            lan.run(for: 2_000)
        }
        let word = try lan.say("two sugars", from: 2, in: ops)
        lan.run(for: 2_000)
        for host in 0..<3 {
            #expect(lan.members(of: ops, at: host) == lan.persons([0, 1, 2]))
            #expect(lan.shown(ops, at: host) == [word])
        }
        lan.ask(2) { (try? $0.leaveRoom(ops.id, at: $1)) ?? [] }
        lan.run(for: 2_000)
        #expect(lan.members(of: ops, at: 1) == lan.persons([0, 1]))
        lan.ask(2) { (try? $0.joinRoom(ops.id, at: $1)) ?? [] }
        lan.run(for: 2_000)
        #expect(lan.members(of: ops, at: 1) == lan.persons([0, 1, 2]))
    }

    @Test func theLobbyBelongsToEverybody() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 8)
        lan.run(for: 1_000)
        let lobby = SimulatedLAN.Room(Charter.lobby.room)
        for host in 0..<3 { lan.ask(host) { (try? $0.joinRoom(lobby.id, at: $1)) ?? [] } }
        lan.run(for: 5_000)
        let word = try lan.say("hello", from: 2, in: lobby)
        lan.run(for: 5_000)
        for host in 0..<3 {
            #expect(lan.members(of: lobby, at: host) == lan.persons([0, 1, 2]))
            #expect(lan.shown(lobby, at: host) == [word])
        }
    }

    @Test func inAnAnnouncementRoomWritersWrite() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 9)
        lan.run(for: 1_000)
        let news = try lan.room("news", by: 0, with: [1, 2], isAnnouncement: true)
        #expect(throws: SimulatedLAN.Trouble.self) { try lan.say("me too", from: 1, in: news) }
        let bob = lan.hosts[1].identity.person
        lan.ask(0) { (try? $0.set(.writer(bob), of: news.id, value: 1, at: $1)) ?? [] }
        lan.run(for: 1_000)
        let word = try lan.say("now I may", from: 1, in: news)
        lan.run(for: 1_000)
        lan.ask(0) { (try? $0.set(.writer(bob), of: news.id, value: 0, at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(throws: SimulatedLAN.Trouble.self) { try lan.say("and now", from: 1, in: news) }
        #expect(lan.shown(news, at: 2) == [word], "what was said stays")
    }

    @Test func theOwnerGoesAndTheRoomGoesOn() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla", "Dora"], seed: 10)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        lan.crash(0, downFor: 3_600_000)
        lan.run(for: 1_000)
        try lan.invite(3, to: ops, by: 1)
        let word = try lan.say("without Anna", from: 3, in: ops)
        lan.run(for: 10_000)
        for host in 1..<4 { #expect(lan.shown(ops, at: host) == [word]) }
        lan.ask(1) { (try? $0.set(.topic, of: ops.id, text: "holidays", at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(lan.hosts[3].engine?.room(ops.id)?.state.topic == "holidays")
    }

    @Test func aRoomIsGivenToAnotherOwner() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla"], seed: 11)
        lan.run(for: 1_000)
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let (bob, carla) = (lan.hosts[1].identity.person, lan.hosts[2].identity.person)
        lan.ask(0) { (try? $0.leaveRoom(ops.id, at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(lan.members(of: ops, at: 1).count == 3, "not before somebody else has it")
        lan.ask(0) { (try? $0.transferRoom(ops.id, to: bob, at: $1)) ?? [] }
        lan.run(for: 1_000)
        lan.ask(0) { (try? $0.remove(carla, from: ops.id, at: $1)) ?? [] }
        lan.ask(0) { (try? $0.leaveRoom(ops.id, at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(lan.members(of: ops, at: 2) == lan.persons([1, 2]))
        lan.ask(1) { (try? $0.remove(carla, from: ops.id, at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(lan.members(of: ops, at: 1) == lan.persons([1]))
    }

    @Test func sixtyFourLeaveAtOnce() throws {
        var lan = try SimulatedLAN(names: (0..<70).map { "P\($0)" }, seed: 12)
        lan.acquaint(0, with: Array(1..<70))
        let ops = try lan.room("ops", by: 0, with: Array(1..<70))
        lan.run(for: 20_000)
        #expect(lan.members(of: ops, at: 69).count == 70)
        for host in 1...64 { lan.ask(host) { (try? $0.leaveRoom(ops.id, at: $1)) ?? [] } }
        lan.run(for: 60_000)
        let stay = [0] + Array(65..<70)
        for host in stay { #expect(lan.members(of: ops, at: host) == lan.persons(stay)) }
        #expect(lan.hashes(of: ops, hosts: stay).count == 1)
    }
}

/// Files that are offered to a room.
@Suite struct RoomFilesTests {
    @Test func everyMemberFetchesAndWhoComesLaterToo() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla", "Dora"], seed: 21)
        lan.run(for: 1_000)
        lan.downloads = "/downloads"
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let (share, offer) = lan.files("report.pdf", size: 40_000)
        var message: EnvelopeID?
        lan.ask(0) { engine, now in
            let offered = try? engine.offer(offer, share, in: ops.id, at: now)
            message = offered?.said.id
            return offered?.effects ?? []
        }
        let id = try #require(message)
        lan.run(for: 2_000)
        lan.ask(1) { (try? $0.accept(id, into: "/downloads", at: $1)) ?? [] }
        lan.ask(2) { (try? $0.decline(id, at: $1)) ?? [] }
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.finished[id] == [.complete])
        let (bob, carla) = (lan.hosts[1].identity.person, lan.hosts[2].identity.person)
        #expect(lan.hosts[0].disk.finished[Derive.roomOffer(id, to: bob)] == [.complete])
        #expect(lan.hosts[0].disk.finished[Derive.roomOffer(id, to: carla)] == [.declined])
    }

    @Test func whoComesLaterMayHaveItAndWhoWasTakenOutMayNot() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carla", "Dora"], seed: 22)
        lan.run(for: 1_000)
        lan.downloads = "/downloads"
        let ops = try lan.room("ops", by: 0, with: [1, 2])
        let (share, offer) = lan.files("report.pdf", size: 40_000)
        var message: EnvelopeID?
        lan.ask(0) { engine, now in
            let offered = try? engine.offer(offer, share, in: ops.id, at: now)
            message = offered?.said.id
            return offered?.effects ?? []
        }
        let id = try #require(message)
        try lan.invite(3, to: ops, by: 0)
        lan.run(for: 5_000)
        let carla = lan.hosts[2].identity.person
        lan.ask(0) { (try? $0.remove(carla, from: ops.id, at: $1)) ?? [] }
        lan.run(for: 1_000)
        for host in [2, 3] { lan.ask(host) { (try? $0.accept(id, into: "/downloads", at: $1)) ?? [] } }
        lan.run(for: 20_000)
        #expect(lan.hosts[3].disk.finished[id] == [.complete])
        #expect(lan.hosts[2].disk.finished[id] != [.complete])
    }
}
