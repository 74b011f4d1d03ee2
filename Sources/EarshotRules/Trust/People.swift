import EarshotModel
import EarshotWire

/// The persons we know, their devices, and what they and we are called. All that a stranger says of themselves goes
/// through here first.
struct People: Sendable {
    enum Action: Sendable {
        case keep(Fact)
        case announce(News)
        /// Somebody else may be let in, or not any more.
        case admit
        /// The devices of a person may be others now.
        case settle(PersonID, at: Moment)
        /// Nothing of what they say can be right.
        case refuse
    }

    let me: PersonID
    private(set) var name: String
    private(set) var contacts: Contacts
    private(set) var manifests = ManifestChain()
    /// What we first said to people who have not accepted us: it goes with the request.
    private var firstWords: [PersonID: String] = [:]

    init(_ identity: Identity, _ snapshot: Snapshot) {
        self.me = identity.person
        self.name = snapshot.settings["name"] ?? identity.manifest.name
        self.contacts = Contacts(snapshot.contacts, policy: .ask)
        for contact in snapshot.contacts {
            let words = snapshot.firstWords[Derive.conversation(identity.person, contact.person)]
            self.firstWords[contact.person] = words.map(Self.beginning)
        }
        _ = self.manifests.receive(identity.manifest)
        _ = self.manifests.receive(identity.certificate)
        for bytes in snapshot.manifests {
            if let manifest = try? Manifest(decoding: bytes) { _ = self.manifests.receive(manifest) }
        }
        for contact in snapshot.contacts where contact.conflict == .deviceLists {
            self.manifests.contradict(contact.person)
        }
        for bytes in snapshot.certificates {
            if let certificate = try? DeviceCertificate(decoding: bytes) { _ = self.manifests.receive(certificate) }
        }
    }

    /// Begins again from what is on disk.
    init(again old: People, _ identity: Identity, _ snapshot: Snapshot) {
        self.init(identity, snapshot)
        self.firstWords.merge(old.firstWords) { _, said in said }
        self.contacts.policy = old.contacts.policy
    }

    // MARK: what is asked of it

    func talks(_ person: PersonID) -> Bool { self.contacts.talks(person) }
    /// Whether we exchange messages with a person over a session with this device: we have accepted the person, and
    /// the newest manifest lists the device (Protocol.md 2).
    func talks(_ person: PersonID, _ device: DeviceID) -> Bool {
        self.contacts.talks(person) && self.manifests.lists(person, device)
    }
    /// Whether a session shows that its person is here: any device does of a stranger, only a listed one of somebody
    /// we know.
    func isPresent(_ link: LinkState) -> Bool { !self.contacts.talks(link.person) || link.isWelcome }
    /// Whether what a device calls its person counts at once: it is listed, or we know no device of theirs and it is
    /// as good as any.
    func isHeard(_ person: PersonID, _ device: DeviceID) -> Bool {
        self.manifests[person] == nil && !self.contacts.talks(person) || self.manifests.lists(person, device)
    }
    /// Whose device an advert is of, among those we know. Several may claim it.
    func owners(ofShortID shortID: String) -> [Contact] {
        self.manifests.owners(ofShortID: shortID).sorted().compactMap { self.contacts[$0] }
    }
    func isContact(shortID: String) -> Bool { self.owners(ofShortID: shortID).contains(where: \.trust.talks) }
    /// Whether the other end has a manifest of its person that we do not hold, or we hold none.
    func lacksManifest(_ introduction: Introduction) -> Bool {
        guard let held = self.manifests[introduction.person] else { return true }
        let (version, hash) = (introduction.peer.manifestVersion, introduction.peer.manifestHash)
        return version > held.version || version == held.version && hash != held.hash
    }
    /// The request that goes with our first word to a person, if they may expect one.
    func request(to person: PersonID) -> Frame? {
        switch self.contacts[person]?.trust {
        case .accepted, .verified: break
        case .new, .requested, .conflict, .blocked, nil: return nil
        }
        return .request(text: self.firstWords[person] ?? "\(self.name) would like to talk to you")
    }
    /// Whom the handshake turns away just now.
    /// - Parameter mates: whose envelopes are looked at although we may not have accepted them.
    func admission(_ mates: Set<PersonID>) -> Admission {
        Admission(
            blocked: self.contacts.blocked, lists: self.manifests.lists, heard: self.contacts.talking, mates: mates,
            wireVersions: self.contacts.wireVersions)
    }

    // MARK: what they say

    /// Someone is here whose device no manifest lists yet.
    mutating func met(_ person: PersonID) { _ = self.contacts.met(person, wireVersion: 1) }

    /// A device is its person's: what its handshake said counts.
    /// - Parameter isMate: we share a room with them.
    mutating func welcome(_ introduction: Introduction, isMate: Bool) -> [Action] {
        let (person, peer) = (introduction.person, introduction.peer)
        var actions: [Action] = []
        if let contact = self.contacts.met(person, wireVersion: peer.wireVersions.max() ?? 1) {
            actions.append(.keep(.contact(contact)))
        }
        if self.manifests.receive(peer.certificate), isMate || self.talks(person, introduction.device) {
            actions.append(.keep(.certificate(peer.certificate)))
        }
        return actions
    }

    mutating func named(_ person: PersonID, _ raw: String) -> [Action] {
        let (contact, isNews, isTaken) = self.contacts.named(person, raw)
        guard isNews else { return [] }
        return (contact.trust == .new ? [] : [.keep(.contact(contact))]) + [.announce(.peer(person))]
            + (isTaken ? [.announce(.warning(.nameTaken, person))] : [])
    }

    /// A stranger asks to talk, and nobody has said yes.
    /// - Parameter isSecond: what they wrote first comes after their greeting.
    mutating func requested(_ person: PersonID, text: String, isSecond: Bool, at now: Moment) -> [Action] {
        self.contacts.requested(person, text: text, isSecond: isSecond, at: now).map { [.keep(.contact($0))] } ?? []
    }

    /// A manifest that a device of `person` gave, or somebody else of a person with whom we share a room.
    mutating func receive(manifest bytes: [UInt8], from person: PersonID, isMate: Bool = false, at now: Moment)
        -> [Action]
    {
        let manifest: Manifest
        do { manifest = try Manifest(decoding: bytes) } catch { return [.refuse] }
        guard manifest.person == person else { return [] }
        var actions: [Action] = []
        let before = self.manifests[person]
        switch self.manifests.receive(manifest) {
        case .known, .old: break
        case .equivocation:
            if let contact = self.contacts.conflict(person) { actions.append(.keep(.contact(contact))) }
            actions += [.admit, .announce(.warning(.equivocation, person))]
        case .taken:
            if isMate || self.contacts.talks(person) {
                // What devices wrote that are not listed any more stays, and is checked by what certified them.
                let gone = before?.active.filter { old in !manifest.active.contains { $0.device == old.device } } ?? []
                actions += gone.map { .keep(.certificate($0)) } + [.keep(.manifest(manifest))]
            }
            actions.append(.admit)
        }
        return actions + [.settle(person, at: now)]
    }

    /// The last link to a person is gone: strangers are forgotten.
    mutating func left(_ person: PersonID) -> [Action] {
        self.contacts.left(person)
        guard self.contacts[person]?.trust ?? .new == .new, person != self.me, self.manifests[person] != nil else {
            return []
        }
        self.manifests.forget(person)
        return [.admit]
    }

    // MARK: what our own people say

    /// Says yes to a person: their key is pinned. `nil` where nothing changes.
    mutating func accept(_ person: PersonID, at now: Moment) -> [Action]? {
        guard person != self.me, var contact = self.contacts.accept(person, at: now) else { return nil }
        if self.manifests.lists[person]?.isContradicted ?? false { contact = self.contacts.conflict(person) ?? contact }
        return [.keep(.contact(contact)), .admit] + (self.manifests[person].map { [.keep(.manifest($0))] } ?? [])
    }

    /// Their key was compared. Whoever says so has accepted them before.
    mutating func verify(_ person: PersonID) -> [Action] {
        self.contacts.verify(person).map { [.keep(.contact($0))] } ?? []
    }

    mutating func unverify(_ person: PersonID) -> [Action]? {
        self.contacts.unverify(person).map { [.keep(.contact($0))] }
    }

    /// Goes on in spite of a conflict, with the key and the devices that are known.
    mutating func trust(_ person: PersonID) -> [Action]? {
        self.contacts.trust(person).map { [.keep(.contact($0))] }
    }

    mutating func block(_ person: PersonID) -> [Action] { [.keep(.contact(self.contacts.block(person))), .admit] }

    mutating func unblock(_ person: PersonID) -> [Action] {
        self.contacts.unblock(person).map { [.keep(.contact($0)), .admit] } ?? []
    }

    mutating func rename(_ person: PersonID, _ petname: String?) -> [Action] {
        [.keep(.contact(self.contacts.rename(person, petname)))]
    }

    mutating func rename(myself raw: String) -> [Action] {
        self.name = SafeText.name(raw)
        return [.keep(.setting("name", self.name))]
    }

    /// From now on; who keeps it, and where it comes from, is not ours.
    mutating func use(_ policy: Contacts.Policy) { self.contacts.policy = policy }

    /// We write to somebody from whom nothing has come.
    mutating func begin(with person: PersonID, _ text: String) {
        if self.firstWords[person] == nil || !self.contacts.talks(person) {
            self.firstWords[person] = Self.beginning(of: text)
        }
    }
    func hasBegun(with person: PersonID) -> Bool { self.firstWords[person] != nil }

    /// As much of a text as a request may carry.
    private static func beginning(of text: String) -> String {
        var beginning = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= Limits.requestBytes else { break }
            beginning.append(character)
        }
        return beginning
    }
}
