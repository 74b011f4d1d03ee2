import Glibc

/// Why something received could not be put on disk.
package enum DownloadError: Error, Equatable, Sendable, CustomStringConvertible {
    case full(path: String)
    /// Somebody put something there: a link where a folder should be, or a file where nothing should be.
    case obstructed(path: String)
    case failed(path: String, reason: String)
    /// What had come was taken away by somebody: it has to be fetched again.
    case vanished(path: String)
    /// More bytes came than were listed.
    case overflowing

    /// What `errno` says about a call that touched `path`.
    static func now(_ path: String) -> DownloadError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .full(path: path)
        case EEXIST, ELOOP, ENOTDIR, EISDIR, EMLINK: .obstructed(path: path)
        default: .failed(path: path, reason: String(cString: strerror(errno)))
        }
    }

    package var description: String {
        switch self {
        case .full(let path):
            "There is no room left on the disk of \(path). Free some space; the transfer goes on where it stopped."
        case .obstructed(let path):
            "Something that Earshot did not put there is at \(path). Move it away; nothing was overwritten."
        case .failed(let path, let reason): "\(path): \(reason)."
        case .vanished(let path): "\(path) was removed while it was being received."
        case .overflowing: "More came than was offered."
        }
    }
}
