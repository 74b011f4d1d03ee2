import EarshotModel
import EarshotWire

/// What people tell of themselves (Protocol.md 10, Profile).
extension Engine {
    /// What somebody tells of themselves; of a stranger only while they are here.
    package func profile(of person: PersonID) -> Profile? {
        person == self.me
            ? self.presence.profiles.own
            : self.presence.profiles[person] ?? self.presence.profiles.passing(on: self.links.of(person))
    }

    package var ownAudiences: [Profile.Field: Profile.Audience] { self.presence.profiles.audiences }
    package func holds(_ picture: PictureID) -> Bool { self.presence.profiles.holds(picture) }

    /// - Parameters:
    ///   - picture: bytes that were found fit; empty to take it away, `nil` to leave it.
    ///   - audiences: who may see what; contacts what is not named.
    package mutating func set(
        profile: Profile, picture: [UInt8]?, audiences: [Profile.Field: Profile.Audience]
    ) -> [Effect] {
        let facts = self.presence.profiles.set(profile, picture: picture, audiences, me: self.me)
        return facts.map { .keep($0) } + self.tellProfile()
    }

    func tellProfile() -> [Effect] { self.links.all.map { .transmit([self.profileFrame(on: $0)], $0) } }

    func profileFrame(on link: LinkID) -> Frame {
        let isContact = self.peers.talks(link)
        // Who is private tells strangers not even a name.
        return .profile(
            name: isContact || !self.isPrivate ? self.name : "", self.presence.profiles.own(asContact: isContact))
    }

    mutating func receive(name raw: String, _ profile: Profile, _ link: LinkID, _ state: LinkState) -> [Effect] {
        guard self.links.mayTellProfile(link) else { return [] }
        guard self.trust.people.isHeard(state.person, state.device) else {
            self.links.keep(link, name: raw, profile)
            return []
        }
        return self.hear(name: raw, profile, link, state.person)
    }

    mutating func hear(name raw: String, _ profile: Profile, _ link: LinkID, _ person: PersonID) -> [Effect] {
        let isContact = self.peers.talks(link)
        return self.perform(self.trust.people.named(person, raw))
            + self.perform(self.presence.profiles.heard(profile, from: person, on: link, isContact: isContact))
    }

    /// Somebody wants a picture: ours, if they may see it.
    mutating func receive(pictureAsk picture: PictureID, _ link: LinkID, at now: Moment) -> [Effect] {
        let mine = self.presence.profiles.own(asContact: self.peers.talks(link)).picture
        guard mine?.id == picture, self.links.mayAskForPicture(link, now: now.uptime) else { return [] }
        return [
            .transmit(PicturePart.parts(of: self.presence.profiles.ownPicture, picture).map { .picturePart($0) }, link)
        ]
    }

    mutating func receive(_ part: PicturePart, _ link: LinkID) -> [Effect] {
        self.peers.talks(link) ? self.perform(self.presence.profiles.heard(part, on: link)) : []
    }

    func perform(_ actions: [Profiles.Action]) -> [Effect] {
        actions.map { action in
            switch action {
            case .keep(let fact): .keep(fact)
            case .ask(let picture, let link): .transmit([.pictureAsk(picture)], link)
            case .announce(let person): .announce(.peer(person))
            }
        }
    }
}
