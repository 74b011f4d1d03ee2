/// Why received files cannot go to a folder.
package enum FolderProblem: Error, Hashable, Sendable {
    case notAbsolute(String)
    case tooLong
    case missing(String)
    case notAFolder(String)
    case unusable(String, reason: String)
    /// Of our own: keys and messages, or what is not complete yet.
    case ours(String)
}
