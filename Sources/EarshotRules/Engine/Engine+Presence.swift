import EarshotModel
import EarshotWire

/// How present people are, we among them (Protocol.md 4, Presence).
extension Engine {
    // MARK: what is known

    /// How present somebody is: of several devices the most present counts. `nil` while they are not here.
    package func presence(of person: PersonID) -> HeardPresence? {
        self.links.states(of: person).filter { self.trust.people.isPresent($0) }
            // Who is no contact is here or not, and tells nothing else.
            .map { self.talks(person, $0.device) ? $0.presence : $0.presence.bare }
            .min { $0.presence < $1.presence }
    }

    /// When somebody was last here, as far as we have seen; `nil` while they are.
    package func lastSeen(_ person: PersonID) -> Timestamp? {
        self.isOnline(person) ? nil : self.presence.own.seen[person]
    }

    package var ownPresence: (chosen: Presence, shown: Presence, text: String) {
        (self.presence.own.chosen, self.presence.own.shown, self.presence.own.text)
    }

    // MARK: ours

    package mutating func choose(_ presence: Presence?, text: String?, at now: Moment) -> [Effect] {
        let facts = self.presence.own.choose(presence, text: text)
        return facts.isEmpty ? [] : facts.map { .keep($0) } + self.tellPresence(at: now)
    }

    /// Our person did something.
    /// - Parameter begins: it was told by something that tells each time they do.
    package mutating func act(begins: Bool, at now: Moment) -> [Effect] {
        self.presence.own.act(begins: begins, now: now.uptime) ? self.tellPresence(at: now) : []
    }

    /// - Parameter idleAfter: ms without activity until one is away; 0 for never.
    package mutating func use(idleAfter: UInt64, seen policy: SeenPolicy) {
        self.presence.own.use(idleAfter: idleAfter, policy)
    }

    func tellPresence(at now: Moment) -> [Effect] {
        self.links.all.map { .transmit([.presence(self.notice(on: $0, at: now))], $0) }
    }

    /// What goes when a session opens: nothing where it says no more than that we are here.
    func presenceFrames(on link: LinkID, at now: Moment) -> [Frame] {
        let notice = self.notice(on: link, at: now)
        return notice == PresenceNotice(.online) ? [] : [.presence(notice)]
    }

    private func notice(on link: LinkID, at now: Moment) -> PresenceNotice {
        let contact = self.peers.talks(link) ? self.links[link].flatMap { self.contacts[$0.person] } : nil
        return self.presence.own.notice(for: contact, now: now.uptime)
    }

    // MARK: theirs

    mutating func receive(_ notice: PresenceNotice, _ link: LinkID, _ person: PersonID, at now: Moment) -> [Effect] {
        guard self.links.mayTellPresence(link, now: now.uptime) else { return [] }
        let before = (self.presence(of: person), self.isOnline(person))
        let isContact = self.peers.talks(link)
        self.links.hear(link, HeardPresence(notice, at: now.wall))
        var effects: [Effect] = []
        if isContact, notice.isUnnoted {
            effects += self.presence.own.note(person, seen: nil).map { .keep($0) }
        } else if isContact, before.1, !self.isOnline(person) {
            effects += self.presence.own.note(person, seen: now.wall).map { .keep($0) }
        }
        let after = (self.presence(of: person), self.isOnline(person))
        return before == after ? effects : effects + [.announce(.presence(person, online: after.1))]
    }

    /// A link has opened or closed: its person is here, or was until now.
    mutating func noteSeen(_ state: LinkState, at now: Moment) -> [Effect] {
        guard self.talks(state.person, state.device), state.presence.presence != .invisible else { return [] }
        let at = state.presence.isUnnoted ? nil : state.heardAt(wall: now)
        return self.presence.own.note(state.person, seen: at).map { .keep($0) }
    }
}
