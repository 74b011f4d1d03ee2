/// A name of a file or folder that somebody else chose, made so that it stays where it is put and is what it looks like
/// (Protocol.md 13). Which rule protects whom is in docs/Threats.md.
package struct SafeName: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package var description: String { self.text }

    /// One component of a path. It never fails: what nothing is left of is called `file`.
    /// - Parameter inside: it lies in a folder that came with it, not in one of the receiver's own: there a dot may
    ///   come first.
    package init(_ raw: some StringProtocol, inside: Bool = false, for rules: NameRules = .linux) {
        let raw = String(raw)
        if Self.isPlain(raw, inside, rules), !(rules.isPortable && Self.isDevice(raw)) {
            self.text = raw
            return
        }
        var scalars = String.UnicodeScalarView()
        for scalar in raw.unicodeScalars where !Self.isDropped(scalar) {
            scalars.append(Self.isSlash(scalar) || rules.isPortable && Self.isPunctuation(scalar) ? "_" : scalar)
        }
        var name = String(scalars)
        if let first = name.unicodeScalars.first, Self.mayNotBegin(name, first, inside, rules) {
            name = "_" + String(String.UnicodeScalarView(name.unicodeScalars.dropFirst()))
        }
        name = Self.shortened(rules.isPortable ? Self.trimmed(name) : name, rules)
        if rules.isPortable, Self.isDevice(name) { name = "_" + name }
        self.text = name.isEmpty ? "file" : name
    }

    /// Nothing of it would be changed. Most names are like this, and a folder has many.
    private static func isPlain(_ name: String, _ inside: Bool, _ rules: NameRules) -> Bool {
        let bytes = name.utf8
        guard bytes.count <= rules.longest, let first = bytes.first, let last = bytes.last else { return false }
        guard
            first != 0x20 && first != 0x2D && first != 0x7E && (first != 0x2E || inside && name != "." && name != "..")
        else { return false }
        if rules.isPortable, last == 0x20 || last == 0x2E { return false }
        return bytes.allSatisfy {
            (0x20...0x7E).contains($0) && $0 != 0x2F && !(rules.isPortable && self.isPunctuation(Unicode.Scalar($0)))
        }
    }

    /// A dash becomes an option of whatever is done with `*`, a tilde the home folder of whoever types it; a dot in
    /// front of what lies in a folder of the receiver's own hides it, and may make it a setting of theirs.
    private static func mayNotBegin(_ name: String, _ first: Unicode.Scalar, _ inside: Bool, _ rules: NameRules) -> Bool
    {
        switch first {
        case "-", "~": true
        case ".": !inside || name == "." || name == ".."
        default:
            first.properties.isWhitespace
                && (rules.isPortable || name.unicodeScalars.allSatisfy(\.properties.isWhitespace))
        }
    }

    /// Controls, what turns or hides text, and tags.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B, 0x200E, 0x200F,
            0x2028...0x202E, 0x2060...0x206F, 0x3164,
            0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    /// Ends the name of a folder, or looks as if it did.
    private static func isSlash(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\u{2044}", "\u{2215}", "\u{29F8}", "\u{FF0F}": true
        default: false
        }
    }

    /// What some other system takes for the end of a folder's name, a drive or a pattern, or turns into one of these.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\\", ":", "*", "?", "\"", "<", ">", "|", "\u{FF3C}", "\u{FE68}", "\u{FF1A}": true
        default: false
        }
    }

    /// Windows drops dots and spaces at the end: two names would become one.
    private static func trimmed(_ name: String) -> String {
        var scalars = Array(name.unicodeScalars)
        while let last = scalars.last, last == "." || last.properties.isWhitespace { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    /// At most so many bytes, cut between characters; what stands behind the last dot stays if it is short.
    private static func shortened(_ name: String, _ rules: NameRules) -> String {
        guard name.utf8.count > rules.longest else { return name }
        let (stem, ending) = self.split(name)
        let short = self.prefix(stem, rules.longest - ending.utf8.count)
        return (rules.isPortable ? self.trimmed(short) : short) + ending
    }

    /// What stands before the last dot, and from it on if that is short.
    private static func split(_ name: String) -> (stem: Substring, ending: Substring) {
        guard let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 32 else { return (name[...], "") }
        return (name[..<dot], name[dot...])
    }

    /// As many characters as fit into so many bytes.
    private static func prefix(_ name: Substring, _ most: Int) -> String {
        var out = ""
        var bytes = 0
        for character in name {
            bytes += character.utf8.count
            guard bytes <= most else { break }
            out.append(character)
        }
        return out
    }

    private static func isDevice(_ name: String) -> Bool {
        // None begins with another letter.
        guard let first = name.utf8.first, "ACLNPaclnp".utf8.contains(first) else { return false }
        let stem = name.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"].contains(stem) { return true }
        guard stem.hasPrefix("COM") || stem.hasPrefix("LPT") else { return false }
        return ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains(stem.dropFirst(3))
    }

    /// The same name once more, for when it is taken: ` (2)` before what stands behind the last dot.
    package func numbered(_ number: Int) -> SafeName {
        guard number > 1 else { return self }
        let dot = self.text.lastIndex(of: ".") ?? self.text.endIndex
        let (stem, ending) = (self.text[..<dot], self.text[dot...])
        let mark = " (\(number))"
        let name = String(stem) + mark + String(ending)
        if name.utf8.count <= 255 { return SafeName(taken: name) }
        let (short, rest) = Self.split(self.text)
        return SafeName(taken: Self.prefix(short, 255 - mark.utf8.count - rest.utf8.count) + mark + String(rest))
    }

    private init(taken text: String) { self.text = text }

    /// One that we chose before and wrote down. What could lead elsewhere is made safe again.
    package init(noted text: String) {
        self =
            text.isEmpty || text == "." || text == ".." || text.utf8.contains(0x2F)
            ? SafeName(text) : SafeName(taken: text)
    }
}
