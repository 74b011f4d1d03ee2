import EarshotModel

/// Comparing keys with one person.
package struct VerificationView: View {
    package var person: PersonID
    package var name: String
    package var trust: Trust
    package var state: VerificationState
    /// Three groups of four digits.
    package var numbers: String?
    /// Seven pictures, and what they are called.
    package var emoji: [String]?
    package var names: [String]?
    /// Whether our answer was yes already, and theirs.
    package var answered: Bool?
    package var theyAnswered: Bool?
    /// The same as `state` in words, where it is over or waits.
    package var reason: String?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(person: PersonID, name: String, trust: Trust, state: VerificationState) {
        self.person = person
        self.name = name
        self.trust = trust
        self.state = state
    }
}

/// A code by which somebody can join.
package struct InvitationView: View {
    /// `482 019 337`.
    package var code: String
    package var expires: Timestamp
    /// Wrong codes that may still come before it is good no more.
    package var triesLeft: Int64
    /// How many may still join, each by a code of their own.
    package var joinsLeft: Int64
    /// How often somebody tried a wrong code.
    package var wrongTries: Int64
    /// Where the node is private: everybody finds it and is answered while the code is good.
    package var findable: Findable?

    package init(code: String, expires: Timestamp, triesLeft: Int64, joinsLeft: Int64, wrongTries: Int64) {
        self.code = code
        self.expires = expires
        self.triesLeft = triesLeft
        self.joinsLeft = joinsLeft
        self.wrongTries = wrongTries
    }
}

/// What happened to an invitation of ours.
package enum InvitationState: String, Keyword {
    case joined
    /// Somebody tried with another code.
    case failed
    case expired
    case cancelled
}
