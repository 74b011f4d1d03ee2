import EarshotModel
import EarshotWire

/// What we and our contacts tell of ourselves besides names, and the pictures that go with it (Protocol.md 10,
/// Profile). Of strangers nothing is kept but on their links.
struct Profiles: Sendable {
    enum Action: Sendable {
        case keep(Fact)
        case ask(PictureID, LinkID)
        case announce(PersonID)
    }

    /// A picture that comes.
    private struct Incoming {
        let person: PersonID
        let picture: Profile.Picture
        var bytes: [UInt8] = []
        /// It has come, or something that is not it: nothing more of it is heard.
        var isOver = false
    }

    enum Key { static let audiences = "own.profile.see" }

    private(set) var own: Profile
    private(set) var audiences: [Profile.Field: Profile.Audience]
    private(set) var ownPicture: [UInt8]
    private var others: [PersonID: Profile]
    /// Pictures that are on disk.
    private var held: Set<PictureID>
    private var incoming: [LinkID: Incoming] = [:]
    /// What strangers tell while they are here.
    private var passing: [LinkID: Profile] = [:]

    init(_ snapshot: Snapshot, me: PersonID) {
        self.others = snapshot.profiles
        self.own = self.others.removeValue(forKey: me) ?? Profile()
        self.ownPicture = snapshot.ownPicture
        if self.ownPicture.isEmpty { self.own.picture = nil }
        self.held = snapshot.pictures
        self.audiences = Self.audiences(snapshot.settings[Key.audiences] ?? "")
    }

    /// `role=everyone,phone=nobody`.
    private static func audiences(_ text: String) -> [Profile.Field: Profile.Audience] {
        let pairs = text.split(separator: ",").compactMap { pair -> (Profile.Field, Profile.Audience)? in
            let words = pair.split(separator: "=").map(String.init)
            guard words.count == 2, let field = Profile.Field(rawValue: words[0]),
                let audience = Profile.Audience(rawValue: words[1])
            else { return nil }
            return (field, audience)
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    // MARK: what is known

    subscript(person: PersonID) -> Profile? { self.others[person] }
    func passing(on links: [LinkID]) -> Profile? { links.compactMap { self.passing[$0] }.first }
    func holds(_ picture: PictureID) -> Bool { self.held.contains(picture) }
    func own(asContact isContact: Bool) -> Profile { self.own.seen(asContact: isContact, self.audiences) }

    // MARK: ours

    /// - Parameter picture: bytes that were found fit; empty to take it away, `nil` to leave it.
    mutating func set(
        _ profile: Profile, picture: [UInt8]?, _ audiences: [Profile.Field: Profile.Audience], me: PersonID
    ) -> [Fact] {
        var facts: [Fact] = []
        let before = self.own.picture
        self.own = profile.cleaned
        self.own.picture = before
        if let picture {
            self.ownPicture = picture
            let id = Derive.picture(picture)
            self.own.picture = picture.isEmpty ? nil : Profile.Picture(id, size: picture.count)
            if !picture.isEmpty {
                self.held.insert(id)
                facts.append(.picture(id, picture))
            }
        }
        facts.append(.profile(me, self.own))
        if audiences != self.audiences {
            self.audiences = audiences
            let text = audiences.map { "\($0.rawValue)=\($1.rawValue)" }.sorted().joined(separator: ",")
            facts.append(.setting(Key.audiences, text.isEmpty ? nil : text))
        }
        return facts + self.drop(before)
    }

    // MARK: theirs

    /// - Parameter isContact: we exchange messages with them over this link.
    mutating func heard(_ raw: Profile, from person: PersonID, on link: LinkID, isContact: Bool) -> [Action] {
        let profile = raw.cleaned
        guard isContact else {
            guard self.passing[link] ?? Profile() != profile else { return [] }
            self.passing[link] = profile.isEmpty ? nil : profile
            return [.announce(person)]
        }
        self.passing[link] = nil
        var actions: [Action] = []
        let before = self.others[person] ?? Profile()
        if before != profile {
            self.others[person] = profile.isEmpty ? nil : profile
            actions = [.keep(.profile(person, profile)), .announce(person)]
            actions += self.drop(before.picture).map { .keep($0) }
        }
        if let picture = profile.picture, !self.held.contains(picture.id), self.incoming[link]?.picture != picture {
            self.incoming[link] = Incoming(person: person, picture: picture)
            actions.append(.ask(picture.id, link))
        }
        return actions
    }

    /// Parts come in their order, after they were asked for. What does not fit ends it: it is not asked for again in
    /// this session.
    mutating func heard(_ part: PicturePart, on link: LinkID) -> [Action] {
        guard var coming = self.incoming[link], coming.picture.id == part.picture, !coming.isOver else { return [] }
        let isNext = part.at == coming.bytes.count && part.bytes.count <= coming.picture.size - coming.bytes.count
        if isNext { coming.bytes += part.bytes }
        guard isNext, coming.bytes.count < coming.picture.size else {
            self.incoming[link]?.isOver = true
            self.incoming[link]?.bytes = []
            return isNext ? self.came(coming) : []
        }
        self.incoming[link] = coming
        return []
    }

    private mutating func came(_ coming: Incoming) -> [Action] {
        guard Derive.picture(coming.bytes) == coming.picture.id, Profile.pictureType(coming.bytes) != nil,
            self.others[coming.person]?.picture == coming.picture
        else { return [] }
        self.held.insert(coming.picture.id)
        return [.keep(.picture(coming.picture.id, coming.bytes)), .announce(coming.person)]
    }

    /// A person is no contact any more.
    mutating func forget(_ person: PersonID) -> [Fact] {
        guard let profile = self.others.removeValue(forKey: person) else { return [] }
        return [.profile(person, Profile())] + self.drop(profile.picture)
    }

    mutating func closed(_ link: LinkID) {
        self.incoming[link] = nil
        self.passing[link] = nil
    }

    /// A picture that nobody has any more.
    private mutating func drop(_ picture: Profile.Picture?) -> [Fact] {
        guard let id = picture?.id, self.own.picture?.id != id,
            !self.others.values.contains(where: { $0.picture?.id == id }),
            self.held.remove(id) != nil
        else { return [] }
        return [.pictureGone(id)]
    }
}
