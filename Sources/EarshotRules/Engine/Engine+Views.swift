import EarshotModel
import EarshotWire

/// What is told of the engine's state.
extension Engine {
    package var name: String { self.trust.people.name }
    package var contacts: Contacts { self.trust.people.contacts }
    package var manifests: ManifestChain { self.trust.people.manifests }
    package var filesSettings: FilesSettings { self.files.settings }
    /// Where files go if neither a rule nor a setting says where, absolute; `nil`: then no rule says yes without a
    /// folder of its own.
    package var downloads: String? {
        get { self.files.downloads }
        set { self.files.downloads = newValue }
    }
    /// Why nothing is taken in or written now; `nil` when everything is.
    package var trouble: StorageTrouble? { self.health.storage.trouble }
    package var typedPeers: [String] { self.whereabouts.staticPeers.sorted() }
    /// Whom the handshake turns away just now.
    package var admission: Admission {
        var admission = self.trust.people.admission(self.trust.mates)
        admission.gate = self.gate
        admission.keys = self.whereabouts.recognition.keys
        return admission
    }

    // MARK: who is here

    /// Sessions that are up.
    package var sessionCount: Int { self.links.count }
    /// Of them, those that others called.
    package var incomingCount: Int { self.links.incoming }
    package var openLinks: [LinkID] { self.links.all }
    package func device(at link: LinkID) -> DeviceID? { self.links[link]?.device }

    package func isOnline(_ person: PersonID) -> Bool {
        self.links.states(of: person).contains { self.trust.people.isPresent($0) && $0.presence.presence != .invisible }
    }

    package func devices(of person: PersonID) -> [DeviceID] {
        let linked = self.links.states(of: person).filter { self.trust.people.isPresent($0) }.map(\.device)
        return Array(Set(linked + (self.manifests[person]?.active.map(\.device) ?? []))).sorted()
    }

    package func linksInfo(of person: PersonID) -> [(remote: Endpoint, cipher: String)] {
        self.links.states(of: person).map { state in
            // Who called us did so from a port of the moment; where they listen is in their advert, if there is one.
            let listens =
                state.isOurs
                ? state.remote
                : self.whereabouts.dialer.endpoints(of: state.device).first { $0.address == state.remote.address }
            return (listens ?? state.remote, state.introduction.cipher)
        }
    }

    // MARK: whom we talk to

    /// Whether we exchange messages with a person over a session with this device (Protocol.md 2).
    package func talks(_ person: PersonID, _ device: DeviceID) -> Bool { self.trust.people.talks(person, device) }

    /// The conversation with a person, perhaps ourselves.
    package func conversation(with person: PersonID) -> ConversationID { self.conversations.conversation(with: person) }

    /// Whom a talk of two is with.
    package func person(of conversation: ConversationID) -> PersonID? {
        self.conversations.other(in: conversation)
            ?? self.contacts.all.first { self.conversation(with: $0.person) == conversation }?.person
    }

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
        let links = self.links.of(person).filter { link in self.links[link].map(self.trust.people.isPresent) ?? false }
        if links.isEmpty { return .presence }
        // Who asked us, or wrote or acknowledged something once, said yes; in a young session the answer is on its way.
        let hasAsked = self.contacts[person]?.requestedAt != nil
        if hasAsked || self.conversations.hasAnswered(person, on: links) { return .acknowledgement }
        let isYoung = links.contains { link in
            self.links[link].map { now < $0.openedAt.addingReportingOverflow(Self.unanswered).partialValue } ?? false
        }
        return isYoung ? .acknowledgement : .acceptance
    }

    // MARK: rooms

    /// A room that we have to do with.
    package struct RoomSummary: Sendable {
        package let known: KnownRoom
        /// Where its members talk.
        package let talk: ConversationID
        package let state: RoomState

        package var id: RoomID { self.known.id }
    }

    /// Every room that we have to do with, in the order of their ids.
    package var roomList: [RoomSummary] {
        self.rooms.rooms.map { RoomSummary(known: $0.known, talk: $0.talk, state: $0.state) }
    }
    package func room(_ id: RoomID) -> RoomSummary? {
        self.rooms[id].map { RoomSummary(known: $0.known, talk: $0.talk, state: $0.state) }
    }
    /// The room whose members talk in a conversation, or change it there.
    package func room(of conversation: ConversationID) -> RoomID? {
        self.conversations.membership.room(of: conversation)?.id
    }
    /// Open rooms of which somebody here tells, and who.
    package var openRooms: [(room: ToldRoom, by: Set<PersonID>)] { self.rooms.offers }

    // MARK: how far things have come

    /// How far a message of ours has come.
    package func progress(of said: SentMessage) -> Conversation.Progress {
        self.conversations.progress(of: said.log, said.last, in: said.conversation)
    }

    /// How far a log of ours has come, held and read.
    package func reach(of log: LogID, in conversation: ConversationID) -> (held: UInt64, read: UInt64) {
        self.conversations.reach(of: log, in: conversation)
    }

    /// How far each of those holds a log of ours for whom it is, the furthest first: the other members of a room who
    /// have joined, or the devices of a person.
    package func holders(of log: LogID, in conversation: ConversationID) -> [UInt64] {
        self.conversations.holders(of: log, in: conversation, self.peers)
    }

    /// How many there are of those; `nil` where it is not known.
    package func recipientCount(_ to: Recipient) -> Int? {
        switch to {
        case .person(let person): self.manifests[person]?.active.count { $0.device != self.device }
        case .room(let id): self.rooms[id]?.state.joined.count { $0 != self.me }
        }
    }

    /// Whether that is where a log of ours ends: then an id was compared here and not only on the disk.
    package func isHead(_ conversation: ConversationID, _ log: LogID, _ seq: UInt64) -> Bool {
        self.conversations.isHead(conversation, log, seq)
    }

    /// A transfer that is not over.
    package func transfer(_ id: EnvelopeID) -> Transfer? { self.files[id] }
    package func isRunning(_ id: EnvelopeID) -> Bool { self.files.isRunning(id) }
    package var openTransfers: [Transfer] { self.files.open }
    /// Names of what was piped to us and is still wanted.
    package var spooled: Set<String> {
        Set(self.files.shares.flatMap(\.roots).compactMap { $0.path.split(separator: "/").last.map(String.init) })
    }
    /// Whether something inside a folder is offered.
    package func offers(inside folder: String) -> Bool {
        self.files.shares.contains { $0.roots.contains { $0.path.hasPrefix(folder + "/") } }
    }
    package func share(_ id: ShareID) -> Share? { self.files.share(id) }
    package var usedShares: Set<ShareID> { Set(self.files.shares.map(\.id)) }
}
