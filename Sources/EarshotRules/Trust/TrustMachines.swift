import EarshotModel

/// The ways by which somebody becomes a contact of whom it is certain who they are: keys compared, a code, a file.
struct TrustMachines: Sendable {
    var verification = Verification()
    var invitations = Invitations()
    var provisions: Provisions

    init(_ snapshot: Snapshot) { self.provisions = Provisions(snapshot) }

    /// Begins again from what is on disk: nobody compares any more.
    init(again old: TrustMachines, _ snapshot: Snapshot) {
        self.invitations = Invitations(again: old.invitations)
        self.provisions = Provisions(again: old.provisions, snapshot)
    }
}
