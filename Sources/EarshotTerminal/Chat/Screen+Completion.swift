import EarshotControl
import EarshotModel

/// What Tab makes of the word before the cursor.
extension Screen {
    /// Several that fit: Tab goes through them.
    struct Choices: Sendable, Hashable {
        let all: [String]
        var index: Int
        /// Characters before the cursor that the shown one takes.
        var length: Int
    }

    /// Choices that are shown by name at once.
    private static let mostShown = 12
    private static let emojiLetters = Set("abcdefghijklmnopqrstuvwxyz0123456789_+-")

    mutating func completeWord() -> [Ask] {
        if var choices = self.choices {
            choices.index = (choices.index + 1) % choices.all.count
            let next = choices.all[choices.index]
            self.editor.complete(last: choices.length, with: next)
            choices.length = next.count
            self.choices = choices
            self.tell(self.describe(choices.all, chosen: choices.index))
            return []
        }
        let before = self.editor.beforeCursor
        if before.hasPrefix("/"), !before.hasPrefix("//") { return self.completeCommand(before) }
        if let at = before.lastIndex(of: "@"), self.completeMember(String(before[at...])) { return [] }
        if let colon = before.lastIndex(of: ":") {
            let name = before[before.index(after: colon)...]
            if !name.isEmpty, name.allSatisfy(Self.emojiLetters.contains) { self.completeEmoji(String(name)) }
        }
        return []
    }

    /// `@an` in a room. Says whether somebody begins so.
    private mutating func completeMember(_ typed: String) -> Bool {
        let wanted = typed.lowercased()
        let names = self.state.others.map { "@" + $0.name }.filter { $0.lowercased().hasPrefix(wanted) }
        guard !names.isEmpty else { return false }
        self.choose(names, typed: typed, ending: " ")
        return true
    }

    private mutating func completeEmoji(_ name: String) {
        let found = Emoji.named.filter { $0.name.hasPrefix(name) }
        if let exact = found.first(where: { $0.name == name }) ?? (found.count == 1 ? found.first : nil) {
            return self.editor.complete(last: name.count + 1, with: exact.emoji)
        }
        guard let first = found.first else { return }
        let common = found.reduce(first.name) { $0.commonPrefix(with: $1.name) }
        if common.count > name.count {
            self.editor.complete(last: name.count, with: common)
        } else {
            self.editor.complete(last: name.count + 1, with: first.emoji)
            self.choices = Choices(all: found.map(\.emoji), index: 0, length: first.emoji.count)
        }
        self.tell(found.prefix(Self.mostShown).map { "\($0.emoji) :\($0.name)" }.joined(separator: "  "))
    }

    private mutating func completeCommand(_ before: String) -> [Ask] {
        let parts = before.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else {
            self.choose(
                SlashCommand.all.map { "/" + $0.name }.filter { $0.hasPrefix(before.lowercased()) }, typed: before,
                ending: " ")
            return []
        }
        let last = parts[parts.count - 1]
        switch (parts[0], parts.count) {
        case ("/file", _), ("/send", _):
            return self.completePath(String(before.drop { $0 != " " }.drop(while: \.isWhitespace)))
        case ("/accept", 3...): return self.completePath(parts.dropFirst(2).joined(separator: " "))
        case ("/accept", _), ("/decline", _), ("/reject", _):
            self.choose(self.state.offers.map(\.id.brief), typed: last, ending: " ")
        case ("/pause", 2), ("/resume", 2), ("/retry", 2), ("/cancel", 2):
            let open = self.state.transfers.values.filter { $0.state != .complete && $0.state != .declined }
            self.choose(open.sorted(by: ChatState.isOlder).map(\.id.brief), typed: last, ending: " ")
        case ("/ack", 2):
            let asking = self.state.messages.filter { $0.call.asks && !$0.isMine }
            self.choose(asking.reversed().prefix(200).map(\.id.mark), typed: last, ending: "")
        case ("/invite", 2...) where self.state.room != nil:
            guard !self.state.people.isEmpty else { return [.people] }
            self.choose(self.state.invitable.map(TypedWords.quoted), typed: last, ending: " ")
        case ("/remove", 2):
            self.choose(self.state.others.map(\.name).map(TypedWords.quoted), typed: last, ending: "")
        case ("/topic", 2) where last.isEmpty: self.editor.insert(self.state.room?.topic ?? "")
        case ("/verify", 2): self.choose(["yes", "no", "stop"], typed: last, ending: "")
        case ("/live", 2): self.choose(["on", "off"], typed: last, ending: "")
        case ("/status", 2): self.choose(Presence.allCases.map(\.rawValue), typed: last, ending: " ")
        case ("/unpin", 2): self.choose((self.state.room?.pins ?? []).map(\.brief), typed: last, ending: "")
        case ("/reply", 2), ("/react", 2), ("/pin", 2):
            self.choose(
                self.state.messages.filter { !$0.isDeleted }.reversed().prefix(200).map(\.id.mark),
                typed: last, ending: " ")
        case ("/edit", 2), ("/delete", 2):
            let own = self.state.messages.filter {
                $0.isMine && !$0.isDeleted && (parts[0] == "/delete" || $0.file == nil)
            }
            self.choose(own.reversed().prefix(200).map(\.id.mark), typed: last, ending: " ")
        case ("/edit", 3) where last.isEmpty:
            // The words as they are, to be changed.
            if let message = self.state.messages.last(where: { $0.isMine && $0.id.hasPrefix(parts[1]) }) {
                self.editor.insert(message.words)
            }
        case ("/react", 3) where last.hasPrefix(":"): self.completeEmoji(String(last.dropFirst()))
        case ("/help", 2):
            self.choose(SlashCommand.all.map(\.name).filter { $0.hasPrefix(last) }, typed: last, ending: " ")
        default: break
        }
        return []
    }

    // MARK: paths

    private mutating func completePath(_ rest: String) -> [Ask] {
        [.complete(path: Self.lastWord(rest).path)]
    }

    /// The path being typed, as it was typed and as it is meant.
    private static func lastWord(_ rest: String) -> (typed: Substring, path: String) {
        var start = rest.startIndex
        var index = rest.startIndex
        var quote: Character?
        while index < rest.endIndex {
            let character = rest[index]
            if character == "\\", quote != "'" {
                index = rest.index(index, offsetBy: 2, limitedBy: rest.endIndex) ?? rest.endIndex
                continue
            }
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character.isWhitespace {
                start = rest.index(after: index)
            }
            index = rest.index(after: index)
        }
        return (rest[start...], TypedWords.split(rest[start...]).first ?? "")
    }

    /// The folder has been read.
    /// - Parameters:
    ///   - names: paths that begin with `path`; folders end in a slash.
    mutating func offer(names: [String], of path: String) {
        let before = self.editor.beforeCursor
        let (typed, meant) = Self.lastWord(String(before.drop { $0 != " " }.drop(while: \.isWhitespace)))
        guard meant == path, before.hasPrefix("/") else { return }
        guard !names.isEmpty else { return self.tell("Nothing here begins with \(path).") }
        self.choose(
            names.map(TypedWords.quoted), typed: String(typed),
            ending: names.count == 1 && names[0].hasSuffix("/") ? "" : " ")
    }

    // MARK: choosing

    /// Completes as far as it is clear; what is not is shown, and Tab goes through it.
    private mutating func choose(_ found: [String], typed: String, ending: String) {
        let fitting = found.filter {
            $0.lowercased().hasPrefix(typed.lowercased()) || typed.contains(where: { "'\"\\".contains($0) })
        }
        guard let first = fitting.first else { return }
        if fitting.count == 1 { return self.editor.complete(last: typed.count, with: first + ending) }
        let common = fitting.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        if common.count > typed.count {
            self.editor.complete(last: typed.count, with: common)
            return self.tell(self.describe(fitting, chosen: nil))
        }
        // Ids are not begun by heart: the newest comes at once.
        let isID = typed.isEmpty && !first.hasPrefix("/") && !first.contains("/") && first.count <= 8
        if isID { self.editor.complete(last: 0, with: first) }
        self.choices = Choices(
            all: fitting, index: isID ? 0 : fitting.count - 1, length: isID ? first.count : typed.count)
        self.tell(self.describe(fitting, chosen: isID ? 0 : nil))
    }

    private func describe(_ all: [String], chosen: Int?) -> String {
        if let chosen,
            let message = self.state.messages.last(where: { all[chosen].count >= 6 && $0.id.hasPrefix(all[chosen]) })
        {
            return "\(all[chosen]): “\(message.beginning)”\(all.count > 1 ? " · Tab: next" : "")"
        }
        let names = all.prefix(Self.mostShown).map { word in
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            return word.hasPrefix("/") && parts.count == 2
                ? word : parts.suffix(parts.last == "" ? 2 : 1).joined(separator: "/")
        }
        return names.joined(separator: "  ")
            + (all.count > Self.mostShown ? "  and \(all.count - Self.mostShown) more" : "")
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
