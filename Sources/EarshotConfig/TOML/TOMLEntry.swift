/// A value of a TOML file with the keys of the tables it lies in.
package struct TOMLEntry: Hashable, Sendable {
    package let path: [String]
    package let value: Written
    /// Where its key begins, counted from 1.
    package let line: Int
    package let column: Int

    /// The name of a setting: `rate` in the table `files` is `files.rate`.
    package var key: String { self.path.joined(separator: ".") }
}

/// One table of a list of them, as `[[hook]]` begins it.
package struct TOMLTable: Hashable, Sendable {
    package let path: [String]
    /// Where its header begins, counted from 1.
    package let line: Int
    package let column: Int
    /// Their paths begin in the table.
    package internal(set) var entries: [TOMLEntry] = []

    package var key: String { self.path.joined(separator: ".") }
}
