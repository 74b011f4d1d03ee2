import EarshotModel

/// The persons we know, and who may ask us what (Protocol.md 10).
package struct Contacts: Sendable {
    /// Whether strangers on this network are accepted without asking.
    package enum Policy: String, Sendable, CaseIterable {
        case ask
        case lan
    }

    private static let requestsPerMinute = 8

    package var policy: Policy
    private var people: [PersonID: Contact] = [:]
    /// When requests came in the last minute, uptime in ms.
    private var recent: [UInt64] = []

    package init(_ contacts: [Contact], policy: Policy) {
        self.policy = policy
        for contact in contacts { self.people[contact.person] = contact }
    }

    package subscript(_ person: PersonID) -> Contact? { self.people[person] }
    package var all: [Contact] { self.people.values.sorted { $0.person < $1.person } }
    package func talks(_ person: PersonID) -> Bool { self.people[person]?.trust.talks ?? false }
    package var blocked: Set<PersonID> { Set(self.people.values.filter { $0.trust == .blocked }.map(\.person)) }

    /// A session with a person is up: we know him from here on. Says what changed.
    package mutating func met(_ person: PersonID, wireVersion: UInt32) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        let before = self.people[person]
        contact.wireVersion = max(contact.wireVersion, wireVersion)
        self.people[person] = contact
        // Strangers are kept in mind only; the disk is for people we have to do with.
        return contact != before && contact.trust != .new ? contact : nil
    }

    /// He says what he calls himself.
    package mutating func named(_ person: PersonID, _ raw: String) -> (contact: Contact, isNews: Bool) {
        var contact = self.people[person] ?? Contact(person: person)
        let name = SafeText.name(raw)
        let isNews = name != contact.name
        contact.name = name
        self.people[person] = contact
        return (contact, isNews)
    }

    /// A stranger asks to talk. Nothing when he already has asked, is known, or too many ask.
    package mutating func requested(_ person: PersonID, text raw: String, at now: Moment) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        guard contact.trust == .new else { return nil }
        self.recent.removeAll { $0 + 60_000 <= now.uptime }
        guard self.recent.count < Self.requestsPerMinute,
            self.people.values.count(where: { $0.trust == .requested }) < Limits.requestsKept
        else { return nil }
        self.recent.append(now.uptime)
        contact.trust = .requested
        contact.request = String(SafeText.message(raw).prefix(Limits.requestBytes))
        contact.requestedAt = now.wall
        self.people[person] = contact
        return contact
    }

    /// We say yes. Nothing when he was accepted before, or his key is in conflict.
    package mutating func accept(_ person: PersonID, at now: Moment) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        switch contact.trust {
        case .accepted, .verified, .conflict: return nil
        case .new, .requested, .blocked: break
        }
        contact.trust = .accepted
        contact.since = now.wall
        self.people[person] = contact
        return contact
    }

    package mutating func block(_ person: PersonID) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        contact.trust = .blocked
        self.people[person] = contact
        return contact
    }

    /// Not blocked any more, and a stranger again.
    package mutating func unblock(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust == .blocked else { return nil }
        contact.trust = .new
        contact.request = nil
        contact.requestedAt = nil
        self.people[person] = contact
        return contact
    }

    /// What we call him; nothing takes the petname away.
    package mutating func rename(_ person: PersonID, _ petname: String?) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        let clean = petname.map(SafeText.name)
        contact.petname = clean == "" ? nil : clean
        self.people[person] = contact
        return contact
    }

    /// Two device lists claim to be his.
    package mutating func conflict(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust.talks, contact.trust != .conflict else { return nil }
        contact.trust = .conflict
        self.people[person] = contact
        return contact
    }

    /// Strangers nobody has to do with are forgotten when they leave, so that passers-by do not fill us.
    package mutating func left(_ person: PersonID) {
        if self.people[person]?.trust == .new, self.people[person]?.petname == nil, self.people.count > Limits.knownNodes {
            self.people[person] = nil
        }
    }

    /// The contact whose name this person's name looks like, if he is somebody else.
    package func lookAlike(of person: PersonID) -> Contact? {
        guard let name = self.people[person]?.name, !name.isEmpty else { return nil }
        let skeleton = LookAlike.skeleton(name)
        // Of two whom we know the one we knew first is who he is.
        let since = self.people[person].flatMap { $0.trust.talks ? $0.since : nil }
        return self.people.values.filter { other in
            other.person != person && other.trust.talks && (since.map { other.since ?? $0 < $0 } ?? true)
        }.sorted { $0.person < $1.person }.first {
            LookAlike.skeleton($0.shownName) == skeleton || LookAlike.skeleton($0.name) == skeleton
        }
    }
}
