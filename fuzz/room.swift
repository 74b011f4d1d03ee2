// Whatever persons do in a room, in whatever order it comes: one state, and nobody in it whom nobody let in.
import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire

private let persons = (1...5).map { PersonID(hash: Hash32([UInt8](repeating: UInt8($0), count: 32)) ?? .zero) }
private let logs = persons.map { person in
    (0..<2 as Range<UInt8>).map { device in
        let hash = Hash32([UInt8](repeating: device, count: 32)) ?? .zero
        return Derive.log(generation: person.bytes, ConversationID(hash: hash))
    }
}

/// Bytes, one after another; 0 at the end of them.
private struct Bytes {
    var left: ArraySlice<UInt8>
    mutating func next(_ below: Int) -> Int { Int(self.left.popFirst() ?? 0) % below }
}

private func operation(_ bytes: inout Bytes, by author: PersonID) -> RoomOperation {
    let person = persons[bytes.next(persons.count)]
    let number = UInt64(1 + bytes.next(4))
    let owner = [nil, nil, 1, 2, 3][bytes.next(5)] as UInt64?
    var cut: [LogID: UInt64] = [:]
    let named = bytes.next(4)
    for (log, index) in zip(logs[persons.firstIndex(of: person) ?? 0], 0...) where named & 1 << index != 0 {
        cut[log] = UInt64(bytes.next(8))
    }
    switch bytes.next(6) {
    case 0, 1: return .add(RoomMembership(person, number), owner: owner)
    case 2: return .remove(RoomMembership(bytes.next(2) == 0 ? author : person, number), owner: owner, cut: cut)
    case 3: return .transfer(person, owner: owner ?? 1, cut: cut)
    case 4:
        let keys: [RoomSetting.Key] = [.name, .topic, .lifetime, .writer(person), .pin(EnvelopeID(hash: person.hash))]
        return .set(
            RoomSetting(keys[bytes.next(5)], number: number, owner: owner, value: UInt64(bytes.next(2)), cut: cut))
    default: return .joined
    }
}

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var bytes = Bytes(left: Array(UnsafeBufferPointer(start: start, count: min(count, 600)))[...])
    let kind = bytes.next(32)
    let charter = Charter(
        name: "r", owner: kind & 16 == 0 ? persons[0] : nil, salt: [UInt8](repeating: 1, count: 16),
        isOpen: kind & 1 != 0, isAnnouncement: kind & 2 != 0, startsAtJoin: kind & 4 != 0, ownerInvites: kind & 8 != 0)
    var places: [LogID: UInt64] = [:]
    var entries: [RoomFold.Entry] = []
    while !bytes.left.isEmpty {
        let who = bytes.next(persons.count)
        let log = logs[who][bytes.next(2)]
        let seq = places[log, default: 0] + 1
        places[log] = seq
        let id = Derive.envelope(body: log.bytes + seq.bigEndianBytes + [UInt8(bytes.next(256))])
        let stay = UInt64(bytes.next(4))
        entries.append(
            RoomFold.Entry(
                id: EnvelopeID(hash: id), author: persons[who], log: log, seq: seq, membership: stay,
                operation: operation(&bytes, by: persons[who])))
    }
    var (there, back) = (RoomFold(charter), RoomFold(charter))
    for entry in entries { there.add(entry) }
    for (index, entry) in entries.reversed().enumerated() {
        back.add(entry)
        if index % 8 == 0 { _ = back.state }
    }
    let state = there.state
    hold(state == back.state && state.hash == back.state.hash, "the order does not matter")
    check(state, entries)
    return 0
}

private func check(_ state: RoomState, _ entries: [RoomFold.Entry]) {
    let charter = state.charter
    for (stay, standing) in state.memberships where stay != RoomMembership(charter.owner ?? persons[0], 1) {
        let adds = entries.filter { if case .add(stay, _, _, _) = $0.operation { true } else { false } }
        hold(!adds.isEmpty, "somebody added them")
        hold(standing.isMember == (state.ends[stay] == nil), "a stay lasts until it ends")
        let before = stay.number > 1 ? state.ends[RoomMembership(stay.person, stay.number - 1)] : nil
        let taker = (0..<stay.number).compactMap { state.ends[RoomMembership(stay.person, $0)]?.taker }.max()
        hold(stay.number == 1 || before != nil, "after the end of the one before")
        // By the owner, or by a member, or by themselves.
        let byOwner = adds.contains {
            guard case .add(_, let owner?, _, _) = $0.operation, owner <= UInt64(state.owners.count) else {
                return false
            }
            return state.owners[Int(owner) - 1] == $0.author && owner >= taker ?? 0
        }
        let byOther = adds.contains {
            $0.author != stay.person && state.memberships[RoomMembership($0.author, $0.membership)] != nil
        }
        let bySelf = charter.isOpen && adds.contains { $0.author == stay.person }
        let byMember = byOther && !charter.ownerInvites || bySelf
        hold(byOwner || byMember && before?.isTaken != true, "somebody who may")
        if taker != nil, !byOwner {
            let earlier = state.memberships.keys.filter { $0.person == stay.person && $0.number < stay.number }
            hold(!earlier.isEmpty, "brought back")
        }
    }
    for person in persons {
        hold(state.ends[RoomMembership(person, state.nextNumber(of: person))] == nil, "the next has not ended")
        hold(!state.mayWrite(person) || state.isMember(person), "members write")
    }
}

func seeds() throws -> [[UInt8]] {
    var random = SeededRandom(seed: 5)
    return (0..<20).map { random.bytes(20 + 30 * $0) }
}
