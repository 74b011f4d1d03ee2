/// A copy of all there is.
extension Methods {
    package static let backup: [any Method.Type] = [Backup.self]

    /// Writes all that the node keeps into one file, sealed by a passphrase.
    package struct Backup: Method {
        package typealias Answer = BackupView
        package static let name = "backup"
        package static let summary = "Writes all that the node keeps into one file, sealed by a passphrase."

        /// Nothing may be there.
        package let path: AbsolutePath
        /// At least 8 characters.
        package let passphrase: String

        package init(path: AbsolutePath, passphrase: String) {
            self.path = path
            self.passphrase = passphrase
        }
    }
}
