import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// The same operations give the same state, in whatever order they came.
@Suite struct RoomOrdersTests {
    @Test func tenThousandOrdersGiveTheSameState() {
        var random = SeededRandom(seed: 17)
        var (orders, seen) = (0, Seen())
        for _ in 0..<250 {
            let room = RandomRoom(&random)
            let sorted = room.entries.sorted { $0.id < $1.id }
            let expected = Self.state(of: room.charter, sorted)
            let hash = expected.hash
            seen.note(expected)
            for order in 0..<40 {
                let shuffled = room.entries.shuffled(using: &random)
                let state =
                    order == 0
                    ? Self.stateStepByStep(of: room.charter, shuffled) : Self.state(of: room.charter, shuffled)
                #expect(state == expected && state.hash == hash)
                orders += 1
            }
        }
        #expect(orders == 10_000)
        // The rooms are not all empty: each thing that can become of somebody became of many.
        #expect(seen.standings.count == 4 && seen.standings.values.allSatisfy { $0 > 50 }, "\(seen.standings)")
        #expect(seen.transferred > 50 && seen.returned > 50 && seen.settings > 300, "\(seen)")
    }

    /// A room that is kept up with what comes is what all operations together give, and says truly what is new.
    @Test func stepsLeadWhereFoldingDoes() {
        var random = SeededRandom(seed: 18)
        var seen: [String: Int] = [:]
        for _ in 0..<400 {
            let made = RandomRoom(&random)
            let known = KnownRoom(
                id: made.charter.room, charter: made.charter, standing: .joined, inviter: nil, number: 1,
                since: Timestamp(milliseconds: 0))
            for entries in [made.entries, made.entries.shuffled(using: &random)] {
                var room = Room(known, me: RoomStory.person(1))
                var fold = RoomFold(made.charter)
                var before = room.state
                for entry in entries {
                    room.add(entry)
                    fold.add(entry)
                    if random.happens(50) { room.add(entry) }
                    guard random.happens(700) else { continue }
                    let (change, hasMoved) = room.refresh()
                    #expect(room.state == fold.state)
                    switch change {
                    case .none:
                        seen["none", default: 0] += 1
                        #expect(room.state == before && !hasMoved)
                    case .arrivals(let persons):
                        seen["arrivals", default: 0] += 1
                        #expect(room.state.present == before.present.union(persons))
                        #expect(hasMoved == !persons.isEmpty && persons.isDisjoint(with: before.present))
                    case .all:
                        seen["all", default: 0] += 1
                        #expect(hasMoved || room.state.present == before.present)
                    }
                    before = room.state
                }
            }
        }
        #expect(seen.count == 3 && seen.values.allSatisfy { $0 > 50 }, "\(seen)")
    }

    private static func state(of charter: Charter, _ entries: [RoomFold.Entry]) -> RoomState {
        var fold = RoomFold(charter)
        for entry in entries { fold.add(entry) }
        return fold.state
    }

    /// Asked in between, and told some things twice.
    private static func stateStepByStep(of charter: Charter, _ entries: [RoomFold.Entry]) -> RoomState {
        var fold = RoomFold(charter)
        for (number, entry) in entries.enumerated() {
            fold.add(entry)
            if number % 2 == 0 { fold.add(entries[number / 2]) }
            _ = fold.state.hash
        }
        #expect(fold.count == entries.count)
        return fold.state
    }

    private struct Seen {
        var standings: [RoomState.Standing: Int] = [:]
        var (transferred, returned, settings) = (0, 0, 0)

        mutating func note(_ state: RoomState) {
            for standing in state.memberships.values { self.standings[standing, default: 0] += 1 }
            if state.owners.count > 1 { self.transferred += 1 }
            self.returned += state.latest.values.filter { $0 > 1 }.count
            self.settings += state.settings.count
        }
    }
}

/// What many persons do in a room, each of whom knows only some of what the others do, and some of whom cheat.
private struct RandomRoom {
    let charter: Charter
    private(set) var entries: [RoomFold.Entry] = []
    private let persons: [PersonID]
    private var logs: [[LogID]] = []
    private var places: [LogID: UInt64] = [:]
    /// What somebody who writes has seen: the state after some of the operations.
    private var view: RoomState
    private var fold: RoomFold

    init(_ random: inout SeededRandom) {
        self.persons = (1...7).map { RoomStory.person(UInt8($0)) }
        self.charter = Charter(
            name: "room", owner: random.happens(900) ? self.persons[0] : nil, salt: random.bytes(16),
            isOpen: random.happens(400), isAnnouncement: random.happens(300), startsAtJoin: random.happens(300),
            ownerInvites: random.happens(150))
        self.view = RoomState(self.charter)
        self.fold = RoomFold(self.charter)
        self.logs = self.persons.map { person in (0..<3).map { RoomStory.log(person, $0) } }
        for _ in 0..<Int.random(in: 10...60, using: &random) { self.tell(&random) }
    }

    private mutating func tell(_ random: inout SeededRandom) {
        let anybody = self.persons[Int.random(in: 0..<self.persons.count, using: &random)]
        let author = random.happens(300) ? self.view.owner ?? anybody : anybody
        let log = RoomStory.log(author, UInt8.random(in: 0...2, using: &random))
        let seq = self.places[log, default: 0] + 1
        self.places[log] = seq
        let stay = self.view.membership(of: author)?.number ?? 1
        let entry = RoomFold.Entry(
            id: EnvelopeID(hash: Hash32(random.bytes(32)) ?? .zero), author: author, log: log, seq: seq,
            membership: random.happens(900) ? stay : UInt64.random(in: 0...4, using: &random),
            operation: self.operation(by: author, stay, &random))
        self.entries.append(entry)
        self.fold.add(entry)
        // Who writes next may not have seen this yet.
        if random.happens(700) { self.view = self.fold.state }
    }

    private func operation(by author: PersonID, _ stay: UInt64, _ random: inout SeededRandom) -> RoomOperation {
        let other = self.persons[Int.random(in: 0..<self.persons.count, using: &random)]
        let owner = self.owner(author, &random)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<35:
            let person = self.charter.isOpen && random.happens(500) ? author : other
            let number = random.happens(850) ? self.view.nextNumber(of: person) : self.wild(&random)
            let start = LogStart(
                log: RoomStory.log(other, 9), device: DeviceID(hash: person.hash),
                seq: UInt64.random(in: 1...9, using: &random), id: EnvelopeID(hash: person.hash))
            return .add(RoomMembership(person, number), owner: owner, from: [start])
        case ..<50:
            let number = random.happens(850) ? self.view.membership(of: other)?.number ?? 1 : self.wild(&random)
            return .remove(RoomMembership(other, number), owner: owner, cut: self.cut(other, &random))
        case ..<60:
            let number = random.happens(850) ? stay : self.wild(&random)
            return .remove(RoomMembership(author, number), owner: nil, cut: self.cut(author, &random))
        case ..<70:
            guard author == self.view.owner || random.happens(200) else { return .joined }
            let number = random.happens(850) ? self.view.ownerNumber : self.wild(&random)
            return .transfer(other, owner: number, cut: self.cut(author, &random))
        case ..<90: return .set(self.setting(other, owner, &random))
        default: return .joined
        }
    }

    /// As what somebody does it: as the owner if they are, or say they are.
    private func owner(_ author: PersonID, _ random: inout SeededRandom) -> UInt64? {
        if author == self.view.owner, random.happens(700) { return self.view.ownerNumber }
        return random.happens(100) ? UInt64.random(in: 1...3, using: &random) : nil
    }

    private func wild(_ random: inout SeededRandom) -> UInt64 {
        [1, 2, 3, 4, 5, Limits.roomNumber, .max].randomElement(using: &random) ?? 1
    }

    private func setting(_ person: PersonID, _ owner: UInt64?, _ random: inout SeededRandom) -> RoomSetting {
        let keys: [RoomSetting.Key] = [
            .name, .topic, .topic, .lifetime, .writer(person), .pin(EnvelopeID(hash: person.hash)),
        ]
        let key = keys.randomElement(using: &random) ?? .topic
        let next = (self.view.settings[key]?.number ?? 0) + UInt64.random(in: 0...2, using: &random)
        return RoomSetting(
            key, number: random.happens(900) ? max(1, next) : self.wild(&random), owner: owner,
            text: "\(random.next() % 10)", value: random.next() % 2, cut: self.cut(person, &random))
    }

    private func cut(_ person: PersonID, _ random: inout SeededRandom) -> [LogID: UInt64] {
        var cut: [LogID: UInt64] = [:]
        for device: UInt8 in [0, 1, 2, 9] where random.happens(800) {
            let log = RoomStory.log(person, device)
            let held = self.places[log, default: 0] + 1
            cut[log] = random.happens(800) ? held : UInt64.random(in: 0...held, using: &random)
        }
        return cut
    }
}
