import EarshotModel
import EarshotWire

/// Rooms that files of this machine name: whom we invite to them, and into which we go by ourselves. What somebody
/// decided by hand stays: who left, or was taken out, is not invited again, and a room that we left is not made anew.
extension Engine {
    /// Rooms to which the files invite somebody, and of which there is none here, or several; in order.
    package var unclearRooms: [String] {
        let names = Set(self.trust.provisions.all.flatMap(\.rooms))
        return names.filter { if case .failure = self.room(namedInFile: $0) { true } else { false } }.sorted()
    }

    private struct Unclear: Error { let isThere: Bool }

    /// The room that a name in a file means: the one that was made for it, our own, or one that we are in; also by
    /// its whole id.
    private func room(namedInFile name: String) -> Result<RoomID, Unclear> {
        let joined = self.rooms.rooms.filter(\.isJoined)
        if let id = RoomID(text: name) ?? self.trust.provisions.made[name.lowercased()],
            joined.contains(where: { $0.id == id })
        {
            return .success(id)
        }
        let named = joined.filter { SafeText.name($0.state.name).lowercased() == name.lowercased() }
        let own = named.filter(\.isOwned)
        let found = own.isEmpty ? named : own
        guard found.count == 1, let room = found.first else { return .failure(Unclear(isThere: !found.isEmpty)) }
        return .success(room.id)
    }

    /// Makes those that the files want to be there and that are not.
    mutating func makeRooms(at now: Moment) -> [Effect] {
        guard self.trouble == nil else { return [] }
        return self.trust.provisions.rooms.flatMap { wanted -> [Effect] in
            guard case .failure(let unclear) = self.room(namedInFile: wanted.name), !unclear.isThere,
                self.trust.provisions.made[wanted.name.lowercased()] == nil,
                let made = try? self.createRoom(
                    wanted.name, isOpen: wanted.isOpen, isAnnouncement: wanted.isAnnouncement,
                    startsAtJoin: wanted.startsAtJoin, ownerInvites: wanted.ownerInvites, salt: self.chance(16),
                    at: now)
            else { return [] }
            return made.effects + [
                .keep(self.trust.provisions.note(made.room, madeFor: wanted.name)),
                .announce(.provision(.made(made.room, place: wanted.place), self.me)),
            ]
        }
    }

    /// Invites a person to the rooms that the files have for them, and takes them out of those that they have for them
    /// no more.
    /// - Parameter wanted: what the files say; `nil` where they do not name them any more.
    mutating func settleRooms(of person: PersonID, _ wanted: Provision?, at now: Moment) -> [Effect] {
        let given = (self.trust.provisions.given[person]?.rooms ?? [:]).compactMapValues { RoomID(text: $0) }
        let names = Set((wanted?.rooms ?? []).map { $0.lowercased() })
        guard !given.isEmpty || !names.isEmpty else { return [] }
        var (rooms, effects): ([String: RoomID], [Effect]) = ([:], [])
        for (name, room) in given.sorted(by: { $0.key < $1.key }) {
            if names.contains(name) {
                rooms[name] = room
            } else if let removal = try? self.remove(person, from: room, at: now) {
                effects += removal + [.announce(.provision(.uninvited(room), person))]
            }
        }
        if let wanted, self.contacts[person]?.trust.talks ?? false {
            for name in wanted.rooms where rooms[name.lowercased()] == nil {
                let (room, done) = self.invite(person, wanted, toRoomNamed: name, at: now)
                rooms[name.lowercased()] = room
                effects += done
            }
        }
        guard rooms != given else { return effects }
        var all = self.trust.provisions.given[person] ?? Provisions.Given()
        all.rooms = rooms.isEmpty ? nil : rooms.mapValues(\.description)
        return (self.trust.provisions.note(person, all).map { [.keep($0)] } ?? []) + effects
    }

    private mutating func invite(
        _ person: PersonID, _ wanted: Provision, toRoomNamed name: String, at now: Moment
    ) -> (room: RoomID?, effects: [Effect]) {
        let news: Provisions.News
        switch self.room(namedInFile: name) {
        case .failure(let unclear): news = .unclearRoom(name, isThere: unclear.isThere, place: wanted.place)
        // They are in it by somebody's hand.
        case .success(let room) where self.rooms[room]?.state.isMember(person) ?? false: return (nil, [])
        case .success(let room):
            do {
                let effects = try self.invite([person], to: room, at: now)
                return (room, effects + [.announce(.provision(.invited(room, place: wanted.place), person))])
            } catch let refusal as RoomRefusal {
                news = .notInvited(room, refusal, place: wanted.place)
            } catch {
                // It is not certain who they are, or nothing can be kept: that is said elsewhere.
                return (nil, [])
            }
        }
        let isNews = self.trust.provisions.isUntold(news, person)
        return (nil, isNews ? [.announce(.provision(news, person))] : [])
    }

    // MARK: being invited

    /// Into the rooms to which those invited us who may.
    mutating func joinAllowed(at now: Moment) -> [Effect] {
        self.rooms.rooms.filter { $0.known.standing == .invited }.map(\.id).flatMap { self.joinAllowed($0, at: now) }
    }

    /// Into a room to which we were invited, if whoever did it may by the word of a file.
    mutating func joinAllowed(_ id: RoomID, at now: Moment) -> [Effect] {
        guard let room = self.rooms[id], room.known.standing == .invited, let inviter = room.known.inviter,
            let allowed = self.trust.provisions[inviter], allowed.mayInvite,
            self.contacts[inviter]?.trust.talks ?? false, let effects = try? self.joinRoom(id, at: now)
        else { return [] }
        return effects + [.announce(.provision(.joined(id, place: allowed.place), inviter))]
    }
}
