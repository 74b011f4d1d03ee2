import EarshotModel
import Glibc

extension DownloadError {
    /// What `errno` says about a call that touched `path`.
    static func now(_ path: String) -> DownloadError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .full(path: path)
        case EEXIST, ELOOP, ENOTDIR, EISDIR, EMLINK: .obstructed(path: path)
        default: .failed(path: path, reason: String(cString: strerror(errno)))
        }
    }
}
