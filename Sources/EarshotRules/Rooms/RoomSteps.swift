import EarshotModel
import EarshotWire

/// The state of a room, kept up with each operation that comes, so that one more of them costs no more where many are
/// in the room. It takes only such steps as are the same in whatever order they are taken: somebody joins, or is
/// added for the first time. For all else the operations are folded anew (`RoomFold`).
struct RoomSteps: Sendable {
    private(set) var state: RoomState
    /// Who is in it now and was not when somebody last asked.
    private var arrived: Set<PersonID> = []
    private var hasChanged = false
    /// Stays under which something was done.
    private var acting: Set<RoomMembership> = []
    /// Whom a stay adds that does not count yet.
    private var waiting: [RoomMembership: [RoomMembership]] = [:]
    /// Once these stays count, more follows from it than a step.
    private var intricate: Set<RoomMembership> = []

    /// - Parameter entries: all from which the state follows.
    init(_ state: RoomState, _ entries: some Sequence<RoomFold.Entry>) {
        self.state = state
        for entry in entries { self.note(entry) }
    }

    /// What is new since this was last asked.
    mutating func takeNews() -> (hasChanged: Bool, arrived: Set<PersonID>) {
        defer { (self.hasChanged, self.arrived) = (false, []) }
        return (self.hasChanged, self.arrived)
    }

    /// An operation of which the state knows already.
    private mutating func note(_ entry: RoomFold.Entry) {
        let stay = entry.stay
        self.acting.insert(stay)
        switch entry.operation {
        case .add(let added, nil, _, _) where added.person != entry.author && self.state.memberships[stay] == nil:
            guard !self.state.charter.ownerInvites else { return }
            if self.isSimple(added) {
                self.waiting[stay, default: []].append(added)
            } else {
                self.intricate.insert(stay)
            }
        case .set(let setting) where setting.owner == nil: self.intricate.insert(stay)
        case .add, .set, .joined, .remove, .transfer: break
        }
    }

    /// The first stay of somebody, of whose end nothing is said.
    private func isSimple(_ stay: RoomMembership) -> Bool {
        stay.number == 1 && self.state.ends[stay] == nil && !self.state.charter.startsAtJoin
    }

    /// One more operation. Says whether the state is kept up with it; if not, all of them have to be folded.
    mutating func take(_ entry: RoomFold.Entry) -> Bool {
        switch entry.operation {
        case .joined:
            self.act(entry.stay)
            return true
        case .add(let added, let owner, _, _):
            guard self.isSimple(added), self.state.ends[entry.stay] == nil else { return false }
            self.act(entry.stay)
            return self.add(added, by: entry, as: owner)
        case .remove, .transfer, .set: return false
        }
    }

    private mutating func act(_ stay: RoomMembership) {
        self.acting.insert(stay)
        guard self.state.memberships[stay] == .invited else { return }
        self.state.memberships[stay] = .joined
        self.hasChanged = true
    }

    private mutating func add(_ added: RoomMembership, by entry: RoomFold.Entry, as owner: UInt64?) -> Bool {
        if let owner {
            // What an owner may who has given the room away is another question.
            guard self.state.owners.count == 1 else { return false }
            return owner == 1 && self.state.owner == entry.author ? self.count(added) : true
        }
        if entry.author == added.person {
            return self.state.charter.isOpen && entry.membership == added.number ? self.count(added) : true
        }
        guard !self.state.charter.ownerInvites else { return true }
        if self.state.memberships[entry.stay] != nil { return self.count(added) }
        self.waiting[entry.stay, default: []].append(added)
        return true
    }

    /// Somebody is in the room, and so is whom they have added.
    private mutating func count(_ stay: RoomMembership) -> Bool {
        var fresh = [stay]
        while let stay = fresh.popLast() {
            guard self.state.memberships[stay] == nil else { continue }
            guard !self.intricate.contains(stay) else { return false }
            self.state.memberships[stay] = self.acting.contains(stay) ? .joined : .invited
            self.hasChanged = true
            if self.state.latest[stay.person] == nil {
                self.state.latest[stay.person] = stay.number
                self.state.present.insert(stay.person)
                self.arrived.insert(stay.person)
            }
            fresh += self.waiting.removeValue(forKey: stay) ?? []
        }
        return true
    }
}

extension RoomFold.Entry {
    /// Under which its author did it.
    var stay: RoomMembership { RoomMembership(self.author, self.membership) }
}
