import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
import EarshotWire

/// Who is who: comparing keys, and joining by a code.
extension Node {
    static let trustHandlers: [any AnyHandler] = [
        Handler(Methods.StartVerification.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            let effects = try node.explained(person, state.engine) {
                try state.engine.startVerification(person, at: asker.now)
            }
            state.callers.compares(with: person, asker.caller)
            return (node.view(verificationWith: person, state.engine), effects)
        },
        Handler(Methods.AnswerVerification.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            let effects = try node.explained(person, state.engine) {
                try state.engine.answerVerification(person, isSame: asked.same, at: asker.now)
            }
            var view = node.view(verificationWith: person, state.engine)
            if let stage = Node.ending(effects, person) { view = node.view(person, stage, state.engine) }
            return (view, effects)
        },
        Handler(Methods.StopVerification.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            guard state.engine.verificationStage(of: person) != nil else {
                throw DoorError(.trust(.notComparing(name: node.name(person, state.engine))))
            }
            state.callers.comparingEnded(with: person)
            return (Done(), state.engine.stopVerification(person))
        },
        Handler(looking: Methods.ListVerifications.self) { node, _, state in
            state.engine.verifications.map { node.view(verificationWith: $0, state.engine) }
        },
        Handler(Methods.CheckKey.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            try node.compare(asked, person, state.engine)
            let effects = state.engine.verify(person, at: asker.now)
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.Unverify.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            guard let effects = state.engine.unverify(person) else {
                throw DoorError(.trust(.notVerified(name: node.name(person, state.engine))))
            }
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.TrustPerson.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            guard let effects = state.engine.trust(person) else {
                throw DoorError(.trust(.nothingTheMatter(name: node.name(person, state.engine))))
            }
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.CreateInvitation.self) { node, asked, state, asker in
            let lifetime = asked.lifetime ?? Int64(Limits.codeTime)
            guard (1_000...Int64(Limits.codeTimeMost)).contains(lifetime) else {
                throw DoorError(.trust(.codeTime))
            }
            let count = asked.count ?? 1
            guard Methods.CreateInvitation.counts.contains(count) else {
                throw DoorError(.trust(.joinCount(Methods.CreateInvitation.counts)))
            }
            let (open, effects) = state.engine.invite(
                lifetime: UInt64(clamping: lifetime), count: Int(clamping: count), at: asker.now)
            guard var view = open.map(Node.view) else { throw DoorError(.trust(.noCode)) }
            if state.engine.isPrivate { view.findable = .guests }
            return (view, effects)
        },
        Handler(looking: Methods.ListInvitations.self) { _, _, state in
            state.engine.openInvitation.map { [Node.view($0)] } ?? []
        },
        Handler(Methods.CancelInvitation.self) { _, _, state, asker in
            guard let effects = state.engine.cancelInvitation(at: asker.now) else {
                throw DoorError(.trust(.noInvitation))
            }
            return (Done(), effects)
        },
        Handler(later: Methods.Join.self) { node, asked, question, state, _ in
            try node.join(asked, question, &state)
        },
    ]

    // MARK: comparing

    /// The same, with what a machine refuses as whoever asked is told.
    private func explained(
        _ person: PersonID, _ engine: Engine, _ body: () throws -> [Effect]
    ) throws -> [Effect] {
        let name = self.name(person, engine)
        do { return try body() } catch let refusal as Verification.Refusal {
            switch refusal {
            case .underWay: throw DoorError(.trust(.underWay(name: name)))
            case .paused(let left):
                throw DoorError(.trust(.pauses(name: name, minutes: (left + 59_999) / 60_000)))
            case .nothingToCompare:
                throw DoorError(.trust(.nothingToCompare(name: name)))
            }
        }
    }

    /// Throws unless the key is the person's that stands on a card or in a code.
    private func compare(_ asked: Methods.CheckKey, _ person: PersonID, _ engine: Engine) throws {
        let name = self.name(person, engine)
        guard person != self.identity.person else { throw DoorError(.person(.myself)) }
        guard engine.contacts[person]?.trust != .blocked else { throw Engine.Refusal.blocked }
        let isSame: Bool
        switch (asked.fingerprint, asked.uri) {
        case (let typed?, nil):
            guard let fingerprint = Fingerprint(typed: typed) else {
                throw DoorError(.trust(.notFingerprint))
            }
            isSame = fingerprint == Derive.fingerprint(person)
        case (nil, let uri?):
            let text = uri.trimmingPrefix("earshot:")
            guard uri.hasPrefix("earshot:"), let scanned = PersonID(text: String(text)) else {
                throw DoorError(.trust(.notCodeText))
            }
            isSame = scanned == person
        case (nil, nil), (_?, _?):
            throw DoorError(.trust(.onlyOneKey))
        }
        guard isSame else {
            throw DoorError(.trust(.otherKey(name: name)))
        }
    }

    func view(verificationWith person: PersonID, _ engine: Engine) -> VerificationView {
        self.view(person, engine.verificationStage(of: person) ?? .ended(.stopped), engine)
    }

    func view(_ person: PersonID, _ stage: Verification.Stage, _ engine: Engine) -> VerificationView {
        var view = VerificationView(
            person: person, name: self.name(person, engine), trust: engine.contacts[person]?.trust ?? .new,
            state: Self.state(stage))
        if case .comparing(let string, let mine, let theirs) = stage {
            view.numbers = string.numbers
            view.emoji = string.pictures.map(\.emoji)
            view.names = string.pictures.map(\.name)
            (view.answered, view.theyAnswered) = (mine, theirs)
        }
        view.reason = Language.english.say(.verification(view.state, name: view.name))
        let alarm = self.looksLike(person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        return view
    }

    private static func state(_ stage: Verification.Stage) -> VerificationState {
        switch stage {
        case .asked: .asked
        case .waiting: .waiting
        case .exchanging: .exchanging
        case .comparing: .comparing
        case .ended(.verified): .verified
        case .ended(.noMatch): .noMatch
        case .ended(.withdrawn): .withdrawn
        case .ended(.stopped): .stopped
        case .ended(.sessionEnded): .sessionEnded
        case .ended(.tooLate): .tooLate
        case .ended(.broken): .broken
        }
    }

    /// How it ended by these effects, if it did.
    private static func ending(_ effects: [Effect], _ person: PersonID) -> Verification.Stage? {
        for case .announce(.verification(person, .ended(let end))) in effects { return .ended(end) }
        return nil
    }

    /// Why it is not certain who somebody is, in words.
    func words(for reason: ConflictReason, _ person: PersonID, _ engine: Engine) -> String {
        let other = engine.contacts.lookAlike(of: person)?.shownName
        return Language.english.say(.conflict(reason, name: self.name(person, engine), other: other))
    }

    // MARK: codes

    private static func view(_ open: Invitations.Open) -> InvitationView {
        InvitationView(
            code: open.code.description, expires: open.expires, triesLeft: Int64(clamping: open.triesLeft),
            joinsLeft: Int64(clamping: open.joinsLeft), wrongTries: Int64(clamping: open.wrongTries))
    }

    private func join(_ asked: Methods.Join, _ question: Question<PersonView>, _ state: inout RunState) throws
        -> [Effect]
    {
        guard let code = InviteCode(typed: asked.code) else {
            throw DoorError(.trust(.notCode))
        }
        let from = try asked.from.map { try self.person($0, state.engine) }
        guard from != self.identity.person else { throw DoorError(.person(.myself)) }
        if let trouble = state.engine.trouble { throw Engine.Refusal.notKept(trouble) }
        guard !state.engine.isJoining else { throw DoorError(.trust(.isJoining)) }
        state.callers.joins(.init(caller: question.caller, from: from, reply: question.reply))
        return state.engine.join(code, from: from, at: question.now)
    }

    /// Joining is over: whoever waits is told.
    func joined(_ outcome: Invitations.Outcome, _ state: inout RunState) {
        guard let joining = state.callers.joined() else { return }
        joining.reply(self.answer(outcome, from: joining.from, state.engine))
    }

    private func answer(_ outcome: Invitations.Outcome, from: PersonID?, _ engine: Engine)
        -> Result<PersonView, DoorError>
    {
        switch outcome {
        case .joined(let person): return .success(self.view(person, engine))
        case .nobodyInvites:
            return .failure(DoorError(.trust(.nobodyInvites(name: from.map { self.name($0, engine) }))))
        case .several(let persons):
            return .failure(
                DoorError(
                    .trust(.severalInvite),
                    candidates: persons.map { "\(self.name($0, engine)) (\($0.brief))" }))
        case .wrong(let person):
            return .failure(DoorError(.trust(.wrongCode(name: self.name(person, engine)))))
        case .sessionEnded:
            return .failure(DoorError(.trust(.sessionEnded)))
        case .tooLate: return .failure(DoorError(.trust(.tooLate)))
        }
    }

    /// Somebody is gone who compared keys, or joined.
    func leftTrust(_ caller: CallerID, _ state: inout RunState) -> [Effect] {
        let (isJoining, persons) = state.callers.leaveKeys(caller)
        if isJoining { state.engine.giveUpJoining() }
        return persons.flatMap { state.engine.stopVerification($0) }
    }

    /// What happened to an invitation, as an event.
    func event(_ news: Invitations.News, _ engine: Engine) -> EventView.What {
        switch news {
        case .joined(let person): .invitation(.joined, by: self.view(person, engine), triesLeft: nil)
        case .failed(let person, let left):
            .invitation(.failed, by: self.view(person, engine), triesLeft: Int64(clamping: left))
        case .expired: .invitation(.expired, by: nil, triesLeft: nil)
        case .cancelled: .invitation(.cancelled, by: nil, triesLeft: nil)
        }
    }
}
