/// Paths of requests, which may hold anything.
enum WebPath {
    /// Bytes of a whole target at most.
    static let longest = 16_384
    /// Bytes of one name, as file systems have it.
    static let longestName = 255
    /// Names behind each other.
    static let deepest = 64

    /// A target cut into its path and its query; `nil` for what is no path of ours.
    static func split(_ target: String) -> (path: String, query: Substring)? {
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.count <= Self.longest,
            target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !target.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? parts[1] : "")
    }

    /// The value of a parameter of a query, as it stands there.
    static func parameter(_ name: String, in query: Substring) -> Substring? {
        for pair in query.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2, halves[0] == name { return halves[1] }
        }
        return nil
    }

    /// The names of a path that a file is to be put under: each can be that of a file, and none leads elsewhere.
    static func names(_ path: Substring) -> [String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.count <= Self.deepest else { return nil }
        var names: [String] = []
        for part in parts {
            guard let name = Self.decoded(part), Self.isName(name) else { return nil }
            names.append(name)
        }
        return names
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= Self.longestName
            && name.utf8.allSatisfy { $0 != 0x2F && $0 >= 0x20 && $0 != 0x7F }
    }

    /// Percent signs taken out, once; `nil` for what is no UTF-8 then.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hex), let low = rest.popFirst().flatMap(Self.hex) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
