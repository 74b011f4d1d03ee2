import EarshotModel
import EarshotWire

/// The machines of what people are told of each other: how present we are, and who we say we are (Protocol.md 10).
struct PresenceMachines: Sendable {
    var own: OwnPresence
    var profiles: Profiles

    init(_ identity: Identity, _ snapshot: Snapshot) {
        self.own = OwnPresence(snapshot)
        self.profiles = Profiles(snapshot, me: identity.person)
    }

    /// Begins again from what is on disk.
    init(again old: PresenceMachines, _ identity: Identity, _ snapshot: Snapshot) {
        self.init(identity, snapshot)
        self.own.use(idleAfter: old.own.idleAfter, old.own.policy)
        self.own.liveTalks = old.own.liveTalks
    }
}
