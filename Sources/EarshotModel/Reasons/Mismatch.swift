/// How what comes for an offer is not what was offered, or not fetched or given as Protocol.md 13 has it.
package enum Mismatch: Hashable, Sendable {
    case size
    /// Neither does its author give it, nor do signatures of theirs prove it.
    case unproven
    /// Another listing than the last time; than was looked at before somebody agreed.
    case listing, seenListing
    /// Other files are in it; another number of things; something else.
    case files, tops, things
    /// It grows while it is sent, and is not one file.
    case severalOpen
    case overflowing
    /// A rule of the protocol was broken; which, in the words of whoever saw that. Also what a version before this one
    /// kept.
    case rule(String)
}

/// Kept as one word, beside the sentences that were kept before.
extension Mismatch: Codable {
    private static let words: [(String, Mismatch)] = [
        ("size", .size), ("unproven", .unproven), ("listing", .listing), ("seenListing", .seenListing),
        ("files", .files), ("tops", .tops), ("things", .things), ("severalOpen", .severalOpen),
        ("overflowing", .overflowing),
    ]

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = Self.words.first { $0.0 == text }?.1 ?? .rule(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .rule(let text) = self { return try container.encode(text) }
        try container.encode(Self.words.first { $0.1 == self }?.0)
    }
}
