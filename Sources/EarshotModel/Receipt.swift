/// How far one member of a conversation is with a message of ours. Both times are `nil` while they are not known to
/// have it.
package struct Receipt: Sendable, Hashable {
    package let person: PersonID
    /// On a disk of theirs since.
    package let deliveredAt: Timestamp?
    package let readAt: Timestamp?

    package init(person: PersonID, deliveredAt: Timestamp?, readAt: Timestamp?) {
        self.person = person
        self.deliveredAt = deliveredAt
        self.readAt = readAt
    }
}
