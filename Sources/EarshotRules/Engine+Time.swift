import EarshotModel
import EarshotWire

/// What happens because time went by, or because something made us doubt our links.
extension Engine {
    /// All in ms.
    private enum Pace {
        static let beat = Limits.presenceTime
        static let quiet = Limits.quietTime
        static let answer = Limits.answerTime
        static let doubtful: UInt64 = 3_000
        static let renewal = Limits.sessionTime
        static let renewalTry: UInt64 = 30_000
        static let space: UInt64 = 5_000
    }

    /// Below so many free bytes nothing more is taken in.
    private static let reserve: UInt64 = 16 << 20

    /// When to be woken, uptime in ms.
    package var wakeAt: UInt64? {
        var soonest = self.dialer.wakeAt(mayCallStrangers: self.mayCallStrangers)
        func consider(_ at: UInt64?) { if let at { soonest = min(soonest ?? at, at) } }
        for state in self.links.values {
            consider(
                state.askedAt.map { $0 + Pace.answer } ?? min(state.heardAt + Pace.quiet, state.beatAt + Pace.beat))
            if state.introduction.isInitiator {
                consider(state.renewingAt.map { $0 + Pace.renewalTry } ?? state.openedAt + Pace.renewal)
            }
            for sync in state.syncs.values { consider(sync.wakeAt) }
            consider(state.repeats.map(\.at).min())
        }
        consider(self.transfers.wakeAt)
        if self.trouble != nil { consider((self.spaceAskedAt ?? 0) + Pace.space) }
        return soonest
    }

    mutating func wake(at now: Moment) -> [Effect] {
        var effects: [Effect] = []
        for link in self.links.keys.sorted() {
            guard let state = self.links[link] else { continue }
            if let asked = state.askedAt, now.uptime >= asked + Pace.answer {
                effects.append(.close(link, .goingAway))
                continue
            }
            if state.askedAt == nil, now.uptime >= state.heardAt + Pace.quiet {
                self.links[link]?.askedAt = now.uptime
                effects.append(.transmit([.ping(now.uptime)], link))
            }
            if now.uptime >= state.beatAt + Pace.beat {
                self.links[link]?.beatAt = now.uptime
                effects.append(.datagram(.ping(now.uptime), link))
            }
            effects += self.repeated(link, at: now) + self.askAgain(link, at: now)
            if state.introduction.isInitiator,
                now.uptime >= state.renewingAt.map({ $0 + Pace.renewalTry }) ?? (state.openedAt + Pace.renewal)
            {
                effects += self.renew(link, at: now)
            }
        }
        if self.trouble != nil, now.uptime >= (self.spaceAskedAt ?? 0) + Pace.space {
            self.spaceAskedAt = now.uptime
            effects.append(.measureSpace)
        }
        return effects
    }

    /// Envelopes whose acknowledgement is late go once more, by the other path (Protocol.md 5).
    private mutating func repeated(_ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link] else { return [] }
        self.links[link]?.repeats.removeAll { $0.at <= now.uptime }
        return state.repeats.filter { $0.at <= now.uptime }.prefix(8).map { .datagram($0.frame, link) }
    }

    private mutating func askAgain(_ link: LinkID, at now: Moment) -> [Effect] {
        var frames: [Frame] = []
        for id in self.links[link]?.syncs.keys.map({ $0 }) ?? [] {
            guard let wakeAt = self.links[link]?.syncs[id]?.wakeAt, now.uptime >= wakeAt else { continue }
            self.links[link]?.syncs[id]?.forgetOverdue(now: now.uptime)
            frames += self.wants(link, id, at: now)
        }
        return frames.isEmpty ? [] : [.transmit(frames, link)]
    }

    /// The session is old or worn: a new one takes its place (make before break, Protocol.md 4).
    mutating func renew(_ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link], state.introduction.isInitiator else { return [] }
        self.links[link]?.renewingAt = now.uptime
        guard let dial = self.dialer.renewal(state.device, state.remote, now: now.uptime) else { return [] }
        return [.dial(dial, state.remote, .device(state.device))]
    }

    /// The network changed under us: ask on every link whether someone is still there, and wait less long than usual.
    mutating func checkLinks(at now: Moment) -> [Effect] {
        self.links.keys.sorted().flatMap { self.check($0, at: now) }
    }

    mutating func check(shortID: String, at now: Moment) -> [Effect] {
        self.links.filter { $0.value.device.shortID == shortID }.keys.sorted().flatMap { self.check($0, at: now) }
    }

    private mutating func check(_ link: LinkID, at now: Moment) -> [Effect] {
        guard self.links[link]?.askedAt == nil else { return [] }
        let asked = now.uptime > Pace.answer - Pace.doubtful ? now.uptime - (Pace.answer - Pace.doubtful) : 0
        self.links[link]?.askedAt = asked
        return [.transmit([.ping(now.uptime)], link)]
    }

    // MARK: disk

    /// A commit failed, and so would every other: from now on nothing is taken in until one can succeed.
    package mutating func note(_ trouble: StorageTrouble, at now: Moment) {
        self.trouble = trouble
        self.spaceAskedAt = now.uptime
    }

    /// The next envelope of a log cannot be stored, whatever is done: no more of that log is taken in.
    package mutating func giveUp(on log: LogID) { self.stuck.insert(log) }

    /// So many bytes are free, and something could be written or not.
    mutating func measured(free: UInt64, _ trouble: StorageTrouble?, at now: Moment) -> [Effect] {
        let before = self.trouble
        self.trouble = trouble ?? (free < Self.reserve ? .full : nil)
        guard before != nil, self.trouble == nil else { return [] }
        // What was turned away is asked for now.
        return self.links.keys.sorted().flatMap { self.offerAgain($0) }
    }
}
