import EarshotModel

/// Where somebody stands who hears events: everything that is kept was told up to here. One commit may hold much, and a
/// place is exact within it, so whoever comes back to it misses nothing and hears nothing twice.
package struct EventPlace: SchemaNamed, Hashable, CustomStringConvertible {
    /// How much of a commit was told. Its messages come first, in the order of their numbers, then people by their ids.
    package enum Within: Hashable, Sendable {
        case all
        case message(Int64)
        case person(PersonID)
    }

    package let commit: UInt64
    package let within: Within

    package init(_ commit: UInt64, _ within: Within = .all) {
        self.commit = commit
        self.within = within
    }

    /// `9`, `9.1234` or `9.` and a person; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let commit = Self.number(first, UInt64.self) else { return nil }
        guard parts.count > 1 else {
            self.init(commit)
            return
        }
        if let number = Self.number(parts[1], Int64.self) {
            self.init(commit, .message(number))
        } else if let person = PersonID(text: String(parts[1])) {
            self.init(commit, .person(person))
        } else {
            return nil
        }
    }

    /// Of digits alone: no sign.
    private static func number<Number: FixedWidthInteger>(_ text: some StringProtocol, _: Number.Type) -> Number? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Number(text, radix: 10) : nil
    }

    package var description: String {
        switch self.within {
        case .all: "\(self.commit)"
        case .message(let number): "\(self.commit).\(number)"
        case .person(let person): "\(self.commit).\(person)"
        }
    }

    package static let kind = "a place as an event tells it"
    package static var schema: JSON { ["type": "string", "pattern": #"^[0-9]+(\.[a-z0-9]+)?$"#] }
    package static var sample: EventPlace { EventPlace(0) }
    package init(from decoder: any Decoder) throws {
        guard let place = EventPlace(try decoder.singleValueContainer().decode(String.self)) else {
            throw NotOneOfThem()
        }
        self = place
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
