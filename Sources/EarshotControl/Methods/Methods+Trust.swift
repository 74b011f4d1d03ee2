/// Who is who: comparing keys, and joining by a code.
extension Methods {
    package static let trust: [any Method.Type] = [
        StartVerification.self, AnswerVerification.self, StopVerification.self, ListVerifications.self,
        CheckKey.self, Unverify.self, TrustPerson.self, CreateInvitation.self, ListInvitations.self,
        CancelInvitation.self, Join.self,
    ]

    /// Begins to compare keys with somebody; whoever asked is to stay connected until it is over.
    package struct StartVerification: Method {
        package typealias Answer = VerificationView
        package static let name = "verify.start"
        package static let summary = "Begins to compare keys with somebody, for as long as the connection is open."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }

    /// Says whether both screens show the same.
    package struct AnswerVerification: Method {
        package typealias Answer = VerificationView
        package static let name = "verify.answer"
        package static let summary = "Says whether both screens show the same."

        /// With whom, by a name or an id.
        package let who: String
        package let same: Bool
        package var people: [String] { [self.who] }

        package init(who: String, same: Bool) {
            self.who = who
            self.same = same
        }
    }

    /// Compares keys with somebody no longer.
    package struct StopVerification: Method {
        package typealias Answer = Done
        package static let name = "verify.stop"
        package static let summary = "Compares keys with somebody no longer, or not at all."

        /// With whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }

    /// With whom keys are being compared, and who would like to.
    package struct ListVerifications: Method {
        package typealias Answer = [VerificationView]
        package static let name = "verify.list"
        package static let summary = "With whom keys are being compared, and who would like to."

        package init() {}
    }

    /// Compares somebody's key with what stands on a card or in a QR code.
    package struct CheckKey: Method {
        package typealias Answer = PersonView
        package static let name = "verify.check"
        package static let summary = "Compares somebody's key with what stands on a card or in a QR code."

        /// Whose, by a name or an id.
        package let who: String
        /// Thirty digits; spaces and dashes do not count.
        package let fingerprint: String?
        /// The text of a QR code: `earshot:` and the person's id.
        package let uri: String?
        package var people: [String] { [self.who] }

        package init(who: String, fingerprint: String? = nil, uri: String? = nil) {
            self.who = who
            self.fingerprint = fingerprint
            self.uri = uri
        }
    }

    /// Takes back that somebody's key was compared.
    package struct Unverify: Method {
        package typealias Answer = PersonView
        package static let name = "unverify"
        package static let summary = "Takes back that somebody's key was compared."

        /// Whose, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }

    /// Goes on with somebody of whom it was not certain who they are.
    package struct TrustPerson: Method {
        package typealias Answer = PersonView
        package static let name = "trust"
        package static let summary = "Goes on with somebody of whom it was not certain who they are."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }

    /// Makes a code by which one person can join; a code from before is good no more.
    package struct CreateInvitation: Method {
        package typealias Answer = InvitationView
        package static let name = "invite.create"
        package static let summary = "Makes a code by which one person can join; one from before is good no more."
        /// Persons who may join at most.
        package static let counts: ClosedRange<Int64> = 1...100

        /// How long it is good, in ms: 1 s to 1 hour, 5 minutes unless given.
        package let lifetime: Int64?
        /// How many persons may join in that time, one after the other, each by a code of their own: 1 to 100, one
        /// unless given.
        package let count: Int64?

        package init(lifetime: Int64? = nil, count: Int64? = nil) {
            self.lifetime = lifetime
            self.count = count
        }
    }

    /// The invitation that is open, if there is one.
    package struct ListInvitations: Method {
        package typealias Answer = [InvitationView]
        package static let name = "invite.list"
        package static let summary = "The invitation that is open, if there is one."

        package init() {}
    }

    /// Ends the invitation that is open.
    package struct CancelInvitation: Method {
        package typealias Answer = Done
        package static let name = "invite.cancel"
        package static let summary = "Ends the invitation that is open."

        package init() {}
    }

    /// Joins somebody who gave a code: both are verified contacts of each other then.
    package struct Join: Method {
        package typealias Answer = PersonView
        package static let name = "join"
        package static let summary = "Joins somebody who gave a code: both are verified contacts then."

        /// Nine digits; spaces and dashes do not count.
        package let code: String
        /// Whose code it is, by a name or an id, where several people invite.
        package let from: String?
        package var people: [String] { self.from.map { [$0] } ?? [] }

        package init(code: String, from: String? = nil) {
            self.code = code
            self.from = from
        }
    }
}
