import EarshotModel
import EarshotWire
import Noise

/// Everything a node knows and decides. Events and requests go in, effects come out; it has no socket, no file and no
/// clock.
///
/// It is made of machines, each of which owns its state and says what it wants done in actions of its own. No machine
/// knows another: what one needs to know of the others it is shown (`Peers`), and only the engine turns an action into
/// an effect or into another machine's verb. `Engine+Actions` has that, `Engine+Links` what happens on links,
/// `Engine+Requests`, `Engine+Rooms` and `Engine+Offers` what our own people ask for, `Engine+Time` what happens
/// because time went by.
package struct Engine: Sendable {
    package let identity: Identity
    var links: Links
    var conversations: Conversations
    var rooms: Rooms
    var files: Files
    var trust: TrustMachines
    package internal(set) var whereabouts: Whereabouts
    var presence: PresenceMachines
    var mail: AbsentMail
    package internal(set) var health = Health()
    /// The rules draw no chance of their own.
    private let draw: @Sendable (Int) -> [UInt8]

    /// So many random bytes.
    func chance(_ count: Int) -> [UInt8] { self.draw(count) }

    /// - Parameter chance: gives so many random bytes.
    package init(
        identity: Identity, snapshot: Snapshot, now: Moment, chance: @escaping @Sendable (Int) -> [UInt8] = randomBytes
    ) {
        self.identity = identity
        self.draw = chance
        self.trust = TrustMachines(identity, snapshot)
        self.links = Links(device: identity.device)
        self.rooms = Rooms(identity, snapshot, self.trust.people.manifests)
        self.trust.mates = self.rooms.mates
        self.conversations = Conversations(
            identity, snapshot, rooms: self.rooms.accesses, loads: self.rooms.takeLoads())
        self.files = Files(snapshot)
        self.whereabouts = Whereabouts(identity, snapshot)
        self.presence = PresenceMachines(identity, snapshot)
        self.mail = AbsentMail(identity, snapshot, now: now.uptime)
        for address in snapshot.addresses where self.trust.hasToDo(with: address.person) {
            self.whereabouts.dialer.restore(address.device, address.endpoint, now: now.uptime)
        }
        for peer in snapshot.staticPeers { self.whereabouts.dialer.typed(peer, now: now.uptime) }
    }

    /// Begins again after what was decided could not be kept: from what is on disk, and with what was seen of the
    /// network.
    package init(again old: Engine, snapshot: Snapshot, now: Moment) {
        self.identity = old.identity
        self.draw = old.draw
        self.trust = TrustMachines(again: old.trust, old.identity, snapshot)
        self.links = Links(device: old.identity.device)
        self.rooms = Rooms(old.identity, snapshot, self.trust.people.manifests)
        self.trust.mates = self.rooms.mates
        self.conversations = Conversations(
            again: old.conversations, snapshot, rooms: self.rooms.accesses, loads: self.rooms.takeLoads())
        self.files = Files(again: old.files, snapshot)
        self.whereabouts = Whereabouts(again: old.whereabouts, snapshot)
        self.presence = PresenceMachines(again: old.presence, old.identity, snapshot)
        self.mail = AbsentMail(again: old.mail, old.identity, snapshot, now: now.uptime)
        self.health = old.health
    }

    package var me: PersonID { self.identity.person }
    package var device: DeviceID { self.identity.device }

    /// Something happened. Nothing in the answer may leave the node before its `keep`s are on disk.
    package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        switch event {
        case .transport(let event): return self.handle(event, at: now)
        case .sighted(let shortID, let endpoints):
            let isContact = self.isExpected(shortID: shortID)
            self.whereabouts.dialer.sighted(shortID, endpoints, isContact: isContact, now: now.uptime)
            return []
        case .sightedTag(let tag, let endpoints):
            self.sighted(tag, endpoints, at: now)
            return []
        case .vanished(let shortID):
            if let tag = AdvertTag(shortID), !self.whereabouts.dialer.knows(shortID) {
                return self.vanished(tag, at: now)
            }
            self.whereabouts.dialer.vanished(shortID)
            return self.links.of(shortID: shortID).flatMap {
                self.perform(self.links.doubt($0, now: now.uptime))
            }
        case .resolved(let typed, let endpoints):
            self.whereabouts.dialer.resolved(typed, endpoints, now: now.uptime)
            return []
        case .networkChanged:
            self.whereabouts.dialer.refresh(now: now.uptime)
            return self.perform(self.links.doubtAll(now: now.uptime))
        case .cutOff:
            self.whereabouts.dialer.refresh(now: now.uptime)
            return self.links.all.filter { link in
                self.links[link].map { !AddressPolicy.isLoopback($0.remote.address) } ?? false
            }.map { .close($0, .goingAway) }
        case .woke: return self.wake(at: now)
        case .space(let free, let trouble): return self.measured(free: free, trouble)
        case .sealed(let order, let blob, let to): return self.sealed(order, blob, to: to, at: now)
        case .dropped(let places):
            self.dropped(places)
            return []
        case .relay(let event): return self.handle(event, at: now)
        case .bulk(let event):
            var effects: [Effect] = []
            if case .asked(_, let person, _, _, .fetch(let fetch)) = event {
                effects = self.noteFetch(fetch.share, by: person, at: now)
            }
            return effects + self.perform(self.files.handle(event, self.peers, at: now))
        }
    }

    /// The end of a round of events: acknowledge what was taken in, begin transfers, call whom it is time to call.
    package mutating func settle(at now: Moment) -> [Effect] {
        (self.presence.own.takeUntold() ? self.tellPresence(at: now) : [])
            + self.perform(self.rooms.settle(at: now), at: now)
            + self.perform(self.conversations.acknowledge(self.peers))
            + self.perform(self.files.begin(self.peers, at: now))
            + self.settleMail(at: now)
            + self.settleDiscovery(at: now)
            + self.settleRelays()
            + self.whereabouts.dialer.due(now: now.uptime, mayCallStrangers: self.mayCallStrangers)
    }

    var mayCallStrangers: Bool { self.links.mayTakeStrangers && self.whereabouts.ownAdvert.mayCallStrangers }

    /// What each machine may see of the others.
    var peers: Peers {
        Peers(
            self.links, self.trust.people, self.whereabouts.dialer, mates: self.trust.mates, device: self.device,
            isWritable: self.health.storage.trouble == nil)
    }
}
