import EarshotModel
import EarshotWire

/// The operations of a room, in whatever order they came, and the state that follows from the set of them
/// (Protocol.md 17). The same set gives the same state.
package struct RoomFold: Sendable {
    /// An operation and who did it.
    package struct Entry: Hashable, Sendable {
        package let id: EnvelopeID
        package let author: PersonID
        package let log: LogID
        package let seq: UInt64
        /// The number of the stay under which its author did it.
        package let membership: UInt64
        package let operation: RoomOperation

        package init(
            id: EnvelopeID, author: PersonID, log: LogID, seq: UInt64, membership: UInt64, operation: RoomOperation
        ) {
            self.id = id
            self.author = author
            self.log = log
            self.seq = seq
            self.membership = membership
            self.operation = operation
        }
    }

    private let charter: Charter
    private var entries: [EnvelopeID: Entry] = [:]

    package init(_ charter: Charter) { self.charter = charter }

    package var count: Int { self.entries.count }

    package mutating func add(_ entry: Entry) { self.entries[entry.id] = entry }

    /// What follows from the operations that are here.
    package var state: RoomState {
        var state = RoomState(self.charter)
        let entries = self.entries.values.sorted { $0.id < $1.id }
        let owners = Owners(entries, self.charter)
        state.owners = owners.persons
        state.ends = Self.ends(entries, owners)
        self.addMemberships(entries, owners, &state)
        self.addStandings(entries, &state)
        state.settings = self.settings(entries, owners, state)
        return state
    }

    // MARK: 1. owners

    /// Who owned the room one after the other, and what each of them did that stands.
    private struct Owners {
        private(set) var persons: [PersonID?]
        /// Up to where the logs of an owner count who has given the room to the next, by number from 1.
        private var cuts: [[LogID: UInt64]] = []

        init(_ entries: [Entry], _ charter: Charter) {
            self.persons = [charter.owner]
            var transfers: [UInt64: [(author: PersonID, to: PersonID, cut: [LogID: UInt64])]] = [:]
            for entry in entries {
                guard case .transfer(let person, let owner, let cut) = entry.operation else { continue }
                transfers[owner, default: []].append((entry.author, person, cut))
            }
            // Entries are in the order of their ids: the first that fits is the one with the lowest.
            while let owner = self.persons.last ?? nil,
                let next = transfers[UInt64(self.persons.count)]?.first(where: { $0.author == owner })
            {
                self.cuts.append(next.cut)
                self.persons.append(next.to)
            }
        }

        func stands(_ entry: Entry, as number: UInt64) -> Bool {
            guard number >= 1, let index = Int(exactly: number - 1), index < self.persons.count,
                self.persons[index] == entry.author
            else { return false }
            return index >= self.cuts.count || entry.seq <= self.cuts[index][entry.log] ?? 0
        }
    }

    // MARK: 2. ends

    private static func ends(_ entries: [Entry], _ owners: Owners) -> [RoomMembership: RoomState.End] {
        var taken: [RoomMembership: [[LogID: UInt64]]] = [:]
        var left: [RoomMembership: [[LogID: UInt64]]] = [:]
        var leavings: [RoomMembership: [LogID: UInt64]] = [:]
        var words: [RoomMembership: [LogID: RoomState.Word]] = [:]
        for entry in entries {
            guard case .remove(let membership, let owner, let cut) = entry.operation else { continue }
            if let owner {
                guard owners.stands(entry, as: owner) else { continue }
                taken[membership, default: []].append(cut)
            } else if entry.author == membership.person {
                left[membership, default: []].append(cut)
                let before = leavings[membership]?[entry.log] ?? .max
                leavings[membership, default: [:]][entry.log] = min(before, entry.seq)
            } else {
                continue
            }
            if entry.seq < words[membership]?[entry.log]?.seq ?? .max {
                words[membership, default: [:]][entry.log] = RoomState.Word(seq: entry.seq, id: entry.id)
            }
        }
        var ends: [RoomMembership: RoomState.End] = [:]
        for membership in Set(taken.keys).union(left.keys) {
            let cuts = taken[membership] ?? left[membership] ?? []
            ends[membership] = RoomState.End(
                isTaken: taken[membership] != nil, cut: Self.lowest(cuts), leavings: leavings[membership] ?? [:],
                words: words[membership] ?? [:])
        }
        return ends
    }

    /// For each log the lowest, which is 0 where one does not name it.
    private static func lowest(_ cuts: [[LogID: UInt64]]) -> [LogID: UInt64] {
        guard var lowest = cuts.first else { return [:] }
        for cut in cuts.dropFirst() {
            for (log, seq) in lowest { lowest[log] = cut[log].map { min($0, seq) } }
        }
        return lowest
    }

    // MARK: 3. memberships

    private struct Addition {
        let entry: Entry
        let membership: RoomMembership
        let owner: UInt64?
        let from: [LogStart]

        /// The stay of the member who added them.
        var sponsor: RoomMembership { RoomMembership(self.entry.author, self.entry.membership) }
    }

    /// The least set that holds: what counts only because of each other does not.
    private func addMemberships(_ entries: [Entry], _ owners: Owners, _ state: inout RoomState) {
        if let owner = self.charter.owner { state.memberships[RoomMembership(owner, 1)] = .joined }
        let additions = entries.compactMap { entry -> Addition? in
            guard case .add(let membership, let owner, _, let from) = entry.operation else { return nil }
            return Addition(entry: entry, membership: membership, owner: owner, from: from)
        }
        // Those that others depend on come first; each is looked at once for each stay that came to count.
        var waiting: [RoomMembership: [Addition]] = [:]
        var counted: [Addition] = []
        var fresh = Array(state.memberships.keys)
        func count(_ addition: Addition) {
            counted.append(addition)
            guard state.memberships[addition.membership] == nil else { return }
            state.memberships[addition.membership] = .invited
            fresh.append(addition.membership)
        }
        for addition in additions where self.follows(addition, state) {
            if self.countsAlone(addition, owners) {
                count(addition)
            } else if self.isMembers(addition) {
                waiting[addition.sponsor, default: []].append(addition)
            }
        }
        while let membership = fresh.popLast() {
            for addition in waiting.removeValue(forKey: membership) ?? [] where Self.acts(addition.entry, state) {
                count(addition)
            }
        }
        // Of several the one with the lowest id says where the logs begin.
        if self.charter.startsAtJoin {
            for addition in counted.sorted(by: { $0.entry.id < $1.entry.id })
            where state.starts[addition.membership] == nil {
                state.starts[addition.membership] = addition.from
            }
        }
        for membership in state.memberships.keys {
            state.latest[membership.person] = max(state.latest[membership.person] ?? 0, membership.number)
        }
    }

    /// Whether the stay before it has ended.
    private func follows(_ addition: Addition, _ state: RoomState) -> Bool {
        let membership = addition.membership
        guard membership.number > 1 else { return true }
        guard let end = state.ends[RoomMembership(membership.person, membership.number - 1)] else { return false }
        // Whom the owner has taken out the owner alone brings back.
        return addition.owner != nil || !end.isTaken
    }

    private func countsAlone(_ addition: Addition, _ owners: Owners) -> Bool {
        if let owner = addition.owner { return owners.stands(addition.entry, as: owner) }
        return self.charter.isOpen && addition.entry.author == addition.membership.person
            && addition.entry.membership == addition.membership.number
    }

    /// Whether a member did it, where members may.
    private func isMembers(_ addition: Addition) -> Bool {
        addition.owner == nil && !self.charter.ownerInvites && addition.entry.author != addition.membership.person
    }

    /// Whether its author did it as a member.
    private static func acts(_ entry: Entry, _ state: RoomState) -> Bool {
        let membership = RoomMembership(entry.author, entry.membership)
        guard state.memberships[membership] != nil else { return false }
        guard let end = state.ends[membership] else { return true }
        return end.isTaken ? entry.seq <= end.cut[entry.log] ?? 0 : entry.seq < end.leavings[entry.log] ?? .max
    }

    // MARK: 4. members

    private func addStandings(_ entries: [Entry], _ state: inout RoomState) {
        for entry in entries {
            let membership = RoomMembership(entry.author, entry.membership)
            if state.memberships[membership] == .invited { state.memberships[membership] = .joined }
        }
        for membership in state.memberships.keys {
            guard let end = state.ends[membership] else { continue }
            state.memberships[membership] = end.isTaken ? .taken : .left
        }
    }

    // MARK: 5. settings

    private func settings(
        _ entries: [Entry], _ owners: Owners, _ state: RoomState
    ) -> [RoomSetting.Key: RoomState.Setting] {
        var changes: [RoomSetting.Key: [(id: EnvelopeID, setting: RoomSetting)]] = [:]
        for entry in entries {
            guard case .set(let setting) = entry.operation else { continue }
            let counts =
                if let owner = setting.owner {
                    owners.stands(entry, as: owner)
                } else {
                    setting.key.isMembers && !self.charter.isAnnouncement && Self.acts(entry, state)
                }
            if counts { changes[setting.key, default: []].append((entry.id, setting)) }
        }
        return changes.compactMapValues { changes in
            var last: RoomState.Setting?
            for (_, one) in changes.sorted(by: { ($0.setting.number, $0.id) < ($1.setting.number, $1.id) }) {
                // Whoever claims a number further ahead waits for those before it.
                guard one.number <= (last?.number ?? 0) + 1 else { break }
                last = RoomState.Setting(number: one.number, value: one.value, text: one.text, cut: one.cut)
            }
            return last
        }
    }
}

extension RoomSetting.Key {
    /// Whether members may change it, too.
    package var isMembers: Bool {
        switch self {
        case .topic, .pin: true
        case .name, .lifetime, .writer: false
        }
    }

    /// As it stands in the hash of a state.
    var what: (number: UInt32, subject: Hash32) {
        switch self {
        case .name: (1, .zero)
        case .topic: (2, .zero)
        case .lifetime: (3, .zero)
        case .writer(let person): (4, person.hash)
        case .pin(let message): (5, message.hash)
        }
    }
}
