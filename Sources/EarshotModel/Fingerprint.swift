/// A person's key as thirty digits, to be read out or printed on a card (Protocol.md 18).
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// Six groups of five digits.
    package let groups: [String]

    /// - Parameter hash: at least thirty bytes; each five of them make a group.
    package init(hash: [UInt8]) {
        self.groups = (0..<6).map { index in
            let number = hash.dropFirst(index * 5).prefix(5).reduce(0) { $0 << 8 | UInt64($1) } % 100_000
            return String(repeating: "0", count: 5 - String(number).count) + String(number)
        }
    }

    /// What a person typed: spaces and dashes do not count. `nil` unless the rest are thirty digits.
    package init?(typed: String) {
        guard let digits = Self.digits(typed), digits.count == 30 else { return nil }
        self.groups = stride(from: 0, to: 30, by: 5).map { String(digits.dropFirst($0).prefix(5)) }
    }

    package var description: String { self.groups.joined(separator: " ") }

    /// The digits of a text in which nothing else stands but spaces and dashes.
    static func digits(_ typed: String) -> String? {
        var digits = ""
        for character in typed {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else if !character.isWhitespace, !"-–—‐‑.".contains(character) {
                return nil
            }
        }
        return digits
    }
}

/// A code that somebody is invited with: nine digits, for one use (Protocol.md 18).
package struct InviteCode: Hashable, Sendable, CustomStringConvertible {
    package let digits: String

    /// Evenly distributed over all of nine digits; `nil` for the few numbers that would tilt it, and for fewer than
    /// four bytes.
    package init?(chance: [UInt8]) {
        guard chance.count >= 4 else { return nil }
        let number = chance.prefix(4).reduce(0) { $0 << 8 | UInt64($1) }
        guard number < 4_000_000_000 else { return nil }
        let text = String(number % 1_000_000_000)
        self.digits = String(repeating: "0", count: 9 - text.count) + text
    }

    /// What a person typed: spaces and dashes do not count. `nil` unless the rest are nine digits.
    package init?(typed: String) {
        guard let digits = Fingerprint.digits(typed), digits.count == 9 else { return nil }
        self.digits = digits
    }

    /// In three groups, as it is read out.
    package var description: String {
        stride(from: 0, to: 9, by: 3).map { String(self.digits.dropFirst($0).prefix(3)) }.joined(separator: " ")
    }
}
