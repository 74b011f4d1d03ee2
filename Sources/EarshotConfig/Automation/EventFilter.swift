import EarshotControl
import EarshotModel

/// Which events are meant. What is not said does not matter.
package struct EventFilter: Hashable, Sendable {
    package let events: Set<EventView.Kind>
    /// A person: their id or eight letters of its beginning; or the whole name of a contact, as it is shown.
    package let from: String?
    /// A room: its id or the beginning, or its whole name.
    package let room: String?
    /// Only of people who were verified.
    package let isVerified: Bool
    /// What the text begins with, to the letter.
    package let prefix: String?
    /// A word that stands in the text, in capitals or not.
    package let word: String?

    /// Letters of an id that are enough.
    private static let shortestID = 8

    package init(
        _ events: Set<EventView.Kind>, from: String? = nil, room: String? = nil, isVerified: Bool = false,
        prefix: String? = nil, word: String? = nil
    ) {
        self.events = events
        self.from = from.map { $0.hasPrefix("earshot:") ? String($0.dropFirst("earshot:".count)) : $0 }
        self.room = room.map(Self.bareRoom)
        self.isVerified = isVerified
        self.prefix = prefix
        self.word = word?.lowercased()
    }

    private static func bareRoom(_ word: String) -> String {
        word.hasPrefix("#") ? String(word.dropFirst()) : word.hasPrefix("room:") ? String(word.dropFirst(5)) : word
    }

    /// Whether this is one of them. Never what we say ourselves: whoever answers that answers themselves for ever.
    package func fits(_ event: EventView) -> Bool {
        guard self.events.contains(event.kindOfEvent), !event.isOwnDoing else { return false }
        if event.message?.incomplete == true { return false }
        if let from, !Self.isPerson(from, event) { return false }
        if let room, !Self.isRoom(room, event) { return false }
        if self.isVerified, event.trustOfDoer != .verified { return false }
        if let prefix, !(event.saidText ?? "").hasPrefix(prefix) { return false }
        if let word, !Self.contains(word, event.saidText ?? "") { return false }
        return true
    }

    private static func isPerson(_ wanted: String, _ event: EventView) -> Bool {
        guard let doer = event.doer else { return false }
        if wanted.count >= self.shortestID, doer.person.description.hasPrefix(wanted.lowercased()) { return true }
        // Anybody may take a name: of strangers it says nothing.
        switch doer.trust {
        case .accepted, .verified: return doer.name.lowercased() == wanted.lowercased()
        case .new, .requested, .conflict, .blocked, nil: return false
        }
    }

    private static func isRoom(_ wanted: String, _ event: EventView) -> Bool {
        guard let room = event.room else { return false }
        if wanted.count >= self.shortestID, room.description.hasPrefix(wanted.lowercased()) { return true }
        return event.roomName?.lowercased() == wanted.lowercased()
    }

    private static func contains(_ word: String, _ text: String) -> Bool {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.contains { $0 == word }
    }
}

/// Who did it, where and with which words, whatever kind of event it is.
extension EventView {
    /// Somebody who did it, or whom it is about.
    package struct Doer: Hashable, Sendable {
        package let person: PersonID
        package let name: String
        package let trust: Trust?
    }

    package var doer: Doer? {
        if let message = self.message {
            return Doer(person: message.from, name: message.fromName, trust: message.trust)
        }
        if let peer = self.peer { return Doer(person: peer.person, name: peer.name, trust: peer.trust) }
        return self.transfer.map { Doer(person: $0.person, name: $0.peer, trust: $0.trust) }
    }

    package var trustOfDoer: Trust? { self.doer?.trust }

    /// What was said: nothing where nobody said anything.
    package var saidText: String? {
        if case .request(let person) = self.what { return person.request }
        return self.message?.text ?? self.transfer?.name
    }

    package var roomName: String? {
        switch self.what {
        case .room(let room): room.name
        case .typing(_, on: _, let room), .warning(_, _, let room): room?.name
        default: self.message?.roomName ?? self.transfer?.roomName ?? self.talk?.name
        }
    }

    /// Whether we did it ourselves. A reaction to a message of ours, or its receipt, is somebody else's doing.
    package var isOwnDoing: Bool {
        switch self.what {
        case .message(let message), .edit(let message), .delete(let message): message.mine
        case .offer(let transfer): transfer.direction == .out
        case .reaction, .receipt, .request, .contact, .presence, .typing, .live, .peer, .warning, .room, .talk,
            .transfer, .verification, .invitation:
            false
        }
    }
}
