import EarshotModel
import EarshotWire

/// What our own people ask for.
extension Engine {
    /// Why a request cannot be done.
    package enum Refusal: Error, Equatable, Sendable {
        case blocked
        /// It is not certain who they are, as they are called here.
        case conflict(PersonID, name: String, ConflictReason)
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
    func check(_ persons: [PersonID], inConflict: Bool = false) throws(Refusal) {
        for person in persons {
            guard person != self.me else { throw .myself }
            guard let contact = self.contacts[person] else { continue }
            switch contact.trust {
            case .blocked: throw .blocked
            case .conflict where !inConflict:
                throw .conflict(person, name: contact.shownName, contact.conflict ?? .deviceLists)
            case .new, .requested, .accepted, .verified, .conflict: break
            }
        }
        if let trouble = self.trouble { throw .notKept(trouble) }
    }

    /// Writes to each of these persons, in their conversations of two; or to none. The first id stands for the whole
    /// text, however many envelopes it takes.
    package mutating func say(
        _ text: String, to persons: [PersonID], replyTo: EnvelopeID? = nil, extras: TextExtras = TextExtras(),
        at now: Moment
    ) throws(Refusal) -> (said: [SentMessage], effects: [Effect]) {
        guard !SafeText.isBlank(text) else { throw .empty }
        guard let parts = Content.parts(of: text) else { throw .tooLong }
        try self.check(persons)
        var said: [SentMessage] = []
        var effects: [Effect] = []
        for person in persons {
            self.begin(with: person, text)
            let (one, more) = try self.say(parts, replyTo: replyTo, extras) { engine, content throws(Refusal) in
                try engine.write(content, to: person, at: now)
            }
            said.append(one)
            effects += more
        }
        return (said, effects)
    }

    /// A text of one or more parts; the first id stands for all of it.
    mutating func say<Failure: Error>(
        _ parts: [String], replyTo: EnvelopeID?, _ extras: TextExtras = TextExtras(),
        _ write: (inout Engine, Content) throws(Failure) -> (said: SentMessage, effects: [Effect])
    ) throws(Failure) -> (said: SentMessage, effects: [Effect]) {
        let count = UInt32(parts.count)
        let first = Content.Text(parts.first ?? "", replyTo: replyTo, part: 0, parts: count, extras: extras)
        var (said, effects) = try write(&self, .text(first))
        for (index, part) in parts.enumerated().dropFirst() {
            let later = TextExtras(lifetime: extras.lifetime)
            let text = Content.Text(part, part: UInt32(index), parts: count, first: said.id, extras: later)
            let (next, more) = try write(&self, .text(text))
            said = SentMessage(id: said.id, conversation: said.conversation, log: said.log, last: next.last)
            effects += more
        }
        return (said, effects)
    }

    /// Puts an edit, a deletion or a reaction into the conversation with a person.
    /// - Parameter inConflict: also where it is not certain who they are: what answers them, or takes something back.
    package mutating func write(
        _ content: Content, to person: PersonID, inConflict: Bool = false, at now: Moment
    ) throws(Refusal) -> (said: SentMessage, effects: [Effect]) {
        try self.check([person], inConflict: inConflict)
        // Writing to someone says yes to them.
        let effects = self.accept(person, at: now)
        let written = self.conversations.write(content, to: person, self.peers, at: now)
        return (written.said, effects + self.tellFirstWords(to: person) + self.perform(written.actions))
    }

    /// What is about to be written to a person goes with the request, where it is the first.
    mutating func begin(with person: PersonID, _ text: String) {
        if self.conversations.isUnanswered(by: person) { self.trust.people.begin(with: person, text) }
    }

    /// Says yes to a person: their key is pinned, and what they wrote is fetched.
    package mutating func accept(_ person: PersonID, at now: Moment) -> [Effect] {
        guard let actions = self.trust.people.accept(person, at: now) else { return [] }
        self.conversations.open(with: person)
        self.noteStrangers(of: person)
        self.expectDevices(of: person)
        var effects = self.perform(actions)
        for link in self.links.of(person) {
            guard let state = self.links[link], self.talks(person, state.device) else { continue }
            self.whereabouts.dialer.linked(
                state.device, remote: state.remote, dial: nil, isContact: true, now: now.uptime)
            // What they told a stranger counts until they tell a contact more.
            if let told = self.presence.profiles.passing(on: [link]) {
                effects += self.perform(self.presence.profiles.heard(told, from: person, on: link, isContact: true))
            }
            effects += [
                .keep(.certificate(state.introduction.peer.certificate)), .hear(link, true),
                .transmit([self.profileFrame(on: link)] + self.presenceFrames(on: link, at: now), link),
                .transmit(self.keyFrames(to: person) + self.greeting(link, ask: true), link),
            ]
            effects += self.mailEffects(on: link, at: now)
            effects += self.learnKey(on: link)
            // Where we called them before they were anybody to us.
            if state.isOurs, !state.remote.isRelayed {
                effects.append(.keep(.reached(state.device, person, state.remote, at: now.wall)))
            }
            effects += self.openedTrust(link, at: now) + self.openedRelay(link)
        }
        if self.trust.verification.stage(of: person) == .asked {
            effects.append(.announce(.verification(person, .asked)))
        }
        return effects
    }

    /// No word from or to this person any more.
    package mutating func block(_ person: PersonID) -> [Effect] {
        let stopped = self.stopVerification(person)
        // Whoever we talked to knows our key.
        if self.trust.people.talks(person) { self.whereabouts.ownAdvert.redraw(self.chance) }
        let keys = self.forgetKeys(of: self.whereabouts.recognition.devices(of: person), person)
        let mail = self.forgetPrekeys(of: person, all: true)
        let devices = self.devices(of: person)
        let actions = self.trust.people.block(person)
        let unrelayed = self.refuseRelay(self.manifests[person]?.active.map(\.device) ?? [])
        self.noteStrangers(of: person)
        self.presence.own.liveTalks.remove(person)
        let forgotten = self.presence.profiles.forget(person) + self.presence.own.note(person, seen: nil)
        return stopped + keys + mail + unrelayed + self.perform(actions) + forgotten.map { .keep($0) }
            + self.perform(self.files.end(with: person, devices: devices))
            + self.perform(self.conversations.reconsider(self.peers))
            + self.links.of(person).map { .close($0, .notWanted) }
    }

    package mutating func unblock(_ person: PersonID) -> [Effect] {
        // Whom a file names is a contact again when they are met.
        let forgotten = self.trust.provisions.note(person, Provisions.Given()).map { [Effect.keep($0)] } ?? []
        return forgotten + self.perform(self.trust.people.unblock(person))
            + self.perform(self.conversations.reconsider(self.peers))
    }

    package mutating func rename(_ person: PersonID, _ petname: String?) -> [Effect] {
        self.perform(self.trust.people.rename(person, petname))
    }

    /// Everything in the conversation with a person has been read.
    package mutating func read(_ person: PersonID, at now: Moment) -> [Effect] {
        self.perform(self.conversations.read(self.conversation(with: person), self.peers, at: now))
    }

    /// Our own people are typing, or not any more.
    package func typing(_ person: PersonID, on: Bool, at now: Moment) -> [Effect] {
        // Who wants to be taken for absent is not seen typing.
        guard self.trust.people.talks(person), self.contacts[person]?.trust != .conflict,
            self.presence.own.shown != .invisible
        else { return [] }
        let frame = Frame.typing(self.conversation(with: person), on: on)
        return self.links.of(person).map { link in
            self.links[link]?.isLive(now: now.uptime) ?? false ? .datagram(frame, link) : .transmit([frame], link)
        }
    }

    /// The same in a room: whoever of it is here is told.
    package func typing(in id: RoomID, on: Bool, at now: Moment) -> [Effect] {
        guard let room = self.rooms[id], room.isJoined, room.state.mayWrite(self.me),
            self.presence.own.shown != .invisible
        else { return [] }
        let frame = Frame.typing(room.talk, on: on)
        let others = room.state.members.filter { $0 != self.me && self.contacts[$0]?.trust != .conflict }
        return others.flatMap { self.links.of($0) }.filter { self.conversations.admits($0, to: room.talk, self.peers) }
            .map { link in
                self.links[link]?.isLive(now: now.uptime) ?? false ? .datagram(frame, link) : .transmit([frame], link)
            }
    }

    /// What we call ourselves.
    package mutating func rename(myself raw: String) -> [Effect] {
        self.perform(self.trust.people.rename(myself: raw))
            + self.tellProfile()
    }

    /// From now on; who keeps it, and where it comes from, is not ours.
    package mutating func use(policy: Contacts.Policy) { self.trust.people.use(policy) }

    /// `host:port`, typed by a person.
    package mutating func addPeer(_ typed: String, at now: Moment) -> [Effect] {
        guard self.whereabouts.staticPeers.insert(typed).inserted else { return [] }
        self.whereabouts.dialer.typed(typed, now: now.uptime)
        return [.keep(.staticPeer(typed, true))]
    }

    package mutating func removePeer(_ typed: String) -> [Effect]? {
        guard self.whereabouts.staticPeers.remove(typed) != nil else { return nil }
        self.whereabouts.dialer.forget(typed: typed)
        return [.keep(.staticPeer(typed, false))]
    }
}
