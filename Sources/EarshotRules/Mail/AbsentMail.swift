import EarshotModel
import EarshotWire

/// The machines of mail for those who are not here (Protocol.md 19), and what our people want of them.
struct AbsentMail: Sendable {
    var settings = MailSettings()
    /// Whether we keep mail has to be told.
    var tellsKeeping = false
    var keeping: Keeping
    var prekeys: Prekeys
    var depositing: Depositing
    var box = Mailbox()

    init(_ identity: Identity, _ snapshot: Snapshot, now: UInt64) {
        self.keeping = Keeping(snapshot.mail)
        self.prekeys = Prekeys(identity, snapshot)
        self.depositing = Depositing(snapshot.mail, persons: snapshot.contacts.map(\.person), now: now)
    }

    /// Begins again from what is on disk.
    init(again old: AbsentMail, _ identity: Identity, _ snapshot: Snapshot, now: UInt64) {
        self.init(identity, snapshot, now: now)
        self.settings = old.settings
    }
}
