/// Why a backup cannot be read or put back, said so that a person knows what to do.
package enum BackupError: Error, Hashable, Sendable {
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
}
