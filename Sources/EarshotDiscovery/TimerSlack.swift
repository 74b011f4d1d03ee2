/// How exactly Avahi's timers are kept. Asking again whether somebody is here, as mDNS does ever more rarely, takes a
/// handful of timers within a second, and none of them matters to anybody while nobody else speaks: then they are
/// taken together, and the machine sleeps on.
struct TimerSlack {
    /// All in ms. Timers are exact for so long after the beginning, and after anything that others said.
    private static let alert: UInt64 = 5_000
    /// Else one that is due sooner than this is as late as this.
    private static let nap: Int32 = 1_000
    /// And what is left to do after that, when the question is out, can wait longer: Avahi only tidies up.
    private static let rest: Int32 = 10_000
    /// What we sent ourselves comes back within so much.
    private static let echo: UInt64 = 5

    private enum Waiting { case exactly, napping, resting }

    private var alertUntil: UInt64
    private var waiting = Waiting.exactly
    /// A nap is over, and no timer came since that was further off.
    private var hasNapped = false
    /// The last waking was for a timer: then we have probably sent something.
    private var wasTimer = false

    /// - Parameter now: uptime.
    init(now: UInt64) { self.alertUntil = now + Self.alert }

    /// For how long to wait where Avahi asks for `timeout`; −1 is for ever.
    mutating func wait(_ timeout: Int32, now: UInt64) -> Int32 {
        guard timeout > 0, timeout < Self.nap, now >= self.alertUntil else {
            if timeout != 0 { self.waiting = .exactly }
            return timeout
        }
        self.waiting = self.hasNapped ? .resting : .napping
        return self.hasNapped ? Self.rest : Self.nap
    }

    /// Something came, or no time is left, after a wait of so long.
    mutating func woke(hasCome: Bool, after waited: UInt64, now: UInt64) {
        let isEcho = self.wasTimer && waited <= Self.echo
        if hasCome, !isEcho {
            self.alertUntil = now + Self.alert
            self.hasNapped = false
        } else if !hasCome, waited > 0 {
            self.hasNapped = self.waiting == .napping
        }
        if !hasCome { self.wasTimer = true } else if !isEcho { self.wasTimer = false }
    }
}
