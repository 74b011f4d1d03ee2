/// What is still to happen, the earliest first; of what happens at the same time what was put in first.
struct EventQueue<Element: Sendable>: Sendable {
    /// Small, as these are moved about; what happens stays where it is.
    private struct Entry: Sendable {
        let at: UInt64
        let order: UInt64
        let place: Int
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var elements: [Element?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    /// When the first happens, in ms.
    var next: UInt64? { self.entries.first?.at }

    mutating func add(_ element: Element, at: UInt64) {
        self.order += 1
        let place = self.free.popLast() ?? self.elements.count
        if place == self.elements.count { self.elements.append(element) } else { self.elements[place] = element }
        self.entries.append(Entry(at: at, order: self.order, place: place))
        self.rise(self.entries.count - 1)
    }

    mutating func takeFirst() -> (at: UInt64, element: Element)? {
        guard let first = self.entries.first, let last = self.entries.popLast() else { return nil }
        if !self.entries.isEmpty {
            self.entries[0] = last
            self.sink(0)
        }
        guard let element = self.elements[first.place] else { return nil }
        self.elements[first.place] = nil
        self.free.append(first.place)
        return (first.at, element)
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        (self.entries[one].at, self.entries[one].order) < (self.entries[other].at, self.entries[other].order)
    }

    private mutating func rise(_ index: Int) {
        var index = index
        while index > 0, self.isBefore(index, (index - 1) / 2) {
            self.entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(_ index: Int) {
        var index = index
        while true {
            let (left, right) = (2 * index + 1, 2 * index + 2)
            guard left < self.entries.count else { return }
            let least = right < self.entries.count && self.isBefore(right, left) ? right : left
            guard self.isBefore(least, index) else { return }
            self.entries.swapAt(index, least)
            index = least
        }
    }
}
