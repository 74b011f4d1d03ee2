import EarshotControl
import EarshotModel
import EarshotRules
import EarshotWire

/// Who wants to hear, up to where each of them has heard, and what of what passes they could not be told. Nothing is
/// kept for who is behind but where they are: what is on disk is read again from there, of the rest the latest is
/// told.
struct Subscribers {
    /// Something that passes and is not kept: told as it is when it is told.
    enum Transient: Hashable, Sendable {
        case presence(PersonID)
        case typing(PersonID, RoomID?, on: Bool)
        case live(PersonID, text: String)
        case peer(PersonID)
        case transfer(EnvelopeID)
        case warning(Warning, PersonID)
        case room(RoomID)
        case talk(ConversationID)
        case openRoom(ToldRoom)
        case verification(PersonID, Verification.Stage)
        case invitation(Invitations.News)

        /// Whose state it is: of one subject the latest is enough.
        var subject: Transient {
            switch self {
            case .typing(let person, let room, _): .typing(person, room, on: true)
            case .openRoom(let room): .openRoom(ToldRoom(charter: room.charter, members: 0, topic: ""))
            case .verification(let person, _): .verification(person, .waiting)
            case .live(let person, _): .live(person, text: "")
            case .presence, .peer, .transfer, .warning, .room, .talk, .invitation: self
            }
        }
    }

    struct Caller {
        let tell: @Sendable (DoorEvent) -> Bool
        /// The last commit they were told of, whole; `nil` while they have not subscribed.
        var heard: UInt64?
        /// Up to where in a later commit they were told, when they could take no more.
        var within: Within?
        /// They could not take an event, and will say when they can.
        var isBehind = false
        /// What passed meanwhile, by subject.
        var missed: [Transient: Transient] = [:]
        /// More passed than is worth remembering one by one.
        var missedMuch = false

        func knows(_ change: Change) -> Bool {
            self.within?.holds(change) ?? false
        }

        mutating func miss(_ passing: Transient) {
            if self.missed.count < Subscribers.mostMissed || self.missed[passing.subject] != nil {
                self.missed[passing.subject] = passing
            } else {
                self.missedMuch = true
            }
        }
    }

    /// A part of a commit.
    struct Within {
        let cursor: UInt64
        var order: Int64
        var told: Set<Change.Place> = []
        /// People up to this one were told before they came back.
        var person: PersonID?

        func holds(_ change: Change) -> Bool {
            guard self.cursor == change.cursor else { return false }
            if case .contact(let contact) = change.subject, let person, contact.person <= person { return true }
            return self.told.contains(change.place)
        }
    }

    private static let mostMissed = 1_024

    /// The last commit, and the last of which listeners were told.
    var cursor: UInt64
    private(set) var callers: [CallerID: Caller] = [:]

    init(cursor: UInt64) { self.cursor = cursor }

    mutating func enter(_ id: CallerID, _ tell: @escaping @Sendable (DoorEvent) -> Bool) {
        self.callers[id] = Caller(tell: tell)
    }
    mutating func leave(_ id: CallerID) { self.callers[id] = nil }
    mutating func subscribe(_ id: CallerID, heard: UInt64) {
        self.callers[id]?.heard = heard
        self.callers[id]?.within = nil
    }
    /// Whoever comes back to where they were.
    mutating func subscribe(_ id: CallerID, at place: EventPlace) {
        let before = place.commit - min(place.commit, 1)
        switch place.within {
        case .all: self.subscribe(id, heard: place.commit)
        case .message(let number):
            self.subscribe(id, heard: before)
            self.callers[id]?.within = Within(cursor: place.commit, order: number)
        case .person(let person):
            self.subscribe(id, heard: before)
            self.callers[id]?.within = Within(cursor: place.commit, order: .max, person: person)
        }
    }
    mutating func unsubscribe(_ id: CallerID) {
        self.callers[id]?.heard = nil
        self.callers[id]?.within = nil
        self.callers[id]?.missed = [:]
        self.callers[id]?.missedMuch = false
    }
    mutating func resume(_ id: CallerID) { self.callers[id]?.isBehind = false }

    /// Callers who listen and can take something now; those who have heard the same side by side.
    var listening: [(id: CallerID, heard: UInt64)] {
        let all = self.callers.compactMap { id, caller in caller.isBehind ? nil : caller.heard.map { (id, $0) } }
        return all.sorted { ($0.1, $0.0.raw) < ($1.1, $1.0.raw) }
    }

    /// Where in a later commit than the last whole one somebody is.
    func place(of id: CallerID) -> (cursor: UInt64, order: Int64)? {
        self.callers[id]?.within.map { ($0.cursor, $0.order) }
    }

    var isEmpty: Bool { self.callers.values.allSatisfy { $0.heard == nil } }

    /// Tells a caller of something that is kept, under the number of its commit.
    /// - Returns: whether they can take more.
    mutating func tell(_ id: CallerID, _ change: Change, _ event: () -> DoorEvent) -> Bool {
        guard let caller = self.callers[id], !caller.isBehind else { return false }
        if caller.knows(change) { return true }
        guard caller.tell(event()) else {
            self.callers[id]?.isBehind = true
            return false
        }
        if caller.within?.cursor != change.cursor {
            self.callers[id]?.within = Within(cursor: change.cursor, order: change.order)
        }
        self.callers[id]?.within?.order = change.order
        self.callers[id]?.within?.told.insert(change.place)
        return true
    }

    /// Tells everybody of something that passes; who is behind is told later.
    mutating func tell(_ passing: Transient, _ event: () -> DoorEvent) {
        var written: DoorEvent?
        for (id, caller) in self.callers where caller.heard != nil {
            if !caller.isBehind {
                let line = written ?? event()
                written = line
                if caller.tell(line) { continue }
                self.callers[id]?.isBehind = true
            }
            self.callers[id]?.miss(passing)
        }
    }

    /// What a caller who has caught up was not told of what passed; forgotten here once it is asked for.
    mutating func missed(by id: CallerID) -> (all: [Transient], isMuch: Bool) {
        guard let caller = self.callers[id], !caller.isBehind, !caller.missed.isEmpty else { return ([], false) }
        self.callers[id]?.missed = [:]
        self.callers[id]?.missedMuch = false
        return (Array(caller.missed.values), caller.missedMuch)
    }

    /// Tells one caller of something that passed.
    mutating func tell(_ id: CallerID, _ passing: Transient, _ event: () -> DoorEvent) {
        guard let caller = self.callers[id] else { return }
        if !caller.isBehind, caller.tell(event()) { return }
        self.callers[id]?.isBehind = true
        self.callers[id]?.miss(passing)
    }
}

extension Change {
    /// Which of the changes of its commit it is.
    enum Place: Hashable, Sendable {
        case message(EnvelopeID)
        case contact(PersonID)
    }

    var place: Place {
        switch self.subject {
        case .message(let message, _): .message(message.id)
        case .contact(let contact): .contact(contact.person)
        }
    }

    /// Where somebody stands who was told of it.
    var eventPlace: EventPlace {
        switch self.subject {
        case .message: EventPlace(self.cursor, .message(self.order))
        case .contact(let contact): EventPlace(self.cursor, .person(contact.person))
        }
    }
}
