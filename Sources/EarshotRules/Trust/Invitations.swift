import EarshotModel
import EarshotWire
import Noise

/// Inviting by a code, and joining by one (Protocol.md 18). One invitation is open at a time, and one is joined at a
/// time; nothing of it is kept on disk but that somebody is verified.
package struct Invitations: Sendable {
    /// An invitation that is open.
    package struct Open: Hashable, Sendable {
        package fileprivate(set) var code: InviteCode
        package let expires: Timestamp
        /// With this code. Whoever comes next has as many.
        package fileprivate(set) var triesLeft = Limits.codeTries
        /// How many may still join, each by a code of their own.
        package fileprivate(set) var joinsLeft: Int
        package fileprivate(set) var wrongTries = 0
    }

    /// What happened to an invitation of ours.
    package enum News: Hashable, Sendable {
        case joined(PersonID)
        /// Somebody tried with another code; so many tries are left.
        case failed(PersonID, triesLeft: Int)
        case expired
        case cancelled
    }

    /// What became of joining.
    package enum Outcome: Hashable, Sendable {
        case joined(PersonID)
        case nobodyInvites
        case several([PersonID])
        /// The code is wrong, or it is not good any more.
        case wrong(PersonID)
        case sessionEnded
        case tooLate
    }

    enum Action: Sendable, Equatable {
        case transmit([Frame], LinkID)
        case verified(PersonID)
        case tell(News)
        case outcome(Outcome)
    }

    /// Whoever joins has sent a share, and the answer is out.
    private struct Run: Sendable {
        let secret: [UInt8]
    }
    private struct Invitation: Sendable {
        var open: Open
        /// Uptime in ms.
        let until: UInt64
        var runs: [LinkID: Run] = [:]

        /// Somebody has joined. Their code is good no more: whoever has it could be in the middle of the next one.
        func next(chance: [UInt8]) -> Invitation? {
            guard self.open.joinsLeft > 1, let code = Invitations.code(chance: chance) else { return nil }
            var next = Invitation(open: self.open, until: self.until)
            next.open.code = code
            next.open.triesLeft = Limits.codeTries
            next.open.joinsLeft -= 1
            return next
        }
    }

    private enum Joining: Sendable {
        /// Who invites? Those who have not said, and those who do.
        case looking(asked: [LinkID: VerifyLine], inviting: [LinkID: VerifyLine])
        case shared(VerifyLine, CPace)
        case tagged(VerifyLine, secret: [UInt8])

        /// Where a run is under way.
        var line: VerifyLine? {
            switch self {
            case .looking: nil
            case .shared(let line, _), .tagged(let line, _): line
            }
        }
    }
    private struct Join: Sendable {
        let code: InviteCode
        /// 64 random bytes.
        let chance: [UInt8]
        /// Whose code it is, if our person said so.
        let from: PersonID?
        /// We are private and have only begun to call: who comes is asked too, and nobody is chosen before it is time.
        let isReaching: Bool
        /// Uptime in ms.
        var until: UInt64
        var state: Joining
    }

    private var invitation: Invitation?
    private var join: Join?

    init() {}

    /// After the sessions are gone: what is open stays so.
    init(again old: Invitations) {
        self.invitation = old.invitation
        self.invitation?.runs = [:]
    }

    var open: Open? { self.invitation?.open }
    var isJoining: Bool { self.join != nil }
    /// Uptime in ms.
    var wakeAt: UInt64? { [self.invitation?.until, self.join?.until].compactMap { $0 }.min() }

    // MARK: inviting

    /// One in fifteen draws of four bytes is none.
    static func code(chance: [UInt8]) -> InviteCode? {
        stride(from: 0, to: chance.count, by: 4).lazy.compactMap { InviteCode(chance: Array(chance[$0...])) }.first
    }

    /// A new code; one that was open before is good no more.
    /// - Parameters:
    ///   - lifetime: ms.
    ///   - count: how many may join, one after the other.
    mutating func invite(_ code: InviteCode, lifetime: UInt64, count: Int = 1, at now: Moment) -> [Action] {
        let actions = self.cancel() ?? []
        let open = Open(
            code: code, expires: Timestamp(milliseconds: now.wall.milliseconds + lifetime), joinsLeft: max(1, count))
        self.invitation = Invitation(open: open, until: now.uptime + lifetime)
        return actions
    }

    /// `nil` where none is open.
    mutating func cancel() -> [Action]? {
        guard self.invitation != nil else { return nil }
        self.invitation = nil
        return [.tell(.cancelled)]
    }

    /// - Parameter chance: 64 random bytes, used once.
    private mutating func receive(share: Hash32, _ line: VerifyLine, chance: [UInt8]) -> [Action] {
        guard let invitation = self.invitation else { return [.transmit([.verify(.refused)], line.link)] }
        guard invitation.runs[line.link] == nil,
            let run = try? Derive.agreement(invitation.open.code, line.ends, chance: chance),
            let answer = Hash32(run.share),
            let secret = run.secret(with: share.bytes, isInitiator: line.isInitiator)
        else { return self.failed(line) }
        self.invitation?.runs[line.link] = Run(secret: secret)
        return [.transmit([.verify(.inviteShare(answer))], line.link)]
    }

    /// - Parameter chance: 64 random bytes, used once.
    private mutating func receive(joinTag tag: Hash32, _ line: VerifyLine, chance: [UInt8]) -> [Action] {
        guard let run = self.invitation?.runs.removeValue(forKey: line.link) else {
            return [.transmit([.verify(.refused)], line.link)]
        }
        let theirs = Derive.tag(run.secret, isInitiator: !line.isInitiator, line.ends)
        guard constantTimeEqual(theirs.bytes, tag.bytes) else { return self.failed(line) }
        self.invitation = self.invitation?.next(chance: chance)
        let mine = Derive.tag(run.secret, isInitiator: line.isInitiator, line.ends)
        return [
            .verified(line.person), .transmit([.verify(.inviteTag(mine))], line.link), .tell(.joined(line.person)),
        ]
    }

    /// Whatever was wrong, whoever tried learns only that it was no valid try.
    private mutating func failed(_ line: VerifyLine) -> [Action] {
        guard var invitation = self.invitation else { return [] }
        invitation.runs[line.link] = nil
        invitation.open.triesLeft -= 1
        invitation.open.wrongTries += 1
        let left = invitation.open.triesLeft
        self.invitation = left > 0 ? invitation : nil
        return [.transmit([.verify(.refused)], line.link), .tell(.failed(line.person, triesLeft: left))]
    }

    // MARK: joining

    /// - Parameters:
    ///   - lines: to everybody who may have invited us.
    ///   - from: whose code it is, if that is known.
    ///   - isReaching: others are being called who could not be before.
    ///   - chance: 64 random bytes, used once.
    mutating func join(
        _ code: InviteCode, _ lines: [VerifyLine], from: PersonID? = nil, isReaching: Bool = false, chance: [UInt8],
        now: UInt64
    ) -> [Action] {
        guard !lines.isEmpty || isReaching else { return [.outcome(.nobodyInvites)] }
        let asked = Dictionary(lines.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first })
        self.join = Join(
            code: code, chance: chance, from: from, isReaching: isReaching,
            until: now + (isReaching ? Limits.reachTime : Limits.whoInvitesTime),
            state: .looking(asked: asked, inviting: [:]))
        return lines.map { .transmit([.verify(.whoInvites)], $0.link) }
    }

    /// Somebody has come whom we may not have reached before.
    mutating func opened(_ line: VerifyLine) -> [Action] {
        guard let join = self.join, join.isReaching, case .looking(var asked, let inviting) = join.state,
            join.from.map({ $0 == line.person }) ?? true, asked[line.link] == nil, inviting[line.link] == nil
        else { return [] }
        asked[line.link] = line
        self.join?.state = .looking(asked: asked, inviting: inviting)
        return [.transmit([.verify(.whoInvites)], line.link)]
    }

    /// Nobody waits for it any more.
    mutating func giveUp() { self.join = nil }

    private mutating func heard(_ line: VerifyLine, invites: Bool, now: UInt64) -> [Action] {
        guard case .looking(var asked, var inviting)? = self.join?.state,
            let known = asked.removeValue(forKey: line.link)
        else { return [] }
        if invites { inviting[line.link] = known }
        self.join?.state = .looking(asked: asked, inviting: inviting)
        guard self.join?.isReaching ?? false else { return asked.isEmpty ? self.choose(now: now) : [] }
        // Others who invite may be a moment later.
        if invites, let until = self.join?.until { self.join?.until = min(until, now + Limits.reachTime / 4) }
        return []
    }

    /// Everybody has said whether they invite, or had the time to.
    private mutating func choose(now: UInt64) -> [Action] {
        guard var join = self.join, case .looking(_, let inviting) = join.state else { return [] }
        let persons = Set(inviting.values.map(\.person))
        guard persons.count == 1, let line = inviting.min(by: { $0.key < $1.key })?.value else {
            return self.done(persons.isEmpty ? .nobodyInvites : .several(persons.sorted()))
        }
        guard let run = try? Derive.agreement(join.code, line.ends, chance: join.chance),
            let share = Hash32(run.share)
        else { return self.done(.tooLate) }
        join.state = .shared(line, run)
        join.until = now + Limits.codeRunTime
        self.join = join
        return [.transmit([.verify(.joinShare(share))], line.link)]
    }

    private mutating func receive(inviteShare share: Hash32, _ line: VerifyLine) -> [Action] {
        guard case .shared(let mine, let run)? = self.join?.state, mine.link == line.link else { return [] }
        guard let secret = run.secret(with: share.bytes, isInitiator: mine.isInitiator) else {
            return self.done(.wrong(mine.person))
        }
        self.join?.state = .tagged(mine, secret: secret)
        let tag = Derive.tag(secret, isInitiator: mine.isInitiator, mine.ends)
        return [.transmit([.verify(.joinTag(tag))], mine.link)]
    }

    private mutating func receive(inviteTag tag: Hash32, _ line: VerifyLine) -> [Action] {
        guard case .tagged(let mine, let secret)? = self.join?.state, mine.link == line.link else { return [] }
        let theirs = Derive.tag(secret, isInitiator: !mine.isInitiator, mine.ends)
        guard constantTimeEqual(theirs.bytes, tag.bytes) else { return self.done(.wrong(mine.person)) }
        return [.verified(mine.person)] + self.done(.joined(mine.person))
    }

    private mutating func refused(_ line: VerifyLine) -> [Action] {
        self.join?.state.line?.link == line.link ? self.done(.wrong(line.person)) : []
    }

    private mutating func done(_ outcome: Outcome) -> [Action] {
        self.join = nil
        return [.outcome(outcome)]
    }

    // MARK: what happens

    /// - Parameter chance: 64 random bytes, used once.
    mutating func receive(_ step: Verify, _ line: VerifyLine, chance: [UInt8], now: UInt64) -> [Action] {
        self.expire(now: now) + self.take(step, line, chance: chance, now: now)
    }

    private mutating func take(_ step: Verify, _ line: VerifyLine, chance: [UInt8], now: UInt64) -> [Action] {
        switch step {
        case .whoInvites:
            return [.transmit([.verify(self.invitation == nil ? .doesNotInvite : .invites)], line.link)]
        case .invites: return self.heard(line, invites: true, now: now)
        case .doesNotInvite: return self.heard(line, invites: false, now: now)
        case .joinShare(let share): return self.receive(share: share, line, chance: chance)
        case .joinTag(let tag): return self.receive(joinTag: tag, line, chance: chance)
        case .inviteShare(let share): return self.receive(inviteShare: share, line)
        case .inviteTag(let tag): return self.receive(inviteTag: tag, line)
        case .refused: return self.refused(line)
        case .ask, .withdraw, .commit, .answer, .reveal, .match, .noMatch, .other: return []
        }
    }

    mutating func closed(_ link: LinkID, now: UInt64) -> [Action] {
        self.invitation?.runs[link] = nil
        switch self.join?.state {
        case .looking(var asked, var inviting)?:
            (asked[link], inviting[link]) = (nil, nil)
            self.join?.state = .looking(asked: asked, inviting: inviting)
            return asked.isEmpty && self.join?.isReaching == false ? self.choose(now: now) : []
        case .shared(let line, _)? where line.link == link, .tagged(let line, _)? where line.link == link:
            return self.done(.sessionEnded)
        case .shared?, .tagged?, nil: return []
        }
    }

    private mutating func expire(now: UInt64) -> [Action] {
        guard let invitation = self.invitation, invitation.until <= now else { return [] }
        self.invitation = nil
        return [.tell(.expired)]
    }

    mutating func wake(now: UInt64) -> [Action] {
        var actions = self.expire(now: now)
        if let join = self.join, join.until <= now {
            if case .looking = join.state { actions += self.choose(now: now) } else { actions += self.done(.tooLate) }
        }
        return actions
    }
}
