/// Where a value comes from.
package enum Source: Hashable, Sendable {
    case usual
    case file(String, line: Int)
    /// What was set with `earshot settings`, kept in the database.
    case door
    case variable(String)
    case option(String)
    /// The file that locks it.
    case policy(String, line: Int)

    /// One word, for programs.
    package var word: String {
        switch self {
        case .usual: "default"
        case .file: "file"
        case .door: "door"
        case .variable: "environment"
        case .option: "option"
        case .policy: "policy"
        }
    }

    /// For a person: what follows "from".
    package var place: String {
        switch self {
        case .usual: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .door: "`earshot settings`"
        case .variable(let name): name
        case .option(let name): name
        case .policy(let path, let line): "locked by \(path):\(line)"
        }
    }
}

/// A value that somebody gave, of the type of its setting.
struct Given: Sendable {
    let value: any Hashable & Sendable
    let source: Source
}
