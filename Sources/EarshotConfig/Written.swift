import EarshotText

/// A value as it stands where somebody wrote it, before anyone knows whether it fits.
package enum Written: Hashable, Sendable {
    case text(String)
    case number(Int64)
    case fraction(Double)
    case truth(Bool)
    case list([Written])
    /// What no setting can be.
    case other(Table)
    /// A variable or an option, where everything is text, and a relative path means our current folder.
    case typed(String)
    /// Text that somebody asked for at the door, in a process with another current folder.
    case asked(String)

    package enum Table: Hashable, Sendable {
        case table, emptyTable
        /// Each opened by a header of its own.
        case tables
    }

    /// As a fault cites it.
    package var cited: Fault.Cited {
        switch self {
        case .text(let text), .typed(let text), .asked(let text): .text(text)
        case .number(let number): .plain("\(number)")
        case .fraction(let number): .plain("\(number)")
        case .truth(let truth): .plain("\(truth)")
        case .list(let list): list.isEmpty ? .emptyList : .list
        case .other(.table): .table
        case .other(.emptyTable): .emptyTable
        case .other(.tables): .tables
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
