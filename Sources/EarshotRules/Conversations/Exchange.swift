import EarshotModel
import EarshotWire

/// What goes back and forth on one link to bring conversations level: how far each is, what has to be acknowledged, and
/// what may have to be said again. All times are uptime in ms.
struct Exchange: Sendable {
    private struct Repeat: Sendable {
        let conversation: ConversationID
        let seq: UInt64
        let frame: Frame
        let at: UInt64
    }

    /// Repeated at once.
    private static let repeatsAtOnce = 8

    private var syncs: [ConversationID: Sync] = [:]
    /// Envelopes pushed and not yet acknowledged, which may be repeated in a datagram.
    private var repeats: [Repeat] = []
    /// Conversations and logs to acknowledge at the end of this round.
    private var owed: [ConversationID: Set<LogID>] = [:]
    /// Rooms' conversations of which the other end was told all that we hold.
    private var greeted: Set<ConversationID> = []
    private var pushes = TokenBucket(Limits.pushesPerSecond, burst: Limits.pushesAtOnce)

    subscript(conversation: ConversationID) -> Sync {
        get { self.syncs[conversation] ?? Sync() }
        _modify { yield &self.syncs[conversation, default: Sync()] }
    }

    func isHeard(_ conversation: ConversationID) -> Bool { self.syncs[conversation]?.isHeard ?? false }

    mutating func greet(_ conversation: ConversationID) { self.greeted.insert(conversation) }
    func isGreeted(_ conversation: ConversationID) -> Bool { self.greeted.contains(conversation) }

    /// Our own log of a conversation is another one from now on.
    mutating func beganAnew(_ conversation: ConversationID) { self.syncs[conversation]?.beganAnew() }

    /// How many ms to read nothing more, as more came unasked than is read; `nil` if there is no need.
    mutating func take(now: UInt64) -> UInt64? { self.pushes.take(now: now) }

    mutating func owe(_ conversation: ConversationID, _ logs: Set<LogID>) {
        self.owed[conversation, default: []].formUnion(logs)
    }

    mutating func pay() -> [ConversationID: Set<LogID>] {
        defer { self.owed = [:] }
        return self.owed
    }

    /// An envelope was pushed; if its acknowledgement is late it goes once more, by the other path (Protocol.md 5).
    mutating func pushed(_ envelope: Envelope, now: UInt64) {
        guard envelope.wire.count <= Limits.repeatedBytes else { return }
        self.repeats.append(
            Repeat(
                conversation: envelope.conversation, seq: envelope.seq, frame: .envelopes([envelope]),
                at: now + Limits.lateTime))
    }

    /// They hold our log of a conversation up to `seq`.
    mutating func acknowledged(_ conversation: ConversationID, to seq: UInt64) {
        self.repeats.removeAll { $0.conversation == conversation && $0.seq <= seq }
    }

    /// What goes once more now.
    mutating func late(now: UInt64) -> [Frame] {
        let late = self.repeats.filter { $0.at <= now }
        self.repeats.removeAll { $0.at <= now }
        return late.prefix(Self.repeatsAtOnce).map(\.frame)
    }

    /// In which conversations something has to be asked for again.
    mutating func overdue(now: UInt64) -> [ConversationID] {
        let overdue = self.syncs.filter { $0.value.wakeAt.map { $0 <= now } ?? false }.keys.sorted()
        for conversation in overdue { self.syncs[conversation]?.forgetOverdue(now: now) }
        return overdue
    }
}

extension Exchange: Timed {
    var wakeAt: UInt64? {
        let wants = self.syncs.values.reduce(nil as UInt64?) { soonest, sync in
            sync.wakeAt.map { min(soonest ?? $0, $0) } ?? soonest
        }
        return self.repeats.reduce(wants) { min($0 ?? $1.at, $1.at) }
    }
}
