/// What we want of a conversation: at the top of lists, and silent. Ours alone; nobody is told.
package struct TalkMarks: Sendable, Hashable {
    package enum Silence: Sendable, Hashable {
        case forGood
        case until(Timestamp)
    }

    package var isPinned: Bool
    package var silence: Silence?

    package init(isPinned: Bool = false, silence: Silence? = nil) {
        self.isPinned = isPinned
        self.silence = silence
    }

    package func isSilent(at now: Timestamp) -> Bool {
        switch self.silence {
        case nil: false
        case .forGood: true
        case .until(let end): now < end
        }
    }
}

/// As they are kept: words, or nothing where there is no mark.
extension TalkMarks {
    private static let (pinned, silent) = ("pinned", "silent")

    package init(text: String) {
        self.init()
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if word == Self.pinned { self.isPinned = true }
            if word == Self.silent { self.silence = .forGood }
            if parts.count == 2, parts[0] == Self.silent, let end = UInt64(parts[1]) {
                self.silence = .until(Timestamp(milliseconds: end))
            }
        }
    }

    package var text: String? {
        var words = self.isPinned ? [Self.pinned] : []
        switch self.silence {
        case nil: break
        case .forGood: words.append(Self.silent)
        case .until(let end): words.append("\(Self.silent)=\(end.milliseconds)")
        }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
