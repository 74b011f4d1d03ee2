/// A value that knows when it wants to be looked at again.
protocol Timed {
    /// Uptime in ms; `nil` if time alone changes nothing for it.
    var wakeAt: UInt64? { get }
}

/// Values by key, and which of them wants to be looked at next. Whoever changes one cannot forget its timer.
struct TimedTable<Key: Hashable & Sendable, Value: Timed & Sendable>: Sendable {
    private(set) var all: [Key: Value] = [:]
    private var timers = Timers<Key>()

    var next: UInt64? { self.timers.next }

    subscript(key: Key) -> Value? {
        get { self.all[key] }
        _modify {
            yield &self.all[key]
            self.timers.set(key, at: self.all[key]?.wakeAt)
        }
    }

    /// Gives each whose time has come to `body`, the soonest first.
    mutating func wake(now: UInt64, _ body: (Key, inout Value) -> Void) {
        for key in self.timers.due(now: now) {
            guard var value = self.all.removeValue(forKey: key) else { continue }
            body(key, &value)
            self[key] = value
        }
    }
}
