/// What the file system that a file goes to can take for a name (docs/Threats.md). Names that would move, hide or
/// mislead are changed everywhere; these are the rules that depend on the place.
package struct NameRules: Hashable, Sendable {
    /// Windows and its like read this disk too: no `:` or `*`, no `aux`, no dot at the end.
    package let isPortable: Bool
    /// `A` and `a` are the same file.
    package let ignoresCase: Bool
    /// Bytes of a name.
    package let longest: Int

    package init(isPortable: Bool, ignoresCase: Bool, longest: Int) {
        self.isPortable = isPortable
        self.ignoresCase = ignoresCase || isPortable
        self.longest = max(64, min(longest, isPortable ? 200 : 255))
    }

    /// An ordinary file system of Linux.
    package static let linux = NameRules(isPortable: false, ignoresCase: false, longest: 255)
    /// What every system can have.
    package static let portable = NameRules(isPortable: true, ignoresCase: true, longest: 200)
}
