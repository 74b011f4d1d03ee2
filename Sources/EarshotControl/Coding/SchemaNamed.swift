/// A value that is one word, number or list of JSON, and says of itself which it may be: for errors, and for
/// `rpc.discover`.
package protocol SchemaNamed: Codable, Sendable {
    /// What it is, as an error ends: "a string", "queued, delivered or read".
    static var kind: String { get }
    /// As JSON Schema has it.
    static var schema: JSON { get }
    /// Any of them.
    static var sample: Self { get }
}

/// A word out of a fixed list.
package protocol Keyword: SchemaNamed, CaseIterable, RawRepresentable, Hashable where RawValue == String {}

extension Keyword {
    package static var kind: String {
        let words = self.allCases.map(\.rawValue)
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }
    package static var schema: JSON {
        ["type": "string", "enum": .array(self.allCases.map { .string($0.rawValue) })]
    }
    /// The first of its words; there is always one.
    package static var sample: Self {
        guard let first = self.allCases.first else { preconditionFailure("no words") }  // lint: ours
        return first
    }
}

/// A value with members that has a name of its own in `rpc.discover`.
package protocol View: Codable, Sendable, Hashable {}

extension View {
    /// Where its schema is in `rpc.discover`.
    package static var reference: JSON { ["$ref": .string("#/components/schemas/\(String(describing: self))")] }
}
