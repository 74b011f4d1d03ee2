/// A piece of a text that is to look otherwise than the rest. Places are counted in Unicode scalars from the beginning
/// of the text; `to` is not included.
package struct StyledSpan: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case strong, emphasis, strike
        /// Within a line.
        case code
        /// Lines of code, with those that enclose it.
        case block
        /// With everything in it; quotes may hold quotes.
        case quote
        case link
        /// Signs that say how the text around them looks: they are shown, but less than it.
        case mark
    }

    package let kind: Kind
    package let from: Int
    package internal(set) var to: Int

    package init(_ kind: Kind, _ from: Int, _ to: Int) {
        self.kind = kind
        self.from = from
        self.to = to
    }
}
