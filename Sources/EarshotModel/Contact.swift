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
    /// Two device lists claim to be theirs. Nothing new is believed.
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

    package init(
        person: PersonID, name: String = "", petname: String? = nil, trust: Trust = .new, request: String? = nil,
        requestedAt: Timestamp? = nil, wireVersion: UInt32 = 1, since: Timestamp? = nil
    ) {
        self.person = person
        self.name = name
        self.petname = petname
        self.trust = trust
        self.request = request
        self.requestedAt = requestedAt
        self.wireVersion = wireVersion
        self.since = since
    }

    /// What to call them on a screen.
    package var shownName: String {
        self.petname ?? (self.name.isEmpty ? String(self.person.description.prefix(8)) : self.name)
    }
}
