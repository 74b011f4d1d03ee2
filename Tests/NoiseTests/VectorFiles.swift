import Foundation
import Testing

/// Reading the files in `Vectors`.
enum VectorFiles {
    static func all(_ extensions: Set<String> = ["json"]) throws -> [URL] {
        let folder = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { extensions.contains($0.pathExtension) }.sorted { $0.path < $1.path }
    }

    static func data(_ name: String) throws -> Data {
        let file = try #require(
            try Self.all(["json", "txt"]).first { $0.lastPathComponent == name }, "\(name) is missing")
        return try Data(contentsOf: file)
    }

    static func json(_ name: String) throws -> Any { try JSONSerialization.jsonObject(with: Self.data(name)) }
    static func text(_ name: String) throws -> String { String(decoding: try Self.data(name), as: UTF8.self) }

    /// The tests of a Wycheproof file, each with its group.
    static func wycheproof(_ name: String) throws -> [(group: [String: Any], test: [String: Any])] {
        let root = try #require(try Self.json(name) as? [String: Any])
        let groups = try #require(root["testGroups"] as? [[String: Any]])
        return groups.flatMap { group in (group["tests"] as? [[String: Any]] ?? []).map { (group, $0) } }
    }
}

extension [String: Any] {
    /// The bytes of a field in hex; nothing where there is no such field.
    func hex(_ key: String) -> [UInt8]? { (self[key] as? String).flatMap(bytes(hex:)) }
    var isValid: Bool { self["result"] as? String == "valid" }
}

func bytes(hex: String) -> [UInt8]? {
    guard hex.utf8.count.isMultiple(of: 2) else { return nil }
    let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    let values = digits.compactMap { $0 }
    guard values.count == digits.count else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
}
