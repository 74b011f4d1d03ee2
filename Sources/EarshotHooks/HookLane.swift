import EarshotConfig
import EarshotModel

/// One hook: which events it has still to do, when it may, and what came of it. All times are uptime in ms.
package struct HookLane: Sendable {
    package enum Action: Hashable, Sendable {
        case start(HookEvent)
        /// Something a person should know; said once until it changes.
        case warn(String)
    }

    /// Events that wait at most; the oldest of more is dropped, and counted.
    package static let mostWaiting = 256
    /// After a failure it rests so long, and twice as long after each further one.
    private static let firstRest: UInt64 = 1_000
    package static let longestRest: UInt64 = 300_000

    package let hook: Hook
    private var waiting: [HookEvent] = []
    package private(set) var running = 0
    package private(set) var runs: UInt64 = 0
    package private(set) var failures: UInt64 = 0
    /// Failures since it last went well.
    package private(set) var failing = 0
    package private(set) var dropped: UInt64 = 0
    package private(set) var last: (result: HookResult, at: Timestamp)?
    package private(set) var replies = ReplyLimit()
    /// Until then nothing is started.
    private var restsUntil: UInt64?
    private var warned: String?
    private var isDropping = false

    package init(_ hook: Hook) { self.hook = hook }

    package var waits: Int { self.waiting.count }

    /// An event that it is meant for.
    package mutating func take(_ event: HookEvent, at now: UInt64) -> [Action] {
        var actions: [Action] = []
        if self.waiting.count >= Self.mostWaiting {
            self.waiting.removeFirst()
            self.dropped += 1
            if !self.isDropping {
                actions.append(.warn("it is too slow: of what waits for it the oldest is dropped"))
            }
            self.isDropping = true
        }
        self.waiting.append(event)
        return actions + self.begin(now)
    }

    /// A run is over.
    package mutating func ended(_ result: HookResult, at now: UInt64, wall: Timestamp) -> [Action] {
        self.running = max(0, self.running - 1)
        self.runs += 1
        self.last = (result, wall)
        if result.isGood {
            self.failing = 0
            self.restsUntil = nil
            self.warned = nil
            return self.begin(now)
        }
        self.failures += 1
        self.failing += 1
        let rest = min(Self.firstRest << UInt64(min(self.failing - 1, 20)), Self.longestRest)
        self.restsUntil = now + rest
        var actions: [Action] = []
        if self.warned != result.text { actions.append(.warn(result.text)) }
        self.warned = result.text
        return actions + self.begin(now)
    }

    /// When to ask again, though nothing happened.
    package var wakeAt: UInt64? { self.waiting.isEmpty || self.running > 0 ? nil : self.restsUntil }

    package mutating func wake(at now: UInt64) -> [Action] { self.begin(now) }

    /// Whether it may say one thing more in a conversation.
    package mutating func mayReply(in place: String, at now: UInt64) -> ReplyLimit.Answer {
        self.replies.take(place, at: now)
    }

    private mutating func begin(_ now: UInt64) -> [Action] {
        if let until = self.restsUntil {
            guard now >= until else { return [] }
            self.restsUntil = nil
        }
        var actions: [Action] = []
        // After a failure one run shows whether it goes well again.
        let most = self.failing > 0 ? 1 : self.hook.parallel
        while self.running < most, !self.waiting.isEmpty {
            self.running += 1
            actions.append(.start(self.waiting.removeFirst()))
        }
        if self.waiting.isEmpty { self.isDropping = false }
        return actions
    }
}

/// How much a hook may say: so that two that answer each other do not fill a conversation.
package struct ReplyLimit: Sendable {
    package enum Answer: Hashable, Sendable {
        case say
        /// The first that is not said since one was.
        case warn
        case drop
    }

    /// In a conversation at once, and the time in ms in which there is one more.
    package static let burst: UInt64 = 10
    package static let span: UInt64 = 3_000
    /// Conversations that are told apart.
    private static let mostPlaces = 256

    private var places: [String: (bucket: TokenBucket, isSilent: Bool)] = [:]
    package private(set) var said: UInt64 = 0
    package private(set) var dropped: UInt64 = 0

    package init() {}

    /// - Parameter now: uptime in ms.
    package mutating func take(_ place: String, at now: UInt64) -> Answer {
        if self.places[place] == nil, self.places.count >= Self.mostPlaces {
            // Whoever was asked about longest ago is full again, or nearly.
            let oldest = self.places.min { ($0.value.bucket.askedAt ?? 0) < ($1.value.bucket.askedAt ?? 0) }
            if let oldest { self.places[oldest.key] = nil }
        }
        var entry = self.places[place] ?? (TokenBucket(1, per: Self.span, burst: Self.burst), false)
        defer { self.places[place] = entry }
        guard entry.bucket.take(now: now) != nil else {
            self.said += 1
            entry.isSilent = false
            return .say
        }
        self.dropped += 1
        defer { entry.isSilent = true }
        return entry.isSilent ? .drop : .warn
    }
}
