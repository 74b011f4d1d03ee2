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
    var people: People
    var links: Links
    var conversations: Conversations
    var rooms: Rooms
    /// With whom we share a room: whose envelopes are heard although we may not have accepted them.
    var mates: Set<PersonID>
    var files: Files
    package internal(set) var dialer: Dialer
    var trust: TrustMachines
    package internal(set) var witness = Witness()
    var storage = Storage()
    /// So many random bytes: the rules draw none of their own.
    package var chance: @Sendable (Int) -> [UInt8] = { randomBytes($0) }
    var staticPeers: Set<String>
    var presences: OwnPresence
    var profiles: Profiles
    var ownAdvert: OwnAdvert
    var recognition: Recognition
    var mail: AbsentMail
    var relaying: Relaying

    package init(identity: Identity, snapshot: Snapshot, now: Moment) {
        self.identity = identity
        self.people = People(identity, snapshot)
        self.trust = TrustMachines(snapshot)
        self.links = Links(device: identity.device)
        self.rooms = Rooms(identity, snapshot, self.people.manifests)
        self.mates = self.rooms.mates
        self.conversations = Conversations(
            identity, snapshot, rooms: self.rooms.accesses, loads: self.rooms.takeLoads())
        self.files = Files(snapshot)
        self.dialer = Dialer(me: identity.device)
        self.staticPeers = Set(snapshot.staticPeers)
        self.presences = OwnPresence(snapshot)
        self.profiles = Profiles(snapshot, me: identity.person)
        self.ownAdvert = OwnAdvert(device: identity.device, snapshot)
        self.recognition = Recognition(snapshot)
        self.mail = AbsentMail(identity, snapshot, now: now.uptime)
        self.relaying = Relaying(identity)
        for (device, key) in self.recognition.keys { self.dialer.know(key, of: device) }
        let mates = self.mates
        for address in snapshot.addresses where self.people.talks(address.person) || mates.contains(address.person) {
            self.dialer.restore(address.device, address.endpoint, now: now.uptime)
        }
        for peer in snapshot.staticPeers { self.dialer.typed(peer, now: now.uptime) }
    }

    /// Begins again after what was decided could not be kept: from what is on disk, and with what was seen of the
    /// network.
    package init(again old: Engine, snapshot: Snapshot, now: Moment) {
        self.identity = old.identity
        self.people = People(again: old.people, old.identity, snapshot)
        self.trust = TrustMachines(again: old.trust, snapshot)
        self.witness = old.witness
        self.links = Links(device: old.identity.device)
        self.rooms = Rooms(old.identity, snapshot, self.people.manifests)
        self.mates = self.rooms.mates
        self.conversations = Conversations(
            again: old.conversations, snapshot, rooms: self.rooms.accesses, loads: self.rooms.takeLoads())
        self.files = Files(again: old.files, snapshot)
        self.chance = old.chance
        self.dialer = old.dialer
        self.dialer.forgetLinks()
        self.relaying = old.relaying
        self.storage = old.storage
        self.staticPeers = Set(snapshot.staticPeers)
        self.presences = OwnPresence(snapshot)
        self.presences.use(idleAfter: old.presences.idleAfter, old.presences.policy)
        self.profiles = Profiles(snapshot, me: old.identity.person)
        self.ownAdvert = OwnAdvert(again: old.ownAdvert, snapshot)
        self.recognition = Recognition(again: old.recognition, snapshot)
        self.mail = AbsentMail(again: old.mail, old.identity, snapshot, now: now.uptime)
        self.dialer.forgetKeys()
        for (device, key) in self.recognition.keys { self.dialer.know(key, of: device) }
        self.presences.liveTalks = old.presences.liveTalks
    }

    package var me: PersonID { self.identity.person }
    package var device: DeviceID { self.identity.device }

    /// Something happened. Nothing in the answer may leave the node before its `keep`s are on disk.
    package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        switch event {
        case .transport(let event): return self.handle(event, at: now)
        case .sighted(let shortID, let endpoints):
            let isContact = self.isExpected(shortID: shortID)
            self.dialer.sighted(shortID, endpoints, isContact: isContact, now: now.uptime)
            return []
        case .sightedTag(let tag, let endpoints):
            self.sighted(tag, endpoints, at: now)
            return []
        case .vanished(let shortID):
            if let tag = AdvertTag(shortID), !self.dialer.knows(shortID) { return self.vanished(tag, at: now) }
            self.dialer.vanished(shortID)
            return self.links.of(shortID: shortID).flatMap {
                self.perform(self.links.doubt($0, now: now.uptime))
            }
        case .resolved(let typed, let endpoints):
            self.dialer.resolved(typed, endpoints, now: now.uptime)
            return []
        case .networkChanged:
            self.dialer.refresh(now: now.uptime)
            return self.perform(self.links.doubtAll(now: now.uptime))
        case .cutOff:
            self.dialer.refresh(now: now.uptime)
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
        (self.presences.takeUntold() ? self.tellPresence(at: now) : [])
            + self.perform(self.rooms.settle(at: now), at: now)
            + self.perform(self.conversations.acknowledge(self.peers))
            + self.perform(self.files.begin(self.peers, at: now))
            + self.settleMail(at: now)
            + self.settleDiscovery(at: now)
            + self.settleRelays()
            + self.dialer.due(now: now.uptime, mayCallStrangers: self.mayCallStrangers)
    }

    var mayCallStrangers: Bool { self.links.mayTakeStrangers && self.ownAdvert.mayCallStrangers }

    /// What each machine may see of the others.
    var peers: Peers {
        Peers(
            self.links, self.people, self.dialer, mates: self.mates, device: self.device,
            isWritable: self.storage.trouble == nil)
    }
}
