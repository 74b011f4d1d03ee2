import EarshotControl
import EarshotModel

/// A message as the door tells it (docs/Control.md), with what a screen shows of it.
package struct ChatMessage: Sendable, Hashable {
    /// Characters of text that are shown; `earshot history --json` has them all.
    private static let longest = 4_000
    private static let words = Printout(style: Style(hasColour: false, isUnicode: true))

    package let id: EnvelopeID
    package let isMine: Bool
    package let from: PersonID
    package let name: String
    package let at: Timestamp
    package let text: String
    /// How they look, where there is anything to say of it.
    let styled: StyledText?
    /// The words alone, to be edited; empty for those too long to be.
    package let words: String
    package let state: MessageState
    /// Why one of our own is not delivered yet, where that takes more than a moment.
    package let holdUp: String?
    package let replyTo: EnvelopeID?
    package let replyText: String?
    package let reactions: [String]
    package let file: FileView?
    package let isDeleted: Bool

    package init(_ view: MessageView) {
        self.id = view.id
        self.isMine = view.mine
        self.from = view.from
        self.name = view.fromName
        self.at = view.at
        self.state = view.state
        self.holdUp = view.holdUp
        self.replyTo = view.replyTo
        self.replyText = view.replyText
        self.reactions = (view.reactions ?? []).map(\.emoji)
        self.isDeleted = view.deleted == true
        self.file = self.isDeleted ? nil : view.file
        self.text = Self.words.text(of: view, longest: Self.longest)
        self.styled = StyledText(view, longest: Self.longest)
        self.words = view.text.utf8.count <= 40_000 ? view.text : ""
    }

    /// How it begins, on one line, for a person who is asked about it.
    package var beginning: String {
        let words = self.file?.name ?? self.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 40 ? words.prefix(39) + "…" : words
    }
}
