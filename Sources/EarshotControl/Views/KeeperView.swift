import EarshotModel

/// A person by their id, and what to call them.
package struct PersonReference: View {
    package var person: PersonID
    package var name: String

    package init(person: PersonID, name: String) {
        self.person = person
        self.name = name
    }
}

/// Mail for those who are not here: what this node keeps for others, and what others keep (docs/Control.md).
package struct KeeperView: View {
    /// Somebody whose mail is kept here.
    package struct Depositor: View {
        package var person: PersonID
        package var name: String
        package var blobs: Int64
        package var bytes: Int64

        package init(person: PersonID, name: String, blobs: Int64, bytes: Int64) {
            (self.person, self.name, self.blobs, self.bytes) = (person, name, blobs, bytes)
        }
    }

    /// Somebody who keeps mail.
    package struct Keeper: View {
        package var person: PersonID
        package var name: String
        /// We have named them.
        package var named: Bool
        package var online: Bool
        /// They take mail from us; absent while they have not said.
        package var takes: Bool?

        package init(person: PersonID, name: String, named: Bool, online: Bool, takes: Bool?) {
            (self.person, self.name, self.named, self.online, self.takes) = (person, name, named, online, takes)
        }
    }

    /// Messages of ours that lie with somebody, sealed.
    package struct Left: View {
        package var to: PersonID
        package var toName: String
        package var keeper: PersonID
        package var keeperName: String
        /// Entries of our log: messages, edits, reactions.
        package var entries: Int64
        package var bytes: Int64
        package var at: Timestamp

        package init(
            to: PersonID, toName: String, keeper: PersonID, keeperName: String, entries: Int64, bytes: Int64,
            at: Timestamp
        ) {
            (self.to, self.toName, self.keeper, self.keeperName) = (to, toName, keeper, keeperName)
            (self.entries, self.bytes, self.at) = (entries, bytes, at)
        }
    }

    /// Whether mail is kept here, and for whom: contacts, verified or list.
    package var keeps: Bool
    package var keepsFor: String
    /// What is kept, in how many mailboxes, and bytes that may be.
    package var blobs: Int64
    package var bytes: Int64
    package var mailboxes: Int64
    package var most: Int64
    package var depositors: [Depositor]
    package var keepers: [Keeper]
    package var left: [Left]
    /// Blobs that were for us and could not be opened, since the start.
    package var unreadable: Int64

    package init(
        keeps: Bool, keepsFor: String, blobs: Int64, bytes: Int64, mailboxes: Int64, most: Int64,
        depositors: [Depositor], keepers: [Keeper], left: [Left], unreadable: Int64
    ) {
        (self.keeps, self.keepsFor, self.blobs, self.bytes) = (keeps, keepsFor, blobs, bytes)
        (self.mailboxes, self.most, self.depositors) = (mailboxes, most, depositors)
        (self.keepers, self.left, self.unreadable) = (keepers, left, unreadable)
    }
}
