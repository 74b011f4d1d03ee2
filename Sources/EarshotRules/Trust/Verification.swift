import EarshotModel
import EarshotWire

/// Comparing keys by a short string (Protocol.md 18): who has asked, how far the exchange is, and what both said.
/// Nothing of it is kept on disk but that somebody is verified.
package struct Verification: Sendable {
    /// Why it is over.
    package enum End: String, Hashable, Sendable, CaseIterable {
        /// Both said that it is the same.
        case verified
        /// One of the two said that it is not.
        case noMatch
        /// They do not compare, or not any more.
        case withdrawn
        /// Our own person does not.
        case stopped
        case sessionEnded
        case tooLate
        /// They said something that does not fit what came before.
        case broken
    }

    /// How far it is with a person.
    package enum Stage: Hashable, Sendable {
        /// They would like to, and our person has not said so.
        case asked
        /// Our person would like to, and theirs has not said so.
        case waiting
        /// Both would, and the two nodes draw the string.
        case exchanging
        /// Both persons look at it; whether ours and theirs have said yes.
        case comparing(ShortString, mine: Bool, theirs: Bool)
        case ended(End)
    }

    /// Why our person cannot begin, or answer.
    package enum Refusal: Error, Hashable, Sendable {
        case underWay
        /// It failed too often; ms until it may be tried again.
        case paused(UInt64)
        case nothingToCompare
    }

    enum Action: Sendable, Equatable {
        case transmit([Frame], LinkID)
        /// Their key is who they are.
        case verified(PersonID)
        case tell(PersonID, Stage)
        /// It failed so often that it pauses.
        case warn(PersonID)
    }

    private enum Step: Sendable {
        case committed(reveal: Hash32)
        case awaitingCommit
        case answered(commitment: Hash32, answer: Hash32)
        case comparing(ShortString, mine: Bool, theirs: Bool)
    }
    private struct Exchange: Sendable {
        let line: VerifyLine
        var step: Step
    }
    /// What our own person has asked for.
    private struct Own: Sendable {
        /// Uptime in ms.
        var until: UInt64
        var exchange: Exchange?
    }

    private var own: [PersonID: Own] = [:]
    /// Links on which they have asked.
    private var asks: [LinkID: PersonID] = [:]
    private var failures: [PersonID: Int] = [:]
    /// Uptime in ms.
    private var pausedUntil: [PersonID: UInt64] = [:]

    init() {}

    // MARK: what is asked of it

    /// - Parameter person: one whom we have accepted.
    func stage(of person: PersonID) -> Stage? {
        guard let own = self.own[person] else { return self.asks.values.contains(person) ? .asked : nil }
        switch own.exchange?.step {
        case nil: return .waiting
        case .committed, .awaitingCommit, .answered: return .exchanging
        case .comparing(let string, let mine, let theirs): return .comparing(string, mine: mine, theirs: theirs)
        }
    }

    /// With whom something is under way, or who has asked.
    var persons: [PersonID] { Set(self.own.keys).union(self.asks.values).sorted() }

    /// Uptime in ms.
    var wakeAt: UInt64? { self.own.values.map(\.until).min() }

    // MARK: what our own person does

    /// Why comparing with a person cannot begin now.
    func check(_ person: PersonID, now: UInt64) throws(Refusal) {
        guard self.own[person] == nil else { throw .underWay }
        if let until = self.pausedUntil[person], now < until { throw .paused(until - now) }
    }

    /// Our person would like to compare.
    /// - Parameters:
    ///   - lines: those to the person that are open.
    ///   - chance: 32 random bytes, used once.
    mutating func start(_ person: PersonID, _ lines: [VerifyLine], chance: Hash32, now: UInt64) throws(Refusal)
        -> [Action]
    {
        try self.check(person, now: now)
        self.own[person] = Own(until: now + Limits.verifyAskTime)
        var actions: [Action] = lines.map { .transmit([.verify(.ask)], $0.link) }
        if let line = lines.first(where: { self.asks[$0.link] == person }) {
            actions += self.begin(line, chance: chance, now: now)
        } else {
            actions.append(.tell(person, .waiting))
        }
        return actions
    }

    /// Our person has looked: it is the same, or it is not.
    mutating func say(_ isSame: Bool, to person: PersonID, now: UInt64) throws(Refusal) -> [Action] {
        guard var own = self.own[person], var exchange = own.exchange,
            case .comparing(let string, let mine, let theirs) = exchange.step, !mine
        else { throw .nothingToCompare }
        let link = exchange.line.link
        guard isSame else {
            return [.transmit([.verify(.noMatch)], link)] + self.end(person, .noMatch, now: now)
        }
        let said = Action.transmit([.verify(.match(person))], link)
        if theirs { return [said] + self.end(person, .verified, now: now) }
        exchange.step = .comparing(string, mine: true, theirs: false)
        own.exchange = exchange
        self.own[person] = own
        return [said, .tell(person, .comparing(string, mine: true, theirs: false))]
    }

    /// Our person does not want to, or not any more.
    mutating func stop(_ person: PersonID, _ lines: [VerifyLine]) -> [Action] {
        guard self.own[person] != nil || self.asks.values.contains(person) else { return [] }
        self.asks = self.asks.filter { $0.value != person }
        return lines.map { .transmit([.verify(.withdraw)], $0.link) } + self.end(person, .stopped, now: 0)
    }

    // MARK: what happens on links

    /// A session in which we may talk.
    func opened(_ line: VerifyLine) -> [Action] {
        guard let own = self.own[line.person], own.exchange == nil else { return [] }
        return [.transmit([.verify(.ask)], line.link)]
    }

    mutating func closed(_ link: LinkID) -> [Action] {
        let asker = self.asks.removeValue(forKey: link)
        if let (person, _) = self.own.first(where: { $0.value.exchange?.line.link == link }) {
            return self.end(person, .sessionEnded, now: 0)
        }
        guard let asker, self.stage(of: asker) == nil else { return [] }
        return [.tell(asker, .ended(.sessionEnded))]
    }

    /// - Parameter chance: 32 random bytes, used once.
    mutating func receive(_ step: Verify, _ line: VerifyLine, chance: Hash32, now: UInt64) -> [Action] {
        switch step {
        case .ask: return self.receiveAsk(line, chance: chance, now: now)
        case .withdraw: return self.receiveWithdrawal(line)
        case .commit(let commitment):
            return self.step(line, now) { exchange, me in
                guard case .awaitingCommit = exchange.step else { return nil }
                exchange.step = .answered(commitment: commitment, answer: chance)
                return [.transmit([.verify(.answer(chance))], line.link)]
            }
        case .answer(let answer):
            return self.step(line, now) { exchange, me in
                guard case .committed(let reveal) = exchange.step else { return nil }
                let string = Derive.shortString(reveal: reveal, answer: answer, line.ends)
                exchange.step = .comparing(string, mine: false, theirs: false)
                return [.transmit([.verify(.reveal(reveal))], line.link)]
            }
        case .reveal(let reveal):
            return self.step(line, now) { exchange, me in
                guard case .answered(let commitment, let answer) = exchange.step,
                    Derive.commitment(to: reveal, line.ends) == commitment
                else { return nil }
                let string = Derive.shortString(reveal: reveal, answer: answer, line.ends)
                exchange.step = .comparing(string, mine: false, theirs: false)
                return []
            }
        case .match(let seen):
            return self.step(line, now) { exchange, me in
                guard case .comparing(let string, let mine, false) = exchange.step, seen == me else { return nil }
                exchange.step = .comparing(string, mine: mine, theirs: true)
                return []
            }
        case .noMatch:
            guard self.exchange(on: line) != nil else { return [] }
            return self.end(line.person, .noMatch, now: now)
        case .whoInvites, .invites, .doesNotInvite, .joinShare, .inviteShare, .joinTag, .inviteTag, .refused, .other:
            return []
        }
    }

    /// With whom it takes too long.
    func late(now: UInt64) -> [PersonID] { self.own.filter { $0.value.until <= now }.keys.sorted() }

    mutating func tooLate(_ person: PersonID, _ lines: [VerifyLine], now: UInt64) -> [Action] {
        lines.map { .transmit([.verify(.withdraw)], $0.link) } + self.end(person, .tooLate, now: now)
    }

    // MARK: steps

    private mutating func receiveAsk(_ line: VerifyLine, chance: Hash32, now: UInt64) -> [Action] {
        if let until = self.pausedUntil[line.person], now < until {
            return [.transmit([.verify(.withdraw)], line.link)]
        }
        let isNews = !self.asks.values.contains(line.person)
        self.asks[line.link] = line.person
        guard let own = self.own[line.person] else {
            return line.isContact && isNews ? [.tell(line.person, .asked)] : []
        }
        return own.exchange == nil ? self.begin(line, chance: chance, now: now) : []
    }

    private mutating func receiveWithdrawal(_ line: VerifyLine) -> [Action] {
        let hadAsked = self.asks.removeValue(forKey: line.link) != nil
        if let own = self.own[line.person], own.exchange == nil || self.exchange(on: line) != nil {
            return self.end(line.person, .withdrawn, now: 0)
        }
        return hadAsked && line.isContact && self.stage(of: line.person) == nil
            ? [.tell(line.person, .ended(.withdrawn))] : []
    }

    /// Both persons would like to compare.
    private mutating func begin(_ line: VerifyLine, chance: Hash32, now: UInt64) -> [Action] {
        let step: Step = line.isInitiator ? .committed(reveal: chance) : .awaitingCommit
        self.own[line.person] = Own(
            until: now + Limits.verifyExchangeTime, exchange: Exchange(line: line, step: step))
        let commit = Frame.verify(.commit(Derive.commitment(to: chance, line.ends)))
        return (line.isInitiator ? [.transmit([commit], line.link)] : []) + [.tell(line.person, .exchanging)]
    }

    private func exchange(on line: VerifyLine) -> Exchange? {
        guard let exchange = self.own[line.person]?.exchange, exchange.line.link == line.link else { return nil }
        return exchange
    }

    /// Something came in an exchange. What does not fit it ends it; what comes outside of one is late, and ignored.
    private mutating func step(
        _ line: VerifyLine, _ now: UInt64, _ advance: (inout Exchange, PersonID) -> [Action]?
    ) -> [Action] {
        guard var exchange = self.exchange(on: line), var own = self.own[line.person] else { return [] }
        let me = line.isInitiator ? line.ends.initiator.person : line.ends.responder.person
        guard let actions = advance(&exchange, me) else {
            return [.transmit([.verify(.noMatch)], line.link)] + self.end(line.person, .broken, now: now)
        }
        if case .comparing(_, mine: true, theirs: true) = exchange.step {
            return actions + self.end(line.person, .verified, now: now)
        }
        own.exchange = exchange
        guard case .comparing(let string, let mine, let theirs) = exchange.step else {
            self.own[line.person] = own
            return actions
        }
        if !theirs { own.until = now + Limits.verifyCompareTime }
        self.own[line.person] = own
        return actions + [.tell(line.person, .comparing(string, mine: mine, theirs: theirs))]
    }

    private mutating func end(_ person: PersonID, _ end: End, now: UInt64) -> [Action] {
        let own = self.own.removeValue(forKey: person)
        if let exchange = own?.exchange { self.asks[exchange.line.link] = nil }
        let told = Action.tell(person, .ended(end))
        switch end {
        case .verified:
            self.failures[person] = nil
            return [.verified(person), told]
        case .withdrawn, .stopped, .sessionEnded, .tooLate: return [told]
        case .noMatch, .broken:
            let failures = (self.failures[person] ?? 0) + 1
            self.failures[person] = failures < Limits.verifyFailures ? failures : nil
            guard failures >= Limits.verifyFailures else { return [told] }
            self.pausedUntil[person] = now + Limits.verifyPause
            return [told, .warn(person)]
        }
    }
}
