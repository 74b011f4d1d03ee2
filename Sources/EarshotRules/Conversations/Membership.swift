import EarshotModel
import EarshotWire

/// Who has which conversation, and the one question that decides what a device is given and what is taken from it: may
/// it have this conversation? A talk of two, one with oneself, a room and one's own devices are answered alike.
struct Membership: Sendable {
    private enum Kind: Hashable, Sendable {
        /// With ourselves alone.
        case own
        case two(PersonID)
        /// What changes a room.
        case operations(RoomID)
        /// What is said in a room.
        case talk(RoomID)
    }

    private let me: PersonID
    private var kinds: [ConversationID: Kind] = [:]
    private var rooms: [RoomID: RoomAccess] = [:]
    /// Of the states of rooms, as far as they were asked for.
    private var hashes: [RoomID: Hash32] = [:]

    init(me: PersonID) { self.me = me }

    /// The conversation with a person, perhaps ourselves; there may be none yet.
    func conversation(with person: PersonID) -> ConversationID { Derive.conversation(self.me, person) }

    /// From now on it is known whose that conversation is.
    mutating func open(with person: PersonID) -> ConversationID {
        let id = self.conversation(with: person)
        self.kinds[id] = person == self.me ? .own : .two(person)
        return id
    }

    /// Who has a room, and who may tell us of it, from now on.
    mutating func set(_ access: RoomAccess) {
        let id = access.id
        self.rooms[id] = access
        self.hashes[id] = nil
        self.kinds[id.operations] = .operations(id)
        self.kinds[access.talk] = .talk(id)
    }

    // MARK: what it is

    /// Whom a talk of two is with.
    func other(in id: ConversationID) -> PersonID? {
        switch self.kinds[id] {
        case .two(let person): person
        case .own, .operations, .talk, nil: nil
        }
    }

    /// The room of which it is one of the two conversations.
    func room(of id: ConversationID) -> RoomAccess? {
        switch self.kinds[id] {
        case .operations(let room), .talk(let room): self.rooms[room]
        case .own, .two, nil: nil
        }
    }

    /// The hash of the state of a room. It takes a look at everybody in it, and is asked for on each link.
    mutating func hash(of room: RoomAccess) -> Hash32 {
        if let hash = self.hashes[room.id] { return hash }
        let hash = room.state.hash
        self.hashes[room.id] = hash
        return hash
    }

    func isOperations(_ id: ConversationID) -> Bool {
        if case .operations = self.kinds[id] { true } else { false }
    }

    func isTalk(_ id: ConversationID) -> Bool {
        if case .talk = self.kinds[id] { true } else { false }
    }

    // MARK: who has it

    /// Whose devices may have written there, ourselves first; nobody's where we know nothing of it.
    func persons(in id: ConversationID) -> [PersonID] {
        switch self.kinds[id] {
        case .own: [self.me]
        case .two(let person): [self.me, person]
        case .operations(let room), .talk(let room): self.rooms[room]?.authors.ordered ?? []
        case nil: []
        }
    }

    /// The devices of whom a talk of two is with, ours aside.
    func devices(in id: ConversationID, _ peers: Peers) -> [DeviceID] {
        let person: PersonID? =
            switch self.kinds[id] {
            case .own: self.me
            case .two(let person): person
            case .operations, .talk, nil: nil
            }
        return (person.flatMap { peers.manifests[$0] }?.active ?? []).map(\.device).filter { $0 != peers.device }
    }

    /// Whether a device of a person may have a conversation: their newest manifest lists it, and they are one of those
    /// whose conversation it is. In a talk of two that takes our yes to them, too; in a room their membership.
    func admits(_ device: DeviceID, of person: PersonID, to id: ConversationID, _ peers: Peers) -> Bool {
        guard let kind = self.kinds[id] else { return false }
        if person == self.me { return peers.manifests.lists(person, device) }
        switch kind {
        case .own: return false
        case .two(let other): return person == other && peers.talks(person, device)
        case .operations(let room), .talk(let room):
            guard let access = self.rooms[room], peers.lists(person, device) else { return false }
            return access.gives(to: person) || self.isOperations(id) && access.isOpen(to: person)
        }
    }

    /// Whether what a device of a person says of a conversation is looked at. Of a room's operations one may be told by
    /// others than those of whom we know that they are in it: that they are is what we are about to learn.
    func hears(_ device: DeviceID, of person: PersonID, in id: ConversationID, _ peers: Peers) -> Bool {
        if case .operations(let room) = self.kinds[id], person != self.me {
            guard let access = self.rooms[room] else { return false }
            return access.takes(from: person) && peers.lists(person, device)
        }
        return self.admits(device, of: person, to: id, peers)
    }

    /// Links to those who may have a conversation, in order.
    func links(for id: ConversationID, _ peers: Peers) -> [LinkID] {
        switch self.kinds[id] {
        case .own, nil: []
        case .two(let person): peers.links(of: person)
        case .operations(let room), .talk(let room):
            (self.rooms[room]?.members ?? []).flatMap { $0 == self.me ? [] : peers.links(of: $0) }.sorted()
        }
    }

    /// Every room, in order.
    var allRooms: [RoomAccess] { self.rooms.values.sorted { $0.id < $1.id } }

    /// The rooms of which a person may hear from us, in order.
    func rooms(with person: PersonID) -> [RoomAccess] {
        self.rooms.values.filter { $0.gives(to: person) || $0.takes(from: person) }.sorted { $0.id < $1.id }
    }

    /// The rooms of which a person may tell us, in order.
    func rooms(of person: PersonID) -> [RoomAccess] {
        self.rooms.values.filter { $0.takes(from: person) }.sorted { $0.id < $1.id }
    }
}

/// Who may have a room, as we see it now.
struct RoomAccess: Sendable {
    /// What we are to it.
    enum Part: Hashable, Sendable {
        /// Nothing yet, or the owner took us out: nothing is given or taken.
        case none
        case member
        /// We left or declined: members may have what we wrote among the operations, and nothing is taken.
        case gone
    }

    let id: RoomID
    let talk: ConversationID
    let state: RoomState
    let part: Part
    /// In it now.
    let members: Set<PersonID>
    /// Whoever may have written an operation, ourselves first, and the owners: also such as only seem to be members.
    let authors: Authors
    /// Who may tell us of it though they need not be in it: whoever invited us or told of an open room, and its owner.
    let outsiders: Set<PersonID>

    func gives(to person: PersonID) -> Bool { self.part != .none && self.members.contains(person) }
    func takes(from person: PersonID) -> Bool {
        self.part == .member && (self.state.present.contains(person) || self.outsiders.contains(person))
    }
    /// Whether somebody who may be about to join may have the operations.
    func isOpen(to person: PersonID) -> Bool { self.state.charter.isOpen && self.takes(from: person) }

    /// Where a person begins a log of the talk: they may have nothing up to there.
    func start(of log: LogID, for person: PersonID) -> UInt64 {
        guard self.state.charter.startsAtJoin, let number = self.state.latest[person] else { return 0 }
        return self.state.starts[RoomMembership(person, number)]?.first { $0.log == log }?.seq ?? 0
    }

    /// Who is not in it any more may have the logs with the word of it, up to there.
    func farewell(to person: PersonID) -> [LogID: RoomState.Word] {
        guard self.part == .member, !self.members.contains(person), let number = self.state.latest[person] else {
            return [:]
        }
        return self.state.ends[RoomMembership(person, number)]?.words ?? [:]
    }
}
