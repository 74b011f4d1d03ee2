import Glibc

/// What is wrong with a file of ours, said so that a person can mend it.
package enum VaultError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such file. The only case in which a new key may be made.
    case missing(path: String)
    case unreadable(path: String, reason: String)
    /// Others own it or may read it.
    case exposed(path: String, reason: String)
    case damaged(path: String)
    case unwritable(path: String, reason: String)
    /// Another daemon works in this folder.
    case taken(path: String)

    package var description: String {
        switch self {
        case .missing(let path):
            """
            There is no file \(path), but the messages that belong to it are there. Put the key back from a copy, or \
            move the folder away to start over as someone new.
            """
        case .unreadable(let path, let reason):
            "The file \(path) cannot be read: \(reason). Fix that; nothing was changed and no new key was made."
        case .exposed(let path, let reason):
            """
            \(path) \(reason). Make it yours alone: chown it to yourself, and chmod 700 for the folder or 600 for the \
            file.
            """
        case .damaged(let path):
            "The key file \(path) is damaged. Restore it from a copy; nothing was changed and no new key was made."
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason). Fix that, or choose another folder with --state DIR."
        case .taken(let path):
            """
            Another earshotd already uses \(path). Stop it with `earshot stop`, or choose another folder with --state \
            DIR.
            """
        }
    }

    static var reason: String { String(cString: strerror(errno)) }
}
