/// How exactly Avahi's timers are kept. Asking again whether somebody is here, as mDNS does ever more rarely, takes a handful of timers within
/// a second, and none of them matters to anybody while nobody else speaks: then they are taken together, and the machine sleeps on.
struct Doze {
    /// All in ms. Timers are exact for so long after the beginning, and after anything that others said.
    private static let alert: UInt64 = 5_000
    /// Else one that is due sooner than this is as late as this.
    private static let nap: Int32 = 1_000
    /// What we sent ourselves comes back within so much.
    private static let echo: UInt64 = 5

    private var alertUntil: UInt64
    /// The last waking was for a timer: then we have probably sent something.
    private var wasTimer = false

    /// - Parameter now: uptime.
    init(now: UInt64) { self.alertUntil = now + Self.alert }

    /// For how long to wait where Avahi asks for `timeout`; −1 is for ever.
    func wait(_ timeout: Int32, now: UInt64) -> Int32 { timeout > 0 && timeout < Self.nap && now >= self.alertUntil ? Self.nap : timeout }

    /// Something came, or no time is left, after a wait of so long.
    mutating func woke(hasCome: Bool, after waited: UInt64, now: UInt64) {
        if hasCome, !self.wasTimer || waited > Self.echo { self.alertUntil = now + Self.alert }
        if !hasCome { self.wasTimer = true } else if waited > Self.echo { self.wasTimer = false }
    }
}
