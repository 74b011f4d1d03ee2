/// Words for a command line that a person may paste into a shell.
package enum Quoting {
    /// One word of a POSIX shell, quoted only where it must be.
    package static func shell(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.first != "~" && word.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value) || "_@%+=:,./-".unicodeScalars.contains(scalar)
        }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// `earshot accept 'Anna Berg'`: a command that takes one name, whatever the name begins with.
    package static func command(_ verb: String, _ name: String) -> String {
        "earshot \(verb) \(name.hasPrefix("-") ? "-- " : "")\(self.shell(name))"
    }
}
