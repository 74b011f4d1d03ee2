import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Rooms as the door shows them (docs/Control.md, Rooms).
extension Node {
    static func standing(_ room: Engine.RoomSummary) -> RoomStanding {
        switch room.known.standing {
        case .invited: .invited
        case .joined: .joined
        case .left: .left
        case .removed: .removed
        }
    }

    /// - Parameter isWhole: with all members.
    func view(_ id: RoomID, _ engine: Engine, isWhole: Bool = true) throws -> RoomView {
        if let room = engine.room(id) { return self.view(room, engine, isWhole: isWhole) }
        guard let offer = engine.openRooms.first(where: { $0.room.charter.room == id }) else {
            throw DoorError(.room(.unknownID))
        }
        return self.view(offer.room)
    }

    func view(_ room: Engine.RoomSummary, _ engine: Engine, isWhole: Bool = true) -> RoomView {
        let (state, charter) = (room.state, room.known.charter)
        let members = state.members
        var view = RoomView(
            id: room.id, name: SafeText.name(state.name), standing: Self.standing(room),
            memberCount: Int64(clamping: members.count), open: charter.isOpen, announce: charter.isAnnouncement,
            history: charter.startsAtJoin ? .fromJoin : .all, ownerInvites: charter.ownerInvites,
            may: self.rights(in: room, engine))
        view.topic = state.topic.isEmpty ? nil : SafeText.line(state.topic)
        view.owner = state.owner
        view.ownerName = state.owner.map { self.called($0, engine) }
        if room.known.standing == .invited, let inviter = room.known.inviter {
            view.inviter = inviter
            view.inviterName = self.called(inviter, engine)
        }
        let joined = members.filter { state.membership(of: $0)?.standing == .joined }
        view.joinedCount = Int64(clamping: joined.count)
        view.onlineCount = Int64(clamping: joined.count { $0 == engine.me || engine.isOnline($0) })
        if isWhole {
            view.state = Base32.encode(state.hash.bytes)
            view.members = self.sorted(members.map { self.view($0, of: room, engine) })
            let former = state.everybody.filter { !state.isMember($0) }.prefix(Self.mostFormer)
            view.former = former.isEmpty ? nil : self.sorted(former.map { self.view($0, of: room, engine) })
        }
        if let unread = try? self.store.unread(room.talk, me: engine.me) { view.unread = Int64(clamping: unread) }
        view.lifetime = state.lifetime == 0 ? nil : Int64(clamping: state.lifetime)
        let pins = state.pins
        view.pins = pins.isEmpty ? nil : pins
        view.since = room.known.since
        return view
    }

    private static let mostFormer = 1_024

    /// The owner first, and then by name.
    private func sorted(_ members: [RoomMemberView]) -> [RoomMemberView] {
        members.sorted {
            ($0.owner == true ? 0 : 1, $0.name.lowercased(), $0.person)
                < ($1.owner == true ? 0 : 1, $1.name.lowercased(), $1.person)
        }
    }

    /// An open room that appeared or went, as it is now; `nil` if it is ours.
    func view(told: ToldRoom, _ engine: Engine) -> RoomView? {
        let id = told.charter.room
        if let standing = engine.room(id)?.known.standing, standing == .joined || standing == .invited { return nil }
        if let offer = engine.openRooms.first(where: { $0.room.charter.room == id }) { return self.view(offer.room) }
        var view = self.view(told)
        (view.standing, view.may) = (.gone, [])
        return view
    }

    /// Whether nobody else is in the room it is said in.
    func isAlone(_ to: Recipient, _ engine: Engine) -> Bool {
        guard case .room(let id) = to, let room = engine.room(id), room.known.standing == .joined else { return false }
        return room.state.members.allSatisfy { $0 == engine.me }
    }

    /// An open room of which others tell.
    func view(_ room: ToldRoom) -> RoomView {
        let charter = room.charter
        var view = RoomView(
            id: charter.room, name: SafeText.name(charter.name), standing: .open,
            memberCount: Int64(clamping: room.members),
            open: true, announce: charter.isAnnouncement, history: charter.startsAtJoin ? .fromJoin : .all,
            ownerInvites: charter.ownerInvites, may: [.join])
        view.topic = room.topic.isEmpty ? nil : SafeText.line(room.topic)
        view.owner = charter.owner
        return view
    }

    private func view(_ person: PersonID, of room: Engine.RoomSummary, _ engine: Engine) -> RoomMemberView {
        let isMe = person == engine.me
        var view = RoomMemberView(
            person: person, name: self.called(person, engine),
            trust: isMe ? .verified : engine.contacts[person]?.trust ?? .new, online: isMe || engine.isOnline(person),
            standing: Self.standing(room.state.membership(of: person)?.standing))
        view.owner = room.state.owner == person ? true : nil
        view.writer = room.known.charter.isAnnouncement && room.state.mayWrite(person) ? true : nil
        view.me = isMe ? true : nil
        let alarm = isMe ? nil : self.looksLike(person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        return view
    }

    private static func standing(_ standing: RoomState.Standing?) -> RoomStanding {
        switch standing {
        case .joined: .joined
        case .left: .left
        case .taken: .removed
        case .invited, nil: .invited
        }
    }

    /// A name, also of ourselves.
    func called(_ person: PersonID, _ engine: Engine) -> String {
        person == engine.me ? engine.name : self.name(person, engine)
    }

    private func rights(in room: Engine.RoomSummary, _ engine: Engine) -> [RoomRight] {
        let (state, charter) = (room.state, room.known.charter)
        switch room.known.standing {
        case .invited: return [.join, .decline]
        case .left: return charter.isOpen ? [.join] : []
        case .removed: return []
        case .joined:
            let isMine = state.owner == engine.me
            var may: [RoomRight] = state.mayWrite(engine.me) ? [.write] : []
            if isMine || !charter.ownerInvites { may.append(.invite) }
            if isMine || !charter.isAnnouncement { may += [.topic, .pin] }
            if isMine { may += [.remove, .rename, .transfer, .lifetime] + (charter.isAnnouncement ? [.writer] : []) }
            if !isMine || state.members.count <= 1 { may.append(.leave) }
            return may
        }
    }
}
