import EarshotModel

/// Texts on their way to the node: each is handed over once, also when the node restarts between the asking and its
/// answer.
package struct Outbox: Sendable, Hashable {
    package struct Item: Sendable, Hashable {
        package let number: Int
        package let text: String
        package let replyTo: EnvelopeID?
        /// Asked, and not answered yet.
        package var isAsked = false
        /// A message of these words that the node told of before it answered: most likely this one.
        package var seen: EnvelopeID?
    }

    /// Own messages that are remembered to tell those from before a restart from those of an unanswered request.
    private static let remembered = 4_000

    /// In the order they were written.
    package private(set) var items: [Item] = []
    /// Texts that the node would not take.
    private var returned: [String] = []
    private var count = 0
    private var known: [EnvelopeID] = []
    private var isKnown: Set<EnvelopeID> = []

    package init() {}

    /// - Returns: the number it has here.
    @discardableResult
    package mutating func add(_ text: String, replyTo: EnvelopeID?) -> Int {
        self.count += 1
        self.items.append(Item(number: self.count, text: text, replyTo: replyTo))
        return self.count
    }

    /// Those that are to be shown as not said yet.
    package var unseen: [Item] { self.items.filter { $0.seen == nil } }

    /// Those that can be asked for now, which are asked for from here on.
    package mutating func takeReady(most: Int = .max) -> [Item] {
        var ready: [Item] = []
        var underWay = self.items.count(where: \.isAsked)
        for index in self.items.indices where !self.items[index].isAsked && underWay < most {
            self.items[index].isAsked = true
            underWay += 1
            ready.append(self.items[index])
        }
        return ready
    }

    /// The node has it under these ids, or will not take it.
    package mutating func settle(_ number: Int, ids: [EnvelopeID] = []) {
        self.items.removeAll { $0.number == number }
        ids.forEach { self.remember($0) }
    }

    /// The node would not take it.
    mutating func giveBack(_ text: String) { self.returned.append(text) }
    mutating func takeReturned() -> [String] {
        defer { self.returned = [] }
        return self.returned
    }

    /// A message of our own that the node told us of. It may be one that was asked for and not answered yet: then the
    /// answer says which it is, or a look at what the node has.
    package mutating func know(_ id: EnvelopeID, text: String) {
        guard !self.isKnown.contains(id), !self.items.contains(where: { $0.seen == id }) else { return }
        let index = self.items.firstIndex { $0.isAsked && $0.seen == nil && Self.shown($0.text) == text }
        if let index { self.items[index].seen = id } else { self.remember(id) }
    }

    private mutating func remember(_ id: EnvelopeID) {
        guard self.isKnown.insert(id).inserted else { return }
        self.known.append(id)
        if self.known.count > Self.remembered { self.isKnown.remove(self.known.removeFirst()) }
    }

    /// As the door tells a text.
    private static func shown(_ text: String) -> String { SafeText.message(text) }

    /// The node is back and this is what it has. What was asked for and is not among it is to be asked for again.
    /// - Parameter messages: own messages, as the door tells them; oldest first.
    /// - Returns: ids of what it had taken without our hearing of it.
    package mutating func reconcile(_ messages: [(id: EnvelopeID, text: String)]) -> [EnvelopeID] {
        var found: [EnvelopeID] = []
        var fresh = messages.filter { !self.isKnown.contains($0.id) }
        for item in self.items where item.isAsked {
            let text = Self.shown(item.text)
            guard let at = fresh.firstIndex(where: { $0.text == text }) else { continue }
            found.append(fresh[at].id)
            self.settle(item.number, ids: [fresh[at].id])
            fresh.remove(at: at)
        }
        for index in self.items.indices { (self.items[index].isAsked, self.items[index].seen) = (false, nil) }
        messages.forEach { self.remember($0.id) }
        return found
    }
}
