import EarshotModel
import Noise

/// Everything a node knows and decides. Events and requests go in, effects come out; it has no socket, no file and no
/// clock.
///
/// It chooses which rule is asked; the rules are in the folders beside it. `Engine+Links` has what happens on links,
/// `Engine+Logs` the bringing level of conversations, `Engine+Requests` what our own people ask for, `Engine+Time` what
/// happens because time went by.
package struct Engine: Sendable {
    package let identity: Identity
    package internal(set) var name: String
    package internal(set) var contacts: Contacts
    package internal(set) var manifests = ManifestChain()
    package internal(set) var dialer: Dialer
    var transfers: Transfers
    var conversations: [ConversationID: Conversation] = [:]
    var links: [LinkID: LinkState] = [:]
    var generation: [UInt8]
    var latest: HybridTime
    /// Conversations and logs to acknowledge at the end of this round, by link.
    var owed: [LinkID: [ConversationID: Set<LogID>]] = [:]
    var staticPeers: Set<String>
    package internal(set) var filesSettings = FilesSettings()
    /// Where files go if neither a rule nor a setting says where, absolute; `nil`: then no rule says yes without a
    /// folder of its own.
    package var downloads: String?
    /// Why nothing is taken in or written now; `nil` when everything is.
    package internal(set) var trouble: StorageTrouble?
    var spaceAskedAt: UInt64?
    /// Logs of which the next envelope cannot be stored: it is not asked for again before the next start.
    var stuck: Set<LogID> = []
    /// Somebody holds something else of our log than we do; seen to before the event is over.
    var isContradicted = false
    /// What we first said to people who have not accepted us: it goes with the request.
    var firstWords: [PersonID: String] = [:]

    package init(identity: Identity, snapshot: Snapshot, now: Moment) {
        self.identity = identity
        self.name = snapshot.settings["name"] ?? identity.manifest.name
        self.generation = snapshot.generation
        self.latest = snapshot.latest
        self.staticPeers = Set(snapshot.staticPeers)
        self.filesSettings.rules = FilesSettings.rules(kept: snapshot.settings["files.rules"])
        self.contacts = Contacts(snapshot.contacts, policy: .ask)
        self.dialer = Dialer(me: identity.device)
        self.transfers = Transfers(snapshot)
        _ = self.manifests.receive(identity.manifest)
        _ = self.manifests.receive(identity.certificate)
        for bytes in snapshot.manifests {
            if let manifest = try? Manifest(decoding: bytes) { _ = self.manifests.receive(manifest) }
        }
        for contact in snapshot.contacts where contact.trust == .conflict { self.manifests.contradict(contact.person) }
        for bytes in snapshot.certificates {
            if let certificate = try? DeviceCertificate(decoding: bytes) { _ = self.manifests.receive(certificate) }
        }
        // Also with whom we do not talk now: were he accepted again, his conversation must not begin anew.
        for contact in snapshot.contacts { self.open(with: contact.person) }
        for head in snapshot.heads { self.conversations[head.conversation]?.restore(head) }
        for held in snapshot.held { self.conversations[held.conversation]?.restore(held) }
        for mark in snapshot.reads { self.conversations[mark.conversation]?.restore(mark) }
        for address in snapshot.addresses where self.contacts.talks(address.person) {
            self.dialer.restore(address.device, address.endpoint, now: now.uptime)
        }
        for peer in snapshot.staticPeers { self.dialer.typed(peer, now: now.uptime) }
    }

    /// Begins again after what was decided could not be kept: from what is on disk, and with what was seen of the
    /// network.
    package init(again old: Engine, snapshot: Snapshot, now: Moment) {
        self.init(identity: old.identity, snapshot: snapshot, now: now)
        self.downloads = old.downloads
        self.contacts.policy = old.contacts.policy
        self.filesSettings = FilesSettings(old.filesSettings, rules: self.filesSettings.rules)
        self.dialer = old.dialer
        self.dialer.forgetLinks()
        self.stuck = old.stuck
        self.trouble = old.trouble
        self.spaceAskedAt = old.spaceAskedAt
        self.firstWords = old.firstWords
    }

    package var me: PersonID { self.identity.person }
    package var device: DeviceID { self.identity.device }

    /// Something happened. Nothing in the answer may leave the node before its `keep`s are on disk.
    package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
        switch event {
        case .transport(let event): return self.handle(event, at: now)
        case .sighted(let shortID, let endpoints):
            self.dialer.sighted(shortID, endpoints, isContact: self.isContact(shortID: shortID), now: now.uptime)
            return []
        case .vanished(let shortID):
            self.dialer.vanished(shortID)
            return self.check(shortID: shortID, at: now)
        case .resolved(let typed, let endpoints):
            self.dialer.resolved(typed, endpoints, now: now.uptime)
            return []
        case .networkChanged:
            self.dialer.refresh(now: now.uptime)
            return self.checkLinks(at: now)
        case .woke: return self.wake(at: now)
        case .space(let free, let trouble): return self.measured(free: free, trouble, at: now)
        case .bulk(let event): return self.handle(event, at: now)
        }
    }

    /// The end of a round of events: acknowledge what was taken in, push what was written, call whom it is time to
    /// call.
    package mutating func settle(at now: Moment) -> [Effect] {
        self.acknowledge() + self.startTransfers(at: now)
            + self.dialer.due(now: now.uptime, mayCallStrangers: self.mayCallStrangers)
    }

    /// Whom the handshake turns away just now.
    package var admission: Admission {
        var versions: [PersonID: UInt32] = [:]
        for contact in self.contacts.all where contact.wireVersion > 1 {
            versions[contact.person] = contact.wireVersion
        }
        let heard = Set(self.contacts.all.filter(\.trust.talks).map(\.person))
        return Admission(
            blocked: self.contacts.blocked, lists: self.manifests.lists, heard: heard, wireVersions: versions)
    }

    /// The conversation with a person, made if there is none yet.
    @discardableResult
    mutating func open(with person: PersonID) -> ConversationID {
        let id = Derive.conversation(self.me, person)
        if self.conversations[id] == nil {
            self.conversations[id] = Conversation(
                me: self.me, device: self.device, other: person, generation: self.generation)
        }
        return id
    }

    /// Whether we exchange messages with a person over a session with this device: we have accepted the person, and
    /// the newest manifest lists the device (Protocol.md 2).
    package func talks(_ person: PersonID, _ device: DeviceID) -> Bool {
        self.contacts.talks(person) && self.manifests.lists(person, device)
    }

    func talks(_ link: LinkState) -> Bool { self.talks(link.person, link.device) }

    /// Whether a session shows that its person is here: any device does of a stranger, only a listed one of somebody
    /// we know.
    func isPresent(_ link: LinkState) -> Bool { !self.contacts.talks(link.person) || link.isWelcome }

    func isContact(shortID: String) -> Bool {
        self.contacts.all.contains { contact in
            contact.trust.talks
                && (self.manifests[contact.person]?.active.contains { $0.device.shortID == shortID } ?? false)
        }
    }

    var mayCallStrangers: Bool {
        self.links.count < Limits.sessions
            && self.links.values.count(where: { !self.talks($0) }) < Limits.strangerSessions
    }
}

extension Engine {
    /// Sessions that are up.
    package var sessionCount: Int { self.links.count }
    /// Of them, those that others called.
    package var incomingCount: Int { self.links.values.count { !$0.introduction.isInitiator } }
}

/// What is told of the engine's state.
extension Engine {
    /// What a queued message to a person waits for.
    package enum Waiting: Sendable {
        case presence
        case acceptance
        case acknowledgement
    }

    /// Ms after which a session in which nobody answered our words says that we were not accepted.
    private static let unanswered: UInt64 = 1_000

    /// - Parameter now: uptime in ms.
    package func waitingFor(_ person: PersonID, now: UInt64) -> Waiting {
        let links = self.links.values.filter { $0.person == person && self.isPresent($0) }
        if links.isEmpty { return .presence }
        let id = Derive.conversation(self.me, person)
        // Who asked us, or wrote or acknowledged something once, said yes; in a young session the answer is on its way.
        let hasAsked = self.contacts[person]?.requestedAt != nil
        let hasAnswered = self.conversations[id].map { $0.isHeldByOthers || $0.logs.count > 1 } ?? false
        if hasAsked || hasAnswered || links.contains(where: { $0.syncs[id]?.isHeard ?? false }) {
            return .acknowledgement
        }
        return links.contains { now < $0.openedAt.addingReportingOverflow(Self.unanswered).partialValue }
            ? .acknowledgement : .acceptance
    }

    package var openLinks: [LinkID] { self.links.keys.sorted() }
    package var typedPeers: [String] { self.staticPeers.sorted() }

    /// How far a message of ours has come.
    package func progress(of said: SentMessage) -> Conversation.Progress {
        self.conversations[said.conversation]?.progress(of: said.log, said.last) ?? .init()
    }

    /// How far a log of ours has come, held and read.
    package func reach(of log: LogID, in conversation: ConversationID) -> (held: UInt64, read: UInt64) {
        self.conversations[conversation]?.reach(of: log) ?? (0, 0)
    }

    package func devices(of person: PersonID) -> [DeviceID] {
        let linked = self.links.values.filter { $0.person == person && self.isPresent($0) }.map(\.device)
        return Array(Set(linked + (self.manifests[person]?.active.map(\.device) ?? []))).sorted()
    }

    package func linksInfo(of person: PersonID) -> [(remote: Endpoint, cipher: String)] {
        self.links.sorted { $0.key < $1.key }.filter { $0.value.person == person }.map { _, state in
            // Who called us did so from a port of the moment; where he listens is in his advert, if there is one.
            let listens =
                state.introduction.isInitiator
                ? state.remote : self.dialer.endpoints(of: state.device).first { $0.address == state.remote.address }
            return (listens ?? state.remote, state.introduction.cipher)
        }
    }

    package func person(of conversation: ConversationID) -> PersonID? {
        if let known = self.conversations[conversation] { return known.other }
        return self.contacts.all.first { Derive.conversation(self.me, $0.person) == conversation }?.person
    }
}
