import NIOCore

/// All clients of the socket together, or of another way in: how many there are, and which of them may send a long
/// line. On one loop.
package final class ControlGuests {
    /// Bytes of a line that every client may have under way.
    static let shortLine = 256 << 10
    /// Longer lines that are under way at a time, so that many long lines are not in memory together.
    private static let mostLong = 4
    /// Whoever holds a place for a long line and sends nothing for so long, while others wait, loses it.
    private static let patience = TimeAmount.seconds(10)
    /// However steadily it sends, no line takes so long while others wait.
    private static let longest = TimeAmount.minutes(1)

    /// Clients at most.
    package let most: Int
    package private(set) var count = 0
    private var long: [ObjectIdentifier: (since: NIODeadline, moved: NIODeadline)] = [:]
    private var waiting: [(id: ObjectIdentifier, admit: () -> Void)] = []

    package init(most: Int) { self.most = most }

    var isFull: Bool { self.count >= self.most }
    func enter() { self.count += 1 }

    func leave(_ id: ObjectIdentifier) {
        self.count -= 1
        self.waiting.removeAll { $0.id == id }
        self.finished(id)
    }

    /// Whether a client may go on with its long line; else `admit` is called once it may.
    func admits(_ id: ObjectIdentifier, now: NIODeadline, admit: @escaping () -> Void) -> Bool {
        if self.long[id] == nil, self.long.count >= Self.mostLong {
            self.waiting.append((id, admit))
            return false
        }
        self.long[id] = (self.long[id]?.since ?? now, now)
        return true
    }

    /// A client's long line is whole, or given up.
    func finished(_ id: ObjectIdentifier) {
        guard self.long.removeValue(forKey: id) != nil, !self.waiting.isEmpty else { return }
        let next = self.waiting.removeFirst()
        self.long[next.id] = (.now(), .now())
        next.admit()
    }

    /// Whether a client must give up its long line: others wait, and nothing has come of it for long.
    func isStalled(_ id: ObjectIdentifier, now: NIODeadline) -> Bool {
        guard let place = self.long[id], !self.waiting.isEmpty else { return false }
        return now - place.moved >= Self.patience || now - place.since >= Self.longest
    }
}
