import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotVault
import EarshotWire
import Glibc
import Logging

/// What listeners are told of transfers, and where files go.
extension Node {
    /// Tells listeners of a transfer; while it runs, only now and then.
    func announce(_ transfer: Transfer, _ isRunning: Bool, _ state: inout RunState) {
        let have = transfer.have > transfer.listing ? transfer.have - transfer.listing : 0
        if isRunning { state.transfers.note(transfer.id, have: have, now: Self.now().uptime) }
        if isRunning, !state.transfers.tells(transfer.id, now: Self.now().uptime) { return }
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
        for id in state.transfers.untold(now: now.uptime) {
            guard let transfer = state.engine.transfer(id), state.engine.isRunning(id) else { continue }
            self.announce(transfer, true, &state)
        }
    }

    /// Whether files got where they were to go, are not wanted there, or time is up.
    func outcome(ofOffers waiting: RunState.Waiting, _ state: RunState, _ now: Moment) -> [TransferView]? {
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
