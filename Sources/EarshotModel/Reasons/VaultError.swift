/// What is wrong with a file of ours. `reason` is what the system says, or the end of a sentence.
package enum VaultError: Error, Hashable, Sendable {
    /// There is no such file. The only case in which a new key may be made.
    case missing(path: String)
    case unreadable(path: String, reason: String)
    /// Others own it or may read it.
    case exposed(path: String, reason: String)
    case damaged(path: String)
    case unwritable(path: String, reason: String)
    /// Another daemon works in this folder.
    case taken(path: String)
}
