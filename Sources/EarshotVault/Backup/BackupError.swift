/// Why a backup cannot be read or put back, said so that a person knows what to do.
package enum BackupError: Error, Equatable, Sendable, CustomStringConvertible {
    case notABackup(path: String)
    /// Made by a later version of Earshot.
    case newer(path: String)
    /// The passphrase is another one, or the first piece is damaged: nobody can tell which.
    case wrongPassphrase(path: String)
    /// It is not what was written.
    case damaged(path: String)
    /// Opening it takes more memory than there is.
    case noMemory(path: String, mebibytes: Int)
    case unreadable(path: String, reason: String)
    /// A file that belongs into it became shorter while it was read.
    case changed(path: String)
    /// Somebody lives in that folder already.
    case occupied(folder: String)
    case givenUp

    package var description: String {
        switch self {
        case .notABackup(let path): "\(path) is not a backup of Earshot."
        case .newer(let path): "\(path) was made by a newer Earshot. Update this one."
        case .wrongPassphrase(let path):
            "\(path) does not open with this passphrase. Is there a typing error? Otherwise its beginning is damaged."
        case .damaged(let path): "\(path) is damaged or not complete. Nothing was put back; take another copy."
        case .noMemory(let path, let mebibytes):
            "Opening \(path) takes \(mebibytes) MiB of memory, and there is not as much."
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)."
        case .changed(let path): "\(path) changed while it was copied. Nothing was written; try again."
        case .occupied(let folder):
            """
            There is a node in \(folder) already, and nothing in it was changed. Choose another folder with --state, \
            or remove that node with `earshot wipe` first.
            """
        case .givenUp: "The backup was given up, and nothing was written."
        }
    }
}
