/// Words for a command line that a person may paste into a shell.
package enum Quoting {
    /// One word of a POSIX shell, quoted only where it must be.
    package static func shell(_ word: String) -> String {
        let isPlain =
            !word.isEmpty && word.first != "~"
            && word.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
                    || "_@%+=:,./-".unicodeScalars.contains(scalar)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// `earshot accept 'Anna Berg'`: a command with at most one word, whatever that begins with.
    /// - Parameter state: the folder that `--state` named, without which the command would speak to another node.
    package static func command(_ verb: String, _ word: String? = nil, state: String? = nil) -> String {
        let folder = state.map { " --state \(self.shell($0))" } ?? ""
        return "earshot \(verb)\(folder)" + (word.map { " \($0.hasPrefix("-") ? "-- " : "")\(self.shell($0))" } ?? "")
    }
}
