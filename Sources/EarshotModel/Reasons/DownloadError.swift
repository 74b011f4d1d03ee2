/// Why something received could not be put on disk.
package enum DownloadError: Error, Hashable, Sendable, Codable {
    case full(path: String)
    /// Somebody put something there: a link where a folder should be, or a file where nothing should be.
    case obstructed(path: String)
    /// - Parameter reason: what the system says.
    case failed(path: String, reason: String)
    /// What had come was taken away by somebody: it has to be fetched again.
    case vanished(path: String)
    /// More bytes came than were listed.
    case overflowing
    /// Nobody said where it should go.
    case noFolder
}
