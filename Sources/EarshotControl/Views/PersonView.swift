import EarshotModel

/// A person as the door shows them (docs/Control.md, People).
package struct PersonView: View {
    package var person: PersonID
    /// One of their devices, if any is known.
    package var device: DeviceID?
    /// What to call them: our own name for them, or else theirs.
    package var name: String
    /// What they call themselves.
    package var ownName: String?
    /// What we call them.
    package var petname: String?
    package var trust: Trust
    package var online: Bool
    /// How present they are; of several devices the most present counts.
    package var presence: PersonPresence?
    /// What they tell with it.
    package var status: String?
    /// Since when they have done nothing, as they tell.
    package var idleSince: Timestamp?
    /// When they were last here, as far as this node has seen; absent while they are.
    package var lastSeen: Timestamp?
    /// What they tell of themselves.
    package var profile: ProfileView?
    /// Where they are reached just now, `10.0.0.12:47447`.
    package var addresses: [String]
    /// Over which contact they are reached, where there is no way without.
    package var via: String?
    package var viaPerson: PersonID?
    package var cipher: String?
    /// What they asked to talk with.
    package var request: String?
    package var requestedAt: Timestamp?
    /// When we agreed to talk.
    package var since: Timestamp?
    /// Messages of theirs that were not read, and of ours that they do not have: where contacts are listed.
    package var unread: Int64?
    package var queued: Int64?
    /// The contact whose name theirs imitates.
    package var looksLike: String?
    package var looksLikePerson: PersonID?
    /// Where a file of this machine names them: `/etc/earshot/people.toml:12`.
    package var namedBy: String?
    /// Their key as thirty digits.
    package var fingerprint: String?
    /// Why it is not certain who they are, while `trust` says so; and the same in words.
    package var conflict: ConflictReason?
    package var problem: String?

    package init(person: PersonID, name: String, trust: Trust, online: Bool, addresses: [String] = []) {
        self.person = person
        self.name = name
        self.trust = trust
        self.online = online
        self.addresses = addresses
    }
}
