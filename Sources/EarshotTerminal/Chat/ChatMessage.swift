import EarshotControl
import EarshotModel

/// A message as the door tells it (docs/Control.md), with what a screen shows of it.
package struct ChatMessage: Sendable, Hashable {
    /// Characters of text that are shown; `earshot history --json` has them all.
    private static let longest = 4_000
    private static let words = Printout(style: Style(hasColour: false, isUnicode: true))

    package let id: EnvelopeID
    package let isMine: Bool
    package let at: Timestamp
    let author: Author
    let body: Body
    let delivery: Delivery
    /// What it answers.
    let reply: Reply?
    let call: Call
    package let reactions: [String]
    package let file: FileView?

    /// Who wrote it.
    struct Author: Sendable, Hashable {
        let name: String
        /// What has to be known beside the name, in a room.
        let alarm: String
    }

    /// What is said.
    struct Body: Sendable, Hashable {
        let text: String
        /// How it looks, where there is anything to say of it.
        let styled: StyledText?
        /// The words alone, to be edited; empty for those too long to be.
        let words: String
        let isDeleted: Bool
    }

    /// How far it has come.
    struct Delivery: Sendable, Hashable {
        let state: MessageState
        /// Why one of our own is not delivered yet, where that takes more than a moment.
        let holdUp: String?
        /// In a room, of our own: how many of the others have it and have read it.
        let receipts: ReceiptCounts?
        /// Who keeps one of our own for its reader.
        let keepers: [PersonReference]
    }

    struct Reply: Sendable, Hashable {
        let to: EnvelopeID
        /// How that begins, where we have it.
        let text: String?
    }

    /// Who is called to it.
    struct Call: Sendable, Hashable {
        /// It asks to be acknowledged.
        let asks: Bool
        let mentions: [PersonID]
    }

    package var name: String { self.author.name }
    package var text: String { self.body.text }
    package var words: String { self.body.words }
    package var isDeleted: Bool { self.body.isDeleted }
    package var state: MessageState { self.delivery.state }

    package init(_ view: MessageView) {
        let isDeleted = view.deleted == true
        self.id = view.id
        self.isMine = view.mine
        self.at = view.at
        // In a talk of two the title says what we think of the other.
        self.author = Author(
            name: view.room == nil || view.mine ? view.fromName : Self.words.style.named(view.fromName, view.trust),
            alarm: view.room == nil ? "" : Self.words.style.alarmText(view))
        self.body = Body(
            text: Self.words.text(of: view, longest: Self.longest), styled: StyledText(view, longest: Self.longest),
            words: view.text.utf8.count <= 40_000 ? view.text : "", isDeleted: isDeleted)
        self.delivery = Delivery(
            state: view.state, holdUp: view.holdUp, receipts: view.receipts, keepers: view.leftWith ?? [])
        self.reply = view.replyTo.map { Reply(to: $0, text: view.replyText) }
        self.call = Call(asks: view.asks == true && !isDeleted, mentions: view.mentions ?? [])
        self.reactions = (view.reactions ?? []).map(\.emoji)
        self.file = isDeleted ? nil : view.file
    }

    /// How far one of our own has come: a tick, and of a room how many.
    func progress(_ style: Style) -> String {
        guard self.isMine else { return "" }
        guard let receipts = self.delivery.receipts, receipts.members > 0 else {
            return self.delivery.keepers.isEmpty
                ? style.tick(self.state) : "\(style.tick(self.state)) \(Printout.left(self.delivery.keepers))"
        }
        return "\(style.tick(self.state)) \(Self.words.counts(receipts))"
    }

    /// How it begins, on one line, for a person who is asked about it.
    package var beginning: String {
        let words = self.file?.name ?? self.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 40 ? words.prefix(39) + "…" : words
    }
}
