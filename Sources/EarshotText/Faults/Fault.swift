/// What is wrong with what somebody wrote for us: into a file, a variable, an option, or at the door. A value, without
/// the words and without the place.
package enum Fault: Hashable, Sendable {
    case syntax(Syntax)
    case file(File)
    case setting(Setting)
    case table(Table)
    case hook(Hook)
    case person(Person)
    /// What a path is refused with: a whole sentence.
    case path(String)

    /// It is no TOML. Keys have dots in them.
    package enum Syntax: Hashable, Sendable {
        case tooDeep, manyKeys
        case openList, openTable, openBracket
        case noValue, noKey, noEquals, leftOver
        case notValue(String)
        case openText, openTextOnLine, openLongText
        case control, notCharacter
        /// A character that means nothing behind a backslash.
        case noEscape(Character)
        case setTwice(String), openedTwice(String), openedElsewhere(String)
        /// A value is there where a table should be, and so on.
        case valueNotTable(String), tableNotList(String), tableNotValue(String), valueNotParent(String)
    }

    /// A file as a whole.
    package enum File: Hashable, Sendable {
        case missing
        /// - Parameter path: as it was written.
        case none(path: String)
        /// - Parameter detail: what the system says.
        case unreadable(detail: String)
        case notFile
        case foreign(owner: UInt32), writable
        /// Bytes.
        case tooLong(most: Int)
        /// - Parameter isAtLine: the place of the fault says where.
        case notUTF8(isAtLine: Bool)
    }

    package enum Setting: Hashable, Sendable {
        /// - Parameters:
        ///   - subject: what the value was written to.
        ///   - fits: what would fit, as the declaration of the setting has it.
        case unfit(subject: String, fits: String, Cited)
        /// - Parameter near: those that were perhaps meant.
        case unknown(key: String, near: [String])
        case setTwice(key: String)
        case locked(key: String, by: SettingSource, of: SettingSource)
    }

    /// A table of a list, as `[[hook]]`; `table` and `key` are as they are written.
    package enum Table: Hashable, Sendable {
        case notInPolicy(table: String)
        case isTable(String)
        /// - Parameter file: the name of the file it belongs in.
        case elsewhere(table: String, file: String)
        case nothingElse(tables: [String], key: String, near: [String])
        case unknown(table: String, key: String, near: [String])
        case unfit(key: String, Fit, Cited)
        case missing(table: String, key: String, Fit)
        case twice(table: String, name: String), inBothFiles(table: String, name: String)
        case tooMany(most: Int)
    }

    /// What hooks, ways in and announcements need.
    package enum Hook: Hashable, Sendable {
        case noDeed, twoDeeds
        case severalForShell
        case https, notURL(String)
        case noName, noSecret
        /// Bytes.
        case shortSecret(least: Int)
        indirect case secretFile(path: String, Fault)
    }

    /// What a file of people needs.
    package enum Person: Hashable, Sendable {
        case noKey, twoKeys
        case noWriting, filesTwice
        case roomTwice
        case openFromJoin
        case hookWithoutID
        /// - Parameters:
        ///   - at: where the second one stands, as `FILE:LINE`.
        ///   - other: where the first one does.
        case namedTwice(String, at: String, other: String)
        case nameTaken(String, at: String, other: String)
        case roomNamedTwice(String, at: String, other: String)
    }

    /// What fits a member of a table.
    package enum Fit: Hashable, Sendable {
        /// - Parameter most: letters.
        case name(most: Int)
        case events([String])
        case person, roomOrPerson, room
        case truth
        case prefix, word
        case timeout
        case parallels(most: Int)
        case program
        case url
        /// - Parameter least: bytes.
        case secret(least: Int)
        case path
        case called, grants
        /// Rooms that somebody is invited to.
        case invitedTo
        /// - Parameter most: bytes.
        case roomName(most: Int)
        /// - Parameter words: those there are.
        case history(String)
        case id, fingerprint
        case time
        case days([String])
        case said
    }

    /// A value that does not fit, as it is cited.
    package enum Cited: Hashable, Sendable {
        case text(String)
        /// A number, or true and false.
        case plain(String)
        case list, emptyList, table, emptyTable, tables
    }
}
