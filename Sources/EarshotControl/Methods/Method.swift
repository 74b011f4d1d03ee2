import EarshotText

/// One thing that can be asked at the door, declared once: its name, its parameters (the members of the type) and its
/// answer. From this come how it is read from a line, what is said of a parameter that does not fit, `rpc.discover`,
/// the client's call and the check of docs/Control.md.
package protocol Method: Codable, Sendable, Hashable {
    associatedtype Answer: Codable, Sendable
    static var name: String { get }
    /// What it does, in one sentence.
    static var summary: String { get }
    /// The answer may be large, so that it is asked for alone on its connection.
    static var mayAnswerMuch: Bool { get }
    /// The words in it that mean people.
    var people: [String] { get }
    /// The words in it that mean rooms and nothing else.
    var rooms: [String] { get }
}

extension Method {
    package static var mayAnswerMuch: Bool { false }
    package var people: [String] { [] }
    package var rooms: [String] { [] }
}

/// A method whose answer is a list that may be long: read piece by piece, as fast as whoever asked takes it.
package protocol ListMethod: Method where Answer == [Element] {
    associatedtype Element: Codable, Sendable
}

extension ListMethod {
    package static var mayAnswerMuch: Bool { true }
}

/// Everything that can be asked, by family, in the order of docs/Control.md.
package enum Methods {
    package static let all: [any Method.Type] =
        Self.node + Self.settings + Self.people + Self.trust + Self.acquaintance + Self.messages + Self.talks
        + Self.inbox + Self.rooms + Self.files + Self.rules + Self.events + Self.backup + Self.watching
        + Self.mail

    private static let byName: [String: any Method.Type] =
        Dictionary(Self.all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })

    /// Older words for methods.
    private static let olderNames = ["transfer.reject": "transfer.decline"]

    package static var names: [String] { self.all.map { $0.name } }

    /// Reads a request.
    /// - Throws: `unknownMethod`, with all there are, or `badParameters`.
    package static func read(_ name: String, _ parameters: JSON?) throws(DoorError) -> any Method {
        guard let method = self.byName[self.olderNames[name] ?? name] else {
            throw DoorError(.line(.noMethod(name)), candidates: self.names)
        }
        switch parameters {
        case nil: return try self.read(method, .object([:]))
        case .object?: return try self.read(method, parameters ?? .null)
        default: throw DoorError(.line(.notNamed))
        }
    }

    private static func read<One: Method>(_ method: One.Type, _ parameters: JSON) throws(DoorError) -> any Method {
        try JSONMapping.value(method, from: parameters)
    }
}

/// How many elements of a list are wanted: 1 to 10,000.
package struct Count: SchemaNamed, Hashable, ExpressibleByIntegerLiteral {
    package static let most = 10_000

    package let value: Int
    package init(_ value: Int64) { self.value = Int(clamping: min(max(value, 1), Int64(Self.most))) }
    package init(integerLiteral value: Int64) { self.init(value) }

    package static let kind = "a whole number from 1 to 10000"
    package static var schema: JSON { ["type": "integer", "minimum": 1, "maximum": 10_000] }
    package static var sample: Count { 1 }
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(Int64.self)
        // Fewer than were asked for would look like all there are.
        guard (1...Int64(Self.most)).contains(value) else { throw NotOneOfThem() }
        self.init(value)
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Int64(clamping: self.value))
    }
}
