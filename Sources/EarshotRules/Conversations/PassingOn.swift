import EarshotModel
import EarshotWire

/// What came to rooms and is told on, as its author may not reach everybody (Protocol.md 17): to each link once, to a
/// few at a time. All times are uptime in ms.
struct PassingOn: Sendable {
    private struct Room: Sendable {
        /// What came is counted; when each log last grew, by that count.
        var count: UInt64 = 0
        var grew: [LogID: UInt64] = [:]
        /// Up to where each link was told.
        var told: [LinkID: UInt64] = [:]
        /// When something is told next; `nil` where there is nothing to tell.
        var at: UInt64?
        var lastAt: UInt64?

        mutating func came(_ log: LogID, on link: LinkID, from earliest: UInt64, pause: UInt64) {
            let isLevel = self.told[link] == self.count
            self.count += 1
            self.grew[log] = self.count
            // Whoever brought it need not be told.
            if isLevel { self.told[link] = self.count }
            self.at = self.at ?? max(earliest, self.lastAt.map { $0 + pause } ?? 0)
        }
    }

    private var rooms: [ConversationID: Room] = [:]
    /// With whom to begin: each node begins elsewhere, and they take turns.
    private var turn: Int

    /// - Parameter start: any number, another on each node.
    init(start: UInt8) { self.turn = Int(start) }

    var wakeAt: UInt64? { self.rooms.values.compactMap(\.at).min() }

    /// A log grew by what came on a link.
    mutating func came(_ log: LogID, _ id: ConversationID, on link: LinkID, isOperation: Bool, now: UInt64) {
        let wait = isOperation ? Limits.passOnOperations : Limits.passOnDelay
        let pause = isOperation ? Limits.passOnOperations : Limits.passOnTime
        self.rooms[id, default: Room()].came(log, on: link, from: now + wait, pause: pause)
    }

    /// The other end was told all that we hold.
    mutating func greeted(_ link: LinkID, _ id: ConversationID) {
        let count = self.rooms[id]?.count
        self.rooms[id]?.told[link] = count
    }

    mutating func closed(_ link: LinkID) {
        for id in self.rooms.keys { self.rooms[id]?.told[link] = nil }
    }

    /// The conversations in which something is told now.
    func due(now: UInt64) -> [ConversationID] {
        self.rooms.filter { $0.value.at.map { $0 <= now } ?? false }.keys.sorted()
    }

    /// Which of these links are told now, and of which logs. The others come later.
    mutating func next(
        _ id: ConversationID, _ links: [LinkID], isOperation: Bool, now: UInt64
    ) -> [(link: LinkID, logs: Set<LogID>)] {
        guard var room = self.rooms.removeValue(forKey: id) else { return [] }
        var untold = links.filter { (room.told[$0] ?? 0) < room.count }
        if !untold.isEmpty {
            let start = self.turn % untold.count
            untold = Array(untold[start...] + untold[..<start])
        }
        self.turn = (self.turn + Limits.passOnLinks) % 1_000_003
        let chosen = untold.prefix(Limits.passOnLinks).map { link in
            let before = room.told[link] ?? 0
            return (link: link, logs: Set(room.grew.filter { $0.value > before }.keys))
        }
        for (link, _) in chosen { room.told[link] = room.count }
        let pause = isOperation ? Limits.passOnOperations : Limits.passOnTime
        room.at = untold.count > chosen.count ? now + pause : nil
        room.lastAt = now
        self.rooms[id] = room
        return chosen
    }
}
