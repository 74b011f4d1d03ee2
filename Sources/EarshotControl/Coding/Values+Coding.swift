import EarshotModel
import EarshotText

/// Ids as their 52 characters.
extension SchemaNamed where Self: Identifier {
    package static var kind: String { "an id" }
    package static var schema: JSON { ["type": "string", "pattern": "^[a-z2-7]{52}$"] }
    package static var sample: Self { Self(hash: .zero) }
    package init(from decoder: any Decoder) throws {
        guard let id = Self(text: try decoder.singleValueContainer().decode(String.self)) else { throw NotOneOfThem() }
        self = id
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
extension PersonID: SchemaNamed {}
extension DeviceID: SchemaNamed {}
extension EnvelopeID: SchemaNamed {}
extension RoomID: SchemaNamed {}

extension ShareID: SchemaNamed {
    package static var kind: String { "an id" }
    package static var schema: JSON { ["type": "string", "pattern": "^[a-z2-7]{26}$"] }
    package static var sample: ShareID { ShareID(hash: .zero) }
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = Base32.decode(text).flatMap({ ShareID($0) }) else { throw NotOneOfThem() }
        self = id
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

/// Times as RFC 3339 in UTC.
extension Timestamp: SchemaNamed {
    package static var kind: String { "a time as 2026-11-21T05:30:00.125Z" }
    package static var schema: JSON { ["type": "string", "format": "date-time"] }
    package static var sample: Timestamp { Timestamp(milliseconds: 0) }
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(rfc3339: text) else { throw NotOneOfThem() }
        self = time
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.rfc3339)
    }
}

extension Trust: Keyword {}
extension ConflictReason: Keyword {}
extension Presence: Keyword {}
extension Profile.Audience: Keyword {}
extension StorageTrouble: Keyword {}
extension VerificationState: Keyword {}
extension WaitReason: Keyword {}

/// One word or a list of them.
package struct Words: SchemaNamed, Hashable, ExpressibleByArrayLiteral {
    package let all: [String]

    package init(_ all: [String]) { self.all = all }
    package init(arrayLiteral elements: String...) { self.all = elements }

    package static let kind = "a list of strings"
    package static var schema: JSON {
        ["oneOf": [["type": "string"], ["type": "array", "items": ["type": "string"], "minItems": 1]]]
    }
    package static var sample: Words { ["a"] }

    package init(from decoder: any Decoder) throws {
        self.all = try WordsOrNone(from: decoder).all
        // What is said of it then names the parameter and what it is.
        guard !self.all.isEmpty else { throw NotOneOfThem() }
    }
    package func encode(to encoder: any Encoder) throws { try WordsOrNone(self.all).encode(to: encoder) }
}

/// One word or a list of them, which may be empty.
package struct WordsOrNone: SchemaNamed, Hashable {
    package let all: [String]

    package init(_ all: [String]) { self.all = all }

    package static let kind = "a list of strings"
    package static var schema: JSON {
        ["oneOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]]
    }
    package static var sample: WordsOrNone { WordsOrNone(["a"]) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            self.all = [one]
        } else if let list = try? container.decode([String].self) {
            self.all = list
        } else {
            throw NotOneOfThem()
        }
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.all)
    }
}

/// A value is none of those that its type has: whoever reads it says which there are.
struct NotOneOfThem: Error {}

/// A path as the system takes it: absolute, of a bounded length, and without the NUL that would end it early.
package struct AbsolutePath: SchemaNamed, Hashable {
    /// Bytes at most, as Linux has it.
    private static let longest = 4_095

    package let text: String

    /// - Throws: `badParameters` with what is wrong with it.
    package init(_ text: String) throws(DoorError) {
        guard text.hasPrefix("/") else {
            throw DoorError(.path(.notAbsolute(String(text.prefix(100)))))
        }
        guard text.utf8.count <= Self.longest else {
            throw DoorError(.path(.tooLong(most: Self.longest)))
        }
        guard !text.utf8.contains(0) else { throw DoorError(.path(.hasNUL)) }
        self.text = text
    }

    private init(known text: String) { self.text = text }

    package static let kind = "an absolute path"
    package static var schema: JSON { ["type": "string", "pattern": "^/"] }
    package static var sample: AbsolutePath { AbsolutePath(known: "/") }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.text)
    }
}

/// One or several paths.
package struct AbsolutePaths: SchemaNamed, Hashable {
    package let all: [AbsolutePath]
    package init(_ all: [AbsolutePath]) { self.all = all }

    package static let kind = "a list of absolute paths"
    package static var schema: JSON {
        ["oneOf": [AbsolutePath.schema, ["type": "array", "items": AbsolutePath.schema, "minItems": 1]]]
    }
    package static var sample: AbsolutePaths { AbsolutePaths([AbsolutePath.sample]) }

    package init(from decoder: any Decoder) throws {
        self.all = try Words(from: decoder).all.map { text throws(DoorError) in try AbsolutePath(text) }
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.all.map(\.text))
    }
}
