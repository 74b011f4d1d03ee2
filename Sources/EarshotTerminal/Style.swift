import EarshotControl
import EarshotModel

/// How things look: colours where they are wanted, signs where the locale has them.
package struct Style: Sendable {
    package var hasColour: Bool
    package var isUnicode: Bool
    /// Whether the terminal may be told where a link leads (OSC 8).
    package var hasLinks: Bool

    package init(hasColour: Bool, isUnicode: Bool, hasLinks: Bool = false) {
        self.hasColour = hasColour
        self.isUnicode = isUnicode
        self.hasLinks = hasLinks
    }

    package func bold(_ text: String) -> String { self.code("1", text) }
    package func dim(_ text: String) -> String { self.code("2", text) }
    package func red(_ text: String) -> String { self.code("31", text) }
    package func green(_ text: String) -> String { self.code("32", text) }
    package func yellow(_ text: String) -> String { self.code("33", text) }
    package func cyan(_ text: String) -> String { self.code("36", text) }
    package func inverse(_ text: String) -> String { self.hasColour ? "\u{1B}[7m\(text)\u{1B}[0m" : text }

    /// Several of the terminal's codes at once.
    func coded(_ codes: [String], _ text: String) -> String {
        codes.isEmpty ? text : self.code(codes.joined(separator: ";"), text)
    }

    /// A text that can be clicked. What could end the sequence, or is no ASCII, is written as `%C3`.
    func link(_ text: String, to address: String) -> String {
        guard self.hasLinks else { return text }
        var target = ""
        for byte in address.utf8 {
            if (0x21...0x7E).contains(byte) {
                target.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                target += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return "\u{1B}]8;;\(target)\u{1B}\\\(text)\u{1B}]8;;\u{1B}\\"
    }

    private func code(_ code: String, _ text: String) -> String {
        self.hasColour && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// What became of a message of ours.
    package func tick(_ state: MessageState) -> String {
        switch state {
        case .queued: self.isUnicode ? "◷" : "."
        case .delivered: self.isUnicode ? "✓" : "+"
        case .read: self.isUnicode ? "✓✓" : "++"
        case .received, .requested: ""
        }
    }

    /// A line of ours for a terminal whose locale has only ASCII: signs become letters of the same width. What people
    /// wrote stays.
    package func signs(_ line: String) -> String {
        self.isUnicode ? line : String(line.map { Self.plainSigns[$0] ?? $0 })
    }

    private static let plainSigns: [Character: Character] = [
        "…": "~", "·": "|", "“": "\"", "”": "\"", "↓": "v", "↑": "^", "─": "-", "━": "#", "╌": "-", "✓": "+", "◷": ".",
        "›": ">", "⚠": "!", "◆": "=", "◇": "~",
    ]

    package func quoted(_ text: String) -> String { self.isUnicode ? "“\(text)”" : "\"\(text)\"" }
    package var ellipsis: String { self.isUnicode ? "…" : "..." }

    package func dot(online: Bool) -> String {
        online ? self.green(self.isUnicode ? "●" : "*") : self.dim(self.isUnicode ? "○" : "-")
    }

    /// What stands behind the name of somebody we talk to: `◆` verified, `◇` their key was never compared, `⚠` it is
    /// not certain who they are. Names cannot contain these signs.
    package func mark(_ trust: Trust?) -> String {
        switch trust {
        case .verified: self.isUnicode ? "◆" : "="
        case .accepted: self.isUnicode ? "◇" : "~"
        case .conflict: self.isUnicode ? "⚠" : "!"
        case .new, .requested, .blocked, nil: ""
        }
    }

    /// `Bob ◆`: a name, and what we think of whoever bears it.
    package func named(_ name: String, _ trust: Trust?) -> String {
        let mark = self.mark(trust)
        return mark.isEmpty ? name : "\(name) \(mark)"
    }

    /// `⚠ not Bob (q7k2abcd)`: what stands beside a name that imitates the name of a contact, as the door says with
    /// `looksLike`; empty beside others.
    package func alarm(_ named: (any NamesPerson)?) -> String { self.red(self.alarmText(named)) }

    /// The same without colour, to be measured.
    package func alarmText(_ named: (any NamesPerson)?) -> String {
        guard let named, let contact = named.looksLike else { return "" }
        let id = named.looksLikePerson.map { " (\($0.brief))" } ?? ""
        return "\(self.isUnicode ? "⚠" : "!") not \(contact)\(id)"
    }
}
