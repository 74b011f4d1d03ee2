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
    private(set) var entries: [EnvelopeID: Entry] = [:]

    package init(_ charter: Charter) { self.charter = charter }

    package var count: Int { self.entries.count }
    func has(_ id: EnvelopeID) -> Bool { self.entries[id] != nil }

    package mutating func add(_ entry: Entry) { self.entries[entry.id] = self.lean(entry) }

    /// Without what says nothing about the state: whoever floods a room fills no memory with it.
    private func lean(_ entry: Entry) -> Entry {
        let operation: RoomOperation
        switch entry.operation {
        case .add(let membership, let owner, _, let from):
            operation = .add(membership, owner: owner, from: self.charter.startsAtJoin ? from : [])
        case .remove(let membership, nil, _) where membership.person != entry.author:
            operation = .remove(membership, owner: nil, cut: [:])
        default: return entry
        }
        return Entry(
            id: entry.id, author: entry.author, log: entry.log, seq: entry.seq, membership: entry.membership,
            operation: operation)
    }

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
            var transfers: [Place: Entry] = [:]
            for entry in entries {
                guard case .transfer(_, let owner, _) = entry.operation else { continue }
                // Only the first of a log counts.
                let place = Place(author: entry.author, owner: owner, log: entry.log)
                if let other = transfers[place], other.seq <= entry.seq { continue }
                transfers[place] = entry
            }
            var lowest: [Stand: Entry] = [:]
            for (place, entry) in transfers {
                let stand = Stand(author: place.author, owner: place.owner)
                if let other = lowest[stand], other.id < entry.id { continue }
                lowest[stand] = entry
            }
            while let owner = self.persons.last ?? nil,
                let next = lowest[Stand(author: owner, owner: UInt64(self.persons.count))],
                case .transfer(let person, _, let cut) = next.operation
            {
                self.cuts.append(cut)
                self.persons.append(person)
            }
        }

        /// As owner of which number somebody does something, and in which of their logs.
        private struct Stand: Hashable {
            let author: PersonID
            let owner: UInt64
        }
        private struct Place: Hashable {
            let author: PersonID
            let owner: UInt64
            let log: LogID
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
        var takers: [RoomMembership: UInt64] = [:]
        var left: [RoomMembership: [LogID: (seq: UInt64, cut: [LogID: UInt64])]] = [:]
        var words: [RoomMembership: [LogID: RoomState.Word]] = [:]
        for entry in entries {
            guard case .remove(let membership, let owner, let cut) = entry.operation else { continue }
            if let owner {
                guard owners.stands(entry, as: owner) else { continue }
                taken[membership, default: []].append(cut)
                takers[membership] = max(takers[membership] ?? 0, owner)
            } else if entry.author == membership.person {
                // Only the first of a log counts.
                guard entry.seq < left[membership]?[entry.log]?.seq ?? .max else { continue }
                left[membership, default: [:]][entry.log] = (entry.seq, cut)
            } else {
                continue
            }
            if entry.seq < words[membership]?[entry.log]?.seq ?? .max {
                words[membership, default: [:]][entry.log] = RoomState.Word(seq: entry.seq, id: entry.id)
            }
        }
        var ends: [RoomMembership: RoomState.End] = [:]
        for membership in Set(taken.keys).union(left.keys) {
            let leavings = left[membership] ?? [:]
            let cuts = taken[membership] ?? leavings.values.map(\.cut)
            ends[membership] = RoomState.End(
                taker: takers[membership], cut: Self.lowest(cuts), leavings: leavings.mapValues(\.seq),
                words: words[membership] ?? [:])
        }
        return ends
    }

    /// For each log the lowest, which is 0 where one does not name it.
    private static func lowest(_ cuts: [[LogID: UInt64]]) -> [LogID: UInt64] {
        guard var lowest = cuts.first else { return [:] }
        for cut in cuts.dropFirst() {
            for (log, seq) in lowest { lowest[log] = cut[log].map { min($0, seq) } }
            if lowest.isEmpty { break }
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
        // What members did waits for their stay to count.
        var waiting: [RoomMembership: [Addition]] = [:]
        var counted: [Addition] = []
        var fresh = Array(state.memberships.keys)
        func count(_ addition: Addition) {
            counted.append(addition)
            guard state.memberships[addition.membership] == nil else { return }
            state.memberships[addition.membership] = .invited
            fresh.append(addition.membership)
        }
        var returns = Returns(state.ends)
        var others: [Addition] = []
        for addition in additions where Self.follows(addition, state) {
            guard let owner = addition.owner else {
                others.append(addition)
                continue
            }
            guard owners.stands(addition.entry, as: owner), returns.allow(addition.membership, owner) else { continue }
            count(addition)
        }
        returns.sort()
        for addition in others where returns.isFree(addition.membership) {
            if addition.entry.author != addition.membership.person {
                if !self.charter.ownerInvites { waiting[addition.sponsor, default: []].append(addition) }
            } else if self.charter.isOpen, addition.entry.membership == addition.membership.number {
                count(addition)
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
    private static func follows(_ addition: Addition, _ state: RoomState) -> Bool {
        let membership = addition.membership
        return membership.number == 1 || state.ends[RoomMembership(membership.person, membership.number - 1)] != nil
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
        for (person, number) in state.latest
        where state.memberships[RoomMembership(person, number)]?.isMember ?? false {
            state.present.insert(person)
        }
    }

    // MARK: 5. settings

    private func settings(
        _ entries: [Entry], _ owners: Owners, _ state: RoomState
    ) -> [RoomSetting.Key: RoomState.Setting] {
        var changes: [RoomSetting.Key: [RoomSetting]] = [:]
        for entry in entries {
            guard case .set(let setting) = entry.operation else { continue }
            let counts =
                if let owner = setting.owner {
                    owners.stands(entry, as: owner)
                } else {
                    self.isMembers(setting.key) && Self.acts(entry, state)
                }
            if counts { changes[setting.key, default: []].append(setting) }
        }
        var settings: [RoomSetting.Key: RoomState.Setting] = [:]
        for (key, changes) in changes {
            // What an owner wrote for later does not come after what the next one sets.
            let owner: (RoomSetting) -> UInt64 = self.isMembers(key) ? { _ in 0 } : { $0.owner ?? 0 }
            // Those alike stay in the order of their ids.
            let sorted = changes.enumerated().sorted {
                (owner($0.element), $0.element.number, $0.offset) < (owner($1.element), $1.element.number, $1.offset)
            }
            var last: RoomState.Setting?
            // Whoever claims a number further ahead waits for those before it.
            for (_, one) in sorted where one.number <= (last?.number ?? 0) + 1 {
                last = RoomState.Setting(number: one.number, value: one.value, text: one.text, cut: one.cut)
            }
            settings[key] = last
        }
        return settings
    }

    /// Whether members may change it, too.
    private func isMembers(_ key: RoomSetting.Key) -> Bool { key.isMembers && !self.charter.isAnnouncement }
}

extension RoomSetting.Key {
    /// Whether members may change it, too, where they may write.
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
