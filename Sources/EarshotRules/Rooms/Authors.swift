import EarshotModel

/// Who may have written in a room: ourselves first, the others in order.
struct Authors: Sendable {
    private let me: PersonID
    private var others: [PersonID]
    private var all: Set<PersonID>

    init(_ me: PersonID, _ persons: Set<PersonID> = []) {
        self.me = me
        self.all = persons.union([me])
        self.others = persons.subtracting([me]).sorted()
    }

    var count: Int { self.all.count }
    /// All of them, in order.
    var ordered: [PersonID] { [self.me] + self.others }

    func contains(_ person: PersonID) -> Bool { self.all.contains(person) }

    mutating func insert(_ person: PersonID) {
        guard self.all.insert(person).inserted else { return }
        var (low, high) = (0, self.others.count)
        while low < high {
            let middle = (low + high) / 2
            if self.others[middle] < person { low = middle + 1 } else { high = middle }
        }
        self.others.insert(person, at: low)
    }
}
