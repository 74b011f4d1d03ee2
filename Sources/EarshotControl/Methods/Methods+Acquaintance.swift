import EarshotModel

/// How present one is, and what one tells of oneself.
extension Methods {
    package static let acquaintance: [any Method.Type] = [
        SetPresence.self, BeActive.self, SetLive.self, SayDraft.self, GetProfile.self, SetProfile.self,
        GetPicture.self,
    ]

    /// Tells how present one is, or changes it.
    package struct SetPresence: Method {
        package typealias Answer = PresenceView
        package static let name = "presence"
        package static let summary = "Tells how present one is, or changes it."

        package let presence: Presence?
        /// What others are told with it, at most 256 bytes; an empty one takes it back.
        package let text: String?

        package init(_ presence: Presence? = nil, text: String? = nil) {
            self.presence = presence
            self.text = text
        }
    }

    /// Says that one is doing something just now.
    package struct BeActive: Method {
        package typealias Answer = Done
        package static let name = "presence.active"
        package static let summary = "Says that one is doing something just now."

        package init() {}
    }

    /// Shows what one writes in a talk of two while it is typed, or no longer.
    package struct SetLive: Method {
        package typealias Answer = LiveView
        package static let name = "live"
        package static let summary = "Shows what one writes in a talk of two while it is typed, or no longer."

        /// Whom, by a name or an id.
        package let who: String
        /// Absent: only tells.
        package let on: Bool?
        package var people: [String] { [self.who] }

        package init(_ who: String, on: Bool?) {
            self.who = who
            self.on = on
        }
    }

    /// What one is writing just now; seen only where both have `live` on.
    package struct SayDraft: Method {
        package typealias Answer = Done
        package static let name = "draft"
        package static let summary = "What one is writing just now; seen only where both have live on."

        /// Whom, by a name or an id.
        package let who: String
        package let text: String
        package var people: [String] { [self.who] }

        package init(_ who: String, text: String) {
            self.who = who
            self.text = text
        }
    }

    /// What somebody tells of themselves.
    package struct GetProfile: Method {
        package typealias Answer = ProfileView
        package static let name = "profile"
        package static let summary = "What somebody tells of themselves."

        /// Whom, by a name or an id; absent: oneself.
        package let who: String?
        package var people: [String] { [self.who].compactMap { $0 } }

        package init(_ who: String? = nil) {
            self.who = who
        }
    }

    /// Changes what one tells of oneself. What is absent stays; an empty field is taken away.
    package struct SetProfile: Method {
        package typealias Answer = ProfileView
        package static let name = "profile.set"
        package static let summary =
            "Changes what one tells of oneself. What is absent stays; an empty field is taken away."

        package var fullName: String?
        package var role: String?
        package var desk: String?
        package var phone: String?
        /// A PNG or JPEG of at most 65,536 bytes, in base64.
        package var picture: String?
        /// Who may see which field: everyone, contacts or nobody.
        package var see: ProfileView.Sight?

        package init() {}
    }

    /// The picture that somebody shows of themselves.
    package struct GetPicture: Method {
        package typealias Answer = PictureView
        package static let name = "profile.picture"
        package static let summary = "The picture that somebody shows of themselves."

        /// Whom, by a name or an id; absent: oneself.
        package let who: String?
        package var people: [String] { [self.who].compactMap { $0 } }

        package init(_ who: String? = nil) {
            self.who = who
        }
    }
}
