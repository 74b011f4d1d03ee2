/// What is done when its time has come. All times are uptime in ms.
struct Chores {
    private static let indexAfterStart: UInt64 = 2_000

    /// When the engine wants to be woken, as it said at the end of the last round.
    var wakeAt: UInt64?
    /// When words should be put into the index of the search; `nil` when all are.
    var indexAt: UInt64?
    /// When to look for messages whose time is over; `nil` when none has one.
    var sweepAt: UInt64?

    init(startedAt: UInt64) {
        self.indexAt = startedAt + Self.indexAfterStart
        self.sweepAt = startedAt
    }
}
