/// Which names a person would take for the same. In the spirit of UTS #39 skeletons, for the letters people cheat with.
package enum LookAlike {
    private static let twins: [Character: Character] = [
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k",
        "ӏ": "i", "м": "m",
        "н": "h", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "у": "y", "ү": "y", "ѵ": "v", "ԝ": "w", "х": "x",
        "з": "3",
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o", "ρ": "p", "τ": "t",
        "υ": "u", "χ": "x",
        "γ": "y", "ω": "w", "ı": "i", "ł": "i", "ø": "o", "đ": "d", "ħ": "h", "0": "o", "1": "i", "l": "i", "|": "i",
        "!": "i", "5": "s",
        "$": "s", "3": "e", "@": "a", "ѐ": "e", "ɑ": "a", "ɡ": "g", "ո": "n", "օ": "o", "ս": "u", "ց": "g",
    ]

    /// Equal skeletons look alike: lower case, without marks, spaces and punctuation, twins made one, `rn` as `m`,
    /// `vv` as `w`.
    package static func skeleton(_ name: String) -> String {
        var out = ""
        for character in name.lowercased() {
            guard let scalar = character.unicodeScalars.first, !character.isWhitespace else { continue }
            // The base letter alone: what sits on it is overlooked too.
            let base = Self.base(scalar)
            let twin = Self.twins[base] ?? base
            if twin.isLetter || twin.isNumber || scalar.properties.isEmoji { out.append(twin) }
        }
        // Names of signs alone look like themselves.
        return out.isEmpty ? name.lowercased() : Self.joined(out)
    }

    private static func joined(_ text: String) -> String {
        var out = ""
        for character in text {
            switch (out.last, character) {
            case ("r", "n"):
                out.removeLast()
                out.append("m")
            case ("v", "v"):
                out.removeLast()
                out.append("w")
            default: out.append(character)
            }
        }
        return out
    }

    /// Fullwidth forms and letters with marks come down to the letter they are made of, by what the standard library
    /// knows: canonical equivalence lets us compare `é` with `e` and a mark, so the first scalar of the decomposition
    /// is the letter.
    private static func base(_ scalar: Unicode.Scalar) -> Character {
        switch scalar.value {
        case 0xFF01...0xFF5E: return Self.lowercase(scalar.value - 0xFEE0)
        case 0xE0...0xE5: return "a"
        case 0xE7: return "c"
        case 0xE8...0xEB, 0x113, 0x115, 0x117, 0x119, 0x11B: return "e"
        case 0xEC...0xEF, 0x129, 0x12B, 0x12D, 0x12F: return "i"
        case 0xF1, 0x144, 0x146, 0x148: return "n"
        case 0xF2...0xF6, 0x14D, 0x14F, 0x151: return "o"
        case 0xF9...0xFC, 0x169, 0x16B, 0x16D, 0x16F, 0x171, 0x173: return "u"
        case 0xFD, 0xFF: return "y"
        case 0x101, 0x103, 0x105: return "a"
        case 0x107, 0x109, 0x10B, 0x10D: return "c"
        case 0x15B, 0x15D, 0x15F, 0x161: return "s"
        case 0x17A, 0x17C, 0x17E: return "z"
        default: return Character(scalar)
        }
    }

    private static func lowercase(_ value: UInt32) -> Character {
        Unicode.Scalar(value).map { Character($0.properties.lowercaseMapping) } ?? "?"
    }
}
