import EarshotModel
import EarshotWire

/// What is known of one open link. All times are uptime in ms.
struct LinkState: Sendable {
    private enum Pace {
        static let beat = Limits.presenceTime
        static let quiet = Limits.quietTime
        static let answer = Limits.answerTime
        static let doubtful: UInt64 = 3_000
        static let renewal = Limits.sessionTime
        static let renewalTry: UInt64 = 30_000
        /// Datagrams that came through so lately say that ours will too.
        static let live: UInt64 = 40_000
    }

    let introduction: Introduction
    let remote: Endpoint
    let openedAt: UInt64
    /// The device is its person's, and was treated so.
    private(set) var isWelcome = false
    /// What a device says of itself before a manifest lists it: heard once one does.
    private(set) var unheard: (name: String?, profile: Profile, request: String?) = (nil, Profile(), nil)
    private var heardAt: UInt64
    /// When we asked whether they are still there, and have not been answered.
    private var askedAt: UInt64?
    /// When the next sign of ours is due, if it is ours to give.
    private var beatAt: UInt64
    /// When a datagram last came through.
    private var datagramAt: UInt64?
    /// When a call that is to replace this session began.
    private var renewingAt: UInt64?
    /// What went of our request to talk, and how many came.
    private var requested = Requested.nothing
    private var requestsHeard = 0
    private var typing = TokenBucket(Limits.typingPerSecond, burst: Limits.typingPerSecond)
    private var verifies = TokenBucket(Limits.verifiesPerSecond, burst: Limits.verifiesAtOnce)
    private var fetches = TokenBucket(Limits.fetchesPerSecond, burst: Limits.fetchesAtOnce)
    private var presences = TokenBucket(Limits.presencesPerSecond, burst: Limits.presencesAtOnce)
    private var profiles = TokenBucket(Limits.profilesPerSecond, burst: Limits.profilesAtOnce)
    private var pictures = TokenBucket(Limits.picturesPerMinute, per: 60_000, burst: Limits.picturesPerMinute)
    private var keys = TokenBucket(Limits.keysPerMinute, per: 60_000, burst: Limits.keysPerMinute)
    private var prekeys = TokenBucket(Limits.prekeysPerMinute, per: 60_000, burst: Limits.prekeysPerMinute)
    private var mail = TokenBucket(Limits.sealedPerSecond, burst: Limits.sealedAtOnce)
    private var takes = TokenBucket(Limits.takesPerMinute, per: 60_000, burst: Limits.takesPerMinute)
    /// How to leave mail for its device, and whether it takes some: heard once we talk to its person.
    private(set) var unheardMail: (prekey: Prekey?, takes: Bool?) = (nil, nil)
    /// The key by which its device can be found, if it has told it.
    private(set) var key: DiscoveryKey?
    private var drafts = TokenBucket(Limits.draftsPerSecond, burst: Limits.draftsPerSecond)
    /// What it says of its person.
    private(set) var presence = HeardPresence.usual
    /// The other end shows what it writes, and wants to see what we do.
    private(set) var isLive = false

    private enum Requested: Int, Comparable {
        case nothing, greeting, words
        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    init(_ introduction: Introduction, remote: Endpoint, now: UInt64) {
        self.introduction = introduction
        self.remote = remote
        self.openedAt = now
        self.heardAt = now
        self.beatAt = Self.beat(after: now)
    }

    /// Signs to all go at the same moments, so that many sessions wake the node as seldom as one does.
    private static func beat(after now: UInt64) -> UInt64 { (now / Pace.beat + 1) * Pace.beat }

    var person: PersonID { self.introduction.person }
    var device: DeviceID { self.introduction.device }
    /// Whether we called.
    var isOurs: Bool { self.introduction.isInitiator }
    var isRenewed: Bool { self.renewingAt != nil }
    /// Whether datagrams get through just now.
    func isLive(now: UInt64) -> Bool { self.datagramAt.map { now < $0 + Pace.live } ?? false }
}

/// What happens to it.
extension LinkState {
    mutating func hear(_ path: LinkPath, now: UInt64) {
        self.heardAt = now
        self.askedAt = nil
        if path == .datagram { self.datagramAt = now }
    }

    mutating func welcome() { self.isWelcome = true }
    mutating func keep(name: String, _ profile: Profile) { (self.unheard.name, self.unheard.profile) = (name, profile) }
    mutating func keep(request: String) { self.unheard.request = request }

    /// Whether a request to talk may go: one for each session, and one more with what was written after a greeting.
    mutating func takeRequest(hasWords: Bool) -> Bool {
        let next = hasWords ? Requested.words : .greeting
        guard next > self.requested else { return false }
        self.requested = next
        return true
    }

    /// A request came. - Returns: how many there were before.
    mutating func hearRequest() -> Int {
        defer { self.requestsHeard = min(self.requestsHeard + 1, 2) }
        return self.requestsHeard
    }

    mutating func mayType(now: UInt64) -> Bool { self.typing.take(now: now) == nil }
    mutating func mayVerify(now: UInt64) -> Bool { self.verifies.take(now: now) == nil }
    mutating func mayFetch(now: UInt64) -> Bool { self.fetches.take(now: now) == nil }
    mutating func mayTellPresence(now: UInt64) -> Bool { self.presences.take(now: now) == nil }
    mutating func mayTellProfile() -> Bool { self.profiles.take(now: self.heardAt) == nil }
    mutating func mayAskForPicture(now: UInt64) -> Bool { self.pictures.take(now: now) == nil }
    mutating func mayTellKey(now: UInt64) -> Bool { self.keys.take(now: now) == nil }
    mutating func mayTellPrekey(now: UInt64) -> Bool { self.prekeys.take(now: now) == nil }
    mutating func keep(_ prekey: Prekey) { self.unheardMail.prekey = prekey }
    mutating func keep(takes: Bool) { self.unheardMail.takes = takes }
    mutating func takeUnheardMail() -> (prekey: Prekey?, takes: Bool?) {
        defer { self.unheardMail = (nil, nil) }
        return self.unheardMail
    }
    /// How many ms to read nothing more, as more blobs come than are read; `nil` if there is no need.
    mutating func mailWait(now: UInt64) -> UInt64? { self.mail.take(now: now) }
    mutating func mayTakeMail(now: UInt64) -> Bool { self.takes.take(now: now) == nil }
    mutating func keep(_ key: DiscoveryKey) { self.key = key }
    mutating func mayDraft(now: UInt64) -> Bool { self.drafts.take(now: now) == nil }
    mutating func hear(_ presence: HeardPresence) { self.presence = presence }
    mutating func hear(live isLive: Bool) { self.isLive = isLive }
    /// When something was last heard, by the clock on the wall.
    func heardAt(wall now: Moment) -> Timestamp {
        let ago = now.uptime > self.heardAt ? now.uptime - self.heardAt : 0
        return Timestamp(milliseconds: now.wall.milliseconds > ago ? now.wall.milliseconds - ago : 0)
    }
    mutating func renew(now: UInt64) { self.renewingAt = now }

    /// Something makes us doubt that they are there: they are asked, and have less time to answer than usual. Says
    /// whether to ask now.
    mutating func doubt(now: UInt64) -> Bool {
        guard self.askedAt == nil else { return false }
        self.askedAt = now > Pace.answer - Pace.doubtful ? now - (Pace.answer - Pace.doubtful) : 0
        return true
    }

    /// What time asks for.
    enum Due: Hashable, Sendable {
        /// Nobody answered.
        case silence
        /// Ask whether they are there.
        case question
        case beat
        /// The session is old.
        case renewal
    }

    mutating func due(now: UInt64) -> [Due] {
        if let asked = self.askedAt, now >= asked + Pace.answer {
            // Asked for once: the link ends, which takes a moment.
            self.askedAt = now
            return [.silence]
        }
        var due: [Due] = []
        if self.askedAt == nil, now >= self.heardAt + Pace.quiet {
            self.askedAt = now
            due.append(.question)
        }
        // Whoever called gives the sign, and the answer is the other's.
        if self.isOurs, now >= self.beatAt {
            self.beatAt = Self.beat(after: now)
            due.append(.beat)
        }
        if self.isOurs, now >= self.renewsAt {
            self.renewingAt = now
            due.append(.renewal)
        }
        return due
    }

    private var renewsAt: UInt64 { self.renewingAt.map { $0 + Pace.renewalTry } ?? self.openedAt + Pace.renewal }
}

extension LinkState: Timed {
    var wakeAt: UInt64? {
        let silence = self.askedAt.map { $0 + Pace.answer } ?? self.heardAt + Pace.quiet
        return self.isOurs ? min(silence, self.beatAt, self.renewsAt) : silence
    }
}
