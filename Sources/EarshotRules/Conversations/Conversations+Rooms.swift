import EarshotModel
import EarshotWire

/// What is so in rooms alone: two conversations each, members that come and go, and words that count as long as their
/// author's stay does (Protocol.md 17).
extension Conversations {
    // MARK: who has it

    /// The two conversations of a room, made if there are none yet.
    mutating func open(_ access: RoomAccess) {
        self.membership.set(access)
        let others = access.members.subtracting([self.me])
        for id in [access.id.operations, access.talk] {
            if self.all[id] == nil {
                self.all[id] = Conversation(
                    id, device: self.identity.device, others: others, generation: self.generation)
            }
            self.all[id]?.others = others
        }
    }

    /// After the logs were restored.
    mutating func restore(_ access: RoomAccess, _ starts: [LogID: UInt64]) {
        for log in self.all[access.talk]?.logs.keys.sorted() ?? [] {
            if let start = starts[log] { self.all[access.talk]?.restore(start: start, of: log) }
            self.shown.restore(log, of: access.talk)
        }
    }

    /// Who has a room is this from now on.
    /// - Parameter change: what of it is new; nobody else is looked at.
    mutating func set(_ access: RoomAccess, _ change: Room.Change, _ peers: Peers) -> [Action] {
        switch change {
        case .all: self.set(access, peers)
        case .none: self.set(access, came: [], peers)
        case .arrivals(let persons): self.set(access, came: persons, peers)
        }
    }

    /// In a room is everybody who was, and these.
    private mutating func set(_ access: RoomAccess, came persons: Set<PersonID>, _ peers: Peers) -> [Action] {
        guard self.all[access.talk] != nil, !access.state.charter.startsAtJoin else { return self.set(access, peers) }
        self.membership.set(access)
        self.intake.settled(access.id.operations)
        for id in [access.id.operations, access.talk] {
            for person in persons where person != self.me { self.all[id]?.others.insert(person) }
        }
        return self.met(persons, access, peers)
    }

    /// More may be known of these persons in a room than before.
    mutating func met(_ persons: Set<PersonID>, _ access: RoomAccess, _ peers: Peers) -> [Action] {
        var actions = persons.isEmpty ? [] : self.showAgain(access, of: persons, peers)
        for id in [access.id.operations, access.talk] {
            let links = persons.flatMap { $0 == self.me ? [] : peers.links(of: $0) }.sorted()
            actions += self.greet(links, id, peers) + self.solve(id, peers)
        }
        return actions
    }

    /// Tells those what we hold who were not told yet.
    private mutating func greet(_ links: [LinkID], _ id: ConversationID, _ peers: Peers) -> [Action] {
        links.compactMap { link in
            guard !(self.exchanges[link]?.isGreeted(id) ?? true) else { return nil }
            return self.greet(link, id, ask: true, peers).map { .transmit([.heads($0)], link) }
        }
    }

    /// What was not clear before may be clear now.
    private mutating func solve(_ id: ConversationID, _ peers: Peers) -> [Action] {
        (self.puzzles.removeValue(forKey: id) ?? []).sorted().compactMap { link in
            self.greet(link, id, ask: true, peers).map { .transmit([.heads($0)], link) }
        }
    }

    private mutating func set(_ access: RoomAccess, _ peers: Peers) -> [Action] {
        let before = self.membership.room(of: access.talk)?.members ?? []
        self.open(access)
        self.intake.settled(access.id.operations)
        let began = self.begin(access)
        var actions = began + self.showAgain(access, peers)
        // Whoever was told before that we hold nothing waits with what lies behind the beginning.
        if !began.isEmpty {
            let links = access.members.flatMap { $0 == self.me ? [] : peers.links(of: $0) }.sorted()
            for link in links where self.exchanges[link]?.isGreeted(access.talk) ?? false {
                actions += self.greet(link, access.talk, ask: true, peers).map { [.transmit([.heads($0)], link)] } ?? []
            }
        }
        for person in before.subtracting(access.members).sorted() where person != self.me {
            for link in peers.links(of: person) { actions += self.farewell(access.id.operations, link, peers) }
        }
        for id in [access.id.operations, access.talk] {
            let persons = id == access.talk ? access.members : access.members.union(access.outsiders)
            let links = persons.flatMap { $0 == self.me ? [] : peers.links(of: $0) }.sorted()
            actions += self.greet(links, id, peers) + self.solve(id, peers)
        }
        return actions
    }

    /// Where we begin the logs of a room of which we get nothing from before.
    private mutating func begin(_ access: RoomAccess) -> [Action] {
        guard access.state.charter.startsAtJoin, let number = access.state.latest[self.me] else { return [] }
        let starts = access.state.starts[RoomMembership(self.me, number)] ?? []
        return starts.compactMap { start in
            guard self.all[access.talk]?.begin(start) ?? false else { return nil }
            return .keep(.begins(access.talk, start))
        }
    }

    // MARK: greeting

    /// Heads of every room that the other end may have, its operations first.
    mutating func greetRooms(_ link: LinkID, ask: Bool, _ peers: Peers) -> [Heads] {
        guard let person = peers[link]?.person else { return [] }
        return self.membership.rooms(with: person).flatMap { room in
            [room.id.operations, room.talk].compactMap { self.greet(link, $0, ask: ask, peers) }
        }
    }

    /// What we hold of a conversation of a room, if the other end may hear of it.
    mutating func greet(_ link: LinkID, _ id: ConversationID, ask: Bool, _ peers: Peers) -> Heads? {
        guard self.admits(link, to: id, peers) || self.hears(link, in: id, peers),
            let room = self.membership.room(of: id), let conversation = self.all[id]
        else { return nil }
        self.exchanges[link]?[id].toldHeads(said: conversation.said)
        self.exchanges[link]?.greet(id)
        self.passing.greeted(link, id)
        var heads = conversation.heads(readBy: self.me, only: room.part == .gone ? [conversation.ours] : nil, ask: ask)
        guard self.membership.isOperations(id), room.part == .member else { return heads }
        heads.state = self.intake.isSettled(id) ? self.membership.hash(of: room) : nil
        heads.persons = room.authors.ordered.prefix(Limits.protobufRepeated).compactMap { person in
            peers.manifests[person].map { ManifestVersion(person: person, version: $0.version) }
        }
        return heads
    }

    /// The word of it to whoever is not in a room any more, if there is one.
    func farewell(_ id: ConversationID, _ link: LinkID, _ peers: Peers) -> [Action] {
        guard self.membership.isOperations(id), let room = self.membership.room(of: id), let state = peers[link],
            peers.lists(state.person, state.device)
        else { return [] }
        let marks = room.farewell(to: state.person).compactMap { log, word in
            self.all[id]?.logs[log].map { Mark(log: log, device: $0.device, seq: word.seq, id: word.id) }
        }
        return marks.isEmpty ? [] : [.transmit([.heads(Heads(conversation: id, marks: marks))], link)]
    }

    /// Whether the other end may have this part of a log.
    func mayHave(_ want: Want, _ link: LinkID, _ peers: Peers) -> Bool {
        guard let room = self.membership.room(of: want.conversation) else {
            return self.admits(link, to: want.conversation, peers)
        }
        guard let state = peers[link], peers.lists(state.person, state.device) else { return false }
        guard self.admits(link, to: want.conversation, peers) else {
            guard self.membership.isOperations(want.conversation) else { return false }
            // Whoever told us of the room may have what we wrote there, before we know that they are in it.
            if want.log == self.all[want.conversation]?.ours, self.hears(link, in: want.conversation, peers) {
                return true
            }
            return want.to <= room.farewell(to: state.person)[want.log]?.seq ?? 0
        }
        // Of what others wrote in a room that we have left, nothing is given.
        guard room.part == .member || want.log == self.all[want.conversation]?.ours else { return false }
        return self.membership.isOperations(want.conversation)
            || want.from > room.start(of: want.log, for: state.person)
    }

    /// What Heads of a room's operations say beside the logs.
    mutating func compare(_ heads: Heads, _ link: LinkID, _ peers: Peers, at now: Moment) -> [Action] {
        guard let room = self.membership.room(of: heads.conversation), let person = peers[link]?.person else {
            return []
        }
        var actions: [Action] = []
        if !heads.persons.isEmpty { actions.append(.persons(heads.persons, heads.conversation, link, at: now)) }
        if let state = heads.state, self.intake.isSettled(heads.conversation), self.isLevel(heads),
            state != self.membership.hash(of: room)
        {
            actions.append(.warn(.divergence(room.id), person))
        }
        return actions
    }

    /// Whether the other end holds just what we hold.
    private func isLevel(_ heads: Heads) -> Bool {
        let logs: [LogID: Log] = self.all[heads.conversation]?.logs ?? [:]
        return logs.count >= heads.marks.count
            && heads.marks.allSatisfy { $0.id != nil && logs[$0.log]?.id == $0.id }
            && logs.values.count { $0.seq > 0 } == heads.marks.count
    }

    /// How many more operations are taken of whoever writes with a device; `nil` where there is no limit. Whoever
    /// floods a room does not keep its owner from taking them out.
    func space(for device: DeviceID, in id: ConversationID, _ link: LinkID, _ peers: Peers) -> RoomLoad.Space? {
        guard self.membership.isOperations(id), let room = self.membership.room(of: id) else { return nil }
        let author = self.author(device, in: id, link, peers)
        if let author, room.state.owners.contains(author) { return nil }
        return self.intake.space(for: author, in: id)
    }

    /// An operation of a room has its place in its log: something may follow from it.
    mutating func note(_ content: Content, _ envelope: Envelope, by author: PersonID) {
        guard case .room = content, self.membership.isOperations(envelope.conversation) else { return }
        self.intake.take(bytes: envelope.payload.count, in: envelope.conversation, by: author)
    }

    /// Whether so many operations that we write are taken by the others.
    func hasSpace(for count: Int, in id: ConversationID) -> Bool {
        guard let room = self.membership.room(of: id), !room.state.owners.contains(self.me) else { return true }
        let space = self.intake.space(for: self.me, in: id)
        return space.count >= count && space.bytes > 0
    }

    // MARK: what is shown

    /// Up to where a stretch is shown, if that was not told yet.
    mutating func show(_ envelope: Envelope, by author: PersonID, _ peers: Peers) -> [Action] {
        let id = envelope.conversation
        guard self.membership.isTalk(id), let room = self.membership.room(of: id) else { return [] }
        let stretch = Stretch(log: envelope.log, membership: envelope.membership)
        guard !self.shown.isTold(stretch) else { return [] }
        let limit = self.limit(of: stretch, by: author, room, peers)
        return self.shown.tell(stretch, of: id, limit) ? [.keep(.shown(id, stretch, limit))] : []
    }

    /// Nothing is shown of what somebody says whom nobody here wants to hear.
    private func limit(of stretch: Stretch, by author: PersonID, _ room: RoomAccess, _ peers: Peers) -> ShownLimit {
        peers.isBlocked(author) ? .nothing : room.state.limit(of: stretch.log, by: author, stretch.membership)
    }

    /// Somebody is blocked, or not any more.
    mutating func reconsider(_ peers: Peers) -> [Action] {
        self.membership.allRooms.flatMap { self.showAgain($0, peers) }
    }

    /// What is shown may be more or less now.
    /// - Parameter persons: of whom; `nil` is of all.
    private mutating func showAgain(
        _ access: RoomAccess, of persons: Set<PersonID>? = nil, _ peers: Peers
    ) -> [Action] {
        var actions: [Action] = []
        for stretch in self.shown.told(of: access.talk) {
            guard let device = self.all[access.talk]?.logs[stretch.log]?.device,
                let author = peers.manifests.owner(of: device, first: self.me, where: access.authors.contains),
                persons?.contains(author) ?? true
            else { continue }
            let limit = self.limit(of: stretch, by: author, access, peers)
            if self.shown.tell(stretch, of: access.talk, limit) {
                actions.append(.keep(.shown(access.talk, stretch, limit)))
            }
        }
        return actions
    }

    // MARK: asking and telling on

    /// Others who have what one of them did not give.
    mutating func wantsElsewhere(_ id: ConversationID, besides link: LinkID?, _ peers: Peers, now: UInt64) -> [Action] {
        guard self.membership.room(of: id) != nil else { return [] }
        return self.membership.links(for: id, peers).filter { $0 != link }.compactMap { other in
            let wants = self.wants(other, id, peers, now: now)
            return wants.isEmpty ? nil : .transmit(wants, other)
        }
    }

    /// What one had of a log has come: whoever else offered it may have more.
    mutating func askOthers(
        for log: LogID, _ id: ConversationID, besides link: LinkID, _ peers: Peers, now: UInt64
    ) -> [Action] {
        var actions: [Action] = []
        let held = self.all[id]?.logs[log]?.seq ?? 0
        for other in self.fetching.takeOffering(log, id) where other != link {
            if self.admits(other, to: id, peers) {
                let wants = self.wants(other, id, peers, now: now)
                if !wants.isEmpty { actions.append(.transmit(wants, other)) }
            }
            // It stays one who has more, until that has come.
            if self.exchanges[other]?[id].offers(log, beyond: held) ?? false { self.fetching.offered(log, id, other) }
        }
        return actions
    }

    /// Who was fetched from is gone: others are asked.
    mutating func wantsAgain(_ person: PersonID, _ peers: Peers, now: UInt64) -> [Action] {
        self.membership.rooms(of: person).flatMap { room in
            [room.id.operations, room.talk].flatMap {
                self.wantsElsewhere($0, besides: nil, peers, now: now)
            }
        }
    }

    /// What came some time ago is told to a few.
    mutating func passOn(_ peers: Peers, now: UInt64) -> [Action] {
        var actions: [Action] = []
        for id in self.passing.due(now: now) {
            let isOurs = self.membership.room(of: id)?.part == .member
            let links = isOurs ? self.membership.links(for: id, peers).filter { self.admits($0, to: id, peers) } : []
            let isOperation = self.membership.isOperations(id)
            for (link, logs) in self.passing.next(id, links, isOperation: isOperation, now: now) {
                guard let heads = self.all[id]?.heads(readBy: self.me, only: logs) else { continue }
                actions.append(.transmit([.heads(heads)], link))
            }
        }
        return actions
    }

    /// How far we hold the logs of a person in a room's conversations.
    func held(_ person: PersonID, in ids: [ConversationID], _ peers: Peers) -> [LogID: UInt64] {
        var held: [LogID: UInt64] = [:]
        for id in ids {
            for (log, state) in self.all[id]?.logs ?? [:] where state.seq > 0 {
                if peers.manifests.owner(of: state.device, among: [person]) != nil { held[log] = state.seq }
            }
        }
        return held
    }

    /// Where the logs of a talk end, those that grew last first.
    func ends(of talk: ConversationID) -> [LogStart] { self.all[talk]?.ends ?? [] }
}
