import EarshotModel

/// Who was taken out of a room by which owner, and whom owners have added since: so who may come back, and by whom
/// (Protocol.md 17, Memberships).
struct Returns {
    /// A stay that was taken, and the last of the owners who took it or an earlier one.
    private var taken: [PersonID: [(number: UInt64, taker: UInt64)]] = [:]
    /// The stays that count by an owner.
    private var added: [PersonID: [UInt64]] = [:]

    init(_ ends: [RoomMembership: RoomState.End]) {
        for (stay, end) in ends {
            if let taker = end.taker { self.taken[stay.person, default: []].append((stay.number, taker)) }
        }
        for person in Array(self.taken.keys) {
            var last: UInt64 = 0
            self.taken[person]?.sort { $0.number < $1.number }
            for index in self.taken[person]?.indices ?? 0..<0 {
                last = max(last, self.taken[person]?[index].taker ?? 0)
                self.taken[person]?[index].taker = last
            }
        }
    }

    /// Notes that an owner adds somebody. What they wrote for later brings nobody back whom a later one took out.
    mutating func allow(_ stay: RoomMembership, _ owner: UInt64) -> Bool {
        guard self.lastTaken(before: stay)?.taker ?? 0 <= owner else { return false }
        self.added[stay.person, default: []].append(stay.number)
        return true
    }

    /// After the last owner's.
    mutating func sort() {
        for person in Array(self.added.keys) { self.added[person]?.sort() }
    }

    /// Whether others than the owner may add them: they were never taken out, or the owner has brought them back.
    func isFree(_ stay: RoomMembership) -> Bool {
        guard let last = self.lastTaken(before: stay) else { return true }
        let added = self.added[stay.person] ?? []
        let count = Self.count(added.count) { added[$0] < stay.number }
        return count > 0 && added[count - 1] > last.number
    }

    private func lastTaken(before stay: RoomMembership) -> (number: UInt64, taker: UInt64)? {
        guard let taken = self.taken[stay.person] else { return nil }
        let count = Self.count(taken.count) { taken[$0].number < stay.number }
        return count > 0 ? taken[count - 1] : nil
    }

    /// How many come before a place from which on something does not hold.
    private static func count(_ all: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, all)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
