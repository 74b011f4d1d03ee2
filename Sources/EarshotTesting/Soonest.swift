/// When each of many hosts wants to be woken, and which of them first; of several at once the one with the lowest
/// number. A change costs the logarithm of how many there are.
struct Soonest: Sendable {
    /// A tree: each place has the least of the two below it, and the hosts are the last.
    private var least: [UInt64]
    private let width: Int

    init(_ count: Int) {
        var width = 1
        while width < count { width *= 2 }
        self.width = width
        self.least = Array(repeating: .max, count: 2 * width)
    }

    mutating func set(_ index: Int, at time: UInt64?) {
        var place = self.width + index
        guard place < self.least.count else { return }
        self.least[place] = time ?? .max
        while place > 1 {
            place /= 2
            self.least[place] = min(self.least[2 * place], self.least[2 * place + 1])
        }
    }

    var first: (at: UInt64, host: Int)? {
        guard let at = self.least.dropFirst().first, at < .max else { return nil }
        var place = 1
        while place < self.width { place = self.least[2 * place] == at ? 2 * place : 2 * place + 1 }
        return (at, place - self.width)
    }
}
