import EarshotModel
import EarshotWire

/// Whom files of this machine name, so that nobody has to accept them by hand.
extension Engine {
    /// The files name these people from now on. Whoever is known already becomes a contact at once, others when they
    /// are met.
    package mutating func use(
        provisions wanted: [Provision], rooms: [ProvisionedRoom] = [], at now: Moment
    ) -> [Effect] {
        self.trust.provisions.use(wanted, rooms)
        let dropped = self.trust.provisions.given.keys.filter { self.trust.provisions[$0] == nil }.sorted()
        var effects = dropped.flatMap { self.release($0, at: now) } + self.makeRooms(at: now)
        for contact in self.contacts.all {
            guard let provision = self.trust.provisions[contact.person] else { continue }
            switch contact.trust {
            case .blocked, .conflict:
                let left = Provisions.News.left(contact.trust, place: provision.place)
                effects.append(.announce(.provision(left, contact.person)))
            case .new, .requested, .accepted, .verified: effects += self.provide(contact.person, at: now)
            }
        }
        self.grant()
        return effects + self.joinAllowed(at: now)
    }

    /// What the files say of somebody, if anything.
    package func provision(of person: PersonID) -> Provision? { self.trust.provisions[person] }

    /// Those whom the files name and who are no contacts yet.
    package var unmetProvisions: [Provision] {
        let met = Set(self.contacts.all.filter(\.trust.talks).compactMap { self.trust.provisions[$0.person]?.place })
        return self.trust.provisions.all.filter { !met.contains($0.place) }.sorted { $0.place < $1.place }
    }

    /// Somebody is here: what the files say of them counts.
    mutating func provide(_ person: PersonID, at now: Moment) -> [Effect] {
        guard person != self.me, let wanted = self.trust.provisions[person] else { return [] }
        let before = self.trust.provisions.given[person] ?? Provisions.Given()
        var given = before
        var effects: [Effect] = []
        switch self.contacts[person]?.trust ?? .new {
        // A person decided, or has to.
        case .blocked, .conflict: return []
        case .new, .requested:
            effects += self.accept(person, at: now)
            given.accepted = true
        case .accepted, .verified: break
        }
        // Whoever took it back by hand does not want it again.
        if wanted.isVerified, !before.verified, self.contacts[person]?.trust == .accepted {
            effects += self.perform(self.trust.people.verify(person))
            given.verified = true
        } else if !wanted.isVerified, before.verified {
            effects += self.unverify(person) ?? []
            given.verified = false
        }
        effects += self.name(person, wanted, &given)
        guard given != before else { return self.settleRooms(of: person, wanted, at: now) }
        if let fact = self.trust.provisions.note(person, given) { effects.append(.keep(fact)) }
        self.grant()
        effects += self.settleRooms(of: person, wanted, at: now)
        let added = Provisions.News.added(verified: self.contacts[person]?.trust == .verified, place: wanted.place)
        return effects + [.announce(.provision(added, person))]
    }

    /// What we call them, unless somebody has given them another name by hand, or has that name already.
    private mutating func name(
        _ person: PersonID, _ wanted: Provision, _ given: inout Provisions.Given
    ) -> [Effect] {
        let petname = self.contacts[person]?.petname
        guard petname != wanted.name, petname == nil || petname == given.petname else { return [] }
        guard self.contacts.holder(ofPetname: wanted.name, besides: person) == nil else {
            return [.announce(.provision(.nameTaken(wanted.name, place: wanted.place), person))]
        }
        let effects = self.rename(person, wanted.name)
        given.petname = self.contacts[person]?.petname
        return effects
    }

    /// Nobody names them any more: what they had for that reason alone goes.
    private mutating func release(_ person: PersonID, at now: Moment) -> [Effect] {
        let given = self.trust.provisions.given[person] ?? Provisions.Given()
        var effects = self.settleRooms(of: person, nil, at: now)
        var news = Provisions.News.released
        if let petname = given.petname, self.contacts[person]?.petname == petname {
            effects += self.rename(person, nil)
        }
        switch self.contacts[person]?.trust {
        case .accepted? where given.accepted, .verified? where given.accepted:
            effects += self.block(person) + self.unblock(person)
            news = .stranger
        case .verified? where given.verified:
            effects += self.unverify(person) ?? []
            news = .unverified
        case .new?, .requested?, .accepted?, .verified?, .conflict?, .blocked?, nil: break
        }
        if let fact = self.trust.provisions.note(person, Provisions.Given()) { effects.append(.keep(fact)) }
        return effects + [.announce(.provision(news, person))]
    }

    /// Rules for the files of those whom the files of this machine name.
    private mutating func grant() {
        self.files.grant(
            self.contacts.all.filter(\.trust.talks).compactMap { contact in
                self.trust.provisions[contact.person]?.files.map {
                    AcceptanceRule(from: contact.person.description, most: $0.most, folder: $0.folder)
                }
            })
    }
}
