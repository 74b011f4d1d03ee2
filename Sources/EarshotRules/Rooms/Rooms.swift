import EarshotModel
import EarshotWire

/// The rooms we have to do with: what our own people do there, and what follows from what others do (Protocol.md 17).
package struct Rooms: Sendable {
    enum Action: Sendable {
        case keep(Fact)
        case announce(News)
        /// Who has a room, and who may tell of it, is this now.
        case access(RoomAccess, Room.Change = .all)
        /// We say this among the operations, under a stay of ours.
        case write(RoomOperation, RoomID, membership: UInt64)
        /// We invite a person in the talk of two.
        case invite(PersonID, Invitation)
        /// A manifest of somebody who has to do with a room, as another member gave it.
        case manifest([UInt8], PersonID)
        /// Others are to be told which open rooms we are in.
        case tell
    }

    /// Why something cannot be done in a room.
    package enum Refusal: Error, Hashable, Sendable {
        case unknown
        /// We are not in it.
        case notMember
        case notOwner
        /// Only the owner may, here.
        case ownerInvites
        case full
        case isMember(PersonID)
        case isNotMember(PersonID)
        /// The owner took them out, and we are not the owner.
        case wasTaken(PersonID)
        /// The owner gives the room to somebody else first.
        case ownerLeaves
        case notWriter
        /// Whoever may come in at any time hides nothing from who comes.
        case openFromJoin
        /// We have joined, and what the others know of the room is not here yet.
        case notTold
        /// We have changed the room as often as one person may, or it is full of changes.
        case spent
        case empty
        case tooLong
        case notKept(StorageTrouble)
    }

    private let me: PersonID
    private var all: [RoomID: Room] = [:]
    private var open = OpenRooms()
    /// How many a room may have when we add somebody.
    var mostMembers = Limits.roomMembers
    /// What of their operations was on disk at the start, until it is taken.
    private var loads: [ConversationID: RoomLoad] = [:]

    init(_ identity: Identity, _ snapshot: Snapshot, _ manifests: ManifestChain) {
        self.me = identity.person
        let restored = RestoredRooms(snapshot, me: identity.person, manifests)
        (self.all, self.loads) = (restored.rooms, restored.loads)
    }

    /// How much of each room's operations was on disk at the start, by their conversations. It is told once.
    mutating func takeLoads() -> [ConversationID: RoomLoad] {
        defer { self.loads = [:] }
        return self.loads
    }

    // MARK: what is asked of it

    subscript(id: RoomID) -> Room? { self.all[id] }
    /// In the order of their ids.
    var rooms: [Room] { self.all.values.sorted { $0.id < $1.id } }
    var accesses: [RoomAccess] { self.rooms.map(\.access) }

    /// With whom we share a room, or who may tell us of one: their devices are heard.
    var mates: Set<PersonID> {
        var mates: Set<PersonID> = []
        for room in self.all.values where room.isHeard {
            mates.formUnion(room.heard)
        }
        mates.remove(self.me)
        return mates
    }

    /// Whether a person's manifests are taken from others: they may have written in a room that we are in.
    func isAuthor(_ person: PersonID) -> Bool {
        self.all.values.contains { $0.isJoined && $0.authors.contains(person) }
    }

    /// Whether both persons have to do with a room that we are in.
    func share(_ one: PersonID, _ other: PersonID) -> Bool {
        self.all.values.contains { room in
            room.isJoined && (room.state.isMember(one) || room.charter.isOpen && room.hears(one))
                && room.authors.contains(other)
        }
    }

    /// Open rooms of which somebody here tells, and who.
    var offers: [(room: ToldRoom, by: Set<PersonID>)] { self.open.offers }

    /// The open rooms that we are in, as we tell of them.
    var telling: [ToldRoom] {
        self.rooms.filter { $0.isJoined && $0.charter.isOpen && $0.state.isMember(self.me) }.prefix(Limits.openRooms)
            .map { room in
                ToldRoom(
                    charter: room.charter, members: UInt32(clamping: room.state.present.count), topic: room.state.topic)
            }
    }

    // MARK: what others say

    /// An operation has its place in its log.
    mutating func came(_ envelope: Envelope, _ operation: RoomOperation, by author: PersonID) -> [Action] {
        let id = RoomID(operations: envelope.conversation)
        guard self.all[id] != nil else { return [] }
        self.all[id]?.add(RoomFold.Entry(envelope, operation, by: author))
        guard case .add(let membership, _, let manifest, _) = operation, !manifest.isEmpty else { return [] }
        return [.manifest(manifest, membership.person)]
    }

    /// The end of a round: what follows from the operations that came.
    mutating func settle(at now: Moment) -> [Action] {
        self.all.values.filter(\.isStale).map(\.id).sorted().flatMap { self.settle($0, at: now) }
    }

    private mutating func settle(_ id: RoomID, at now: Moment) -> [Action] {
        guard let (known, owners) = self.all[id].map({ ($0.known, $0.state.owners) }),
            let news = self.all[id]?.refresh(), let room = self.all[id]
        else { return [] }
        var actions: [Action] = []
        if room.known.standing == .joined, let own = room.state.membership(of: self.me),
            own.number >= room.known.number, !own.standing.isMember
        {
            self.all[id]?.set(own.standing == .taken ? .removed : .left, number: own.number, at: now)
        } else if room.isJoined, let own = room.state.membership(of: self.me), own.number > room.known.number {
            self.all[id]?.set(.joined, number: own.number, at: now)
        }
        guard let settled = self.all[id] else { return [] }
        let isOther = settled.known != known
        if isOther { actions.append(.keep(.room(settled.known))) }
        if news.hasMoved { actions.append(.keep(.members(settled.talk, settled.state.present))) }
        actions.append(.access(settled.access, isOther ? .all : news.change))
        if settled.isJoined, let owner = Self.replaced(owners, settled.state.owners) {
            actions.append(.announce(.warning(.ownerReplaced(id), owner)))
        }
        if case .none = news.change, !isOther {} else { actions.append(.announce(.room(id))) }
        if settled.charter.isOpen { actions.append(.tell) }
        return actions
    }

    /// Who is owner of a number now of which somebody else was.
    private static func replaced(_ before: [PersonID?], _ now: [PersonID?]) -> PersonID? {
        zip(before, now).first { $0 != $1 }?.1
    }

    /// An invitation came in a talk of two.
    mutating func invited(_ invitation: Invitation, by inviter: PersonID, at now: Moment) -> [Action] {
        let id = invitation.charter.room
        if let room = self.all[id] {
            guard room.known.standing != .joined || invitation.number > room.known.number else { return [] }
            self.all[id]?.set(.invited, number: invitation.number, inviter: inviter, at: now)
        } else {
            guard self.all.count < Limits.roomsKnown else { return [] }
            let known = KnownRoom(
                id: id, charter: invitation.charter, standing: .invited, inviter: inviter, number: invitation.number,
                since: now.wall)
            self.all[id] = Room(known, me: self.me)
        }
        return self.changed(id)
    }

    /// Somebody tells which open rooms they are in.
    mutating func told(_ rooms: [ToldRoom], by person: PersonID, _ link: LinkID) -> [Action] {
        var open: [ToldRoom] = []
        for room in rooms where room.charter.isOpen && open.count < Limits.openRooms { open.append(room) }
        return self.setTold((person, open), link)
            + open.flatMap { room -> [Action] in
                let id = room.charter.room
                guard self.all[id]?.isJoined ?? false else { return [] }
                self.all[id]?.told(by: person)
                return self.all[id].map { [.access($0.access)] } ?? []
            }
    }

    /// Somebody who is not known to be in an open room has to do with it.
    mutating func knock(_ person: PersonID, _ id: RoomID) -> [Action] {
        guard let room = self.all[id], room.charter.isOpen, room.isJoined, !room.hears(person) else {
            return []
        }
        self.all[id]?.told(by: person)
        return self.all[id].map { [.access($0.access)] } ?? []
    }

    mutating func closed(_ link: LinkID) -> [Action] { self.setTold(nil, link) }

    /// That a room appears, and that it goes, is news for who is not in it.
    private mutating func setTold(_ told: (person: PersonID, rooms: [ToldRoom])?, _ link: LinkID) -> [Action] {
        self.open.set(told, link).filter { room in
            let standing = self.all[room.charter.room]?.known.standing
            return standing != .joined && standing != .invited
        }.map { .announce(.openRoom($0)) }
    }

    /// A member holds manifests of these persons, who may have added themselves to an open room.
    mutating func suppose(_ persons: [PersonID], in id: ConversationID) -> [Action] {
        let room = RoomID(operations: id)
        guard let known = self.all[room], known.charter.isOpen else { return [] }
        let before = known.authors.count
        self.all[room]?.suppose(persons)
        guard let after = self.all[room], after.authors.count != before else { return [] }
        return [.access(after.access)]
    }

    private func changed(_ id: RoomID) -> [Action] {
        guard let room = self.all[id] else { return [] }
        return [.keep(.room(room.known)), .access(room.access), .announce(.room(id))]
    }
}

/// What our own people do.
extension Rooms {
    /// A room of ours, in which we are alone.
    mutating func create(_ charter: Charter, at now: Moment) -> [Action] {
        let known = KnownRoom(
            id: charter.room, charter: charter, standing: .joined, inviter: nil, number: 1, since: now.wall)
        let room = Room(known, me: self.me)
        self.all[room.id] = room
        return self.changed(room.id) + [.keep(.members(room.talk, room.state.present))]
            + (charter.isOpen ? [.tell] : [])
    }

    /// Into a room to which we were invited, or an open one of which somebody told.
    /// - Parameter manifest: ours.
    mutating func join(_ id: RoomID, manifest: [UInt8], at now: Moment) throws(Refusal) -> [Action] {
        if self.all[id] == nil {
            guard let offer = self.offers.first(where: { $0.room.charter.room == id })?.room.charter ?? Self.own(id)
            else { throw .unknown }
            let known = KnownRoom(id: id, charter: offer, standing: .left, inviter: nil, number: 0, since: now.wall)
            self.all[id] = Room(known, me: self.me)
        }
        guard let room = self.all[id] else { throw .unknown }
        if room.isJoined { throw .isMember(self.me) }
        for person in self.open.tellers(of: id) { self.all[id]?.told(by: person) }
        if room.known.standing == .invited {
            self.all[id]?.set(.joined, at: now)
            return self.changed(id) + [.write(.joined, id, membership: room.known.number)]
        }
        guard room.charter.isOpen else { throw room.known.standing == .removed ? .wasTaken(self.me) : .notMember }
        let number = room.next(self.me)
        if number > 1, room.state.ends[RoomMembership(self.me, number - 1)]?.isTaken ?? false {
            throw .wasTaken(self.me)
        }
        self.all[id]?.set(.joined, number: number, at: now)
        let addition = RoomOperation.add(RoomMembership(self.me, number), owner: nil, manifest: manifest)
        return self.changed(id) + [.write(addition, id, membership: number)]
    }

    /// The room that nobody need tell of.
    private static func own(_ id: RoomID) -> Charter? { id == Charter.lobby.room ? .lobby : nil }

    /// Out of a room, or not into one to which we were invited.
    /// - Parameter cut: how far our own logs go.
    mutating func leave(_ id: RoomID, cut: [LogID: UInt64], at now: Moment) throws(Refusal) -> [Action] {
        guard let room = self.all[id] else { throw .unknown }
        guard room.isJoined || room.known.standing == .invited else { throw .notMember }
        if room.isOwned, room.state.present.count > 1 { throw .ownerLeaves }
        let stay = RoomMembership(self.me, room.known.number)
        self.all[id]?.set(.left, at: now)
        return self.changed(id) + [.write(.remove(stay, owner: nil, cut: cut), id, membership: room.known.number)]
            + (room.charter.isOpen ? [.tell] : [])
    }

    /// Adds a person and invites them.
    /// - Parameters:
    ///   - manifest: theirs, if we hold it.
    ///   - starts: where the logs of the talk end, those that grew last first.
    ///   - hasSpace: whether what we do here is taken by the others.
    mutating func add(
        _ person: PersonID, to id: RoomID, manifest: [UInt8], starts: [LogStart], hasSpace: Bool, at now: Moment
    ) throws(Refusal) -> [Action] {
        let room = try self.member(of: id)
        guard hasSpace else { throw .spent }
        guard !room.charter.ownerInvites || room.isOwned else { throw .ownerInvites }
        guard !room.state.isMember(person) else { throw .isMember(person) }
        guard room.state.present.count < self.mostMembers else { throw .full }
        let number = room.next(person)
        if number > 1, room.state.ends[RoomMembership(person, number - 1)]?.isTaken ?? false, !room.isOwned {
            throw .wasTaken(person)
        }
        let from = room.charter.startsAtJoin ? Array(starts.prefix(Limits.roomStarts)) : []
        let size = RoomOperation.add(RoomMembership(person, number), owner: 1, manifest: manifest, from: from).payload
        let addition = RoomOperation.add(
            RoomMembership(person, number), owner: room.ownership,
            manifest: size.count < Limits.envelopePayload - 16 ? manifest : [], from: from)
        return [
            .write(addition, id, membership: room.known.number),
            .invite(person, Invitation(charter: room.charter, number: number)),
        ]
    }

    /// Takes a person out.
    /// - Parameter cut: how far we have their logs.
    func remove(_ person: PersonID, from id: RoomID, cut: [LogID: UInt64]) throws(Refusal) -> [Action] {
        let room = try self.owned(id)
        guard person != self.me else { throw .ownerLeaves }
        guard let stay = room.state.membership(of: person), stay.standing.isMember else { throw .isNotMember(person) }
        return [
            .write(
                .remove(RoomMembership(person, stay.number), owner: room.ownership, cut: cut), id,
                membership: room.known.number)
        ]
    }

    /// Gives the room to a member.
    /// - Parameter cut: how far our own logs of operations go.
    func transfer(_ id: RoomID, to person: PersonID, cut: [LogID: UInt64]) throws(Refusal) -> [Action] {
        let room = try self.owned(id)
        guard room.state.membership(of: person)?.standing == .joined, person != self.me else {
            throw .isNotMember(person)
        }
        return [
            .write(
                .transfer(person, owner: room.state.ownerNumber, cut: cut), id, membership: room.known.number)
        ]
    }

    /// Sets one thing.
    /// - Parameter hasSpace: whether what we do here is taken by the others.
    func set(
        _ key: RoomSetting.Key, of id: RoomID, text: String = "", value: UInt64 = 0, cut: [LogID: UInt64] = [:],
        hasSpace: Bool
    ) throws(Refusal) -> [Action] {
        let room = try self.member(of: id)
        guard hasSpace else { throw .spent }
        if !room.isOwned, !key.isMembers || room.charter.isAnnouncement { throw .notOwner }
        if case .name = key {
            guard !text.isEmpty else { throw .empty }
            guard text.utf8.count <= Limits.roomName else { throw .tooLong }
        }
        guard text.utf8.count <= Limits.roomText else { throw .tooLong }
        if case .writer(let person) = key, !room.state.isMember(person) { throw .isNotMember(person) }
        let number = (room.state.settings[key]?.number ?? 0) + 1
        let setting = RoomSetting(key, number: number, owner: room.ownership, text: text, value: value, cut: cut)
        return [.write(.set(setting), id, membership: room.known.number)]
    }

    /// Under which stay we write in a room.
    /// - Parameter isWords: whether it is a text, an edit, a deletion or an offer.
    func membership(in id: RoomID, isWords: Bool) throws(Refusal) -> UInt64 {
        let room = try self.member(of: id)
        guard !isWords || room.state.mayWrite(self.me) else {
            throw room.state.isMember(self.me) ? .notWriter : .notTold
        }
        return room.known.number
    }

    private func member(of id: RoomID) throws(Refusal) -> Room {
        guard let room = self.all[id] else { throw .unknown }
        guard room.isJoined else { throw .notMember }
        return room
    }

    private func owned(_ id: RoomID) throws(Refusal) -> Room {
        let room = try self.member(of: id)
        guard room.isOwned else { throw .notOwner }
        return room
    }

    /// What we have said ourselves counts at once.
    mutating func wrote(_ envelope: Envelope, _ operation: RoomOperation, at now: Moment) -> [Action] {
        let id = RoomID(operations: envelope.conversation)
        self.all[id]?.add(RoomFold.Entry(envelope, operation, by: self.me))
        return self.settle(id, at: now)
    }
}

extension RoomFold.Entry {
    init(_ envelope: Envelope, _ operation: RoomOperation, by author: PersonID) {
        self.init(
            id: envelope.id, author: author, log: envelope.log, seq: envelope.seq, membership: envelope.membership,
            operation: operation)
    }
}
