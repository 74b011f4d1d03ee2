import EarshotModel
import EarshotWire

/// One room as this node knows it: what it is to us, its operations, and what follows from them (Protocol.md 17).
struct Room: Sendable {
    private(set) var known: KnownRoom
    let talk: ConversationID
    private var fold: RoomFold
    private var steps: RoomSteps
    /// Whether operations came since `refresh`.
    private(set) var isStale = false
    /// Whether one of them takes folding all of them anew.
    private var isBehind = false
    /// Whoever an operation adds, whether it counts or not.
    private var named: Set<PersonID> = []
    /// Who told of it: whoever is in an open room does.
    private var tellers: Set<PersonID> = []
    /// Who is said by members to have to do with an open room; they may have added themselves.
    private var candidates: Set<PersonID> = []
    /// Whoever may have written an operation that comes from a device that is linked.
    private(set) var authors: Authors
    /// Who may tell us of it though they need not be in it: tellers, whoever invited us, and the owner.
    private var outsiders: Set<PersonID> = []
    private let me: PersonID

    init(_ known: KnownRoom, me: PersonID) {
        self.known = known
        self.me = me
        self.talk = Derive.talk(known.id)
        self.fold = RoomFold(known.charter)
        self.steps = RoomSteps(self.fold.state, [])
        self.authors = Authors(me)
        self.nameOwners()
        self.nameOutsiders()
    }

    var state: RoomState { self.steps.state }
    var id: RoomID { self.known.id }
    var charter: Charter { self.known.charter }

    // MARK: what comes

    mutating func add(_ entry: RoomFold.Entry) {
        if !self.fold.has(entry.id) {
            self.isBehind = self.isBehind || !self.steps.take(entry)
        } else {
            self.isBehind = true
        }
        self.fold.add(entry)
        self.isStale = true
        if case .add(let membership, _, _, _) = entry.operation {
            self.named.insert(membership.person)
            self.authors.insert(membership.person)
        }
    }

    /// What has become of it by what came.
    enum Change: Sendable {
        /// The same as before.
        case none
        /// These came in, and stays may have become others.
        case arrivals(Set<PersonID>)
        case all
    }

    /// Makes the state what follows from the operations. Says what is new, and whether others are in it now.
    mutating func refresh() -> (change: Change, hasMoved: Bool) {
        self.isStale = false
        let news = self.steps.takeNews()
        guard self.isBehind else {
            return (news.hasChanged ? .arrivals(news.arrived) : .none, !news.arrived.isEmpty)
        }
        self.isBehind = false
        let before = self.state
        self.steps = RoomSteps(self.fold.state, self.fold.entries.values)
        guard news.hasChanged || self.state != before else { return (.none, false) }
        self.nameOwners()
        self.nameOutsiders()
        return (.all, !news.arrived.isEmpty || self.state.present != before.present)
    }

    private mutating func nameOwners() {
        let all = self.named.union(self.state.owners.compactMap { $0 }).union(self.candidates)
        self.authors = Authors(self.me, all.union(self.charter.isOpen ? self.tellers : []))
    }

    private mutating func nameOutsiders() {
        self.outsiders = self.tellers.union([self.known.inviter, self.state.owner].compactMap { $0 })
    }

    mutating func told(by person: PersonID) {
        guard self.tellers.count < Limits.protobufRepeated else { return }
        self.tellers.insert(person)
        self.outsiders.insert(person)
        if self.charter.isOpen { self.authors.insert(person) }
    }

    /// Members hold manifests of these: in an open room they may have added themselves.
    mutating func suppose(_ persons: [PersonID]) {
        guard self.charter.isOpen, self.candidates.count < Limits.protobufRepeated else { return }
        self.candidates.formUnion(persons)
        for person in persons { self.authors.insert(person) }
    }

    mutating func set(_ standing: KnownRoom.Standing, number: UInt64? = nil, inviter: PersonID? = nil, at now: Moment) {
        self.known.standing = standing
        self.known.number = number ?? self.known.number
        self.known.inviter = inviter ?? self.known.inviter
        self.known.since = now.wall
        self.nameOutsiders()
    }

    // MARK: what is asked of it

    /// Whether the owner's device is ours.
    var isOwned: Bool { self.state.owner == self.me && self.isJoined }
    /// As whom we change it: the number of the owner, if it is ours.
    var ownership: UInt64? { self.isOwned ? self.state.ownerNumber : nil }
    /// We are in it, as far as we know.
    var isJoined: Bool { self.known.standing == .joined }

    /// The next stay of a person who is not in it.
    func next(_ person: PersonID) -> UInt64 {
        var number = max(1, self.state.latest[person] ?? 1)
        while self.state.ends[RoomMembership(person, number)] != nil { number += 1 }
        return number
    }

    /// Who may tell us of it.
    var heard: Set<PersonID> { self.state.present.union(self.outsiders) }
    func hears(_ person: PersonID) -> Bool {
        self.state.present.contains(person) || self.outsiders.contains(person)
    }
    /// Whether it counts for whom we hear: we are in it, or what we said when we left may be asked for.
    var isHeard: Bool { self.known.standing == .joined || self.known.standing == .left }

    var access: RoomAccess {
        let members = self.state.present
        let part: RoomAccess.Part =
            switch self.known.standing {
            case .joined: .member
            case .left: .gone
            case .invited, .removed: .none
            }
        // What we have left is told to those of whom we know, also if we never heard who else is in it.
        return RoomAccess(
            id: self.id, talk: self.talk, state: self.state, part: part,
            members: part == .gone && members.isEmpty ? self.outsiders : members, authors: self.authors,
            outsiders: self.outsiders)
    }
}
