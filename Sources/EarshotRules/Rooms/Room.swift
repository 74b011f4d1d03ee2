import EarshotModel
import EarshotWire

/// One room as this node knows it: what it is to us, its operations, and what follows from them (Protocol.md 17).
struct Room: Sendable {
    private(set) var known: KnownRoom
    let talk: ConversationID
    private(set) var state: RoomState
    private var fold: RoomFold
    /// Whether operations came since the state was made.
    private(set) var isStale = false
    /// Whoever an operation adds, whether it counts or not.
    private var named: Set<PersonID> = []
    /// Who told of it: whoever is in an open room does.
    private var tellers: Set<PersonID> = []
    /// Who is said by members to have to do with an open room; they may have added themselves.
    private var candidates: Set<PersonID> = []
    private let me: PersonID
    /// What of its operations each has written, and all together.
    private var written: [PersonID: Weight] = [:]
    private var weight = Weight()

    /// Operations, and the bytes of their payloads.
    private struct Weight: Sendable {
        var count = 0
        var bytes = 0

        mutating func add(_ more: Int) { (self.count, self.bytes) = (self.count + 1, self.bytes + more) }
    }

    init(_ known: KnownRoom, me: PersonID) {
        self.known = known
        self.me = me
        self.talk = Derive.talk(known.id)
        self.fold = RoomFold(known.charter)
        self.state = RoomState(known.charter)
        self.refresh()
    }

    var id: RoomID { self.known.id }
    var charter: Charter { self.known.charter }

    // MARK: what comes

    /// - Parameter bytes: of its payload.
    mutating func add(_ entry: RoomFold.Entry, bytes: Int) {
        if !self.fold.has(entry.id) {
            self.weight.add(bytes)
            self.written[entry.author, default: Weight()].add(bytes)
        }
        self.fold.add(entry)
        self.isStale = true
        if case .add(let membership, _, _, _) = entry.operation { self.named.insert(membership.person) }
    }

    /// Makes the state anew.
    mutating func refresh() {
        self.state = self.fold.state
        self.isStale = false
    }

    mutating func told(by person: PersonID) {
        if self.tellers.count < Limits.protobufRepeated { self.tellers.insert(person) }
    }
    mutating func forget(teller person: PersonID) { self.tellers.remove(person) }

    /// Members hold manifests of these: in an open room they may have added themselves.
    mutating func suppose(_ persons: [PersonID]) {
        guard self.charter.isOpen, self.candidates.count < Limits.protobufRepeated else { return }
        self.candidates.formUnion(persons)
    }

    mutating func set(_ standing: KnownRoom.Standing, number: UInt64? = nil, inviter: PersonID? = nil, at now: Moment) {
        self.known.standing = standing
        self.known.number = number ?? self.known.number
        self.known.inviter = inviter ?? self.known.inviter
        self.known.since = now.wall
    }

    // MARK: what is asked of it

    /// Whether the owner's device is ours.
    var isOwned: Bool { self.state.owner == self.me && self.isJoined }
    /// As whom we change it: the number of the owner, if it is ours.
    var ownership: UInt64? { self.isOwned ? self.state.ownerNumber : nil }
    /// We are in it, as far as we know.
    var isJoined: Bool { self.known.standing == .joined }

    /// No more operations are taken, but of its owners.
    private var isFull: Bool { self.weight.count >= Limits.roomOperations || self.weight.bytes >= Limits.roomBytes }
    /// Who has written as many operations as one person may.
    private var spent: Set<PersonID> {
        Set(self.written.filter { Self.isSpent($0.value) }.keys)
    }
    private static func isSpent(_ weight: Weight) -> Bool {
        weight.count >= Limits.roomOperationsEach || weight.bytes >= Limits.roomBytesEach
    }
    /// Whether what we do here is taken by the others.
    var hasSpace: Bool {
        self.state.owners.contains(self.me) || !self.isFull && !Self.isSpent(self.written[self.me] ?? Weight())
    }

    /// The next stay of a person who is not in it.
    func next(_ person: PersonID) -> UInt64 {
        var number = max(1, self.state.latest[person] ?? 1)
        while self.state.ends[RoomMembership(person, number)] != nil { number += 1 }
        return number
    }

    /// Whoever may have written an operation that comes from a device that is linked.
    var authors: [PersonID] {
        let owners = self.state.owners.compactMap { $0 }
        let all = self.named.union(owners).union(self.candidates).union(self.charter.isOpen ? self.tellers : [])
        return [self.me] + all.filter { $0 != self.me }.sorted()
    }

    /// Who may tell us of it.
    var heard: Set<PersonID> { self.heard(self.state.members) }

    private func heard(_ members: some Sequence<PersonID>) -> Set<PersonID> {
        self.tellers.union(members).union([self.known.inviter, self.state.owner].compactMap { $0 })
    }

    var access: RoomAccess {
        let members = Set(self.state.members)
        let part: RoomAccess.Part =
            switch self.known.standing {
            case .joined: .member
            case .left: .gone
            case .invited, .removed: .none
            }
        let tellers = self.heard(members)
        // What we have left is told to those of whom we know, also if we never heard who else is in it.
        let known = part == .gone && members.isEmpty ? tellers : members
        return RoomAccess(
            id: self.id, talk: self.talk, state: self.state, part: part, members: known, authors: self.authors,
            isFull: self.isFull, spent: self.spent, tellers: tellers)
    }
}
