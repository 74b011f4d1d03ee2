/// A value as it stands where somebody wrote it, before anyone knows whether it fits.
package enum Written: Hashable, Sendable {
    case text(String)
    case number(Int64)
    case fraction(Double)
    case truth(Bool)
    case list([Written])
    /// What no setting can be: `a table`.
    case other(String)
    /// A variable or an option, where everything is text, and a relative path means our current folder.
    case typed(String)
    /// Text that somebody asked for at the door, in a process with another current folder.
    case asked(String)

    /// As a message cites it.
    package var shown: String {
        switch self {
        case .text(let text), .typed(let text), .asked(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .fraction(let number): "\(number)"
        case .truth(let truth): "\(truth)"
        case .list(let list): list.isEmpty ? "an empty list" : "a list"
        case .other(let what): what
        }
    }

    /// Where everything is text: the text.
    var word: String? {
        switch self {
        case .typed(let text), .asked(let text): text
        case .text, .number, .fraction, .truth, .list, .other: nil
        }
    }

    /// The text, quoted or typed.
    var string: String? {
        if case .text(let text) = self { return text }
        return self.word
    }
}
