/// A name in the DNS: labels of up to 63 bytes, 255 in all. Capitals do not count.
struct DNSName: Hashable, Sendable, CustomStringConvertible {
    private(set) var labels: [[UInt8]] = []

    static let longest = 255
    static let longestLabel = 63

    /// `nil` for what is no name.
    init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ !$0.isEmpty && $0.count <= Self.longestLabel }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= Self.longest
        else { return nil }
        self.labels = labels.map { $0.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
    }

    /// As a person writes it, `office.example`, with a dot behind it or without.
    init?(_ text: String) {
        let bare = text.hasSuffix(".") ? text.dropLast() : text[...]
        self.init(labels: bare.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) })
        if self.labels.isEmpty { return nil }
    }

    func isBelow(_ other: DNSName) -> Bool {
        self.labels.count == other.labels.count + 1 && self.labels.dropFirst() == other.labels[...]
    }

    /// As questions have it (RFC 1035 5.1): what is neither letter, digit, - nor _ by its number.
    var description: String {
        self.labels.map { label in
            label.map { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, 0x2D, 0x5F: String(UnicodeScalar(byte))
                default: "\\" + String(String(1_000 + Int(byte)).dropFirst())
                }
            }.joined()
        }.joined(separator: ".")
    }
}
