import EarshotModel

/// Lines of our own between the messages; the oldest of many go.
struct ChatNotes: Sendable {
    private static let most = 100

    private(set) var all: [ChatState.Note] = []
    private var count = 0

    /// - Parameter message: the one it stands behind; `nil` at the beginning.
    mutating func add(_ content: ChatState.Note.Content, after message: EnvelopeID?) {
        self.count += 1
        self.all.append(.init(number: self.count, after: message, content: content))
        if self.all.count > Self.most { self.all.removeFirst() }
    }
}
