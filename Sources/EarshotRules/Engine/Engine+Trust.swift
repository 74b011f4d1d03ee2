import EarshotModel
import EarshotWire
import Noise

/// Who is who: comparing keys, inviting and joining by a code, and what follows (Protocol.md 18).
extension Engine {
    // MARK: what our own people do

    /// Our person would like to compare keys with somebody; that accepts them, as writing does.
    package mutating func startVerification(_ person: PersonID, at now: Moment) throws -> [Effect] {
        try self.check([person], inConflict: true)
        // Nothing is begun, and nobody accepted, where it cannot be.
        try self.trust.verification.check(person, now: now.uptime)
        let effects = self.trust.people.talks(person) ? [] : self.accept(person, at: now)
        let actions = try self.trust.verification.start(
            person, self.lines(to: person), chance: self.chance32(), now: now.uptime)
        return effects + self.perform(actions, at: now)
    }

    /// Our person has looked at the short string.
    package mutating func answerVerification(_ person: PersonID, isSame: Bool, at now: Moment)
        throws(Verification.Refusal) -> [Effect]
    {
        self.perform(try self.trust.verification.say(isSame, to: person, now: now.uptime), at: now)
    }

    /// Our person does not compare, or not any more.
    package mutating func stopVerification(_ person: PersonID) -> [Effect] {
        let actions = self.trust.verification.stop(person, self.lines(to: person))
        return actions.flatMap { self.perform($0) }
    }

    /// Their key was compared by other means.
    package mutating func verify(_ person: PersonID, at now: Moment) -> [Effect] {
        (self.trust.people.talks(person) ? [] : self.accept(person, at: now))
            + self.perform(self.trust.people.verify(person))
    }

    /// `nil` unless they are verified.
    package mutating func unverify(_ person: PersonID) -> [Effect]? {
        self.trust.people.unverify(person).map { self.perform($0) }
    }

    /// Goes on in spite of a conflict. `nil` where there is none.
    package mutating func trust(_ person: PersonID) -> [Effect]? {
        self.trust.people.trust(person).map { self.perform($0) }
    }

    /// Invites whoever says the code that comes with it.
    /// - Parameters:
    ///   - lifetime: ms.
    ///   - count: how many may join, one after the other, each by a code of their own.
    package mutating func invite(
        lifetime: UInt64, count: Int = 1, at now: Moment
    ) -> (open: Invitations.Open?, effects: [Effect]) {
        guard let code = Invitations.code(chance: self.chance(4 * 64)) else { return (nil, []) }
        let effects = self.perform(
            self.trust.invitations.invite(code, lifetime: lifetime, count: count, at: now), at: now)
        return (self.trust.invitations.open, effects)
    }

    /// `nil` where nobody is invited.
    package mutating func cancelInvitation(at now: Moment) -> [Effect]? {
        self.trust.invitations.cancel().map { self.perform($0, at: now) }
    }

    /// Joins somebody who has given us a code; what becomes of it is told as `News.join`.
    package mutating func join(_ code: InviteCode, from person: PersonID?, at now: Moment) -> [Effect] {
        let lines =
            person.map { self.lines(to: $0) } ?? self.links.all.compactMap { self.line($0) }
        return self.perform(
            self.trust.invitations.join(
                code, lines, from: person, isReaching: self.isPrivate, chance: self.chance(64), now: now.uptime),
            at: now)
    }

    package mutating func giveUpJoining() { self.trust.invitations.giveUp() }

    // MARK: what is told

    package var openInvitation: Invitations.Open? { self.trust.invitations.open }
    package var isJoining: Bool { self.trust.invitations.isJoining }
    /// How far comparing keys is with somebody we have accepted.
    package func verificationStage(of person: PersonID) -> Verification.Stage? {
        self.trust.people.talks(person) ? self.trust.verification.stage(of: person) : nil
    }
    package var verifications: [PersonID] { self.trust.verification.persons.filter { self.trust.people.talks($0) } }

    // MARK: what happens on links

    mutating func receive(_ step: Verify, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let line = self.line(link) else { return [] }
        return self.perform(
            self.trust.verification.receive(step, line, chance: self.chance32(), now: now.uptime), at: now)
            + self.perform(
                self.trust.invitations.receive(step, line, chance: self.chance(64), now: now.uptime), at: now)
    }

    mutating func openedTrust(_ link: LinkID, at now: Moment) -> [Effect] {
        self.line(link).map { self.perform(self.trust.verification.opened($0), at: now) } ?? []
    }

    /// Whoever is here is asked whether they invite us, if we look for somebody who does.
    mutating func openedJoin(_ link: LinkID, at now: Moment) -> [Effect] {
        self.line(link).map { self.perform(self.trust.invitations.opened($0), at: now) } ?? []
    }

    mutating func closedTrust(_ link: LinkID, at now: Moment) -> [Effect] {
        self.perform(self.trust.verification.closed(link), at: now)
            + self.perform(self.trust.invitations.closed(link, now: now.uptime), at: now)
    }

    mutating func wakeTrust(at now: Moment) -> [Effect] {
        let late = self.trust.verification.late(now: now.uptime).flatMap { person in
            self.trust.verification.tooLate(person, self.lines(to: person), now: now.uptime)
        }
        return self.perform(late, at: now) + self.perform(self.trust.invitations.wake(now: now.uptime), at: now)
    }

    /// A link to somebody else's device that their newest manifest lists.
    private func line(_ link: LinkID) -> VerifyLine? {
        guard let state = self.links[link], state.person != self.me,
            self.trust.people.manifests.lists(state.person, state.device)
        else { return nil }
        return VerifyLine(
            link: link, person: state.person,
            ends: SessionEnds(me: .init(self.me, self.device), state.introduction), isInitiator: state.isOurs,
            isContact: self.trust.people.talks(state.person))
    }

    private func lines(to person: PersonID) -> [VerifyLine] {
        self.links.of(person).compactMap { self.line($0) }
    }

    private func chance32() -> Hash32 {
        guard let hash = Hash32(self.chance(32)) else { preconditionFailure("chance gives the length it is asked for") }
        return hash
    }

    // MARK: what the machines want done

    private mutating func perform(_ actions: [Verification.Action], at now: Moment) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            if case .verified(let person) = action { return self.verify(person, at: now) }
            return self.perform(action)
        }
    }

    private func perform(_ action: Verification.Action) -> [Effect] {
        switch action {
        case .transmit(let frames, let link): [.transmit(frames, link)]
        case .tell(let person, let stage): [.announce(.verification(person, stage))]
        case .warn(let person): [.announce(.warning(.verificationFails, person))]
        case .verified: []
        }
    }

    private mutating func perform(_ actions: [Invitations.Action], at now: Moment) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .transmit(let frames, let link): [.transmit(frames, link)]
            case .verified(let person): self.verify(person, at: now)
            case .tell(let news): [.announce(.invitation(news))]
            case .outcome(let outcome): [.announce(.join(outcome))]
            }
        }
    }
}
