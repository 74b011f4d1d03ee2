import EarshotModel
import EarshotWire

/// What is done for sealed mail besides frames.
package enum MailEffect: Sendable, Equatable {
    /// Read these from disk, seal them, and tell (`Event.sealed`).
    case seal(SealOrder)
    /// Read it from disk and give it to whom it is for.
    case give(BlobID, LinkID)
}

/// Mail for those who are not here (Protocol.md 19).
extension Engine {
    // MARK: what our own people want

    package mutating func use(mail settings: MailSettings) {
        guard settings != self.mail.settings else { return }
        self.mail.settings = settings
        self.mail.tellsKeeping = true
        self.mail.depositing.touch(self.contacts.all.map(\.person))
    }

    /// Whom our person wants to keep mail for them, the dearest first.
    package var ownKeepers: [PersonID] { self.mail.prekeys.keepers }

    package mutating func use(keepers: [PersonID], at now: Moment) -> [Effect] {
        self.mail.prekeys.use(keepers: keepers, at: now.wall).map { .keep($0) }
    }

    // MARK: what is told of it

    package var mailSettings: MailSettings { self.mail.settings }
    package var kept: Keeping { self.mail.keeping }
    package var deposits: [Deposit] { self.mail.depositing.deposits }
    /// Who is here and keeps mail, and whether they take ours.
    package var presentKeepers: [PersonID: Bool] { self.mail.depositing.keepers }
    /// Whom a person has named to keep their mail.
    package func keepers(of person: PersonID) -> [PersonID] { self.mail.prekeys.keepers(of: person) }
    /// Whether mail can be sealed to a person.
    package func mayBeMailed(_ person: PersonID, at now: Moment) -> Bool {
        !self.mail.prekeys.usable(of: person, at: now.wall).isEmpty
    }
    /// Whether what is written to a person now is left with somebody in a moment.
    package func leaves(_ person: PersonID, at now: Moment) -> Bool {
        let situation = self.situation(of: person, at: now)
        return !situation.isHere && !situation.prekeys.isEmpty && !situation.keepers.isEmpty
            && self.mail.depositing.isAway(person, now: now.uptime)
    }
    /// Blobs that were for us and could not be read, since the start.
    package var unreadableMail: Int { self.mail.box.unreadableCount }

    // MARK: links

    /// Whether mail of a person is kept here.
    func mayLeave(_ person: PersonID) -> Bool {
        guard self.mail.settings.keeps, person != self.me, let trust = self.contacts[person]?.trust else {
            return false
        }
        switch self.mail.settings.audience {
        case .contacts: return trust == .accepted || trust == .verified
        case .verified: return trust == .verified
        case .list: return (trust == .accepted || trust == .verified) && self.mail.settings.people.contains(person)
        }
    }

    /// What a device of somebody we talk to is told when it comes: how to leave mail for us, and whether we keep some.
    mutating func mailEffects(on link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link], self.isMailed(state) else { return [] }
        self.mail.depositing.touch(state.person)
        let effects = self.mail.prekeys.isDue(at: now.wall) ? self.tellPrekeys(at: now) : []
        return effects + self.mailRecord(on: link, at: now) + self.offer(on: link, state)
            + self.hearMail(link, state)
    }

    /// What was told before we talked to who told it counts now.
    private mutating func hearMail(_ link: LinkID, _ state: LinkState) -> [Effect] {
        let (prekey, takes) = self.links.takeUnheardMail(link)
        if let takes { self.hear(takes: takes, link, state) }
        return prekey.map { self.hear($0, link, state) } ?? []
    }

    private func offer(on link: LinkID, _ state: LinkState) -> [Effect] {
        guard self.mail.settings.keeps || !self.mail.keeping.isEmpty || self.mail.tellsKeeping else { return [] }
        return [.transmit([.mail(.offer(takes: self.mayLeave(state.person)))], link)]
    }

    /// Our record is another, perhaps with another key: all who are told are told again.
    private mutating func tellPrekeys(at now: Moment) -> [Effect] {
        let before = self.mail.prekeys.own.last?.mailbox
        var effects: [Effect] = []
        for link in self.links.all { effects += self.mailRecord(on: link, at: now) }
        if self.mail.prekeys.own.last?.mailbox != before { self.mail.box.renew() }
        return effects
    }

    /// No mail is sealed any more to devices that are not their person's, or to one whom nobody wants to hear.
    mutating func forgetPrekeys(of person: PersonID, all: Bool = false) -> [Effect] {
        let manifests = self.manifests
        let facts = self.mail.prekeys.forget(person) { !all && manifests.lists(person, $0) }
        // Whoever is not to write to us any more knows where our mail lies.
        if all || !facts.isEmpty { self.mail.prekeys.spoil() }
        return facts.map { .keep(.mail($0)) }
    }

    /// Whether somebody is told how to leave mail: a contact of whom it is certain who they are.
    private func isMailed(_ state: LinkState) -> Bool {
        state.person != self.me && self.talks(state.person, state.device)
            && self.contacts[state.person]?.trust != .conflict
    }

    mutating func closedMail(_ link: LinkID, of person: PersonID, at now: Moment) {
        self.mail.keeping.closed(link)
        self.mail.prekeys.closed(link)
        self.mail.box.closed(link)
        self.mail.depositing.closed(link, at: now.wall)
        if self.links.of(person).isEmpty { self.mail.depositing.gone(person, now: now.uptime) }
    }

    /// Something about how far things have come is on disk.
    mutating func noteMail(_ fact: Fact) {
        switch fact {
        case .held(_, _, _, let person, _, _, _): self.mail.depositing.touch(person)
        case .envelope(let envelope, _, let author, _) where author == self.me:
            if let person = self.conversations.other(in: envelope.conversation) { self.mail.depositing.touch(person) }
        default: break
        }
    }

    // MARK: frames

    mutating func receive(_ mail: MailFrame, _ link: LinkID, _ state: LinkState, at now: Moment) -> [Effect] {
        guard state.person != self.me else { return [] }
        let talks = self.talks(state.person, state.device)
        switch mail {
        case .prekey(let prekey):
            guard self.links.mayTellPrekey(link, now: now.uptime) else { return [] }
            if talks { return self.hear(prekey, link, state) }
            self.links.keep(link, prekey)
            return []
        case .offer(let takes):
            guard self.links.mayTellPrekey(link, now: now.uptime) else { return [] }
            if talks { self.hear(takes: takes, link, state) } else { self.links.keep(link, takes: takes) }
            return []
        case .put, .take, .answer, .give: return talks ? self.exchange(mail, link, state, at: now) : []
        }
    }

    private mutating func hear(takes: Bool, _ link: LinkID, _ state: LinkState) {
        self.mail.depositing.offered(takes, by: state.person, link)
        self.mail.box.offered(link)
    }

    private mutating func exchange(_ mail: MailFrame, _ link: LinkID, _ state: LinkState, at now: Moment) -> [Effect] {
        switch mail {
        case .prekey, .offer: return []
        case .put(let blob):
            guard self.peers.isWritable else { return [] }
            return self.pace(link, at: now)
                + self.perform(
                    self.mail.keeping.put(
                        blob, by: state.person, link, mayLeave: self.mayLeave(state.person),
                        most: self.mail.settings.bytes, at: now))
        case .take(let keys):
            guard self.links.mayTakeMail(link, now: now.uptime) else { return [] }
            return self.perform(self.mail.keeping.take(keys, state.device, link, at: now))
        case .answer(let blob, let answer):
            return self.perform(self.mail.keeping.answered(blob, answer, by: state.person, link))
                + self.perform(self.mail.depositing.answered(blob, answer, link, at: now))
        case .give(let blob):
            guard self.mail.box.isAsked(link) else { return [] }
            return self.pace(link, at: now) + self.open(blob, link, state.person, at: now)
        }
    }

    /// More than so many blobs are read more slowly.
    private mutating func pace(_ link: LinkID, at now: Moment) -> [Effect] {
        self.links.mailWait(link, now: now.uptime).map { [.pause(link, $0)] } ?? []
    }

    private mutating func hear(_ prekey: Prekey, _ link: LinkID, _ state: LinkState) -> [Effect] {
        guard prekey.device == state.device, let key = self.manifests.signingKey(state.person, state.device)
        else { return [] }
        guard prekey.isSigned(by: key) else { return [.close(link, .protocolError)] }
        return self.mail.prekeys.receive(prekey, of: state.person).map { .keep(.mail($0)) }
    }

    /// Something that was left for us. It is acknowledged once it is on disk, as everything.
    private mutating func open(_ blob: SealedBlob, _ link: LinkID, _ keeper: PersonID, at now: Moment) -> [Effect] {
        // What is not ours we did not ask for.
        guard let own = self.mail.prekeys.own(for: blob.tag) else { return [] }
        guard let items = try? blob.open(seed: own.seed, device: self.device) else {
            let isNews = self.mail.box.note(unreadable: blob.id)
            return (isNews ? [.announce(.unreadableMail(from: keeper))] : [])
                + [.transmit([.mail(.answer(blob.id, .done))], link)]
        }
        let (actions, isWhole) = self.conversations.receive(mail: items, self.peers, at: now)
        self.mail.box.opened(link, isWhole: isWhole)
        return self.perform(actions) + [.transmit([.mail(.answer(blob.id, isWhole ? .done : .later))], link)]
    }

    /// Somebody sealed what was ordered, or could not.
    mutating func sealed(_ order: SealOrder, _ blob: SealedBlob?, to: UInt64, at now: Moment) -> [Effect] {
        self.perform(self.mail.depositing.sealed(order, blob, to: to, at: now))
    }

    /// Bodies that were at these places of our logs are dropped.
    mutating func dropped(_ places: [(log: LogID, seq: UInt64)]) { self.mail.depositing.dropped(places) }

    // MARK: the end of a round

    mutating func settleMail(at now: Moment) -> [Effect] {
        var effects = self.mail.prekeys.isDue(at: now.wall) ? self.tellPrekeys(at: now) : []
        if self.mail.tellsKeeping {
            for link in self.links.all {
                if let state = self.links[link], self.isMailed(state) { effects += self.offer(on: link, state) }
            }
            self.mail.tellsKeeping = false
        }
        for (link, keys) in self.mail.box.due(self.mail.prekeys.own.map(\.mailbox)) {
            effects.append(.transmit([.mail(.take(keys))], link))
        }
        for person in self.mail.depositing.due(now: now.uptime) {
            let situation = self.situation(of: person, at: now)
            effects += self.perform(self.mail.depositing.settle(person, situation, at: now))
        }
        return effects
    }

    /// Our record, where it is another than was told.
    private mutating func mailRecord(on link: LinkID, at now: Moment) -> [Effect] {
        let (prekey, facts) = self.mail.prekeys.current(at: now.wall, self.chance)
        let keeps: [Effect] = facts.map { .keep(.mail($0)) }
        guard let state = self.links[link], self.isMailed(state), let prekey, self.mail.prekeys.tell(prekey, on: link)
        else {
            return keeps
        }
        return keeps + [.transmit([.mail(.prekey(prekey))], link)]
    }

    private func situation(of person: PersonID, at now: Moment) -> Depositing.Situation {
        let isHere = self.isLinked(person)
        let trust = self.contacts[person]?.trust
        let mayLeave = !isHere && (trust == .accepted || trust == .verified)
        let prekeys = mayLeave ? self.mail.prekeys.usable(of: person, at: now.wall) : []
        return Depositing.Situation(
            isHere: isHere, unsent: self.conversations.unsent(to: person),
            prekeys: prekeys.filter { self.manifests.lists(person, $0.device) },
            keepers: mayLeave ? self.candidates(for: person) : [])
    }

    private func isLinked(_ person: PersonID) -> Bool {
        self.links.of(person).contains { link in
            self.links[link].map { self.talks($0.person, $0.device) } ?? false
        }
    }

    /// With whom mail for a person may be left: whom they named, whom we named, anybody who keeps.
    private func candidates(for person: PersonID) -> [PersonID] {
        let here = self.mail.depositing.keepers.filter { keeper, takes in
            let trust = self.contacts[keeper]?.trust
            return takes && keeper != person && keeper != self.me && (trust == .accepted || trust == .verified)
        }
        let named = (self.mail.prekeys.keepers(of: person) + self.mail.prekeys.keepers).filter { here[$0] != nil }
        switch self.mail.settings.leaving {
        case .nobody: return []
        case .named: return named
        case .contacts:
            let others = here.keys.filter { !named.contains($0) }.sorted { one, other in
                let ranks = [one, other].map { self.contacts[$0]?.trust == .verified ? 0 : 1 }
                return (ranks[0], one) < (ranks[1], other)
            }
            return named + others
        }
    }

    // MARK: what the machines want done

    func perform(_ actions: [Keeping.Action]) -> [Effect] {
        actions.map { action in
            switch action {
            case .keep(let fact): .keep(.mail(fact))
            case .answer(let blob, let answer, let link): .transmit([.mail(.answer(blob, answer))], link)
            case .give(let blob, let link): .mail(.give(blob, link))
            }
        }
    }

    func perform(_ actions: [Depositing.Action]) -> [Effect] {
        actions.map { action in
            switch action {
            case .keep(let fact): .keep(.mail(fact))
            case .seal(let order): .mail(.seal(order))
            case .put(let blob, let link): .transmit([.mail(.put(blob))], link)
            case .answer(let blob, let answer, let link): .transmit([.mail(.answer(blob, answer))], link)
            }
        }
    }
}
