import EarshotModel
import EarshotWire

/// Who has which conversation, and the one question that decides what a device is given and what is taken from it: may
/// it have this conversation? A talk of two, one with oneself and one's own devices are answered alike.
struct Membership: Sendable {
    private enum Kind: Hashable, Sendable {
        /// With ourselves alone.
        case own
        case two(PersonID)
    }

    private let me: PersonID
    private var kinds: [ConversationID: Kind] = [:]

    init(me: PersonID) { self.me = me }

    /// The conversation with a person, perhaps ourselves; there may be none yet.
    func conversation(with person: PersonID) -> ConversationID { Derive.conversation(self.me, person) }

    /// From now on it is known whose that conversation is.
    mutating func open(with person: PersonID) -> ConversationID {
        let id = self.conversation(with: person)
        self.kinds[id] = person == self.me ? .own : .two(person)
        return id
    }

    /// Whom a talk of two is with.
    func other(in id: ConversationID) -> PersonID? {
        switch self.kinds[id] {
        case .two(let person): person
        case .own, nil: nil
        }
    }

    /// Whose devices write there, ourselves first; nobody's where we know nothing of it.
    func persons(in id: ConversationID) -> [PersonID] {
        switch self.kinds[id] {
        case .own: [self.me]
        case .two(let person): [self.me, person]
        case nil: []
        }
    }

    /// Whether a device of a person may have a conversation: their newest manifest lists it, and they are one of those
    /// whose conversation it is. Ourselves aside that takes our yes to them, too.
    func admits(_ device: DeviceID, of person: PersonID, to id: ConversationID, _ peers: Peers) -> Bool {
        guard self.persons(in: id).contains(person) else { return false }
        return person == self.me ? peers.manifests.lists(person, device) : peers.talks(person, device)
    }

    /// Links to those who may have a conversation, in order.
    func links(for id: ConversationID, _ peers: Peers) -> [LinkID] {
        self.persons(in: id).filter { $0 != self.me }.flatMap { peers.links(of: $0) }.sorted()
    }
}
