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
            state.comparing[person] = asker.caller
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
                throw DoorError(.refused, "\(node.name(person, state.engine)) is not comparing keys with you.")
            }
            state.comparing[person] = nil
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
                throw DoorError(.refused, "\(node.name(person, state.engine)) is not verified.")
            }
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.TrustPerson.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            guard let effects = state.engine.trust(person) else {
                throw DoorError(.refused, "Nothing is the matter with \(node.name(person, state.engine)).")
            }
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.CreateInvitation.self) { node, asked, state, asker in
            let lifetime = asked.lifetime ?? Int64(Limits.codeTime)
            guard (1_000...Int64(Limits.codeTimeMost)).contains(lifetime) else {
                throw DoorError(.badParameters, "A code is good for one second to one hour.")
            }
            let count = asked.count ?? 1
            guard Methods.CreateInvitation.counts.contains(count) else {
                throw DoorError(
                    .badParameters,
                    "From \(Methods.CreateInvitation.counts.lowerBound) to "
                        + "\(Methods.CreateInvitation.counts.upperBound) persons can join, one after the other.")
            }
            let (open, effects) = state.engine.invite(
                lifetime: UInt64(clamping: lifetime), count: Int(clamping: count), at: asker.now)
            guard var view = open.map(Node.view) else { throw DoorError(.failed, "No code could be drawn.") }
            if state.engine.isPrivate { view.findable = .guests }
            return (view, effects)
        },
        Handler(looking: Methods.ListInvitations.self) { _, _, state in
            state.engine.openInvitation.map { [Node.view($0)] } ?? []
        },
        Handler(Methods.CancelInvitation.self) { _, _, state, asker in
            guard let effects = state.engine.cancelInvitation(at: asker.now) else {
                throw DoorError(.refused, "No invitation is open.")
            }
            return (Done(), effects)
        },
        Handler(later: Methods.Join.self) { node, asked, question, state, _ in
            try node.join(asked, question, &state)
        },
    ]

    // MARK: comparing

    /// The same, with what a machine refuses in words.
    private func explained(
        _ person: PersonID, _ engine: Engine, _ body: () throws -> [Effect]
    ) throws -> [Effect] {
        let name = self.name(person, engine)
        do { return try body() } catch let refusal as Verification.Refusal {
            switch refusal {
            case .underWay: throw DoorError(.refused, "You are comparing with \(name) already, in another window.")
            case .paused(let left):
                throw DoorError(
                    .refused,
                    """
                    Comparing with \(name) failed three times in a row, so it pauses for another \
                    \((left + 59_999) / 60_000) min. Somebody may be in between. Compare fingerprints by another way: \
                    `earshot id` shows them.
                    """)
            case .nothingToCompare:
                throw DoorError(.refused, "There is nothing to compare with \(name) just now.")
            }
        }
    }

    /// Throws unless the key is the person's that stands on a card or in a code.
    private func compare(_ asked: Methods.CheckKey, _ person: PersonID, _ engine: Engine) throws {
        let name = self.name(person, engine)
        guard person != self.identity.person else { throw DoorError(.badParameters, "That is yourself.") }
        guard engine.contacts[person]?.trust != .blocked else { throw Engine.Refusal.blocked }
        let isSame: Bool
        switch (asked.fingerprint, asked.uri) {
        case (let typed?, nil):
            guard let fingerprint = Fingerprint(typed: typed) else {
                throw DoorError(.badParameters, "A fingerprint is thirty digits, in six groups of five.")
            }
            isSame = fingerprint == Derive.fingerprint(person)
        case (nil, let uri?):
            let text = uri.trimmingPrefix("earshot:")
            guard uri.hasPrefix("earshot:"), let scanned = PersonID(text: String(text)) else {
                throw DoorError(.badParameters, "The text of a code is earshot: and the 52 characters of an id.")
            }
            isSame = scanned == person
        case (nil, nil), (_?, _?):
            throw DoorError(.badParameters, "Either a fingerprint or the text of a code is compared.")
        }
        guard isSame else {
            throw DoorError(
                .untrusted,
                """
                THAT IS NOT \(name)'s KEY. Either it is somebody else's card or code, or the person called \(name) \
                here is somebody else. Nothing was changed; do not trust them before you know which.
                """)
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
            throw DoorError(.badParameters, "A code is nine digits, such as 482 019 337.")
        }
        let from = try asked.from.map { try self.person($0, state.engine) }
        guard from != self.identity.person else { throw DoorError(.badParameters, "That is yourself.") }
        if let trouble = state.engine.trouble { throw Engine.Refusal.notKept(trouble) }
        guard !state.engine.isJoining else { throw DoorError(.refused, "You are joining somebody already.") }
        state.joining = .init(caller: question.caller, from: from, reply: question.reply)
        return state.engine.join(code, from: from, at: question.now)
    }

    /// Joining is over: whoever waits is told.
    func joined(_ outcome: Invitations.Outcome, _ state: inout RunState) {
        guard let joining = state.joining else { return }
        state.joining = nil
        joining.reply(self.answer(outcome, from: joining.from, state.engine))
    }

    private func answer(_ outcome: Invitations.Outcome, from: PersonID?, _ engine: Engine)
        -> Result<PersonView, DoorError>
    {
        switch outcome {
        case .joined(let person): return .success(self.view(person, engine))
        case .nobodyInvites:
            let who = from.map { self.name($0, engine) } ?? "Nobody here"
            return .failure(
                DoorError(
                    .unreachable,
                    """
                    \(who) has \(from == nil ? "an" : "no") open invitation. A code is good once and for a few \
                    minutes, and only while both are on this network.
                    """))
        case .several(let persons):
            return .failure(
                DoorError(
                    .ambiguousName, "Several people here have an open invitation. Say whose code it is.",
                    candidates: persons.map { "\(self.name($0, engine)) (\($0.brief))" }))
        case .wrong(let person):
            let name = self.name(person, engine)
            return .failure(
                DoorError(
                    .untrusted,
                    """
                    That is not the code of \(name)'s invitation, or it is good no more. Nothing was changed, and \
                    \(name) was told.
                    """))
        case .sessionEnded:
            return .failure(DoorError(.unreachable, "The connection ended in between. Nothing was changed; try again."))
        case .tooLate: return .failure(DoorError(.timeout, "Whoever invites did not answer. Nothing was changed."))
        }
    }

    /// Somebody is gone who compared keys, or joined.
    func leftTrust(_ caller: CallerID, _ state: inout RunState) -> [Effect] {
        if state.joining?.caller == caller {
            state.joining = nil
            state.engine.giveUpJoining()
        }
        let persons = state.comparing.filter { $0.value == caller }.keys.sorted()
        for person in persons { state.comparing[person] = nil }
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
