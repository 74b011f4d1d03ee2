/// When each of many things wants to be looked at again: a heap, so that the soonest is known at once and a change
/// costs the logarithm of how many there are. A key has one time; what is set for the same time comes in the order in
/// which it was set. All times are uptime in ms.
package struct Timers<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var at: UInt64
        var order: UInt64
        let key: Key

        func isBefore(_ other: Entry) -> Bool { (self.at, self.order) < (other.at, other.order) }
    }

    private var heap: [Entry] = []
    private var places: [Key: Int] = [:]
    private var order: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { self.heap.isEmpty }
    /// When the soonest is due.
    package var next: UInt64? { self.heap.first?.at }

    package subscript(key: Key) -> UInt64? { self.places[key].map { self.heap[$0].at } }

    /// Sets the time of a key, or takes it away.
    package mutating func set(_ key: Key, at time: UInt64?) {
        guard let time else { return self.remove(key) }
        if let place = self.places[key] {
            guard self.heap[place].at != time else { return }
            self.heap[place].at = time
            self.heap[place].order = self.nextOrder()
            self.settle(place)
        } else {
            self.heap.append(Entry(at: time, order: self.nextOrder(), key: key))
            self.places[key] = self.heap.count - 1
            self.settle(self.heap.count - 1)
        }
    }

    /// Takes out what is due, the soonest first.
    package mutating func due(now: UInt64) -> [Key] {
        var due: [Key] = []
        while let first = self.heap.first, first.at <= now {
            due.append(first.key)
            self.remove(first.key)
        }
        return due
    }

    private mutating func remove(_ key: Key) {
        guard let place = self.places.removeValue(forKey: key), let last = self.heap.popLast(),
            place < self.heap.count
        else { return }
        self.heap[place] = last
        self.places[last.key] = place
        self.settle(place)
    }

    private mutating func nextOrder() -> UInt64 {
        self.order += 1
        return self.order
    }

    /// Moves an entry up or down to where it belongs.
    private mutating func settle(_ start: Int) {
        var place = start
        while place > 0, self.heap[place].isBefore(self.heap[(place - 1) / 2]) {
            self.swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        while true {
            let (left, right) = (2 * place + 1, 2 * place + 2)
            guard left < self.heap.count else { return }
            let least = right < self.heap.count && self.heap[right].isBefore(self.heap[left]) ? right : left
            guard self.heap[least].isBefore(self.heap[place]) else { return }
            self.swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        self.heap.swapAt(one, other)
        self.places[self.heap[one].key] = one
        self.places[self.heap[other].key] = other
    }
}
