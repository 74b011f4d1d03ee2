import EarshotModel
import EarshotWire

/// Who others are to us, and the ways by which somebody becomes a contact of whom it is certain who they are: keys
/// compared, a code, a file.
struct TrustMachines: Sendable {
    var people: People
    /// With whom we share a room: whose envelopes are heard although we may not have accepted them.
    var mates: Set<PersonID> = []
    var verification = Verification()
    var invitations = Invitations()
    var provisions: Provisions

    init(_ identity: Identity, _ snapshot: Snapshot) {
        self.people = People(identity, snapshot)
        self.provisions = Provisions(snapshot)
    }

    /// Begins again from what is on disk: nobody compares any more.
    init(again old: TrustMachines, _ identity: Identity, _ snapshot: Snapshot) {
        self.people = People(again: old.people, identity, snapshot)
        self.invitations = Invitations(again: old.invitations)
        self.provisions = Provisions(again: old.provisions, snapshot)
    }

    /// Whether we talk to a person, or share a room with them.
    func hasToDo(with person: PersonID) -> Bool { self.people.talks(person) || self.mates.contains(person) }
}
