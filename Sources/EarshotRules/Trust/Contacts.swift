import EarshotModel
import EarshotWire

/// The persons we know, and who may ask us what (Protocol.md 10).
package struct Contacts: Sendable {
    package typealias Policy = AcceptPolicy

    package var policy: Policy
    private var people: [PersonID: Contact] = [:]
    /// Who is called so that a person would read it as this, by skeleton: of those whom we talk to or gave a name.
    private var skeletons: [String: Set<PersonID>] = [:]
    /// The skeleton of what each calls themselves: every answer about a person asks whom they look like.
    private var ownSkeletons: [PersonID: String] = [:]
    private var newcomers = TokenBucket(Limits.requestsPerMinute, per: 60_000, burst: Limits.requestsPerMinute)

    package init(_ contacts: [Contact], policy: Policy) {
        self.policy = policy
        for contact in contacts { self.put(contact) }
    }

    private mutating func put(_ contact: Contact) {
        let before = self.people[contact.person]
        self.people[contact.person] = contact
        let isSame =
            before.map { $0.name == contact.name && $0.petname == contact.petname && $0.isOurs == contact.isOurs }
            ?? false
        guard !isSame else { return }
        self.ownSkeletons[contact.person] = contact.name.isEmpty ? nil : LookAlike.skeleton(contact.name)
        for skeleton in before.map(Self.skeletons) ?? [] {
            self.skeletons[skeleton]?.remove(contact.person)
            if self.skeletons[skeleton]?.isEmpty ?? false { self.skeletons[skeleton] = nil }
        }
        for skeleton in Self.skeletons(contact) { self.skeletons[skeleton, default: []].insert(contact.person) }
    }

    private static func skeletons(_ contact: Contact) -> Set<String> {
        guard contact.isOurs else { return [] }
        return Set([contact.name, contact.petname ?? ""].filter { !$0.isEmpty }.map(LookAlike.skeleton))
    }

    package subscript(_ person: PersonID) -> Contact? { self.people[person] }
    package var all: [Contact] { self.people.values.sorted { $0.person < $1.person } }
    package func talks(_ person: PersonID) -> Bool { self.people[person]?.trust.talks ?? false }
    package var blocked: Set<PersonID> { Set(self.people.values.filter { $0.trust == .blocked }.map(\.person)) }

    /// A session with a person is up: we know them from here on. Says what changed.
    package mutating func met(_ person: PersonID, wireVersion: UInt32) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        let before = self.people[person]
        contact.wireVersion = max(contact.wireVersion, wireVersion)
        self.put(contact)
        // Strangers are kept in mind only; the disk is for people we have to do with.
        return contact != before && contact.trust != .new ? contact : nil
    }

    /// They say what they call themselves.
    package mutating func named(_ person: PersonID, _ raw: String) -> (contact: Contact, isNews: Bool) {
        var contact = self.people[person] ?? Contact(person: person)
        let name = SafeText.name(raw)
        let isNews = name != contact.name
        contact.name = name
        self.put(contact)
        return (contact, isNews)
    }

    /// A stranger asks to talk. `nil` when they have asked already, are known, or too many ask.
    package mutating func requested(_ person: PersonID, text raw: String, at now: Moment) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        guard contact.trust == .new else { return nil }
        guard self.people.values.count(where: { $0.trust == .requested }) < Limits.requestsKept,
            self.newcomers.take(now: now.uptime) == nil
        else { return nil }
        contact.trust = .requested
        contact.request = String(SafeText.message(raw).prefix(Limits.requestBytes))
        contact.requestedAt = now.wall
        self.put(contact)
        return contact
    }

    /// We say yes. `nil` when they were accepted before, or their key is in conflict.
    package mutating func accept(_ person: PersonID, at now: Moment) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        switch contact.trust {
        case .accepted, .verified, .conflict: return nil
        case .new, .requested, .blocked: break
        }
        contact.trust = .accepted
        contact.since = now.wall
        self.put(contact)
        return contact
    }

    package mutating func block(_ person: PersonID) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        contact.trust = .blocked
        self.put(contact)
        return contact
    }

    /// Not blocked any more, and a stranger again.
    package mutating func unblock(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust == .blocked else { return nil }
        contact.trust = .new
        contact.request = nil
        contact.requestedAt = nil
        self.put(contact)
        return contact
    }

    /// What we call them; `nil` takes the petname away.
    package mutating func rename(_ person: PersonID, _ petname: String?) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        let clean = petname.map(SafeText.name)
        contact.petname = clean == "" ? nil : clean
        self.put(contact)
        return contact
    }

    /// Two device lists claim to be theirs.
    package mutating func conflict(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust.talks, contact.trust != .conflict else { return nil }
        contact.trust = .conflict
        self.put(contact)
        return contact
    }

    /// Strangers nobody has to do with are forgotten when they leave, so that passers-by do not fill us.
    package mutating func left(_ person: PersonID) {
        if self.people[person]?.trust == .new, self.people[person]?.petname == nil,
            self.people.count > Limits.knownNodes
        {
            self.people[person] = nil
            self.ownSkeletons[person] = nil
        }
    }

    /// The contact whom this person's name imitates, if they are somebody else. Who has a petname is shown under that.
    package func lookAlike(of person: PersonID) -> Contact? {
        guard let contact = self.people[person], contact.petname == nil, let skeleton = self.ownSkeletons[person] else {
            return nil
        }
        // Of two whom we know the one we knew first is who they are.
        let since = contact.trust.talks ? contact.since : nil
        return self.called(skeleton).filter { other in
            other.person != person && (since.map { other.since ?? $0 < $0 } ?? true)
        }.min { $0.person < $1.person }
    }

    /// Those of whom we know, by their own names or ours, whose name a person would take for this one.
    package func called(like name: String) -> [Contact] {
        self.called(LookAlike.skeleton(name))
    }

    private func called(_ skeleton: String) -> [Contact] {
        (self.skeletons[skeleton] ?? []).compactMap { self.people[$0] }
    }

    /// Who already bears a name that we want to give to a person: by our word, or by theirs unless the person to be
    /// named calls themselves so too.
    package func holder(ofPetname name: String, besides person: PersonID) -> Contact? {
        let isTheirs =
            self.people[person].map { $0.trust.talks && LookAlike.skeleton($0.name) == LookAlike.skeleton(name) }
            ?? false
        return self.called(like: name).filter { other in
            guard other.person != person else { return false }
            let isOurWord = other.petname.map { LookAlike.skeleton($0) == LookAlike.skeleton(name) } ?? false
            return isOurWord || !isTheirs
        }.min { $0.person < $1.person }
    }
}

extension Contact {
    /// We talk to them, or gave them a name.
    fileprivate var isOurs: Bool { self.trust.talks || self.petname != nil }
}
