import EarshotModel
import EarshotWire

/// Nodes that are seen for the first time: so many a second are taken in, and those beyond wait for the next second, as
/// a quiet node does not tell of itself again. Of too many the newest are not heard.
struct Newcomers: Sendable {
    private var bucket = TokenBucket(Limits.newNodesPerSecond, burst: Limits.newNodesPerSecond)
    private var waiting: [(shortID: String, endpoints: [Endpoint])] = []
    /// Where each of them is.
    private var places: [String: Int] = [:]
    /// When the first of them may come in; uptime in ms.
    private(set) var wakeAt: UInt64?

    /// Whether a node may come in now; else it waits.
    mutating func admits(_ shortID: String, _ endpoints: [Endpoint], now: UInt64) -> Bool {
        if let place = self.places[shortID] {
            self.add(endpoints, at: place)
            return false
        }
        if self.waiting.isEmpty, self.bucket.take(now: now) == nil { return true }
        guard self.waiting.count < Limits.waitingNodes else { return false }
        self.places[shortID] = self.waiting.count
        self.waiting.append((shortID, []))
        self.add(endpoints, at: self.waiting.count - 1)
        self.wakeAt = self.wakeAt ?? now + 1_000
        return false
    }

    private mutating func add(_ endpoints: [Endpoint], at place: Int) {
        for endpoint in endpoints
        where self.waiting[place].endpoints.count < Limits.addressesPerNode
            && !self.waiting[place].endpoints.contains(endpoint)
        {
            self.waiting[place].endpoints.append(endpoint)
        }
    }

    /// An advert was taken back: nobody waits for it.
    mutating func vanished(_ shortID: String) {
        guard let place = self.places[shortID] else { return }
        self.waiting[place].endpoints = []
    }

    /// Those who may come in now, in the order they came.
    mutating func due(now: UInt64) -> [(shortID: String, endpoints: [Endpoint])] {
        guard let at = self.wakeAt, at <= now else { return [] }
        var count = 0
        while count < self.waiting.count, self.bucket.take(now: now) == nil { count += 1 }
        let due = Array(self.waiting.prefix(count))
        self.waiting.removeFirst(count)
        self.places = Dictionary(
            self.waiting.enumerated().map { ($0.element.shortID, $0.offset) }, uniquingKeysWith: { $1 })
        self.wakeAt = self.waiting.isEmpty ? nil : now + 1_000
        return due.filter { !$0.endpoints.isEmpty }
    }
}
