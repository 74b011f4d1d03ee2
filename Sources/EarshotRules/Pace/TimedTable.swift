/// A value that knows when it wants to be looked at again.
protocol Timed {
    /// Uptime in ms; `nil` if time alone changes nothing for it.
    var wakeAt: UInt64? { get }
}

/// Values by key, and which of them wants to be looked at next. Whoever changes one cannot forget its timer.
struct TimedTable<Key: Hashable & Sendable, Value: Timed & Sendable>: Sendable {
    private var values: [Key: Value] = [:]
    private var timers = Timers<Key>()
    #if DEBUG
        let looks = Looks()
    #endif

    var count: Int { self.values.count }
    /// All of them: for what concerns each, and for nothing that happens often.
    var all: [Key: Value] {
        self.look(self.values.count)
        return self.values
    }

    var next: UInt64? { self.timers.next }

    subscript(key: Key) -> Value? {
        get {
            self.look(1)
            return self.values[key]
        }
        _modify {
            self.look(1)
            yield &self.values[key]
            self.timers.set(key, at: self.values[key]?.wakeAt)
        }
    }

    /// Gives each whose time has come to `body`, the soonest first.
    mutating func wake(now: UInt64, _ body: (Key, inout Value) -> Void) {
        for key in self.timers.due(now: now) {
            guard var value = self.values.removeValue(forKey: key) else { continue }
            body(key, &value)
            self[key] = value
        }
    }

    private func look(_ count: Int) {
        #if DEBUG
            self.looks.add(count)
        #endif
    }
}
