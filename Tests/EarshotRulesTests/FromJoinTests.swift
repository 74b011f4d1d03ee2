import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Rooms in which whoever comes gets nothing that was said before.
@Suite struct FromJoinTests {
    @Test func whatIsSaidAfterwardsArrives() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: 5)
        lan.run(for: 1_000)
        lan.acquaint(0, with: [1, 2])
        let room = try lan.room("ops", by: 0, with: [2], startsAtJoin: true)
        let before = try [lan.say("before", from: 0, in: room), lan.say("before", from: 2, in: room)]
        lan.run(for: 2_000)
        try lan.invite(1, to: room, by: 0)
        let after = try [lan.say("after", from: 0, in: room), lan.say("after", from: 2, in: room)]
        lan.run(for: 2_000)
        #expect(Set(lan.shown(room, at: 1)) == Set(after))
        #expect(!lan.hosts[1].disk.stored.contains { before.contains($0.id) })
        let answer = try lan.say("here", from: 1, in: room)
        lan.run(for: 2_000)
        for host in [0, 2] { #expect(Set(lan.shown(room, at: host)) == Set(before + after + [answer])) }
        #expect(lan.hashes(of: room).count == 1)
    }

    @Test func whatIsOpenToAllBeginsAtTheBeginning() throws {
        var lan = try SimulatedLAN(names: ["Anna"], seed: 5)
        #expect(throws: SimulatedLAN.Trouble.self) {
            _ = try lan.room("ops", by: 0, with: [], isOpen: true, startsAtJoin: true)
        }
    }

    @Test func ownersDoNotTakeThemselvesOut() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 5)
        lan.run(for: 1_000)
        lan.acquaint(0, with: [1])
        let room = try lan.room("ops", by: 0, with: [1])
        let anna = lan.hosts[0].identity.person
        var refusal: (any Error)?
        lan.ask(0) { engine, now in
            do { return try engine.remove(anna, from: room.id, at: now) } catch {
                refusal = error
                return []
            }
        }
        #expect(refusal as? Engine.RoomRefusal == .ownerLeaves)
        #expect(lan.members(of: room, at: 0).count == 2)
    }
}
