/// Where the value of a setting comes from.
package enum SettingSource: Hashable, Sendable {
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
}
