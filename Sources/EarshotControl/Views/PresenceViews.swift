import EarshotModel

/// How present somebody is, as others see it.
package enum PersonPresence: String, Keyword {
    case online, busy, away
    /// Not here, or wants to be taken so.
    case offline

    package init(_ presence: Presence?) {
        self =
            switch presence {
            case .online?: .online
            case .busy?: .busy
            case .away?: .away
            case .invisible?, nil: .offline
            }
    }
}

/// How present we are.
package struct PresenceView: View {
    /// As chosen.
    package var presence: Presence
    /// As others see it: one who does nothing for a while is away.
    package var shown: PersonPresence
    /// What others are told with it; absent where that is nothing.
    package var text: String?

    package init(presence: Presence, shown: PersonPresence, text: String?) {
        self.presence = presence
        self.shown = shown
        self.text = text
    }
}

/// Whether text is shown while it is typed, in a talk of two.
package struct LiveView: View {
    /// We have switched it on.
    package var on: Bool
    /// The other has.
    package var theirs: Bool

    package init(on: Bool, theirs: Bool) {
        self.on = on
        self.theirs = theirs
    }
}

/// What a person tells of themselves besides their name. Nobody vouches for it.
package struct ProfileView: View {
    /// Who may see which field; contacts where nothing is said.
    package struct Sight: View {
        package var fullName: Profile.Audience?
        package var role: Profile.Audience?
        package var desk: Profile.Audience?
        package var phone: Profile.Audience?
        package var picture: Profile.Audience?

        package init() {}
    }

    package var person: PersonID?
    package var name: String?
    package var fullName: String?
    package var role: String?
    package var desk: String?
    package var phone: String?
    /// The id of a picture, its BLAKE2b hash.
    package var picture: String?
    /// The picture is here: `profile.picture` answers with it.
    package var pictureHere: Bool?
    /// Of our own profile.
    package var see: Sight?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init() {}
}

/// A picture that somebody shows of themselves.
package struct PictureView: View {
    package var picture: String
    /// `image/png` or `image/jpeg`.
    package var type: String
    /// Bytes.
    package var size: Int64
    /// In base64.
    package var data: String

    package init(picture: String, type: String, size: Int64, data: String) {
        self.picture = picture
        self.type = type
        self.size = size
        self.data = data
    }
}
