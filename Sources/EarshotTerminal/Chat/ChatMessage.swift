import EarshotControl

/// A message as the door tells it (docs/Control.md), with what a screen shows of it.
package struct ChatMessage: Sendable, Hashable {
    /// Characters of text that are shown; `earshot history --json` has them all.
    private static let longest = 4_000
    private static let words = Printout(style: Style(hasColour: false, isUnicode: true))

    package let id: String
    package let isMine: Bool
    package let from: String
    package let name: String
    /// RFC 3339.
    package let at: String
    package let text: String
    /// The words alone, to be edited; empty for those too long to be.
    package let words: String
    package let state: String
    /// Why one of our own is not delivered yet.
    package let reason: String?
    package let replyTo: String?
    package let replyText: String?
    package let reactions: [String]
    package let file: JSON?
    package let isDeleted: Bool

    /// `nil` for what has no id.
    package init?(_ json: JSON) {
        guard let id = json["id"]?.string else { return nil }
        self.id = id
        self.isMine = json["mine"]?.bool ?? false
        self.from = json["from"]?.string ?? ""
        self.name = json["fromName"]?.string ?? "?"
        self.at = json["at"]?.string ?? ""
        self.state = json["state"]?.string ?? ""
        self.reason = json["reason"]?.string
        self.replyTo = json["replyTo"]?.string
        self.replyText = json["replyText"]?.string
        self.reactions = (json["reactions"]?.array ?? []).compactMap { $0["emoji"]?.string }
        self.isDeleted = json["deleted"]?.bool ?? false
        self.file = self.isDeleted ? nil : json["file"]
        self.text = Self.words.text(of: json, longest: Self.longest)
        let words = json["text"]?.string ?? ""
        self.words = words.utf8.count <= 40_000 ? words : ""
    }

    /// How it begins, on one line, for a person who is asked about it.
    package var beginning: String {
        let words = self.file?["name"]?.string ?? self.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 40 ? words.prefix(39) + "…" : words
    }
}
