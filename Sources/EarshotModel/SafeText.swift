/// Words from others, made fit for a screen: nothing that moves a cursor, turns text around or hides in it.
package enum SafeText {
    /// One line for a name: at most 64 characters and 256 bytes; outer spaces gone, inner ones single.
    package static func name(_ raw: String) -> String {
        // An id, most often: nothing is to be taken out of it, and it is looked at for each message.
        if raw.utf8.count <= 64, raw.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return raw }
        var out = ""
        var space = false
        guard !self.isBlank(raw) else { return "" }
        for character in self.message(raw) {
            if character.isWhitespace {
                space = !out.isEmpty
                continue
            }
            // A mark that would sit on the space before it is dropped: it would make another character of it.
            let bare =
                space || out.isEmpty
                ? String(character.unicodeScalars.drop { $0.properties.isGraphemeExtend || $0.value == 0x200D })
                : String(character)
            guard !bare.isEmpty else { continue }
            let piece = (space ? " " : "") + bare
            guard out.count + piece.count <= 64, out.utf8.count + piece.utf8.count <= 256 else { break }
            out += piece
            space = false
        }
        return out
    }

    /// One line of any length: outer spaces gone, inner ones single.
    package static func line(_ raw: String) -> String {
        self.message(raw).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A name of a person: as `name`, and without the signs by which screens say that somebody is verified.
    package static func personName(_ raw: String) -> String {
        self.name(String(raw.filter { !self.trustSigns.contains($0) }))
    }

    private static let trustSigns = Set("◆◇⬥⬦❖♦♢⯁🔷🔶🔹🔸💠✓✔✅☑⚠")

    /// A path of files on one line, where what cannot be shown is told by its number: names that only look the same are
    /// told apart.
    package static func path(_ raw: String) -> String {
        var out = ""
        for scalar in raw.unicodeScalars {
            if self.isFit(scalar), scalar != "\n", scalar != "\t" {
                out.unicodeScalars.append(scalar)
            } else {
                out += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return out
    }

    /// Text of a message: line ends (as `lines` has them) and tabs stay; other control characters, bidirectional
    /// controls, tags and invisible characters go. Joiners stay where they join: emoji and several scripts need them.
    package static func message(_ raw: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in self.lines(raw).unicodeScalars where self.isFit(scalar) { out.append(scalar) }
        return String(out)
    }

    /// The same text with one kind of line end, U+000A, whatever it came with: CR LF, CR alone, vertical tab, form
    /// feed, and the three that Unicode adds.
    package static func lines(_ raw: String) -> String {
        guard raw.unicodeScalars.contains(where: { $0.value != 0x0A && self.endsLine($0) }) else { return raw }
        var out = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in raw.unicodeScalars {
            if !self.endsLine(scalar) {
                out.append(scalar)
            } else if !wasReturn || scalar.value != 0x0A {
                out.append("\n")
            }
            wasReturn = scalar.value == 0x0D
        }
        return String(out)
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether nothing of a text can be seen: it is not sent, and is no name.
    package static func isBlank(_ raw: String) -> Bool {
        !raw.unicodeScalars.contains { scalar in
            self.isFit(scalar) && !scalar.properties.isWhitespace && !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func isFit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: true
        case 0x00...0x1F, 0x7F...0x9F: false
        case 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        case 0xE0000...0xE007F: false
        default: true
        }
    }
}
