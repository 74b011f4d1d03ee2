import EarshotModel

/// Conversations as a list, and what one wants of each.
extension Methods {
    package static let talks: [any Method.Type] = [Talks.self, SetTalk.self, Gallery.self]

    /// Conversations: those at the top, then the one in which something was said last.
    package struct Talks: Method {
        package typealias Answer = [TalkView]
        package static let name = "talks"
        package static let summary = "Conversations: pinned ones, then the one in which something was said last."
        package static let mayAnswerMuch = true

        /// 200 unless given.
        package let limit: Count?
        /// Goes on behind this one: its `who`.
        package let after: String?

        package init(limit: Count? = nil, after: String? = nil) {
            self.limit = limit
            self.after = after
        }
    }

    /// Puts a conversation at the top of the list, or makes it silent. What is not given stays.
    package struct SetTalk: Method {
        package typealias Answer = TalkView
        package static let name = "talk.set"
        package static let summary =
            "Puts a conversation at the top of the list, or makes it silent. What is not given stays."

        /// Whom, by a name or an id, or a #room.
        package let who: String
        package let pinned: Bool?
        package let muted: Bool?
        /// Ms since 1970: until then it is silent.
        package let until: Int64?
        package var people: [String] { [self.who] }

        package init(who: String, pinned: Bool? = nil, muted: Bool? = nil, until: Int64? = nil) {
            self.who = who
            self.pinned = pinned
            self.muted = muted
            self.until = until
        }
    }

    /// What was sent and came in one conversation, the newest first.
    package struct Gallery: Method {
        package typealias Answer = [TransferView]
        package static let name = "gallery"
        package static let summary =
            "The files of one conversation that are here: what one offered and what has come, newest first."
        package static let mayAnswerMuch = true

        /// Whom, by a name or an id, or a #room.
        package let who: String
        /// The id of a transfer: only what is older.
        package let before: String?
        /// 50 unless given.
        package let limit: Count?
        package var people: [String] { [self.who] }

        package init(who: String, before: String? = nil, limit: Count? = nil) {
            self.who = who
            self.before = before
            self.limit = limit
        }
    }
}
