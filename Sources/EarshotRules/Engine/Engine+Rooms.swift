import EarshotModel
import EarshotWire

/// Rooms: what our own people do there, and what comes of what others do (Protocol.md 17).
extension Engine {
    package typealias RoomRefusal = Rooms.Refusal

    // MARK: what our own people ask for

    /// How many a room may have when we add somebody. More than the protocol has (Protocol.md 17) is for measuring.
    package var roomMembers: Int {
        get { self.rooms.mostMembers }
        set { self.rooms.mostMembers = newValue }
    }

    /// A room of ours, in which we are alone.
    /// - Parameter salt: 16 random bytes.
    package mutating func createRoom(
        _ name: String, isOpen: Bool = false, isAnnouncement: Bool = false, startsAtJoin: Bool = false,
        ownerInvites: Bool = false, salt: [UInt8], at now: Moment
    ) throws(RoomRefusal) -> (room: RoomID, effects: [Effect]) {
        let clean = SafeText.name(name)
        guard !clean.isEmpty else { throw .empty }
        guard clean.utf8.count <= Limits.roomName else { throw .tooLong }
        guard !isOpen || !startsAtJoin else { throw .openFromJoin }
        let charter = Charter(
            name: clean, owner: self.me, salt: salt, isOpen: isOpen, isAnnouncement: isAnnouncement,
            startsAtJoin: startsAtJoin, ownerInvites: ownerInvites)
        return (charter.room, self.perform(self.rooms.create(charter, at: now), at: now))
    }

    /// Into a room to which we were invited, or an open one of which somebody here tells.
    package mutating func joinRoom(_ id: RoomID, at now: Moment) throws(RoomRefusal) -> [Effect] {
        self.perform(try self.rooms.join(id, manifest: self.manifests[self.me]?.wire ?? [], at: now), at: now)
    }

    /// Out of a room, or not into one to which we were invited.
    package mutating func leaveRoom(_ id: RoomID, at now: Moment) throws(RoomRefusal) -> [Effect] {
        self.perform(try self.rooms.leave(id, cut: self.cut(self.me, id), at: now), at: now)
    }

    /// Adds persons and invites them; all of them or none.
    package mutating func invite(_ persons: [PersonID], to id: RoomID, at now: Moment) throws -> [Effect] {
        try self.check(persons)
        let starts = self.rooms[id].map { self.conversations.ends(of: $0.talk) } ?? []
        let space = self.roomMembers - (self.rooms[id]?.state.present.count ?? 0)
        guard persons.count <= space else { throw RoomRefusal.full }
        let hasSpace = self.conversations.hasSpace(for: persons.count, in: id.operations)
        var additions: [[Rooms.Action]] = []
        for person in persons {
            additions.append(
                try self.rooms.add(
                    person, to: id, manifest: self.manifests[person]?.wire ?? [], starts: starts, hasSpace: hasSpace,
                    at: now))
        }
        return additions.flatMap { self.perform($0, at: now) }
    }

    package mutating func remove(_ person: PersonID, from id: RoomID, at now: Moment) throws(RoomRefusal) -> [Effect] {
        self.perform(try self.rooms.remove(person, from: id, cut: self.cut(person, id)), at: now)
    }

    package mutating func transferRoom(_ id: RoomID, to person: PersonID, at now: Moment) throws(RoomRefusal)
        -> [Effect]
    {
        let cut = self.conversations.held(self.me, in: [id.operations], self.peers)
        return self.perform(try self.rooms.transfer(id, to: person, cut: cut), at: now)
    }

    /// Sets one thing of a room: its name, its topic, what is pinned, …
    package mutating func set(
        _ key: RoomSetting.Key, of id: RoomID, text: String = "", value: UInt64 = 0, at now: Moment
    ) throws(RoomRefusal) -> [Effect] {
        var cut: [LogID: UInt64] = [:]
        if case .writer(let person) = key, value == 0, let talk = self.rooms[id]?.talk {
            cut = self.conversations.held(person, in: [talk], self.peers)
        }
        let hasSpace = self.conversations.hasSpace(for: 1, in: id.operations)
        return self.perform(
            try self.rooms.set(key, of: id, text: text, value: value, cut: cut, hasSpace: hasSpace), at: now)
    }

    /// How far we hold the logs of a person in both conversations of a room.
    private func cut(_ person: PersonID, _ id: RoomID) -> [LogID: UInt64] {
        self.conversations.held(person, in: [id.operations, self.rooms[id]?.talk].compactMap { $0 }, self.peers)
    }

    /// Writes in a room.
    package mutating func say(
        _ text: String, in id: RoomID, replyTo: EnvelopeID? = nil, extras: TextExtras = TextExtras(), at now: Moment
    ) throws -> (said: SentMessage, effects: [Effect]) {
        guard !SafeText.isBlank(text) else { throw Refusal.empty }
        guard let parts = Content.parts(of: text) else { throw Refusal.tooLong }
        var extras = extras
        extras.lifetime = self.rooms[id]?.state.lifetime ?? 0
        return try self.say(parts, replyTo: replyTo, extras) { engine, content throws(RoomRefusal) in
            try engine.write(content, in: id, at: now)
        }
    }

    /// Puts an edit, a deletion, a reaction and the like into a room.
    package mutating func write(
        _ content: Content, in id: RoomID, at now: Moment
    ) throws(RoomRefusal) -> (said: SentMessage, effects: [Effect]) {
        if let trouble = self.trouble { throw .notKept(trouble) }
        let membership = try self.rooms.membership(in: id, isWords: content.isWords)
        guard let talk = self.rooms[id]?.talk else { throw .unknown }
        let written = self.conversations.write(content, in: talk, membership: membership, self.peers, at: now)
        return (written.said, self.perform(written.actions))
    }

    /// Everything in a room has been read.
    package mutating func read(room id: RoomID, at now: Moment) -> [Effect] {
        guard let talk = self.rooms[id]?.talk else { return [] }
        return self.perform(self.conversations.read(talk, self.peers, at: now))
    }

    // MARK: what comes of what others do

    /// An envelope has its place in its log.
    mutating func came(_ envelope: Envelope, _ content: Content, by author: PersonID, at now: Moment) -> [Effect] {
        let room = self.conversations.membership.room(of: envelope.conversation)
        if author != self.me {
            let isLinked = !self.links.of(author).isEmpty
            self.health.witness.came(by: author, written: envelope.stamp.milliseconds, isLinked: isLinked, at: now)
        }
        switch content {
        case .room(let operation):
            guard let room, envelope.conversation == room.id.operations else { return [] }
            return self.perform(self.rooms.came(envelope, operation, by: author), at: now)
        case .invitation(let invitation):
            guard room == nil, author != self.me else { return [] }
            return self.perform(self.rooms.invited(invitation, by: author, at: now), at: now)
                + self.joinAllowed(invitation.charter.room, at: now)
        case .text, .edit, .delete, .reaction, .file, .answer, .acknowledge, .remind, .lifetime, .unknown:
            guard author != self.me else { return [] }
            // Words that nobody is shown do nothing, either.
            if let room, !self.counts(envelope, content, by: author, room) { return [] }
            return self.perform(self.files.came(envelope, content, by: author, self.peers, at: now))
        }
    }

    /// Whether what was said in a room is shown.
    private func counts(_ envelope: Envelope, _ content: Content, by author: PersonID, _ room: RoomAccess) -> Bool {
        guard envelope.conversation == room.talk, !self.peers.isBlocked(author) else { return false }
        let limit = room.state.limit(of: envelope.log, by: author, envelope.membership)
        return envelope.seq <= (content.isWords ? limit.words : limit.all)
    }

    /// Somebody of whom we do not know that they are in an open room speaks of it.
    mutating func knock(_ heads: Heads, _ state: LinkState, at now: Moment) -> [Effect] {
        guard let room = self.conversations.membership.room(of: heads.conversation),
            room.id.operations == heads.conversation, self.peers.lists(state.person, state.device)
        else { return [] }
        return self.perform(self.rooms.knock(state.person, room.id), at: now)
    }

    /// A member of a room holds these manifests: of newer ones we ask for them.
    mutating func compare(
        _ versions: [ManifestVersion], _ id: ConversationID, _ link: LinkID, at now: Moment
    ) -> [Effect] {
        let effects = self.perform(self.rooms.suppose(versions.map(\.person), in: id), at: now)
        let authors = self.conversations.membership.room(of: id)?.authors
        let newer = versions.filter { one in
            authors?.contains(one.person) ?? false && one.version > self.manifests[one.person]?.version ?? 0
        }
        return newer.isEmpty ? effects : effects + [.transmit(newer.map { .manifestAsk($0.person) }, link)]
    }

    /// A manifest came: of the person at the other end, or of somebody who has to do with a room of ours.
    mutating func receive(manifest bytes: [UInt8], from person: PersonID, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let manifest = try? Manifest(decoding: bytes), manifest.person != person else {
            let isMate = self.trust.mates.contains(person)
            return self.perform(
                self.trust.people.receive(manifest: bytes, from: person, isMate: isMate, at: now), from: link)
        }
        return self.learn(bytes, of: manifest.person, at: now)
    }

    /// A manifest of somebody who has to do with a room.
    private mutating func learn(_ bytes: [UInt8], of person: PersonID, at now: Moment) -> [Effect] {
        guard person != self.me, self.rooms.isAuthor(person) else { return [] }
        let before = self.manifests[person]?.version
        let effects = self.perform(self.trust.people.receive(manifest: bytes, from: person, isMate: true, at: now))
        guard self.manifests[person]?.version != before else { return effects }
        self.expectDevices(of: person)
        // What they wrote may be taken now.
        return effects
            + self.rooms.accesses.filter { $0.authors.contains(person) }.flatMap { access in
                self.perform(self.conversations.met([person], access, self.peers))
            }
    }

    /// Calls to the devices of a person come before those to strangers.
    mutating func expectDevices(of person: PersonID) {
        guard self.isSought(person) else { return }
        for certificate in self.manifests[person]?.active ?? [] {
            self.whereabouts.dialer.expect(certificate.device.shortID)
        }
    }

    mutating func perform(_ actions: [Rooms.Action], at now: Moment) -> [Effect] {
        var effects: [Effect] = []
        for action in actions {
            switch action {
            case .keep(let fact): effects.append(.keep(fact))
            case .announce(let news): effects.append(.announce(news))
            case .access(let access, let change):
                effects += self.welcomeMates(change, in: access, at: now)
                effects += self.perform(self.conversations.set(access, change, self.peers))
            case .write(let operation, let id, let membership):
                let written = self.conversations.write(
                    .room(operation), in: id.operations, membership: membership, self.peers, at: now)
                effects += self.perform(written.actions)
                effects += self.perform(self.rooms.wrote(written.envelope, operation, at: now), at: now)
            case .invite(let person, let invitation):
                self.begin(with: person, invitation.charter.name)
                effects += (try? self.write(.invitation(invitation), to: person, at: now))?.effects ?? []
            case .manifest(let bytes, let person): effects += self.learn(bytes, of: person, at: now)
            case .tell:
                let rooms = self.rooms.telling
                effects += self.links.all.map { .transmit([.rooms(rooms)], $0) }
            }
        }
        return effects
    }

    /// With whom we share a room from now on, or not any more: their envelopes are looked at, or are not.
    private mutating func welcomeMates(_ change: Room.Change, in room: RoomAccess, at now: Moment) -> [Effect] {
        let others: Set<PersonID>
        switch change {
        case .none: return []
        case .arrivals(let persons):
            let isHeard = self.rooms[room.id]?.isHeard ?? false
            others = isHeard ? persons.subtracting(self.trust.mates).subtracting([self.me]) : []
            self.trust.mates.formUnion(others)
        case .all:
            let mates = self.rooms.mates
            others = mates.symmetricDifference(self.trust.mates)
            self.trust.mates = mates
        }
        return others.isEmpty ? [] : self.welcome(others, at: now)
    }

    /// These are mates now who were not, or are not any more.
    private mutating func welcome(_ persons: Set<PersonID>, at now: Moment) -> [Effect] {
        let mates = self.trust.mates
        var effects: [Effect] = [.admit(self.admission)]
        for person in persons.sorted() {
            self.noteStrangers(of: person)
            if mates.contains(person) { self.expectDevices(of: person) }
            if mates.contains(person), let manifest = self.manifests[person], !self.trust.people.talks(person) {
                effects.append(.keep(.manifest(manifest)))
            }
            for link in self.links.of(person) {
                effects.append(.hear(link, self.peers.hears(link)))
                guard let state = self.links[link], mates.contains(person) else { continue }
                self.whereabouts.dialer.linked(
                    state.device, remote: state.remote, dial: nil, isContact: self.isSought(person), now: now.uptime)
                effects.append(.keep(.certificate(state.introduction.peer.certificate)))
            }
        }
        return effects
    }
}
