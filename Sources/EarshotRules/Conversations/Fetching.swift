import EarshotModel
import EarshotWire

/// From whom each log is fetched just now. In a room many have the same: one of them is asked, and another once nothing
/// comes any more. All times are uptime in ms.
struct Fetching: Sendable {
    private struct Source: Sendable {
        let link: LinkID
        var movedAt: UInt64
    }

    private var sources: [ConversationID: [LogID: Source]] = [:]

    /// Whether a log may be asked for on a link.
    func mayAsk(_ log: LogID, _ id: ConversationID, _ link: LinkID, now: UInt64) -> Bool {
        guard let source = self.sources[id]?[log], source.link != link else { return true }
        return now >= source.movedAt + Limits.wantTime
    }

    mutating func asked(_ log: LogID, _ id: ConversationID, _ link: LinkID, now: UInt64) {
        self.sources[id, default: [:]][log] = Source(link: link, movedAt: now)
    }

    /// Something of a log came on a link. Says whether all that is to be had there has come.
    /// - Parameter isAll: whether nothing more of it is offered there.
    mutating func moved(_ log: LogID, _ id: ConversationID, _ link: LinkID, now: UInt64, isAll: Bool) -> Bool {
        guard self.sources[id]?[log]?.link == link else { return false }
        guard isAll else {
            self.sources[id]?[log]?.movedAt = now
            return false
        }
        self.sources[id]?[log] = nil
        if self.sources[id]?.isEmpty ?? false { self.sources[id] = nil }
        return true
    }

    /// What was asked for on a link did not come. Says whether anything was.
    mutating func forget(_ link: LinkID, _ id: ConversationID) -> Bool {
        guard let sources = self.sources[id] else { return false }
        let rest = sources.filter { $0.value.link != link }
        self.sources[id] = rest.isEmpty ? nil : rest
        return rest.count < sources.count
    }

    mutating func closed(_ link: LinkID) {
        for id in self.sources.keys { _ = self.forget(link, id) }
    }
}

/// What came to rooms and is to be told on to some who may not have heard it (Protocol.md 17). All times are uptime in
/// ms.
struct PassingOn: Sendable {
    private struct Waiting: Sendable {
        var logs: Set<LogID> = []
        var at: UInt64
    }

    private var waiting: [ConversationID: Waiting] = [:]
    /// When something of a conversation was last told on.
    private var toldAt: [ConversationID: UInt64] = [:]
    /// Whose turn it is: links take turns.
    private var turn = 0

    var wakeAt: UInt64? { self.waiting.values.map(\.at).min() }

    mutating func came(_ log: LogID, _ id: ConversationID, now: UInt64) {
        let after = self.toldAt[id].map { $0 + Limits.passOnTime } ?? 0
        self.waiting[id, default: Waiting(at: max(now + Limits.passOnDelay, after))].logs.insert(log)
    }

    /// What is to be told on now.
    mutating func due(now: UInt64) -> [(id: ConversationID, logs: Set<LogID>)] {
        let due = self.waiting.filter { $0.value.at <= now }.sorted { $0.key < $1.key }
        for (id, _) in due {
            self.waiting[id] = nil
            self.toldAt[id] = now
        }
        return due.map { ($0.key, $0.value.logs) }
    }

    /// Some of these links, others each time.
    mutating func some(of links: [LinkID]) -> [LinkID] {
        guard links.count > Limits.passOnLinks else { return links }
        defer { self.turn = (self.turn + Limits.passOnLinks) % 1_000_000 }
        return (0..<Limits.passOnLinks).map { links[(self.turn + $0) % links.count] }
    }
}
