/// What came on a link and is told in the order it came, though some of it is read elsewhere meanwhile and is ready
/// in another.
struct Backlog<Item> {
    /// A place kept for what is being read.
    struct Place: Hashable, Sendable { fileprivate let number: UInt64 }

    private var waiting: [(place: Place, items: [Item]?)] = []
    private var next: UInt64 = 0

    var isEmpty: Bool { self.waiting.isEmpty }

    /// Keeps a place behind everything that came before.
    mutating func keepPlace() -> Place {
        defer { self.next += 1 }
        let place = Place(number: self.next)
        self.waiting.append((place, nil))
        return place
    }

    /// Something that is ready.
    /// - Returns: what can be told now.
    mutating func add(_ item: Item) -> [Item] {
        guard !self.waiting.isEmpty else { return [item] }
        let place = self.keepPlace()
        return self.fill(place, [item])
    }

    /// What was read belongs in that place; nothing happens if it was given up.
    /// - Returns: what can be told now.
    mutating func fill(_ place: Place, _ items: [Item]) -> [Item] {
        guard let index = self.waiting.firstIndex(where: { $0.place == place }) else { return [] }
        self.waiting[index].items = items
        let ready = self.waiting.prefix { $0.items != nil }
        self.waiting.removeFirst(ready.count)
        return ready.flatMap { $0.items ?? [] }
    }

    /// Gives up everything behind a place. Says whether that was kept at all.
    mutating func cut(behind place: Place) -> Bool {
        guard let index = self.waiting.firstIndex(where: { $0.place == place }) else { return false }
        self.waiting.removeSubrange((index + 1)...)
        return true
    }
}
