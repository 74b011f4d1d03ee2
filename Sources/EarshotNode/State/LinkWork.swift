import EarshotRules
import EarshotWire

/// What is under way with links.
struct LinkWork {
    var backfill = Backfill()
    /// How far others hold our logs, not on disk yet: it goes with the next commit.
    var deferredTicks = DeferredTicks()
    /// Events of a link that were dealt with and its link was not told yet.
    private var consumed: [LinkID: Int] = [:]

    mutating func consume(_ events: Int, of link: LinkID) { self.consumed[link, default: 0] += events }

    /// Links of which so many events were dealt with since they were told last: they are to be told now.
    mutating func takeConsumed(atLeast events: Int) -> [LinkID: Int] {
        guard self.consumed.values.contains(where: { $0 >= events }) else { return [:] }
        let full = self.consumed.filter { $0.value >= events }
        for link in full.keys { self.consumed[link] = nil }
        return full
    }

    mutating func forget(_ link: LinkID) {
        self.backfill.drop(link)
        self.consumed[link] = nil
    }
}
