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
    /// In a room, of our own: how many of the others have it and have read it.
    package let receipts: ReceiptCounts?
    /// Who keeps one of our own for its reader.
    package let keepers: [PersonReference]
    /// It asks to be acknowledged.
    package let asks: Bool
    package let mentions: [PersonID]
    /// What has to be known beside the author's name, in a room.
    package let alarm: String

    package init(_ view: MessageView) {
        self.id = view.id
        self.isMine = view.mine
        self.from = view.from
        // In a talk of two the title says what we think of the other.
        self.name =
            view.room == nil || view.mine ? view.fromName : Self.words.style.named(view.fromName, view.trust)
        self.at = view.at
        self.state = view.state
        self.holdUp = view.holdUp
        self.replyTo = view.replyTo
        self.replyText = view.replyText
        self.reactions = (view.reactions ?? []).map(\.emoji)
        self.isDeleted = view.deleted == true
        self.file = self.isDeleted ? nil : view.file
        self.receipts = view.receipts
        self.keepers = view.leftWith ?? []
        self.asks = view.asks == true && !self.isDeleted
        self.mentions = view.mentions ?? []
        self.alarm = view.room == nil ? "" : Self.words.style.alarmText(view)
        self.text = Self.words.text(of: view, longest: Self.longest)
        self.styled = StyledText(view, longest: Self.longest)
        self.words = view.text.utf8.count <= 40_000 ? view.text : ""
    }

    /// How far one of our own has come: a tick, and of a room how many.
    func progress(_ style: Style) -> String {
        guard self.isMine else { return "" }
        guard let receipts, receipts.members > 0 else {
            return self.keepers.isEmpty
                ? style.tick(self.state) : "\(style.tick(self.state)) \(Printout.left(self.keepers))"
        }
        return "\(style.tick(self.state)) \(Self.words.counts(receipts))"
    }

    /// How it begins, on one line, for a person who is asked about it.
    package var beginning: String {
        let words = self.file?.name ?? self.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 40 ? words.prefix(39) + "…" : words
    }
}
