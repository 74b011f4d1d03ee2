import EarshotModel

/// A backup that was written (docs/Backup.md).
package struct BackupView: View {
    /// Where it is.
    package var path: String
    package var bytes: Int64
    package var messages: Int64
    /// ms.
    package var took: Int64

    package init(path: String, bytes: Int64, messages: Int64, took: Int64) {
        (self.path, self.bytes, self.messages, self.took) = (path, bytes, messages, took)
    }
}

/// A backup that was put back.
package struct RestoredView: View {
    /// The folder of the node.
    package var state: String
    package var person: PersonID
    package var messages: Int64
    package var contacts: Int64
    /// When the backup was made, RFC 3339.
    package var made: String?

    package init(state: String, person: PersonID, messages: Int64, contacts: Int64, made: String?) {
        self.state = state
        self.person = person
        self.messages = messages
        self.contacts = contacts
        self.made = made
    }
}

/// A node that was removed.
package struct WipedView: View {
    /// The folder it was in.
    package var state: String

    package init(state: String) { self.state = state }
}
