/// Why what somebody wants to send cannot be offered. Paths are absolute, as `PathText`.
package enum SurveyError: Error, Hashable, Sendable {
    /// - Parameter reason: what the system says.
    case unreadable(String, reason: String)
    case special(String, Special)
    /// It does not say how long it is, and has no end or is too long to be copied.
    case endless(String)
    /// More than a million files and folders.
    case tooMany
    /// Deeper than 64 folders, or at a path of more than 4,096 bytes.
    case tooDeep(String)
    /// No name for a file: empty, longer than 255 bytes, or with a slash in it.
    case badName(String)

    /// What is neither a file nor a folder.
    package enum Special: Hashable, Sendable { case pipe, socket, device, other }
}
