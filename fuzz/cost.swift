import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { 0 }

private func person(_ n: Int) -> PersonID { PersonID(hash: Derive.envelope(body: UInt64(n).bigEndianBytes).self) }
private func log(_ p: PersonID, _ d: Int = 0) -> LogID { Derive.log(generation: p.bytes, ConversationID(hash: Derive.envelope(body: UInt64(d).bigEndianBytes))) }

func seeds() throws -> [[UInt8]] {
    let count = 16_384
    let clock = ContinuousClock()
    let owner = person(0)
    let charter = Charter(name: "x", owner: owner, salt: [UInt8](repeating: 1, count: 16), isOpen: true)
    func measure(_ name: String, reversed: Bool = false, _ make: (Int) -> (PersonID, UInt64, RoomOperation)) {
        var fold = RoomFold(charter)
        for n in 0..<count {
            let (author, stay, operation) = make(n)
            var id = UInt64(reversed ? count - n : n).bigEndianBytes + [UInt8](repeating: 0, count: 24)
            id[31] = 1
            fold.add(.init(id: EnvelopeID(hash: Hash32(id) ?? .zero), author: author, log: log(author), seq: UInt64(n + 1), membership: stay, operation: operation))
        }
        let start = clock.now
        let state = fold.state
        let folded = clock.now
        _ = state.hash
        print(name, reversed, folded - start, clock.now - folded, state.memberships.count)
    }
    for back in [false, true] {
        measure("chain of adds", reversed: back) { (person($0), 1, .add(RoomMembership(person($0 + 1), 1), owner: nil)) }
        measure("leave and come back", reversed: back) {
            let n = UInt64($0 / 2 + 1)
            return $0 % 2 == 0 ? (person(1), n, .add(RoomMembership(person(1), n), owner: nil)) : (person(1), n, .remove(RoomMembership(person(1), n), owner: nil, cut: [:]))
        }
        measure("taken and brought back", reversed: back) {
            let n = UInt64($0 / 2 + 1)
            return $0 % 2 == 0 ? (owner, 1, .add(RoomMembership(person(1), n), owner: 1)) : (owner, 1, .remove(RoomMembership(person(1), n), owner: 1, cut: [:]))
        }
        let cut = Dictionary(uniqueKeysWithValues: (0..<64).map { (log(person(1), $0), UInt64(5)) })
        measure("one stay removed with 64 cuts", reversed: back) { _ in (owner, 1, .remove(RoomMembership(person(1), 1), owner: 1, cut: cut)) }
        let huge = Dictionary(uniqueKeysWithValues: (0..<1024).map { (log(person(1), $0), UInt64(5)) })
        measure("one stay removed with 1024 cuts", reversed: back) { _ in (owner, 1, .remove(RoomMembership(person(1), 1), owner: 1, cut: huge)) }
        measure("one setting", reversed: back) { (owner, 1, .set(RoomSetting(.topic, number: UInt64($0 + 1), owner: 1, text: "x"))) }
        measure("pins", reversed: back) { (owner, 1, .set(RoomSetting(.pin(EnvelopeID(hash: person($0).hash)), number: 1, owner: 1, value: 1))) }
        measure("transfers", reversed: back) { (person($0 % 2), 1, .transfer(person(($0 + 1) % 2), owner: UInt64($0 + 1), cut: [log(person($0 % 2)): UInt64(count)])) }
        measure("adds of one person by many", reversed: back) { (owner, 1, .add(RoomMembership(person($0 % 200), 1), owner: nil)) }
    }
    return []
}
