import EarshotModel
import EarshotWire

/// Every offer that something may come of, and which of them runs (Protocol.md 13).
package struct Transfers: Sendable {
    /// Times in ms.
    private enum Pace {
        /// Not again at once: each time twice as late.
        static let again = Backoff(first: 500, longest: 30_000)
        static let call = Limits.sourceTime
        static let full: UInt64 = 30_000
        static let busy: UInt64 = 5_000
        /// A listing that is too large to be looked at does not shrink.
        static let tooLarge: UInt64 = 600_000
        static let day: UInt64 = 86_400_000
        /// Transfers at once: from one device, and in all.
        static let perDevice = 2
        static let inAll = 4
        /// Looks at listings at once, beside them: each may take some snapshot.
        static let looks = 2
    }

    /// What is done for a transfer at this moment.
    struct Run: Sendable {
        /// The other end: who gives, or who gets.
        let device: DeviceID
        /// They were asked to call us, and have so long.
        let awaitsCall: Bool
        /// Only the listing is fetched.
        var looks = false
        /// Nobody sent us to them: they may have it, or not.
        var isGuess = false
        /// Something has come.
        var gave = false
    }

    private enum Timer: Hashable, Sendable {
        /// It may begin then, not before.
        case wait(EnvelopeID)
        /// They should have called by then.
        case call(EnvelopeID)
    }

    private(set) var all: [EnvelopeID: Transfer] = [:]
    /// Those that something is to be fetched for: what was said yes to, and listings to look at.
    private var wanted: Set<EnvelopeID> = []
    private(set) var shares: [ShareID: Share] = [:]
    private(set) var runs: [EnvelopeID: Run] = [:]
    /// Shares of ours that several were offered: each chunk of them is signed.
    private var shared: Set<ShareID> = []
    private var chains: [ShareID: Chain] = [:]
    /// Who was to pass something on to us, and did not.
    private var avoided: [EnvelopeID: [DeviceID]] = [:]
    /// What we can pass on: what is on its way to us, and what has come lately.
    private var passable: [Transfer] = []
    private var sourceSearch = SourceSearch()
    private var timers = Timers<Timer>()
    /// How often in a row each had to be put off.
    private var failures: [EnvelopeID: UInt64] = [:]
    /// What was agreed to before a start, or failed: everything may be here and only has to be put in its place.
    private var unchecked: Set<EnvelopeID> = []
    /// What was agreed to lately and is over, with the bytes it counts for.
    private var spent: [EnvelopeID: (at: Timestamp, bytes: UInt64)] = [:]

    init(_ snapshot: Snapshot) {
        for transfer in snapshot.transfers {
            self.noteShared(transfer)
            self.put(transfer)
            self.doubt(transfer)
        }
        for ended in snapshot.agreed { self.spent[ended.id] = (ended.at, ended.bytes) }
        let shares = snapshot.shares
        for share in shares { self.shares[share.id] = share }
    }

    subscript(id: EnvelopeID) -> Transfer? { self.all[id] }
    func isRunning(_ id: EnvelopeID) -> Bool { self.runs[id] != nil }
    /// Whether there is anything to fetch, now or later.
    var isAnyWanted: Bool { !self.wanted.isEmpty }

    private mutating func put(_ transfer: Transfer) {
        self.all[transfer.id] = transfer
        let isWanted =
            transfer.isIncoming && (transfer.state == .accepted || transfer.state == .offered && transfer.isUnseen)
        if isWanted { self.wanted.insert(transfer.id) } else { self.wanted.remove(transfer.id) }
    }

    // MARK: what becomes of an offer

    /// `nil` if it is known, or there are too many of theirs.
    mutating func offered(_ transfer: Transfer) -> Transfer? {
        guard self.all[transfer.id] == nil else { return nil }
        guard
            !transfer.isIncoming
                || self.all.values.count(where: { $0.person == transfer.person && $0.isIncoming }) < Limits.openOffers
        else { return nil }
        self.noteShared(transfer)
        self.put(transfer)
        self.spent[transfer.id] = nil
        self.doubt(transfer)
        return transfer
    }

    private mutating func doubt(_ transfer: Transfer) {
        if transfer.isIncoming, transfer.folder != nil { self.unchecked.insert(transfer.id) }
    }

    /// Bytes that were agreed to in the last 24 hours: of what is still to come all.
    mutating func agreed(at now: Timestamp) -> UInt64 {
        let since = now.milliseconds > Pace.day ? now.milliseconds - Pace.day : 0
        self.spent = self.spent.filter { $0.value.at.milliseconds >= since }
        let open = self.all.values.filter { $0.isIncoming && ($0.agreed?.milliseconds ?? 0) >= max(since, 1) }.map(
            \.counted)
        return (open + self.spent.values.map(\.bytes)).reduce(0) { sum, bytes in
            let (total, isOver) = sum.addingReportingOverflow(bytes)
            return isOver ? .max : total
        }
    }

    private mutating func noteShared(_ transfer: Transfer) {
        if !transfer.isIncoming, self.all.values.contains(where: { $0.share == transfer.share && !$0.isIncoming }) {
            self.shared.insert(transfer.share)
        }
    }

    mutating func add(_ share: Share) { self.shares[share.id] = share }

    /// Changes one that is not over; `nil` if it is.
    mutating func change(_ id: EnvelopeID, _ body: (inout Transfer) -> Void) -> Transfer? {
        guard var transfer = self.all[id] else { return nil }
        body(&transfer)
        if transfer.state.isFinal {
            if transfer.isIncoming, let agreed = transfer.agreed { self.spent[id] = (agreed, transfer.counted) }
            self.unchecked.remove(id)
            self.all[id] = nil
            self.wanted.remove(id)
            self.hurry(id)
            self.ended(id)
            self.avoided[id] = nil
            self.sourceSearch.forget(id)
        } else {
            self.put(transfer)
        }
        return transfer
    }

    /// It may begin at once.
    mutating func hurry(_ id: EnvelopeID) {
        self.failures[id] = nil
        self.timers.set(.wait(id), at: nil)
    }
    mutating func hurry(_ device: DeviceID) {
        for transfer in self.all.values where transfer.device == device { self.hurry(transfer.id) }
    }

    private func isReady(_ id: EnvelopeID) -> Bool { self.runs[id] == nil && self.timers[.wait(id)] == nil }

    /// Shares that nobody can fetch any more.
    mutating func dropUnused() -> [Share] {
        let used = Set(self.all.values.filter { !$0.isIncoming }.map(\.share))
        let unused = self.shares.values.filter { !used.contains($0.id) }.sorted { $0.id < $1.id }
        for share in unused {
            self.shares[share.id] = nil
            self.shared.remove(share.id)
            self.chains[share.id] = nil
        }
        return unused
    }

    mutating func grew(_ id: ShareID, size: UInt64, isOpen: Bool) -> Share? {
        guard var share = self.shares[id], share.isOpen else { return nil }
        share.size = size
        share.isOpen = isOpen
        self.shares[id] = share
        for (key, transfer) in self.all where transfer.share == id && !transfer.isIncoming {
            self.all[key]?.length = share.listing + size
        }
        return share
    }

    /// What someone may fetch: an offer of ours to them that stands.
    func given(_ share: ShareID, to person: PersonID) -> (Transfer, Share)? {
        guard let found = self.shares[share],
            let transfer = self.all.values.filter({ $0.share == share && $0.person == person && !$0.isIncoming }).min(
                by: { $0.id < $1.id })
        else { return nil }
        return (transfer, found)
    }

    /// What we asked a device to give us by calling us.
    func awaited(_ share: ShareID, from device: DeviceID) -> Transfer? {
        self.all.values.filter {
            $0.share == share && $0.device == device && $0.isIncoming && self.runs[$0.id]?.awaitsCall ?? false
        }.min { $0.id < $1.id }
    }

    // MARK: passing on

    func isProven(_ share: Share) -> Bool { self.shared.contains(share.id) && !share.isOpen }

    /// From whom someone should get a share of ours: nothing is from ourselves.
    mutating func place(_ share: Share, _ device: DeviceID, avoid: [DeviceID]) -> DeviceID? {
        guard self.isProven(share), share.size >= Limits.referredBytes else { return nil }
        return self.chains[share.id, default: Chain()].place(device, avoid: avoid)
    }

    /// They get nothing from us any more, and if it is `complete` they have all of it.
    mutating func stopped(_ share: ShareID, _ device: DeviceID, complete: Bool) {
        if complete { self.chains[share]?.completed(device) } else { self.chains[share]?.leave(device) }
    }

    func avoided(for id: EnvelopeID) -> [DeviceID] { self.avoided[id] ?? [] }

    mutating func avoid(_ device: DeviceID, for id: EnvelopeID) {
        self.avoided[id] = Array(
            ((self.avoided[id] ?? []).filter { $0 != device } + [device]).suffix(Limits.avoidedHolders))
    }

    /// It comes, or has come: others may have it from us.
    mutating func canPass(_ transfer: Transfer) {
        self.passable.removeAll { $0.id == transfer.id }
        self.passable = self.passable.suffix(Limits.passed - 1) + [transfer]
    }

    func passable(_ share: ShareID) -> [Transfer] { self.passable.filter { $0.share == share } }

    // MARK: running

    /// Time has gone by: who was to call and did not is asked again, but not at once.
    mutating func wake(now: UInt64) {
        for timer in self.timers.due(now: now) {
            guard case .call(let id) = timer else { continue }
            self.ended(id)
            self.wait(id, now: now)
        }
    }

    /// Which of those that were said yes to should begin now, of the devices that are here; oldest first.
    func due(_ isHere: (DeviceID) -> Bool) -> [Transfer] {
        var running = self.runs.values.reduce(into: [DeviceID: Int]()) { $0[$1.device, default: 0] += $1.looks ? 0 : 1 }
        var total = self.fetching
        guard total < Pace.inAll else { return [] }
        let ready = self.wanted.compactMap { self.all[$0] }.filter { transfer in
            transfer.state == .accepted && self.isReady(transfer.id) && !self.unchecked.contains(transfer.id)
                && isHere(transfer.device)
        }
        var due: [Transfer] = []
        for transfer in ready.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) })
        where total < Pace.inAll && running[transfer.device] ?? 0 < Pace.perDevice {
            due.append(transfer)
            running[transfer.device, default: 0] += 1
            total += 1
        }
        return due
    }

    /// Incoming ones that run, looks aside.
    private var fetching: Int { self.runs.count { !$0.value.looks && self.all[$0.key]?.isIncoming ?? false } }

    /// Offers whose listing should be seen now, of devices that are here; oldest first.
    func unseen(_ isHere: (DeviceID) -> Bool) -> [Transfer] {
        let room = Pace.looks - self.runs.values.count(where: \.looks)
        guard room > 0 else { return [] }
        let ready = self.wanted.compactMap { self.all[$0] }.filter { transfer in
            transfer.isUnseen && transfer.state == .offered && self.isReady(transfer.id) && isHere(transfer.device)
        }
        return Array(ready.sorted { ($0.at, $0.id) < ($1.at, $1.id) }.prefix(room))
    }

    /// It was agreed to while its listing was looked at: however that ends, it ends as a transfer does.
    mutating func noLook(_ id: EnvelopeID) { self.runs[id]?.looks = false }

    /// What was agreed to and may be complete already: looked at once, before anybody is asked for it.
    mutating func toRecover() -> [Transfer] {
        guard !self.unchecked.isEmpty else { return [] }
        let ready = self.all.values.filter {
            self.unchecked.contains($0.id) && $0.state == .accepted && self.runs[$0.id] == nil
        }
        let chosen = ready.sorted { ($0.at, $0.id) < ($1.at, $1.id) }.prefix(max(0, Pace.inAll - self.fetching))
        for transfer in chosen { self.unchecked.remove(transfer.id) }
        return Array(chosen)
    }

    /// Of what was said yes to and whose author is not here: what to ask for now, and whom of those who are. `others`
    /// is asked for them only if anything is to be asked for.
    mutating func orphaned(
        isHere: (DeviceID) -> Bool, others: () -> [DeviceID], now: UInt64
    ) -> [(Transfer, DeviceID)] {
        var total = self.fetching
        var found: [(Transfer, DeviceID)] = []
        var here: [DeviceID]?
        let open = self.wanted.compactMap { self.all[$0] }.filter {
            $0.state == .accepted && !$0.offer.isOpen && !self.unchecked.contains($0.id)
        }
        for transfer in open.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            guard !isHere(transfer.device) else {
                self.sourceSearch.forget(transfer.id)
                continue
            }
            guard self.isReady(transfer.id), total < Pace.inAll, self.sourceSearch.isDue(transfer.id, now: now) else {
                continue
            }
            let devices = here ?? others()
            here = devices
            guard let device = self.sourceSearch.next(transfer.id, among: devices, now: now) else { continue }
            found.append((transfer, device))
            total += 1
        }
        return found
    }

    mutating func guessEnded(_ id: EnvelopeID, _ run: Run, now: UInt64) {
        self.sourceSearch.ended(id, run.device, gave: run.gave, now: now)
    }

    mutating func began(
        _ id: EnvelopeID, with device: DeviceID, awaitingCall now: UInt64? = nil, isGuess: Bool = false,
        looks: Bool = false
    ) {
        self.ended(id)
        self.runs[id] = Run(device: device, awaitsCall: now != nil, looks: looks, isGuess: isGuess)
        if let now { self.timers.set(.call(id), at: now + Pace.call) }
        // Others may ask for it before the first byte is here.
        if !looks, let transfer = self.all[id], transfer.isIncoming { self.canPass(transfer) }
    }

    /// Bytes come: whatever was wrong is over.
    mutating func moves(_ id: EnvelopeID) {
        self.hurry(id)
        self.runs[id]?.gave = true
    }

    mutating func ended(_ id: EnvelopeID) {
        self.runs[id] = nil
        self.timers.set(.call(id), at: nil)
    }

    /// Not again at once.
    mutating func wait(_ id: EnvelopeID, now: UInt64) {
        let failures = (self.failures[id] ?? 0) + 1
        self.failures[id] = failures
        self.timers.set(.wait(id), at: now + Pace.again.wait(afterFailures: failures))
    }

    mutating func wait(_ id: EnvelopeID, full: Bool, now: UInt64) {
        self.wait(id, for: full ? Pace.full : Pace.busy, now: now)
    }

    /// Its listing is too large to be looked at before somebody says yes.
    mutating func waitLong(_ id: EnvelopeID, now: UInt64) { self.wait(id, for: Pace.tooLarge, now: now) }

    private mutating func wait(_ id: EnvelopeID, for span: UInt64, now: UInt64) {
        self.failures[id] = 1
        self.timers.set(.wait(id), at: now + span)
    }

    var wakeAt: UInt64? {
        guard self.fetching < Pace.inAll else { return self.timers.next }
        let search = self.sourceSearch.wakeAt { self.all[$0]?.state == .accepted && self.isReady($0) }
        return [self.timers.next, search].compactMap { $0 }.min()
    }
}
