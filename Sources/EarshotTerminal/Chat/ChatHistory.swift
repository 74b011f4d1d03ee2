import EarshotModel

/// The messages of a conversation that are there, in their order, and which of them are new.
struct ChatHistory: Sendable {
    private(set) var messages: [ChatMessage]
    /// Whether everything from the beginning is there.
    private(set) var isWhole: Bool
    /// The first message that was not read when we came, or since.
    private(set) var newFrom: EnvelopeID?
    /// Messages of the other that came since `seen` was last called.
    private(set) var unseen: Int

    /// - Parameter unread: how many of the last messages of the other have not been read.
    init(_ messages: [ChatMessage] = [], isWhole: Bool = false, unread: Int = 0) {
        self.messages = messages
        self.isWhole = isWhole
        self.newFrom = unread > 0 ? messages.filter { !$0.isMine }.suffix(unread).first?.id : nil
        self.unseen = unread
    }

    /// It has changed.
    /// - Returns: whether it is there.
    mutating func replace(_ message: ChatMessage) -> Bool {
        guard let index = self.messages.lastIndex(where: { $0.id == message.id }) else { return false }
        self.messages[index] = message
        return true
    }

    /// It has just been written.
    mutating func append(_ message: ChatMessage) {
        self.messages.append(message)
        if !message.isMine { self.note(unseen: 1, from: message.id) }
    }

    private mutating func note(unseen count: Int, from first: EnvelopeID) {
        self.unseen += count
        if self.newFrom == nil { self.newFrom = first }
    }

    /// The newest messages in their order; what came before them stays as it is.
    /// - Parameter isAll: there are no more than these.
    /// - Returns: whether some of the other are among them that were not there.
    mutating func order(_ newest: [ChatMessage], isAll: Bool) -> Bool {
        let ids = Set(newest.map(\.id))
        let known = Set(self.messages.map(\.id))
        let first = self.messages.firstIndex { ids.contains($0.id) } ?? self.messages.count
        let before = self.messages[..<first]
        let behind = self.messages[first...].filter { !ids.contains($0.id) }
        let fresh = newest.filter { !$0.isMine && !known.contains($0.id) }
        // A part that does not reach to what we had would leave a gap: then it is all there is.
        self.messages = (first == self.messages.count && !isAll ? [] : Array(before)) + newest + behind
        if isAll { self.isWhole = true } else if before.isEmpty { self.isWhole = false }
        if let one = fresh.first { self.note(unseen: fresh.count, from: one.id) }
        return !fresh.isEmpty
    }

    /// What came before what is there.
    /// - Parameter isAll: there are no more before these.
    mutating func prepend(_ older: [ChatMessage], isAll: Bool) {
        let known = Set(self.messages.map(\.id))
        self.messages = older.filter { !known.contains($0.id) } + self.messages
        self.isWhole = isAll
    }

    /// Everything that is there has been on the screen.
    mutating func seen() { self.unseen = 0 }
    /// Somebody who writes has read what is there.
    mutating func read() { self.newFrom = nil }
}
