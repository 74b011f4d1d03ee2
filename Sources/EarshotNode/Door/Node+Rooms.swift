import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Which rooms the words of a request mean, and what is said where something cannot be done in one.
extension Node {
    /// A person, or with `#` or `room:` before it a room.
    func recipient(_ who: String, _ engine: Engine) throws -> Recipient {
        RoomResolver.means(who) ? .room(try self.room(who, engine)) : .person(try self.person(who, engine))
    }

    /// All of them, each once, or none.
    func recipients(_ to: [String], _ engine: Engine) throws -> [Recipient] {
        guard to.contains(where: RoomResolver.means) else {
            return try self.persons(to, engine).map { .person($0) }
        }
        var all: [Recipient] = []
        for who in to {
            let one = try self.recipient(who, engine)
            if !all.contains(one) { all.append(one) }
        }
        return all
    }

    /// Who is invited: persons alone.
    func invited(_ to: [String], _ engine: Engine) throws -> [PersonID] {
        if let room = to.first(where: RoomResolver.means) {
            let name = RoomResolver.shown(RoomResolver.bare(room))
            throw DoorError(.room(.invitesPeople(room: name)))
        }
        return try self.persons(to, engine)
    }

    func room(_ word: String, _ engine: Engine, to purpose: RoomResolver.Purpose = .use) throws -> RoomID {
        // A program says which it means in full.
        if let id = RoomID(text: RoomResolver.bare(word)), engine.room(id) != nil { return id }
        guard let id = RoomID(text: try self.roomResolver(engine).resolve(word, to: purpose)) else {
            throw DoorError(.room(.unknown(room: RoomResolver.shown(RoomResolver.bare(word)))))
        }
        return id
    }

    /// One that we have to do with, not only one of which others tell.
    func known(_ id: RoomID, _ engine: Engine) throws -> Engine.RoomSummary {
        guard let room = engine.room(id) else { throw self.explain(.notMember, id, engine) }
        return room
    }

    func roomResolver(_ engine: Engine) -> RoomResolver {
        let offers = engine.openRooms
        let offered = Set(offers.map(\.room.charter.room))
        let known = engine.roomList.map { room in
            RoomResolver.Candidate(
                id: room.id.description, name: SafeText.name(room.state.name), standing: Self.standing(room),
                note: self.note(
                    owner: room.state.owner, members: room.state.members.count, Self.standing(room), engine),
                isOffered: offered.contains(room.id))
        }
        let open = offers.filter { engine.room($0.room.charter.room) == nil }.map { offer in
            RoomResolver.Candidate(
                id: offer.room.charter.room.description, name: SafeText.name(offer.room.charter.name), standing: .open,
                note: self.note(
                    owner: offer.room.charter.owner, members: Int(clamping: offer.room.members), .open, engine),
                isOffered: true)
        }
        return RoomResolver(known + open)
    }

    private func note(owner: PersonID?, members: Int, _ standing: RoomStanding, _ engine: Engine) -> String {
        let whose = owner.map { $0 == self.identity.person ? "yours" : "of \(self.name($0, engine))" } ?? "nobody's"
        let word = standing == .joined ? "" : ", \(standing == .open ? "open" : standing.rawValue)"
        return "\(whose), \(members) \(members == 1 ? "member" : "members")\(word)"
    }

    /// Who of a room a word means.
    func member(_ who: String, of room: RoomID, _ engine: Engine) throws -> PersonID {
        if let person = PersonID(text: who), engine.room(room)?.state.isMember(person) ?? false { return person }
        do throws(DoorError) {
            let members = engine.room(room)?.state.members ?? []
            let resolver = WhoResolver(
                members.map { person in
                    let contact = engine.contacts[person]
                    return .init(
                        person: person.description, devices: engine.devices(of: person).map(\.description),
                        petname: contact?.petname, name: self.called(person, engine),
                        isContact: contact?.trust.talks ?? false)
                })
            if let person = PersonID(text: try resolver.resolve(who)) { return person }
        } catch  where error.kind == .ambiguousName { throw error } catch {}
        // Whoever is known and not in it: then that is what is said.
        return try self.person(who, engine)
    }

    // MARK: names

    /// `#ops`.
    func name(_ room: RoomID, _ engine: Engine) -> String {
        let offered = engine.openRooms.first { $0.room.charter.room == room }?.room.charter.name
        return RoomResolver.shown(SafeText.name(engine.room(room)?.state.name ?? offered ?? ""))
    }

    func name(_ recipient: Recipient, _ engine: Engine) -> String {
        switch recipient {
        case .person(let person): self.name(person, engine)
        case .room(let room): self.name(room, engine)
        }
    }

    /// Where a message was said.
    func recipient(of message: Message, _ engine: Engine) throws -> Recipient {
        if let room = engine.room(of: message.conversation) { return .room(room) }
        return .person(try self.other(message, engine))
    }

    /// Puts something that belongs to a message where it was said.
    func write(_ content: Content, beside message: Message, _ engine: inout Engine, _ now: Moment) throws -> [Effect] {
        switch try self.recipient(of: message, engine) {
        case .person(let person): return try engine.write(content, to: person, at: now).effects
        case .room(let room):
            return try self.inside(room, &engine) { engine in try engine.write(content, in: room, at: now).effects }
        }
    }

    /// The conversation that a word means, and the person whose request may stand beside it.
    func conversation(_ who: String, _ engine: Engine) throws -> (id: ConversationID, person: PersonID?) {
        switch try self.recipient(who, engine) {
        case .person(let person): return (Derive.conversation(self.identity.person, person), person)
        case .room(let room): return (try self.known(room, engine).talk, nil)
        }
    }

    // MARK: what cannot be done

    /// Does something in a room; what the rules refuse is said with the names of this room.
    func inside<Answer>(
        _ room: RoomID, _ engine: inout Engine, _ body: (inout Engine) throws -> Answer
    ) throws -> Answer {
        do { return try body(&engine) } catch let refusal as Engine.RoomRefusal {
            throw self.explain(refusal, room, engine)
        }
    }

    func explain(_ refusal: Engine.RoomRefusal, _ id: RoomID, _ engine: Engine) -> DoorError {
        if case .notKept(let trouble) = refusal { return DoorError(.storage(.trouble(trouble))) }
        return DoorError(.room(self.reason(refusal, id, engine)))
    }

    private func reason(_ refusal: Engine.RoomRefusal, _ id: RoomID, _ engine: Engine) -> Refusal.Room {
        let room = self.name(id, engine)
        let owner = engine.room(id)?.state.owner.map { self.name($0, engine) }
        func isInvited(_ person: PersonID) -> Bool {
            engine.room(id)?.state.membership(of: person)?.standing == .invited
        }
        switch refusal {
        case .unknown, .notKept: return .unknownID
        case .notMember: return self.outside(id, room, engine)
        case .notOwner: return .notOwner(room: room, owner: owner)
        case .ownerInvites: return .ownerInvites(room: room, owner: owner)
        case .full: return .full(room: room)
        case .isMember(self.identity.person): return .youAreIn(room: room)
        case .isMember(let person):
            return .isIn(room: room, name: self.name(person, engine), isInvited: isInvited(person))
        case .isNotMember(self.identity.person): return .isYours(room: room)
        case .isNotMember(let person):
            return .isNotIn(room: room, name: self.name(person, engine), isInvited: isInvited(person))
        case .wasTaken(let person):
            let name = person == self.identity.person ? nil : self.name(person, engine)
            return .wasTaken(room: room, owner: owner, name: name)
        case .ownerLeaves: return .ownerLeaves(room: room)
        case .notWriter: return .notWriter(room: room)
        case .notTold: return .notTold(room: room)
        case .openFromJoin: return .openFromJoin
        case .spent: return .spent(room: room, owner: owner)
        case .empty: return .blankName
        case .tooLong: return .longNameOrTopic
        }
    }

    /// Why we are not in a room.
    private func outside(_ id: RoomID, _ room: String, _ engine: Engine) -> Refusal.Room {
        switch engine.room(id)?.known.standing {
        case .invited: .invited(room: room)
        case .removed: .removed(room: room)
        case .joined, .left, nil: .left(room: room, isOpen: engine.room(id)?.known.charter.isOpen ?? true)
        }
    }
}
