import EarshotModel
import EarshotWire

/// How present we are, what others are told of it, and when we last saw them. All times are uptime in ms but those that
/// are stamps.
struct OwnPresence: Sendable {
    /// Keys of what is kept.
    enum Key {
        static let chosen = "own.presence"
        static let text = "own.status"
    }

    /// What our person has chosen; `online` until they do.
    private(set) var chosen: Presence
    private(set) var text: String
    /// Persons to whom our people show what they write while they write it.
    var liveTalks: Set<PersonID> = []
    /// When our person last did something; `nil` while nothing tells of that, and then they are never away by
    /// themselves.
    private var activeAt: UInt64?
    private var isIdle = false
    /// Ms without activity until one is away; 0 for never.
    private(set) var idleAfter: UInt64 = 600_000
    /// Whom we tell since when we have done nothing, and who may note when we were here.
    private(set) var policy = SeenPolicy.contacts
    /// What was set and not told yet.
    private var isUntold = false
    /// When persons were last here.
    private(set) var seen: [PersonID: Timestamp]

    init(_ snapshot: Snapshot) {
        self.chosen = snapshot.settings[Key.chosen].flatMap { Presence(rawValue: $0) } ?? .online
        self.text = SafeText.name(snapshot.settings[Key.text] ?? "")
        self.seen = snapshot.seen
    }

    /// What others see of us.
    var shown: Presence { self.chosen == .online && self.isIdle ? .away : self.chosen }

    /// What a person is told.
    /// - Parameter contact: `nil` for a stranger, who learns no more than whether we want to be taken as here.
    func notice(for contact: Contact?, now: UInt64) -> PresenceNotice {
        guard let contact else { return PresenceNotice(self.shown == .invisible ? .invisible : .online) }
        let isTold =
            switch self.policy {
            case .contacts: true
            case .verified: contact.trust == .verified
            case .nobody: false
            }
        guard self.shown != .invisible else { return PresenceNotice(.invisible, isUnnoted: !isTold) }
        let rest = self.activeAt.map { now > $0 ? (now - $0) / 1_000 : 0 } ?? 0
        let idle = isTold && self.shown == .away && rest > 0 ? UInt32(clamping: rest) : nil
        return PresenceNotice(self.shown, text: self.text, idle: idle, isUnnoted: !isTold)
    }

    // MARK: what happens

    mutating func use(idleAfter: UInt64, _ policy: SeenPolicy) {
        if (self.idleAfter, self.policy) != (idleAfter, policy) { self.isUntold = true }
        (self.idleAfter, self.policy) = (idleAfter, policy)
        if self.idleAfter == 0 { self.isIdle = false }
    }

    /// Whether others are to be told because of what was set.
    mutating func takeUntold() -> Bool {
        defer { self.isUntold = false }
        return self.isUntold
    }

    /// Says whether others see us otherwise now.
    mutating func choose(_ presence: Presence?, text: String?) -> [Fact] {
        var facts: [Fact] = []
        if let presence, presence != self.chosen {
            self.chosen = presence
            self.isIdle = false
            facts.append(.setting(Key.chosen, presence == .online ? nil : presence.rawValue))
        }
        if let clean = text.map(SafeText.name), clean != self.text {
            self.text = clean
            facts.append(.setting(Key.text, clean.isEmpty ? nil : clean))
        }
        return facts
    }

    /// Our person did something.
    /// - Parameter begins: it comes from something that tells each time they do.
    /// - Returns: whether others see us otherwise now.
    mutating func act(begins: Bool, now: UInt64) -> Bool {
        guard begins || self.activeAt != nil else { return false }
        self.activeAt = now
        defer { self.isIdle = false }
        return self.isIdle
    }

    /// When `wake` should be asked.
    var wakeAt: UInt64? {
        guard self.chosen == .online, !self.isIdle, self.idleAfter > 0 else { return nil }
        return self.activeAt.map { $0.addingReportingOverflow(self.idleAfter).partialValue }
    }

    /// Says whether others see us otherwise now.
    mutating func wake(now: UInt64) -> Bool {
        guard let at = self.wakeAt, now >= at else { return false }
        self.isIdle = true
        return true
    }

    /// A contact was here until now, or asks not to be told of.
    mutating func note(_ person: PersonID, seen at: Timestamp?) -> [Fact] {
        guard self.seen[person] != at else { return [] }
        self.seen[person] = at
        return [.seen(person, at: at)]
    }
}

/// What a device says of its person, as it was heard.
package struct HeardPresence: Hashable, Sendable {
    package let presence: Presence
    /// Clean; empty where they say nothing.
    package let text: String
    /// Since when they have done nothing, by our clock.
    package let idleSince: Timestamp?
    /// They ask that nobody notes when they were here.
    package let isUnnoted: Bool

    var bare: HeardPresence {
        HeardPresence(
            PresenceNotice(self.presence == .invisible ? .invisible : .online), at: Timestamp(milliseconds: 0))
    }

    static let usual = HeardPresence(PresenceNotice(.online), at: Timestamp(milliseconds: 0))

    init(_ notice: PresenceNotice, at now: Timestamp) {
        self.presence = notice.presence
        self.text = SafeText.name(notice.text)
        self.idleSince = notice.idle.map { idle in
            let ms = UInt64(idle) * 1_000
            return Timestamp(milliseconds: now.milliseconds > ms ? now.milliseconds - ms : 0)
        }
        self.isUnnoted = notice.isUnnoted
    }
}
