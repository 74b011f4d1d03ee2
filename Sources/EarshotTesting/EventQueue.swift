/// What is still to happen, the earliest first; of what happens at the same time what was put in first.
struct EventQueue<Element: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: UInt64
        let order: UInt64
        let element: Element
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var order: UInt64 = 0

    /// When the first happens, in ms.
    var next: UInt64? { self.entries.first?.at }

    mutating func add(_ element: Element, at: UInt64) {
        self.order += 1
        self.entries.append(Entry(at: at, order: self.order, element: element))
        self.rise(self.entries.count - 1)
    }

    mutating func takeFirst() -> (at: UInt64, element: Element)? {
        guard let first = self.entries.first, let last = self.entries.popLast() else { return nil }
        if !self.entries.isEmpty {
            self.entries[0] = last
            self.sink(0)
        }
        return (first.at, first.element)
    }

    mutating func removeAll(where isGone: (Element) -> Bool) {
        let count = self.entries.count
        self.entries.removeAll { isGone($0.element) }
        guard self.entries.count < count else { return }
        for index in stride(from: self.entries.count / 2, through: 0, by: -1) { self.sink(index) }
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
            let children = [2 * index + 1, 2 * index + 2].filter { $0 < self.entries.count }
            guard let least = children.min(by: { self.isBefore($0, $1) }), self.isBefore(least, index) else { return }
            self.entries.swapAt(index, least)
            index = least
        }
    }
}
