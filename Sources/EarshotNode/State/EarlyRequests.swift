import EarshotControl

/// Requests that came when the node had only just begun to look around: they wait for what discovery finds in its
/// first second, so that nobody is told "nobody is here" of people who are.
struct EarlyRequests {
    /// Ms from the start on: for what is announced, and for calls that are under way by then.
    private static let announcing: UInt64 = 1_000
    private static let calling: UInt64 = 1_500

    private let startedAt: UInt64
    private let looks: Bool
    private(set) var held: [Asked] = []

    /// - Parameter looks: whether there is any discovery to wait for.
    init(startedAt: UInt64, looks: Bool) {
        self.startedAt = startedAt
        self.looks = looks
    }

    /// When the first look around is over at the latest; uptime in ms.
    var end: UInt64 { self.startedAt + Self.calling }

    /// Whether more may be found in a moment.
    func isLooking(calls: Bool, now: UInt64) -> Bool {
        self.looks && now < self.startedAt + Self.announcing || calls && now < self.end
    }

    /// Requests of one caller are done in their order: what comes after one that waits waits too.
    func holds(_ caller: CallerID) -> Bool { self.held.contains { $0.caller == caller } }
    mutating func hold(_ asked: Asked) { self.held.append(asked) }
    mutating func forget(_ caller: CallerID) { self.held.removeAll { $0.caller == caller } }

    /// All that waits, to be looked at again; what must wait on is held anew.
    mutating func take() -> [Asked] {
        defer { self.held = [] }
        return self.held
    }

    /// When to look again; `nil` while nothing waits.
    func wakeAt(now: UInt64) -> UInt64? {
        guard !self.held.isEmpty else { return nil }
        let announced = self.startedAt + Self.announcing
        return now < announced ? announced : max(self.end, now + 1)
    }
}
