import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotVault
import EarshotWire
import Glibc
import Logging

/// What listeners were told of transfers, and how fast these go. Times are uptime in ms.
struct TransferNews {
    private static let quiet: UInt64 = 1_000

    /// When they were told of one, and whether that it is silent.
    private var told: [EnvelopeID: (at: UInt64, isSilent: Bool)] = [:]
    private var meters: [EnvelopeID: RateMeter] = [:]

    /// Nobody works on it any more.
    mutating func ended(_ id: EnvelopeID) {
        self.told[id] = nil
        self.meters[id] = nil
    }

    /// Progress is told four times a second at most, everything else always.
    mutating func tells(_ id: EnvelopeID, now: UInt64) -> Bool {
        guard now >= (self.told[id]?.at ?? 0) + 250 else { return false }
        self.told[id] = (now, self.isSilent(id, now: now))
        return true
    }

    mutating func note(_ id: EnvelopeID, have: UInt64, now: UInt64) {
        self.meters[id, default: RateMeter()].note(have, at: now)
    }
    /// Bytes a second.
    func rate(_ id: EnvelopeID, now: UInt64) -> UInt64 { self.meters[id]?.rate(at: now) ?? 0 }
    func isSilent(_ id: EnvelopeID, now: UInt64) -> Bool { self.meters[id]?.isSilent(at: now) ?? false }

    /// Those that run and of which listeners have not heard for a while; of one they know to be silent they need not.
    func untold(now: UInt64) -> [EnvelopeID] {
        self.told.filter { !$0.value.isSilent && now >= $0.value.at + Self.quiet }.keys.sorted()
    }
    /// It does not run: there is nothing to tell until it does.
    mutating func rests(_ id: EnvelopeID) { self.told[id] = nil }
    /// When there will be some.
    var untoldAt: UInt64? { self.told.values.filter { !$0.isSilent }.map { $0.at + Self.quiet }.min() }
}

/// What listeners are told of transfers, and where files go.
extension Node {
    /// Tells listeners of a transfer; while it runs, only now and then.
    func announce(_ transfer: Transfer, _ isRunning: Bool, _ state: inout RunState) {
        let have = transfer.have > transfer.listing ? transfer.have - transfer.listing : 0
        if isRunning { state.files.news.note(transfer.id, have: have, now: Self.now().uptime) }
        if isRunning, !state.files.news.tells(transfer.id, now: Self.now().uptime) { return }
        if transfer.isIncoming, transfer.state == .offered {
            self.log.info("\(transfer.person.description.prefix(8)) offers \(SafeName(transfer.offer.name))")
        }
        guard !state.subscribers.isEmpty else { return }
        let event = self.event(transfer, running: isRunning, state)
        state.subscribers.tell(.transfer(transfer.id)) { event }
    }

    /// Of those that run and were not heard of for a second: so a rate falls when nothing comes.
    func tellQuiet(_ state: inout RunState, _ now: Moment) {
        guard !state.subscribers.listening.isEmpty else { return }
        for id in state.files.news.untold(now: now.uptime) {
            guard let transfer = state.engine.transfer(id), state.engine.isRunning(id) else {
                // Else the loop would be woken for it again and again.
                state.files.news.rests(id)
                continue
            }
            self.announce(transfer, true, &state)
        }
    }

    /// Whether files got where they were to go, are not wanted there, or time is up.
    func outcome(ofOffers waiting: Waiting, _ state: RunState, _ now: Moment) -> [TransferView]? {
        // To a room it is one for each member.
        let ids = zip(waiting.said, waiting.to).flatMap { said, to -> [EnvelopeID] in
            guard case .room(let room) = to else { return [said.id] }
            return (state.engine.room(room)?.state.members ?? []).map { Derive.roomOffer(said.id, to: $0) }
        }
        guard now.uptime >= waiting.until || ids.allSatisfy({ state.engine.transfer($0) == nil }) else { return nil }
        return ids.compactMap { id in
            let kept = try? self.store.transfers(idPrefix: id.description).first
            return (state.engine.transfer(id) ?? kept).map { self.view($0, state) }
        }
    }

    /// Where files go if nothing was ever said.
    var usualDownloads: String {
        if let folder = getenv("XDG_DOWNLOAD_DIR").map({ String(cString: $0) }), folder.hasPrefix("/") { return folder }
        if let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") { return home + "/Downloads" }
        return self.directory.path + "/downloads"
    }
}
