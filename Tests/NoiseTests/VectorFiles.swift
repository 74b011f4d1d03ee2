import Foundation
import Testing

/// Reading the files in `Vectors`.
enum VectorFiles {
    static func all() throws -> [URL] {
        let folder = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    static func json(_ name: String) throws -> Any {
        let file = try #require(try Self.all().first { $0.lastPathComponent == name }, "\(name) is missing")
        return try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    }

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
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) ?? 0 }
}
