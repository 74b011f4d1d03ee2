import EarshotModel

/// What others are writing just now. Times are uptime in ms.
struct ChatWriting: Sendable {
    private static let believed: UInt64 = 12_000

    /// Who is typing, what they are called, and until when that is believed.
    private(set) var typists: [PersonID: (name: String, until: UInt64)] = [:]
    /// Text that is shown while it is typed: whether we have it on, and whether they have.
    private(set) var live = (ours: false, theirs: false)
    /// What they are writing, where both have it on.
    private(set) var draft = ""

    /// `Anna is typing`, `Anna and Bob are typing`.
    var words: String? {
        let names = self.typists.values.map(\.name).sorted()
        guard let last = names.last else { return nil }
        guard names.count > 1 else { return "\(last) is typing" }
        if names.count > 3 { return "\(names[0]), \(names[1]) and \(names.count - 2) others are typing" }
        return "\(names.dropLast().joined(separator: ", ")) and \(last) are typing"
    }

    var wakeAt: UInt64? { self.typists.values.map(\.until).min() }

    mutating func tick(at now: UInt64) { self.typists = self.typists.filter { $0.value.until > now } }

    mutating func types(_ person: PersonID, name: String, _ on: Bool, at now: UInt64) {
        self.typists[person] = on ? (name, now + Self.believed) : nil
    }
    mutating func stops(_ person: PersonID) { self.typists[person] = nil }
    /// Their words are there.
    mutating func said(_ person: PersonID) {
        self.stops(person)
        self.draft = ""
    }

    mutating func setLive(ours: Bool, theirs: Bool) {
        self.live = (ours, theirs)
        if !ours { self.draft = "" }
    }
    mutating func hear(live on: Bool, _ text: String) {
        self.live.theirs = on
        self.draft = self.live.ours && on ? text : ""
    }

    /// The node is gone, and nobody tells.
    mutating func lost() { (self.typists, self.live.theirs, self.draft) = ([:], false, "") }
}
