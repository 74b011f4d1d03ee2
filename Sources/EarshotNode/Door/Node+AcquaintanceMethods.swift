import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// How present one is, and what one tells of oneself.
extension Node {
    static let acquaintanceHandlers: [any AnyHandler] = [
        Handler(Methods.SetPresence.self) { node, asked, state, asker in
            if let text = asked.text, text.utf8.count > Limits.statusBytes {
                throw DoorError(.own(.longStatus(most: Limits.statusBytes)))
            }
            var effects = state.engine.choose(asked.presence, text: asked.text, at: asker.now)
            effects += state.engine.act(begins: false, at: asker.now)
            return (node.presenceView(state.engine), effects)
        },
        Handler(Methods.BeActive.self) { _, _, state, asker in
            (Done(), state.engine.act(begins: true, at: asker.now))
        },
        Handler(Methods.SetLive.self) { node, asked, state, asker in try node.setLive(asked, &state, asker.caller) },
        Handler(Methods.SayDraft.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            return (Done(), state.engine.draft(asked.text, to: person))
        },
        Handler(looking: Methods.GetProfile.self) { node, asked, state in
            let person = try node.teller(asked.who, state.engine)
            return node.profileView(person, state.engine)
        },
        Handler(Methods.SetProfile.self) { node, asked, state, _ in
            let effects = try node.setProfile(asked, &state.engine)
            return (node.profileView(node.identity.person, state.engine), effects)
        },
        Handler(looking: Methods.GetPicture.self) { node, asked, state in
            let person = try node.teller(asked.who, state.engine)
            guard let picture = state.engine.profile(of: person)?.picture,
                let bytes = try node.store.picture(picture.id), let type = Profile.pictureType(bytes)
            else { throw DoorError(.own(.noPicture)) }
            return PictureView(
                picture: picture.id.description, type: type, size: Int64(clamping: bytes.count),
                data: Base64.encode(bytes))
        },
    ]

    /// Who tells of themselves: oneself, where nobody is named or by one's own id.
    private func teller(_ who: String?, _ engine: Engine) throws -> PersonID {
        guard let who, who != self.identity.person.description else { return self.identity.person }
        return try self.person(who, engine)
    }

    func presenceView(_ engine: Engine) -> PresenceView {
        let own = engine.ownPresence
        return PresenceView(
            presence: own.chosen, shown: PersonPresence(own.shown), text: own.text.isEmpty ? nil : own.text)
    }

    // MARK: live text

    private func setLive(
        _ asked: Methods.SetLive, _ state: inout RunState, _ caller: CallerID
    ) throws -> (LiveView, [Effect]) {
        let person = try self.person(asked.who, state.engine)
        var effects: [Effect] = []
        if let on = asked.on {
            guard !on || state.engine.contacts.talks(person) else {
                throw DoorError(.person(.notAccepted))
            }
            if on { state.callers.shows(person, caller) } else { state.callers.hides(person) }
            effects = state.engine.setLive(person, on: on)
        }
        let live = state.engine.live(with: person)
        return (LiveView(on: live.ours, theirs: live.theirs), effects)
    }

    /// Nobody shows what they write who is not there to write.
    func leaveLive(_ caller: CallerID, _ state: inout RunState) -> [Effect] {
        state.callers.leaveLive(caller).flatMap { state.engine.setLive($0, on: false) }
    }

    // MARK: profiles

    func profileView(_ person: PersonID, _ engine: Engine) -> ProfileView {
        var view = ProfileView(engine.profile(of: person) ?? Profile(), engine)
        let isMine = person == self.identity.person
        view.person = person
        view.name = isMine ? engine.name : self.name(person, engine)
        if isMine { view.see = ProfileView.Sight(engine.ownAudiences) }
        let alarm = self.looksLike(person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        return view
    }

    private func setProfile(_ asked: Methods.SetProfile, _ engine: inout Engine) throws -> [Effect] {
        var profile = engine.profile(of: self.identity.person) ?? Profile()
        profile.fullName = try Self.field(asked.fullName, "fullName") ?? profile.fullName
        profile.role = try Self.field(asked.role, "role") ?? profile.role
        profile.desk = try Self.field(asked.desk, "desk") ?? profile.desk
        profile.phone = try Self.field(asked.phone, "phone") ?? profile.phone
        let picture = try asked.picture.map { (text: String) throws -> [UInt8] in
            guard let bytes = Base64.decode(text) else {
                throw DoorError(.own(.notBase64))
            }
            guard bytes.count <= Profile.pictureBytes else {
                throw DoorError(.own(.largePicture(bytes.count, most: Profile.pictureBytes)))
            }
            guard bytes.isEmpty || Profile.pictureType(bytes) != nil else {
                throw DoorError(.own(.notPicture))
            }
            return bytes
        }
        let see = asked.see?.audiences ?? [:]
        return engine.set(
            profile: profile, picture: picture, audiences: engine.ownAudiences.merging(see) { $1 })
    }

    private static func field(_ text: String?, _ name: String) throws -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= Limits.nameBytes else {
            throw DoorError(.own(.longField(name, most: Limits.nameBytes)))
        }
        return SafeText.name(text)
    }
}

extension ProfileView {
    init(_ profile: Profile, _ engine: Engine) {
        self.init()
        func told(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.fullName = told(profile.fullName)
        self.role = told(profile.role)
        self.desk = told(profile.desk)
        self.phone = told(profile.phone)
        self.picture = profile.picture?.id.description
        self.pictureHere = profile.picture.map { engine.holds($0.id) }
    }
}

extension ProfileView.Sight {
    init(_ audiences: [Profile.Field: Profile.Audience]) {
        self.init()
        self.fullName = audiences[.fullName] ?? .contacts
        self.role = audiences[.role] ?? .contacts
        self.desk = audiences[.desk] ?? .contacts
        self.phone = audiences[.phone] ?? .contacts
        self.picture = audiences[.picture] ?? .contacts
    }

    var audiences: [Profile.Field: Profile.Audience] {
        let all: [(Profile.Field, Profile.Audience?)] = [
            (.fullName, self.fullName), (.role, self.role), (.desk, self.desk), (.phone, self.phone),
            (.picture, self.picture),
        ]
        return Dictionary(all.compactMap { field, audience in audience.map { (field, $0) } }, uniquingKeysWith: { $1 })
    }
}
