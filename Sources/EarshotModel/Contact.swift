/// What we think of a person (Protocol.md 9).
package enum Trust: String, Hashable, Sendable, CaseIterable {
    /// Seen on the network, nothing more.
    case new
    /// Asked to talk to us; we have not answered.
    case requested
    /// We said yes: the key is pinned from here on.
    case accepted
    /// The key was compared by another way.
    case verified
    /// It is not certain who they are (`ConflictReason`): nothing is sent to them until a person decides.
    case conflict
    /// Not to be heard again.
    case blocked

    /// Whether we exchange messages with them.
    package var talks: Bool {
        switch self {
        case .accepted, .verified, .conflict: true
        case .new, .requested, .blocked: false
        }
    }
}

/// Why it is not certain who a contact is.
package enum ConflictReason: String, Hashable, Sendable, CaseIterable {
    /// Two device lists claim to be theirs.
    case deviceLists
    /// They took a name that people read as that of another contact.
    case name
}

/// One person as this node knows them.
package struct Contact: Hashable, Sendable {
    package let person: PersonID
    /// What they call themselves, cleaned; nobody vouches for it.
    package var name: String
    /// What we call them.
    package var petname: String?
    package var trust: Trust
    /// The words they asked with, cleaned, at most 1 KiB.
    package var request: String?
    package var requestedAt: Timestamp?
    /// The highest wire version ever authenticated with them; less is refused (Protocol.md 3).
    package var wireVersion: UInt32
    /// When we said yes.
    package var since: Timestamp?
    /// Why it is not certain who they are while `trust` says so. Of two device lists it stays known after a person
    /// decided to go on with the first.
    package var conflict: ConflictReason?
    /// They were verified when the conflict began.
    package var wasVerified: Bool

    package init(
        person: PersonID, name: String = "", petname: String? = nil, trust: Trust = .new, request: String? = nil,
        requestedAt: Timestamp? = nil, wireVersion: UInt32 = 1, since: Timestamp? = nil,
        conflict: ConflictReason? = nil, wasVerified: Bool = false
    ) {
        self.person = person
        self.name = name
        self.petname = petname
        self.trust = trust
        self.request = request
        self.requestedAt = requestedAt
        self.wireVersion = wireVersion
        self.since = since
        self.conflict = conflict
        self.wasVerified = wasVerified
    }

    /// What to call them on a screen.
    package var shownName: String {
        self.petname ?? (self.name.isEmpty ? String(self.person.description.prefix(8)) : self.name)
    }
}
