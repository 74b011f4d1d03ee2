import EarshotModel
import EarshotWire

/// What the engine keeps in mind of one open link.
struct LinkState: Sendable {
    let introduction: Introduction
    let remote: Endpoint
    /// Uptimes in ms.
    let openedAt: UInt64
    var heardAt: UInt64
    /// When we asked whether he is still there, and have not been answered.
    var askedAt: UInt64?
    var beatAt: UInt64
    /// Whether a datagram came through lately: then those we send probably do too.
    var datagramAt: UInt64?
    /// The call that is to replace this session, once it has become old.
    var renewingAt: UInt64?
    var syncs: [ConversationID: Sync] = [:]
    var requestSent = false
    /// What a device says of itself before a manifest lists it: heard once one does.
    var unheard: (name: String?, request: String?) = (nil, nil)
    /// The device is its person's, and was treated so.
    var isWelcome = false
    var typing = TokenBucket(Limits.typingPerSecond, burst: Limits.typingPerSecond)
    var fetches = TokenBucket(Limits.fetchesPerSecond, burst: Limits.fetchesAtOnce)
    var pushes = TokenBucket(Limits.pushesPerSecond, burst: Limits.pushesAtOnce)
    /// Envelopes pushed and not yet acknowledged that may be repeated in a datagram, and when.
    var repeats: [(conversation: ConversationID, seq: UInt64, frame: Frame, at: UInt64)] = []

    init(_ introduction: Introduction, remote: Endpoint, now: UInt64) {
        self.introduction = introduction
        self.remote = remote
        self.openedAt = now
        self.heardAt = now
        self.beatAt = now
    }

    var person: PersonID { self.introduction.person }
    var device: DeviceID { self.introduction.device }
}
