import EarshotModel

/// What our own people ask for.
extension Engine {
    /// Why a request cannot be done.
    package enum Refusal: Error, Equatable, Sendable {
        case blocked
        case tooLong
        case myself
        case notKept(StorageTrouble)
        case empty
    }

    /// A message of ours, and where the last envelope of it stands.
    package struct SentMessage: Hashable, Sendable {
        package let id: EnvelopeID
        package let conversation: ConversationID
        package let log: LogID
        package let last: UInt64
    }

    /// Why nothing can be written to one of these persons now; asked before the first of several is written to.
    func check(_ persons: [PersonID]) throws(Refusal) {
        for person in persons {
            guard person != self.me else { throw .myself }
            guard self.contacts[person]?.trust != .blocked else { throw .blocked }
        }
        if let trouble = self.trouble { throw .notKept(trouble) }
    }

    /// Writes to each of these persons, in their conversations of two; or to none. The first id stands for the whole
    /// text, however many envelopes it takes.
    package mutating func say(
        _ text: String, to persons: [PersonID], replyTo: EnvelopeID? = nil, at now: Moment
    ) throws(Refusal) -> (said: [SentMessage], effects: [Effect]) {
        guard !SafeText.isBlank(text) else { throw .empty }
        guard let parts = Content.parts(of: text) else { throw .tooLong }
        try self.check(persons)
        var said: [SentMessage] = []
        var effects: [Effect] = []
        for person in persons {
            if !self.contacts.talks(person) { self.firstWords[person] = Self.beginning(of: text) }
            let (one, more) = try self.say(parts, to: person, replyTo: replyTo, at: now)
            said.append(one)
            effects += more
        }
        return (said, effects)
    }

    private mutating func say(
        _ parts: [String], to person: PersonID, replyTo: EnvelopeID?, at now: Moment
    ) throws(Refusal) -> (said: SentMessage, effects: [Effect]) {
        let count = UInt32(parts.count)
        var (said, effects) = try self.write(
            .text(.init(parts[0], replyTo: replyTo, part: 0, parts: count)), to: person, at: now)
        for (index, part) in parts.enumerated().dropFirst() {
            let text = Content.Text(part, part: UInt32(index), parts: count, first: said.id)
            let (next, more) = try self.write(.text(text), to: person, at: now)
            said = SentMessage(id: said.id, conversation: said.conversation, log: said.log, last: next.last)
            effects += more
        }
        return (said, effects)
    }

    /// As much of a text as a request may carry.
    private static func beginning(of text: String) -> String {
        var beginning = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= Limits.requestBytes else { break }
            beginning.append(character)
        }
        return beginning
    }

    /// Puts an edit, a deletion or a reaction into the conversation with a person.
    package mutating func write(
        _ content: Content, to person: PersonID, at now: Moment
    ) throws(Refusal) -> (said: SentMessage, effects: [Effect]) {
        try self.check([person])
        // Writing to someone says yes to him.
        var effects = self.accept(person, at: now)
        let id = self.open(with: person)
        guard var conversation = self.conversations[id] else { preconditionFailure("just opened") }
        let (seq, prev) = conversation.next
        self.latest = HybridTime.next(after: self.latest, now: now.wall)
        let verified = Envelope.sign(
            conversation: id, device: self.device, log: conversation.ours, seq: seq, prev: prev,
            parents: conversation.parents, stamp: self.latest, kind: content.kind, payload: content.payload,
            with: self.identity.signing)
        _ = conversation.receive(verified)
        self.conversations[id] = conversation
        effects.append(.keep(.envelope(verified.envelope, content, author: self.me, arrived: now.wall)))
        for link in self.links.keys.sorted() where self.links[link]?.person == person {
            effects += self.tell(link, id, fresh: [verified], at: now)
        }
        return (SentMessage(id: verified.envelope.id, conversation: id, log: conversation.ours, last: seq), effects)
    }

    /// Says yes to a person: his key is pinned, and what he wrote is fetched.
    package mutating func accept(_ person: PersonID, at now: Moment) -> [Effect] {
        guard person != self.me else { return [] }
        guard var contact = self.contacts.accept(person, at: now) else { return [] }
        if self.manifests.lists[person]?.isContradicted ?? false { contact = self.contacts.conflict(person) ?? contact }
        self.open(with: person)
        var effects: [Effect] = [.keep(.contact(contact)), .admit(self.admission)]
        if let manifest = self.manifests[person] { effects.append(.keep(.manifest(manifest))) }
        for (link, state) in self.links.sorted(by: { $0.key < $1.key })
        where state.person == person && self.talks(state) {
            self.dialer.linked(state.device, remote: state.remote, dial: nil, isContact: true, now: now.uptime)
            effects += [
                .keep(.certificate(state.introduction.peer.certificate)), .hear(link, true),
                .transmit(self.greeting(link, ask: true), link),
            ]
        }
        return effects
    }

    /// No word from or to this person any more.
    package mutating func block(_ person: PersonID) -> [Effect] {
        let contact = self.contacts.block(person)
        let links = self.links.filter { $0.value.person == person }.keys.sorted()
        return [.keep(.contact(contact)), .admit(self.admission)] + self.endTransfers(with: person)
            + links.map { .close($0, .notWanted) }
    }

    package mutating func unblock(_ person: PersonID) -> [Effect] {
        guard let contact = self.contacts.unblock(person) else { return [] }
        return [.keep(.contact(contact)), .admit(self.admission)]
    }

    package mutating func rename(_ person: PersonID, _ petname: String?) -> [Effect] {
        [.keep(.contact(self.contacts.rename(person, petname)))]
    }

    /// Everything in the conversation with a person has been read.
    package mutating func read(_ person: PersonID, at now: Moment) -> [Effect] {
        let id = Derive.conversation(self.me, person)
        guard var conversation = self.conversations[id] else { return [] }
        var effects: [Effect] = []
        var moved: Set<LogID> = []
        for (log, state) in conversation.logs where state.device != self.device && state.seq > 0 {
            guard conversation.note(read: state.seq, of: log, by: self.me, at: now.wall) else { continue }
            effects.append(.keep(.read(id, log, by: self.me, seq: state.seq, at: now.wall)))
            moved.insert(log)
        }
        self.conversations[id] = conversation
        guard !moved.isEmpty, self.contacts.talks(person) else { return effects }
        for link in self.links.filter({ $0.value.person == person }).keys {
            self.owed[link, default: [:]][id, default: []].formUnion(moved)
        }
        return effects
    }

    /// Our own people are typing, or not any more.
    package func typing(_ person: PersonID, on: Bool, at now: Moment) -> [Effect] {
        guard self.contacts.talks(person) else { return [] }
        let frame = Frame.typing(Derive.conversation(self.me, person), on: on)
        return self.links.sorted { $0.key < $1.key }.filter { $0.value.person == person }.map { (link, state) in
            // Datagrams that came through lately say that ours will too.
            let isLive = state.datagramAt.map { now.uptime < $0 + 40_000 } ?? false
            return isLive ? .datagram(frame, link) : .transmit([frame], link)
        }
    }

    /// What we call ourselves.
    package mutating func rename(myself raw: String) -> [Effect] {
        self.name = SafeText.name(raw)
        let links = self.links.keys.sorted()
        return [.keep(.setting("name", self.name))] + links.map { .transmit([.profile(name: self.name)], $0) }
    }

    /// From now on; who keeps it, and where it comes from, is not ours.
    package mutating func use(policy: Contacts.Policy) { self.contacts.policy = policy }

    /// `host:port`, typed by a person.
    package mutating func addPeer(_ typed: String, at now: Moment) -> [Effect] {
        guard self.staticPeers.insert(typed).inserted else { return [] }
        self.dialer.typed(typed, now: now.uptime)
        return [.keep(.staticPeer(typed, true))]
    }

    package mutating func removePeer(_ typed: String) -> [Effect]? {
        guard self.staticPeers.remove(typed) != nil else { return nil }
        self.dialer.forget(typed: typed)
        return [.keep(.staticPeer(typed, false))]
    }
}
