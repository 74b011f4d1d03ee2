/// How a run of a hook ended.
package enum HookResult: Hashable, Sendable {
    /// Its program ended by itself.
    case ended(code: Int32)
    case signalled(Int32)
    case tookTooLong
    /// It wrote more than anybody reads.
    case flooded
    /// The node ends, or the hook is gone.
    case halted
    case notStarted(String)
    /// The status of HTTP that came back.
    case posted(status: Int)
    case notPosted(String)

    package var isGood: Bool {
        switch self {
        case .ended(code: 0), .halted: true
        case .posted(let status): (200..<300).contains(status)
        case .ended, .signalled, .tookTooLong, .flooded, .notStarted, .notPosted: false
        }
    }

    /// For a person.
    package var text: String {
        switch self {
        case .ended(code: 0): "done"
        case .ended(let code): "exit code \(code)"
        case .signalled(let signal): "ended by signal \(signal)"
        case .tookTooLong: "took too long, and was ended"
        case .flooded: "wrote too much, and was ended"
        case .halted: "halted"
        case .notStarted(let why): "cannot be started: \(why)"
        case .posted(let status): "answered with \(status)"
        case .notPosted(let why): "cannot be posted: \(why)"
        }
    }
}
