import EarshotControl
import EarshotModel

/// Ids as words: letters that base32 has not become others, and the rest is filled up.
private func named(_ word: String) -> Hash32 {
    let others: [Character: Character] = ["0": "o", "1": "l", "8": "b", "9": "g"]
    let letters = String(word.map { others[$0] ?? $0 })
    let bytes = Base32.decode(letters + String(repeating: "a", count: max(0, 52 - letters.count)))
    guard let hash = bytes.flatMap({ Hash32($0) }) else { preconditionFailure("\(word) is no word for an id") }
    return hash
}

extension EnvelopeID: ExpressibleByStringInterpolation {
    package init(stringLiteral word: String) { self.init(hash: named(word)) }
}

extension PersonID: ExpressibleByStringInterpolation {
    package init(stringLiteral word: String) { self.init(hash: named(word)) }
}

extension Timestamp: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) {
        guard let time = Timestamp(rfc3339: text) else { preconditionFailure("\(text) is no time") }
        self = time
    }
}

/// What the door tells, for tests.
enum Door {
    static let anna: PersonID = "annaannaannaanna"
    static let zoe: PersonID = "zoe"
    private static let me: PersonID = "me"

    static func peer(
        _ trust: Trust = .accepted, online: Bool = true, _ change: (inout PersonView) -> Void = { _ in }
    ) -> PersonView {
        var view = PersonView(person: self.anna, name: "Anna", trust: trust, online: online)
        change(&view)
        return view
    }

    static func message(
        _ id: EnvelopeID, _ text: String, mine: Bool = false, at: Timestamp = "2026-11-21T10:31:00.000Z",
        _ change: (inout MessageView) -> Void = { _ in }
    ) -> MessageView {
        var view = MessageView(
            id: id, from: mine ? self.me : self.anna, fromName: mine ? "Bob" : "Anna",
            to: mine ? self.anna : self.me, toName: mine ? "Anna" : "Bob", mine: mine, text: text,
            state: mine ? .queued : .received, at: at)
        change(&view)
        return view
    }

    static func file(_ name: String, size: Int64? = nil) -> FileView {
        var file = FileView(name: name, count: 1)
        file.size = size
        return file
    }

    static func offer(
        _ id: EnvelopeID, _ state: TransferState = .offered, have: Int64 = 0,
        _ change: (inout TransferView) -> Void = { _ in }
    ) -> TransferView {
        var view = TransferView(
            id: id, direction: .in, person: self.anna, peer: "Anna", state: state,
            file: self.file("plans.pdf", size: 1_000_000), have: have, at: "2026-11-21T10:31:00.000Z")
        change(&view)
        return view
    }

    static func sent(
        _ id: EnvelopeID, _ state: MessageState = .queued, _ change: (inout SentView) -> Void = { _ in }
    ) -> SentView {
        var view = SentView(id: id, state: state, to: self.anna, toName: "Anna")
        change(&view)
        return view
    }

    static func event(_ what: EventView.What) -> EventView { EventView(cursor: 7, what) }
    static func event(_ message: MessageView) -> EventView { self.event(.message(message)) }
}
