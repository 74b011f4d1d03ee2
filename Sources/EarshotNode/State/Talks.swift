import EarshotModel
import EarshotRules

/// What we want of conversations. Kept as settings that nobody else reads.
struct Talks {
    private static let prefix = "talk."

    private var marks: [ConversationID: TalkMarks] = [:]

    /// - Parameter kept: all that is kept as settings.
    init(kept: [String: String]) {
        for (key, text) in kept where key.hasPrefix(Self.prefix) {
            guard let id = ConversationID(text: String(key.dropFirst(Self.prefix.count))) else { continue }
            self.marks[id] = TalkMarks(text: text)
        }
    }

    subscript(_ conversation: ConversationID) -> TalkMarks { self.marks[conversation] ?? TalkMarks() }

    /// Those with a mark.
    var marked: [ConversationID] { Array(self.marks.keys) }

    mutating func set(_ marks: TalkMarks, of conversation: ConversationID) -> [Effect] {
        guard marks != self[conversation] else { return [] }
        self.marks[conversation] = marks == TalkMarks() ? nil : marks
        return [.keep(.setting(Self.prefix + conversation.description, marks.text))]
    }
}
