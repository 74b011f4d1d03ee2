/// Why a request was not done. Each kind has its JSON-RPC code and the exit code of a command line that got it
/// (docs/Control.md).
package struct DoorError: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case badLine, badRequest, unknownMethod, badParameters
        case unknownName, ambiguousName
        case unreachable, notDelivered, refused, untrusted, disk, diskFull, notRunning, timeout, failed
        /// The database is not what was written to it; one thing could not be put into it.
        case damaged, notStored

        package var code: Int64 {
            switch self {
            case .badLine: -32_700
            case .badRequest: -32_600
            case .unknownMethod: -32_601
            case .badParameters: -32_602
            case .unknownName, .ambiguousName: 3
            case .unreachable: 4
            case .notDelivered: 5
            case .refused: 6
            case .untrusted: 7
            case .disk, .diskFull: 8
            case .notRunning: 9
            case .timeout: 10
            case .damaged: 11
            case .notStored: 12
            case .failed: 1
            }
        }

        /// What a command ends with: the same number, but 2 for what was asked wrongly.
        package var exitCode: Int32 {
            self.code < 0 ? 2 : Int32(clamping: self.code)
        }
    }

    package let kind: Kind
    /// For a person: what is wrong, and what to do.
    package let message: String
    /// Names that were perhaps meant.
    package let candidates: [String]
    /// How many more there are than `candidates` lists.
    package let more: Int

    package init(_ kind: Kind, _ message: String, candidates: [String] = [], more: Int = 0) {
        self.kind = kind
        self.message = message
        self.candidates = candidates
        self.more = more
    }

    package var json: JSON {
        var data: [String: JSON] = ["kind": .string(self.kind.rawValue)]
        if !self.candidates.isEmpty { data["candidates"] = .array(self.candidates.map { .string($0) }) }
        if self.more > 0 { data["more"] = .integer(Int64(clamping: self.more)) }
        return ["code": .integer(self.kind.code), "message": .string(self.message), "data": .object(data)]
    }

    package init(_ json: JSON) {
        let kind = json["data"]?["kind"]?.string.flatMap(Kind.init(rawValue:)) ?? .failed
        self.init(
            kind, json["message"]?.string ?? "something went wrong",
            candidates: json["data"]?["candidates"]?.array?.compactMap(\.string) ?? [],
            more: Int(clamping: json["data"]?["more"]?.integer ?? 0))
    }
}
