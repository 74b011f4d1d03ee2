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
    /// On which links more of a log was offered than we held.
    private var offering: [ConversationID: [LogID: Set<LinkID>]] = [:]
    /// Logs of which the next envelope cannot be stored: it is not asked for again before the next start.
    private var givenUp: Set<LogID> = []

    init() {}

    /// Begins again from what is on disk.
    init(again old: Fetching) { self.givenUp = old.givenUp }

    mutating func giveUp(on log: LogID) { self.givenUp.insert(log) }
    func isGivenUp(_ log: LogID) -> Bool { self.givenUp.contains(log) }

    mutating func offered(_ log: LogID, _ id: ConversationID, _ link: LinkID) {
        self.offering[id, default: [:]][log, default: []].insert(link)
    }

    /// The links on which a log was offered since this was last asked, in order: one of them may have the rest of it.
    mutating func takeOffering(_ log: LogID, _ id: ConversationID) -> [LinkID] {
        self.offering[id]?.removeValue(forKey: log)?.sorted() ?? []
    }

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
        for id in Array(self.offering.keys) { self.offering[id]?.leave(link) }
    }
}

extension [LogID: Set<LinkID>] {
    fileprivate mutating func leave(_ link: LinkID) {
        for log in Array(self.keys) where self[log]?.remove(link) != nil && self[log]?.isEmpty ?? false {
            self[log] = nil
        }
    }
}
