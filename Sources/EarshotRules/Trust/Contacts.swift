import EarshotModel
import EarshotWire

/// The persons we know, and who may ask us what (Protocol.md 10).
package struct Contacts: Sendable {
    package typealias Policy = AcceptPolicy

    package var policy: Policy
    private var people: [PersonID: Contact] = [:]
    /// What the handshake asks of them, kept up with each change: it is told with every one.
    private(set) var talking: Set<PersonID> = []
    package private(set) var blocked: Set<PersonID> = []
    /// Of those with whom a later version than the first was spoken.
    private(set) var wireVersions: [PersonID: UInt32] = [:]
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
        self.note(contact, before)
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

    private mutating func note(_ contact: Contact, _ before: Contact?) {
        let person = contact.person
        if contact.trust != before?.trust {
            if contact.trust.talks { self.talking.insert(person) } else { self.talking.remove(person) }
            if contact.trust == .blocked { self.blocked.insert(person) } else { self.blocked.remove(person) }
        }
        if contact.wireVersion > 1, contact.wireVersion != self.wireVersions[person] {
            self.wireVersions[person] = contact.wireVersion
        }
    }

    private static func skeletons(_ contact: Contact) -> Set<String> {
        guard contact.isOurs else { return [] }
        return Set([contact.name, contact.petname ?? ""].filter { !$0.isEmpty }.map(LookAlike.skeleton))
    }

    package subscript(_ person: PersonID) -> Contact? { self.people[person] }
    package var all: [Contact] { self.people.values.sorted { $0.person < $1.person } }
    package func talks(_ person: PersonID) -> Bool { self.people[person]?.trust.talks ?? false }

    /// A session with a person is up: we know them from here on. Says what changed.
    package mutating func met(_ person: PersonID, wireVersion: UInt32) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        let before = self.people[person]
        contact.wireVersion = max(contact.wireVersion, wireVersion)
        self.put(contact)
        // Strangers are kept in mind only; the disk is for people we have to do with.
        return contact != before && contact.trust != .new ? contact : nil
    }

    /// They say what they call themselves. A contact who takes what people read as another contact's name is in
    /// conflict from then on: what is meant for the one must not go to the other.
    package mutating func named(_ person: PersonID, _ raw: String) -> (contact: Contact, isNews: Bool, isTaken: Bool) {
        let before = self.people[person] ?? Contact(person: person)
        var contact = before
        contact.name = SafeText.personName(raw)
        self.put(contact)
        let isOther =
            !before.name.isEmpty && LookAlike.skeleton(before.name) != LookAlike.skeleton(contact.name)
        let isTaken =
            isOther && contact.trust.talks && contact.trust != .conflict
            && self.lookAlike(of: person, whoeverCameFirst: true) != nil
        if isTaken {
            (contact.wasVerified, contact.conflict) = (contact.trust == .verified, .name)
            contact.trust = .conflict
            self.put(contact)
        }
        return (contact, before.name != contact.name, isTaken)
    }

    /// A stranger asks to talk. `nil` when they have asked already, are known, or too many ask.
    /// - Parameter isSecond: they asked before on the same session.
    package mutating func requested(
        _ person: PersonID, text raw: String, isSecond: Bool = false, at now: Moment
    ) -> Contact? {
        var contact = self.people[person] ?? Contact(person: person)
        guard contact.trust == .new || contact.trust == .requested && isSecond else { return nil }
        let others = self.people.values.count { $0.trust == .requested && $0.person != person }
        guard others < Limits.requestsKept, isSecond || self.newcomers.take(now: now.uptime) == nil else { return nil }
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

    /// Their key was compared: they are who they say. `nil` for somebody we do not talk to.
    package mutating func verify(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust.talks else { return nil }
        contact.settle(.verified)
        self.put(contact)
        return contact
    }

    /// What was compared does not count any more. `nil` unless they are verified.
    package mutating func unverify(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust == .verified else { return nil }
        contact.trust = .accepted
        self.put(contact)
        return contact
    }

    /// A person has looked at a conflict and goes on with the key and the devices that are known. `nil` where there
    /// is none.
    package mutating func trust(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust == .conflict else { return nil }
        contact.settle(contact.conflict == .name && contact.wasVerified ? .verified : .accepted)
        self.put(contact)
        return contact
    }

    package mutating func block(_ person: PersonID) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        contact.trust = .blocked
        contact.wasVerified = false
        self.put(contact)
        return contact
    }

    /// Not blocked any more, and a stranger again.
    package mutating func unblock(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust == .blocked else { return nil }
        contact.trust = .new
        contact.conflict = nil
        contact.request = nil
        contact.requestedAt = nil
        self.put(contact)
        return contact
    }

    /// What we call them; `nil` takes the petname away.
    package mutating func rename(_ person: PersonID, _ petname: String?) -> Contact {
        var contact = self.people[person] ?? Contact(person: person)
        let clean = petname.map(SafeText.personName)
        contact.petname = clean == "" ? nil : clean
        // Under a name of ours they are nobody else.
        if contact.petname != nil, contact.trust == .conflict, contact.conflict == .name {
            contact.settle(contact.wasVerified ? .verified : .accepted)
        }
        self.put(contact)
        return contact
    }

    /// Two device lists claim to be theirs. `nil` where that is known.
    package mutating func conflict(_ person: PersonID) -> Contact? {
        guard var contact = self.people[person], contact.trust.talks, contact.conflict != .deviceLists else {
            return nil
        }
        contact.wasVerified = contact.wasVerified || contact.trust == .verified
        (contact.trust, contact.conflict) = (.conflict, .deviceLists)
        self.put(contact)
        return contact
    }

    /// Strangers nobody has to do with are forgotten when they leave, so that passers-by do not fill us.
    package mutating func left(_ person: PersonID) {
        if self.people[person]?.trust == .new, self.people[person]?.petname == nil,
            self.people.count > Limits.knownNodes
        {
            self.people[person] = nil
            self.wireVersions[person] = nil
            self.ownSkeletons[person] = nil
        }
    }

    /// The contact whom this person's name imitates, if they are somebody else. Who has a petname is shown under that.
    /// - Parameter whoeverCameFirst: also where we knew this one before the other.
    package func lookAlike(of person: PersonID, whoeverCameFirst: Bool = false) -> Contact? {
        guard let contact = self.people[person], contact.petname == nil, let skeleton = self.ownSkeletons[person] else {
            return nil
        }
        // Of two whom we know the one we knew first is who they are, until they take the other's name.
        let isTaker = whoeverCameFirst || contact.trust == .conflict && contact.conflict == .name
        let since = contact.trust.talks && !isTaker ? contact.since : nil
        return self.called(skeleton).filter { other in
            other.person != person && !(other.trust == .conflict && other.conflict == .name)
                && (since.map { other.since ?? $0 < $0 } ?? true)
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

    /// A person decided. That there are two device lists stays known: no newer one is believed.
    fileprivate mutating func settle(_ trust: Trust) {
        self.trust = trust
        self.wasVerified = false
        if self.conflict == .name { self.conflict = nil }
    }
}
