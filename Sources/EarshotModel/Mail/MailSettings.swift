/// For whom this node keeps mail, and with whom ours may be left.
package struct MailSettings: Sendable, Equatable {
    /// Whose mail is kept.
    package enum Audience: String, Sendable, CaseIterable {
        case contacts, verified, list
    }

    /// With whom messages of ours may be left.
    package enum Leaving: String, Sendable, CaseIterable {
        /// Whoever of our contacts keeps mail.
        case contacts
        /// Only whom their reader or we have named.
        case named
        case nobody
    }

    package var keeps: Bool
    package var audience: Audience
    /// Whose mail is kept where `audience` is a list.
    package var people: Set<PersonID>
    /// Bytes that are kept in all.
    package var bytes: Int
    package var leaving: Leaving

    package init(
        keeps: Bool = false, audience: Audience = .contacts, people: Set<PersonID> = [], bytes: Int = 256 << 20,
        leaving: Leaving = .contacts
    ) {
        self.keeps = keeps
        self.audience = audience
        self.people = people
        self.bytes = bytes
        self.leaving = leaving
    }
}
