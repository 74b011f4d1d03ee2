import EarshotModel
import EarshotWire

/// Fetching what others left for us: who keeps mail, and what came of it.
struct Mailbox: Sendable {
    /// Blobs that could not be read are remembered, so that each is told of once.
    private static let most = 256

    /// Links on which somebody keeps mail, and whether they were asked.
    private var keepers: [LinkID: Bool] = [:]
    /// Links on which something was given that something is missing before.
    private var waiting: Set<LinkID> = []
    private var unreadable: [BlobID] = []
    /// How many could not be opened since the start.
    private(set) var unreadableCount = 0

    mutating func offered(_ link: LinkID) { self.keepers[link] = self.keepers[link] ?? false }
    mutating func closed(_ link: LinkID) {
        self.keepers[link] = nil
        self.waiting.remove(link)
    }
    /// Our keys are others now: all are asked again.
    mutating func renew() { for link in self.keepers.keys { self.keepers[link] = false } }
    func isAsked(_ link: LinkID) -> Bool { self.keepers[link] ?? false }

    /// Something was given and opened. What was to be kept for later is asked for once something else came.
    mutating func opened(_ link: LinkID, isWhole: Bool) {
        if !isWhole {
            self.waiting.insert(link)
        } else if self.waiting.remove(link) != nil {
            self.keepers[link] = false
        }
    }

    /// Whom to ask now.
    mutating func due(_ keys: [MailboxKey]) -> [(LinkID, [MailboxKey])] {
        guard !keys.isEmpty, !self.keepers.isEmpty else { return [] }
        let due = self.keepers.filter { !$0.value }.keys.sorted()
        for link in due { self.keepers[link] = true }
        return due.map { ($0, keys) }
    }

    /// One could not be read. Says whether that is news.
    mutating func note(unreadable id: BlobID) -> Bool {
        guard !self.unreadable.contains(id) else { return false }
        self.unreadable.append(id)
        if self.unreadable.count > Self.most { self.unreadable.removeFirst() }
        self.unreadableCount += 1
        return true
    }
}
