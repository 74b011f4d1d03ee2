import EarshotModel
import EarshotWire
import Noise

/// The keys that mail is sealed to: ours with their private halves, and what others told of theirs (Protocol.md 19).
struct Prekeys: Sendable {
    enum Key { static let keepers = "own.keepers" }

    private struct Known: Sendable {
        let person: PersonID
        let prekey: Prekey
    }

    private let identity: Identity
    /// Oldest first.
    private(set) var own: [OwnPrekey]
    /// What is told of the newest of them.
    private var record: Prekey?
    private var known: [DeviceID: Known] = [:]
    /// Whom our person wants to keep mail for them, the dearest first.
    private(set) var keepers: [PersonID]
    /// When the record was issued that was told on a link last.
    private var told: [LinkID: Timestamp] = [:]
    /// Somebody who knows the newest shall not use it any more.
    private var isSpoilt = false

    init(_ identity: Identity, _ snapshot: Snapshot) {
        self.identity = identity
        self.own = snapshot.mail.own
        self.keepers = (snapshot.settings[Key.keepers] ?? "").split(separator: " ").compactMap {
            PersonID(text: String($0))
        }
        for known in snapshot.mail.known {
            guard let prekey = try? Prekey(decoding: known.wire) else { continue }
            self.known[known.device] = Known(person: known.person, prekey: prekey)
        }
    }

    // MARK: ours

    /// Whether there is something new to tell of a prekey that was told before.
    func isDue(at now: Timestamp) -> Bool {
        guard let newest = self.own.last else { return false }
        return self.isSpoilt || Self.isOld(newest, at: now) || self.record == nil
    }

    private static func isOld(_ key: OwnPrekey, at now: Timestamp) -> Bool {
        // One that was made in a day to come was made by a clock that was wrong.
        key.made.day > now.day.addingReportingOverflow(1).partialValue
            || now.milliseconds >= key.made.milliseconds.addingReportingOverflow(Limits.prekeyRenewal).partialValue
    }

    /// What is told of the newest prekey, made if there is none that is young enough.
    /// - Parameter chance: so many random bytes.
    mutating func current(at now: Timestamp, _ chance: (Int) -> [UInt8]) -> (prekey: Prekey?, facts: [MailFact]) {
        var facts: [MailFact] = []
        if self.own.last.map({ self.isSpoilt || Self.isOld($0, at: now) }) ?? true {
            facts += self.make(at: now, chance)
            self.record = nil
        }
        if self.record == nil { self.record = self.sign() }
        return (self.record, facts)
    }

    private mutating func make(at now: Timestamp, _ chance: (Int) -> [UInt8]) -> [MailFact] {
        guard let mailbox = MailboxKey(chance(32)) else { return [] }
        let last = self.own.map(\.made).max()
        let made = last.map { $0.day <= now.day + 1 ? max(now, $0.next) : now } ?? now
        let issued = max(made, self.own.last?.issued.next ?? made)
        let fresh = OwnPrekey(made: made, issued: issued, seed: chance(32), mailbox: mailbox)
        self.isSpoilt = false
        // Nothing that is sealed to them can come any more.
        let gone =
            self.own.filter {
                now.milliseconds >= $0.made.milliseconds.addingReportingOverflow(Limits.prekeyErased).partialValue
            } + self.own.dropLast(Limits.mailboxesAsked - 1)
        self.own.removeAll { old in gone.contains { $0.made == old.made } }
        self.own.append(fresh)
        return Set(gone.map(\.made)).sorted().map { .ownGone(made: $0) } + [.own(fresh)]
    }

    private func sign() -> Prekey? {
        guard let newest = self.own.last, let pair = try? XWingKEM().generate(seed: newest.seed) else { return nil }
        let until = newest.made.milliseconds.addingReportingOverflow(Limits.prekeyTime).partialValue
        return Prekey.sign(
            device: self.identity.device, issued: newest.issued, until: Timestamp(milliseconds: until),
            key: pair.publicKey, mailbox: newest.mailbox, keepers: self.keepers, with: self.identity.signing)
    }

    /// Somebody who was told is not to leave mail here any more.
    mutating func spoil() { self.isSpoilt = !self.own.isEmpty }

    /// Whom our person wants to keep their mail.
    mutating func use(keepers: [PersonID], at now: Timestamp) -> [Fact] {
        guard keepers != self.keepers else { return [] }
        self.keepers = keepers
        var facts: [Fact] = [.setting(Key.keepers, keepers.map(\.description).joined(separator: " "))]
        if var newest = self.own.popLast() {
            newest.issued = max(now, newest.issued.next)
            self.own.append(newest)
            facts.append(.mail(.own(newest)))
        }
        self.record = nil
        return facts
    }

    /// Whether the record has to be told on a link; from now on it was.
    mutating func tell(_ prekey: Prekey, on link: LinkID) -> Bool {
        guard self.told[link] != prekey.issued else { return false }
        self.told[link] = prekey.issued
        return true
    }

    mutating func closed(_ link: LinkID) { self.told[link] = nil }

    /// Ours to which something was sealed that lies under a tag.
    func own(for tag: MailboxTag) -> OwnPrekey? {
        let days = UInt32(Limits.prekeyErased / 86_400_000) + 1
        return self.own.last { key in
            let first = key.made.day > 0 ? key.made.day - 1 : 0
            return (first...first.addingReportingOverflow(days).partialValue).contains {
                Derive.mailbox(key.mailbox, of: self.identity.device, day: $0) == tag
            }
        }
    }

    // MARK: others'

    /// A device told its prekey; its signature holds. An older one than the newest seen does not count.
    mutating func receive(_ prekey: Prekey, of person: PersonID) -> [MailFact] {
        let held = self.known[prekey.device]
        if let held, held.person == person, held.prekey.issued >= prekey.issued { return [] }
        self.known[prekey.device] = Known(person: person, prekey: prekey)
        return [.known(KnownPrekey(device: prekey.device, person: person, wire: prekey.wire))]
    }

    /// Those of a person that mail may be sealed to.
    func usable(of person: PersonID, at now: Timestamp) -> [Prekey] {
        self.known.values.filter { $0.person == person && now < $0.prekey.until }.map(\.prekey)
            .sorted { ($1.issued, $0.device) < ($0.issued, $1.device) }
    }

    /// Whom the devices of a person have named.
    func keepers(of person: PersonID) -> [PersonID] {
        var named: [PersonID] = []
        let known = self.known.values.filter { $0.person == person }
        for known in known.sorted(by: { $1.prekey.issued < $0.prekey.issued }) {
            named += known.prekey.keepers.filter { !named.contains($0) }
        }
        return named
    }

    /// Nothing is sealed any more to devices of a person that `stays` does not keep.
    mutating func forget(_ person: PersonID, except stays: (DeviceID) -> Bool) -> [MailFact] {
        let gone = self.known.filter { $0.value.person == person && !stays($0.key) }.keys.sorted()
        for device in gone { self.known[device] = nil }
        return gone.map { .knownGone($0) }
    }
}

extension Timestamp {
    /// One ms later.
    fileprivate var next: Timestamp {
        Timestamp(milliseconds: self.milliseconds.addingReportingOverflow(1).partialValue)
    }
}
