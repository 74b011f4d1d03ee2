import EarshotModel
import EarshotWire

/// Words of ours to be sealed: read from disk, and sealed to one device of their reader.
package struct SealOrder: Sendable, Equatable {
    package let number: UInt64
    package let prekey: Prekey
    package let recipient: PersonID
    package let keeper: PersonID
    package let link: LinkID
    package let conversation: ConversationID
    package let log: LogID
    /// Places in our log, both ends included. As many of them are sealed as fit.
    package let from: UInt64
    package let to: UInt64
}

/// Which of our words are left with whom, for readers who are not here (Protocol.md 19). What a reader has is taken
/// back; what a keeper refused, or keeps no longer, goes to another. All times but `Deposit.at` are uptime in ms.
package struct Depositing: Sendable {
    package enum Action: Sendable, Equatable {
        case keep(MailFact)
        case seal(SealOrder)
        case put(SealedBlob, LinkID)
        case answer(BlobID, MailAnswer, LinkID)
    }

    /// What of our log with a person is on no disk of theirs.
    package struct Unsent: Sendable, Equatable {
        package let conversation: ConversationID
        package let log: LogID
        /// Up to here they have it.
        package let held: UInt64
        package let said: UInt64

        package init(conversation: ConversationID, log: LogID, held: UInt64, said: UInt64) {
            (self.conversation, self.log, self.held, self.said) = (conversation, log, held, said)
        }
    }

    /// How it is with a person just now.
    package struct Situation: Sendable {
        package let isHere: Bool
        package let unsent: Unsent?
        /// To what their mail is sealed, the newest first.
        package let prekeys: [Prekey]
        /// Who keeps mail and may be given theirs, whom to ask first first.
        package let keepers: [PersonID]

        package init(isHere: Bool, unsent: Unsent?, prekeys: [Prekey], keepers: [PersonID]) {
            (self.isHere, self.unsent, self.prekeys, self.keepers) = (isHere, unsent, prekeys, keepers)
        }
    }

    private struct Offer: Sendable {
        let person: PersonID
        let takes: Bool
    }

    private struct Pending: Sendable {
        let order: SealOrder
        var blob: (id: BlobID, to: UInt64, size: Int)?
        var until: UInt64
        /// Something that is in it was dropped here since it was sealed.
        var isSpoiled = false

        /// That a blob may lie with the keeper, and stands for nothing: it is withdrawn when the keeper is here.
        func trace(at now: Timestamp) -> Deposit? {
            self.blob.map { self.order.deposit($0.id, to: $0.to, size: $0.size, at: now).voided }
        }
    }

    private var left: [BlobID: Deposit] = [:]
    private var offers: [LinkID: Offer] = [:]
    /// By the device that it is for.
    private var pending: [DeviceID: Pending] = [:]
    /// Keepers that are not asked before then.
    private var pauses: [PersonID: UInt64] = [:]
    private var goneAt: [PersonID: UInt64] = [:]
    private let startedAt: UInt64
    private var touched: Set<PersonID>
    /// Those who are away and have not got all, left or not.
    private var wanting: Set<PersonID> = []
    private var timers = Timers<PersonID>()
    private var orders: UInt64 = 0

    /// - Parameter persons: to whom something may be unsent.
    package init(_ snapshot: MailSnapshot, persons: [PersonID], now: UInt64) {
        for deposit in snapshot.left { self.left[deposit.blob] = deposit }
        self.startedAt = now
        self.touched = Set(persons)
    }

    package var wakeAt: UInt64? { self.timers.next }
    /// What lies with keepers, in the order in which it was left.
    package var deposits: [Deposit] {
        self.left.values.filter { !$0.isVoid }.sorted { ($0.at, $0.blob) < ($1.at, $1.blob) }
    }
    /// Who is here and keeps mail; and whether they take ours.
    package var keepers: [PersonID: Bool] {
        Dictionary(self.offers.values.map { ($0.person, $0.takes) }) { $0 || $1 }
    }

    /// Whether somebody who is not here has been away so long that words are left for them.
    package func isAway(_ person: PersonID, now: UInt64) -> Bool {
        now >= (self.goneAt[person] ?? self.startedAt).addingReportingOverflow(Limits.awayTime).partialValue
    }

    // MARK: what happens

    /// Something is to be looked at again: words were written, or came to somebody.
    package mutating func touch(_ person: PersonID) { self.touched.insert(person) }
    package mutating func touch(_ persons: some Sequence<PersonID>) { self.touched.formUnion(persons) }

    /// The last link to a person is gone.
    package mutating func gone(_ person: PersonID, now: UInt64) {
        self.goneAt[person] = now
        self.touched.insert(person)
    }

    package mutating func offered(_ takes: Bool, by person: PersonID, _ link: LinkID) {
        self.offers[link] = Offer(person: person, takes: takes)
        self.touched.formUnion(self.wanting.union(self.left.values.map(\.recipient)))
    }

    package mutating func closed(_ link: LinkID, at now: Timestamp) {
        self.offers[link] = nil
        for (device, pending) in self.pending where pending.order.link == link {
            self.giveUp(device, pending, at: now)
            self.touched.insert(pending.order.recipient)
        }
    }

    /// Nobody says what became of a blob. The keeper may have it.
    private mutating func giveUp(_ device: DeviceID, _ pending: Pending, at now: Timestamp) {
        self.pending[device] = nil
        if let trace = pending.trace(at: now) { self.left[trace.blob] = trace }
    }

    /// Something was sealed, up to a place; `nil` where that cannot be done. That it is given to a keeper is on disk
    /// before it is: whatever happens until the answer, it is known that it may be there.
    package mutating func sealed(_ order: SealOrder, _ blob: SealedBlob?, to: UInt64, at now: Moment) -> [Action] {
        let device = order.prekey.device
        guard self.pending[device]?.order == order else { return [] }
        guard let blob else {
            self.pending[device]?.until = now.uptime + Limits.keeperPause
            self.timers.set(order.recipient, at: now.uptime + Limits.keeperPause)
            return []
        }
        self.pending[device]?.blob = (blob.id, to, blob.bytes.count)
        self.pending[device]?.until = now.uptime + Limits.mailAnswerTime
        self.timers.set(order.recipient, at: now.uptime + Limits.mailAnswerTime)
        let trace = self.pending[device]?.trace(at: now.wall).map { [Action.keep(.left($0))] } ?? []
        return trace + [.put(blob, order.link)]
    }

    /// Words of ours are on this disk no more: deleted, or their time was over. Blobs that still hold them stand for
    /// nothing from now on; what else was in them is sealed anew, without those words. The disk knows it already.
    package mutating func dropped(_ places: [(log: LogID, seq: UInt64)]) {
        guard !self.left.isEmpty || !self.pending.isEmpty else { return }
        for (log, seq) in places {
            for (id, deposit) in self.left where deposit.log == log && deposit.from <= seq && seq <= deposit.to {
                self.left[id] = deposit.voided
                self.touched.insert(deposit.recipient)
            }
            // What is not sealed yet is read from the disk as it is now.
            for (device, pending) in self.pending where pending.order.log == log && pending.order.from <= seq {
                guard let blob = pending.blob, seq <= blob.to else { continue }
                self.pending[device]?.isSpoiled = true
            }
        }
    }

    /// A keeper says what became of a blob.
    package mutating func answered(_ id: BlobID, _ answer: MailAnswer, _ link: LinkID, at now: Moment) -> [Action] {
        let asked = self.pending.first { $0.value.blob?.id == id && $0.value.order.link == link }
        guard let (device, pending) = asked, let blob = pending.blob else { return [] }
        let order = pending.order
        switch answer {
        case .kept:
            self.pending[device] = nil
            self.touched.insert(order.recipient)
            let deposit = order.deposit(id, to: blob.to, size: blob.size, at: now.wall)
            guard !pending.isSpoiled else {
                self.left[id] = deposit.voided
                return self.withdraw(deposit)
            }
            // What it holds as well need not be kept twice.
            let old = self.left.values.filter {
                $0.keeper == order.keeper && $0.device == device && $0.log == order.log
                    && order.from <= $0.from && $0.to <= blob.to
            }
            self.left[id] = deposit
            return [.keep(.left(deposit))] + old.sorted { $0.blob < $1.blob }.flatMap { self.withdraw($0) }
        case .full, .refused:
            self.pending[device] = nil
            self.pause(order.keeper, for: order.recipient, now: now.uptime)
            return [.keep(.leftGone(id))]
        case .done, .later, .withdrawn, .other: return []
        }
    }

    private mutating func pause(_ keeper: PersonID, for person: PersonID, now: UInt64) {
        self.pauses[keeper] = now + Limits.keeperPause
        self.touched.insert(person)
    }

    /// Links to a keeper that is here; which of its devices has something is its own affair.
    private func links(to keeper: PersonID) -> [LinkID] {
        self.offers.filter { $0.value.person == keeper }.keys.sorted()
    }

    /// Tells the keeper, if it is here, that something is not needed any more. Until it is, that stays noted.
    private mutating func withdraw(_ deposit: Deposit) -> [Action] {
        let links = self.links(to: deposit.keeper)
        guard !links.isEmpty else { return [] }
        self.left[deposit.blob] = nil
        return [.keep(.leftGone(deposit.blob))] + links.map { .answer(deposit.blob, .withdrawn, $0) }
    }

    // MARK: what is left with whom

    /// At whom to look at the end of a round, in order; each is told of by `settle`.
    package mutating func due(now: UInt64) -> [PersonID] {
        self.touched.formUnion(self.timers.due(now: now))
        guard !self.touched.isEmpty else { return [] }
        defer { self.touched = [] }
        return self.touched.sorted()
    }

    package mutating func settle(_ person: PersonID, _ situation: Situation, at now: Moment) -> [Action] {
        for (device, pending) in self.pending where pending.order.recipient == person && pending.until <= now.uptime {
            self.giveUp(device, pending, at: now.wall)
            self.pauses[pending.order.keeper] = now.uptime + Limits.keeperPause
        }
        var actions = self.tidy(person, situation, at: now)
        guard !situation.isHere, let unsent = situation.unsent, unsent.held < unsent.said else {
            if situation.isHere { self.goneAt[person] = nil }
            self.wanting.remove(person)
            self.rest(person, isWanting: false, at: now.uptime)
            return actions
        }
        self.wanting.insert(person)
        guard self.isAway(person, now: now.uptime) else {
            self.timers.set(person, at: (self.goneAt[person] ?? self.startedAt) + Limits.awayTime)
            return actions
        }
        for prekey in situation.prekeys.prefix(Limits.sealedDevices) where self.pending[prekey.device] == nil {
            guard let order = self.order(person, prekey, unsent, situation.keepers, now: now.uptime) else { continue }
            self.pending[prekey.device] = Pending(
                order: order, blob: nil, until: now.uptime + Limits.mailAnswerTime)
            actions.append(.seal(order))
        }
        self.rest(person, isWanting: true, at: now.uptime)
        return actions
    }

    /// When to look at a person again though nothing happens.
    /// - Parameter isWanting: whether something may be left for them once a keeper is asked again.
    private mutating func rest(_ person: PersonID, isWanting: Bool, at now: UInt64) {
        let answers = self.pending.values.filter { $0.order.recipient == person }.map(\.until)
        let pauses = self.pauses.values.filter { $0 > now }
        let hasMail = self.left.values.contains { $0.recipient == person }
        let next = [answers.min(), hasMail ? now + 6 * 3_600_000 : nil, isWanting ? pauses.min() : nil]
        self.timers.set(person, at: next.compactMap { $0 }.min())
    }

    /// What their devices have, or nobody keeps any more, is not left with anybody.
    private mutating func tidy(_ person: PersonID, _ situation: Situation, at now: Moment) -> [Action] {
        var actions: [Action] = []
        for deposit in self.left.values.filter({ $0.recipient == person }).sorted(by: { $0.blob < $1.blob }) {
            let end = deposit.at.milliseconds.addingReportingOverflow(Limits.keptTime).partialValue
            let isHad = situation.unsent.map { deposit.log == $0.log && deposit.to <= $0.held } ?? false
            if isHad || deposit.isVoid { actions += self.withdraw(deposit) }
            if self.left[deposit.blob] != nil, end <= now.wall.milliseconds {
                self.left[deposit.blob] = nil
                actions.append(.keep(.leftGone(deposit.blob)))
            }
        }
        return actions
    }

    private mutating func order(
        _ person: PersonID, _ prekey: Prekey, _ unsent: Unsent, _ keepers: [PersonID], now: UInt64
    ) -> SealOrder? {
        let mine = self.left.values
            .filter { $0.device == prekey.device && $0.log == unsent.log && !$0.isVoid }
            .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        var covered = unsent.held
        for deposit in mine where deposit.from <= covered + 1 { covered = max(covered, deposit.to) }
        guard covered < unsent.said else { return nil }
        self.pauses = self.pauses.filter { $0.value > now }
        let ready = keepers.first { keeper in
            self.pauses[keeper] == nil && self.offers.values.contains { $0.person == keeper && $0.takes }
        }
        guard let keeper = ready,
            let link = self.offers.filter({ $0.value.person == keeper && $0.value.takes }).keys.max()
        else { return nil }
        // A short one is made longer, rather than one more: each counts at the keeper.
        let short = mine.last { $0.to == covered && $0.keeper == keeper && $0.size < Limits.mergedBytes }
        self.orders += 1
        return SealOrder(
            number: self.orders, prekey: prekey, recipient: person, keeper: keeper, link: link,
            conversation: unsent.conversation, log: unsent.log,
            from: max(short?.from ?? covered + 1, unsent.held + 1), to: unsent.said)
    }
}

extension Deposit {
    /// It stands for no words: what it holds is dropped here, or nobody knows whether the keeper has it.
    var isVoid: Bool { self.to < self.from }

    var voided: Deposit {
        let from = max(1, self.from)
        return Deposit(
            blob: self.blob, keeper: self.keeper, recipient: self.recipient, device: self.device,
            conversation: self.conversation, log: self.log, from: from, to: from - 1, size: self.size, at: self.at)
    }
}

extension SealOrder {
    fileprivate func deposit(_ blob: BlobID, to: UInt64, size: Int, at: Timestamp) -> Deposit {
        Deposit(
            blob: blob, keeper: self.keeper, recipient: self.recipient, device: self.prekey.device,
            conversation: self.conversation, log: self.log, from: self.from, to: to, size: size, at: at)
    }

    /// Seals as much of what was ordered as fits, one after another; `nil` where there is nothing, or the key is none.
    /// - Parameter items: from the first place on, without gaps.
    package func seal(_ items: [SealedBlob.Item], at now: Timestamp) -> (blob: SealedBlob, to: UInt64)? {
        let packed = SealedBlob.pack(items)
        guard packed.count > 0, let blob = try? SealedBlob(sealing: packed.bytes, to: self.prekey, at: now) else {
            return nil
        }
        return (blob, self.from + UInt64(packed.count) - 1)
    }
}
