import EarshotModel
import EarshotWire

/// What becomes of the links that carry files.
extension Files {
    mutating func handle(_ event: BulkEvent, _ peers: Peers, at now: Moment) -> [Action] {
        switch event {
        case .asked(let bulk, let person, let device, let handshake, .fetch(let fetch)):
            return self.asked(for: fetch, bulk, person, device, handshake, peers)
        case .asked(let bulk, let person, let device, _, .source(let source)):
            guard peers.hears(person, device), let transfer = self.table.awaited(source.share, from: device) else {
                return [.bulk(.refuse(bulk, .unwanted))]
            }
            self.table.began(transfer.id, with: device, looks: transfer.state == .offered)
            return [.bulk(.receive(self.plan(transfer, [], peers), bulk))]
        case .asked(let bulk, _, _, _, _): return [.bulk(.refuse(bulk, .notOffered))]
        case .began(let id, let listing, let length, let have):
            self.table.moves(id)
            if let transfer = self.table[id], transfer.isIncoming { self.table.canPass(transfer) }
            return self.turn(id) { transfer in
                transfer.listing = listing
                transfer.length = length
                transfer.have = have
                transfer.reason = nil
            }
        case .came(let id, let have): return self.came(id, have)
        case .looked(let id, let contents): return self.looked(id, contents, peers, at: now)
        case .gives(let id, let device): return self.gives(id, to: device)
        case .ended(let id, let end): return self.ended(id, end, peers, at: now)
        case .noted(let id, let notes): return self.turn(id) { $0.notes.add(notes) }
        case .grew(let id, let size, let isOpen):
            return self.table.grew(id, size: size, isOpen: isOpen).map { [.keep(.share($0))] } ?? []
        }
    }

    /// A look at the listing has become the fetch.
    private mutating func gives(_ id: EnvelopeID, to device: DeviceID) -> [Action] {
        guard let transfer = self.table[id], !transfer.isIncoming else { return [.bulk(.halt(id, .notOffered))] }
        guard transfer.state != .paused else { return [.bulk(.halt(id, .paused))] }
        self.table.began(id, with: device)
        return [.announce(.transfer(transfer, running: true))]
    }

    /// So much of it is on the receiver's disk.
    private mutating func came(_ id: EnvelopeID, _ have: UInt64) -> [Action] {
        self.table.moves(id)
        let changed = self.table.change(id) { transfer in
            transfer.have = max(transfer.have, transfer.offer.isOpen ? have : min(have, transfer.length))
        }
        guard let transfer = changed else { return [] }
        return [.keep(.came(id, have: transfer.have)), .announce(.transfer(transfer, running: true))]
            + (transfer.isIncoming ? [.bulk(.confirm(id, have: have))] : [])
    }

    private mutating func asked(
        for fetch: Fetch, _ bulk: BulkID, _ person: PersonID, _ device: DeviceID, _ handshake: [UInt8], _ peers: Peers
    ) -> [Action] {
        guard peers.hears(person, device), let (transfer, share) = self.table.given(fetch.share, to: person) else {
            guard !peers.blocks(person) else { return [.bulk(.refuse(bulk, .notOffered))] }
            // Whoever has the key of the offer was offered it too.
            let passable = self.table.passable(fetch.share).first {
                Derive.fetchProof(key: $0.offer.key, handshake: handshake, device) == fetch.proof
            }
            return [.bulk(passable.map { .passOn($0, bulk) } ?? .refuse(bulk, .notOffered))]
        }
        guard transfer.state != .paused else { return [.bulk(.refuse(bulk, .paused))] }
        let isProven = self.table.isProven(share)
        if fetch.looks { return [.bulk(.show(transfer, share, isProven: isProven, bulk))] }
        if let referral = self.referral(share, device, fetch, peers) { return [.bulk(.refer(bulk, referral))] }
        self.table.began(transfer.id, with: device)
        // They come again because the link before broke and we do not know yet: the new one counts.
        return [
            .bulk(.give(transfer, share, isProven: isProven, bulk)), .announce(.transfer(transfer, running: true)),
        ]
    }

    private mutating func ended(_ id: EnvelopeID, _ end: BulkEnd, _ peers: Peers, at now: Moment) -> [Action] {
        let run = self.table.runs[id]
        self.table.ended(id)
        guard let transfer = self.table[id] else { return [] }
        if run?.looks ?? false { return self.endedLooking(transfer, end, at: now) }
        if !transfer.isIncoming, let run { self.table.stopped(transfer.share, run.device, complete: false) }
        if transfer.isIncoming, let run, run.device != transfer.device,
            let actions = self.endedPassing(transfer, run, end, at: now)
        {
            return actions
        }
        switch end {
        case .complete(let names): return self.completed(id, names, at: now)
        case .unexpected(let contents): return self.hold(transfer, contents, peers, at: now)
        case .seen, .tooLarge, .incomplete: return []
        case .halted: return self.tell(transfer)
        case .referred(let referral): return self.follow(referral, transfer, peers, at: now)
        case .unreachable: return self.putOff(id, .unreachable, at: now)
        case .broken:
            return self.putOff(id, run?.gave ?? false ? .connectionLost : nil, at: now)
        case .full:
            self.table.wait(id, full: true, now: now.uptime)
            return self.turn(id, reason: .diskFullHere)
        case .stopped(let reason, let text): return self.stopped(transfer, reason, text, at: now)
        // What a receiver does wrong takes nothing away from what is offered.
        case .dishonest(let what) where !transfer.isIncoming:
            return self.putOff(id, .fetchedWrongly(what), at: now)
        case .dishonest(let what): return self.fail(id, .notAsOffered(what))
        case .changed(let path): return self.fail(id, .changed(path))
        case .unreadable(let path): return self.fail(id, .unreadable(path))
        case .unwritable(let what): return self.fail(id, .notTakenHere(what))
        }
    }

    /// The other end said why.
    private mutating func stopped(_ transfer: Transfer, _ reason: StopReason, _ text: String, at now: Moment)
        -> [Action]
    {
        let id = transfer.id
        let more = text.isEmpty ? nil : text
        switch reason {
        case .notOffered:
            return transfer.isIncoming
                ? self.failForGood(transfer, .notOffered) : self.putOff(id, nil, at: now)
        case .changed: return self.failForGood(transfer, .changed(more))
        case .unreadable: return self.fail(id, .unreadable(more))
        // A giver has nothing to write: if they say so all the same, they are not asked again at once.
        case .full: return self.putOff(id, .diskFullThere, at: now)
        case .unwritable: return self.putOff(id, .unwritableThere(more), at: now)
        case .unwanted: return self.putOff(id, nil, at: now)
        case .paused:
            self.table.wait(id, full: false, now: now.uptime)
            return self.turn(id, reason: .pausedThere)
        case .busy:
            self.table.wait(id, full: false, now: now.uptime)
            return self.turn(id, reason: .waitsForTurn)
        }
    }

    private mutating func putOff(_ id: EnvelopeID, _ reason: TransferReason?, at now: Moment) -> [Action] {
        self.table.wait(id, now: now.uptime)
        return self.turn(id, reason: reason)
    }

    /// What had come of it can never be completed: it is removed.
    private mutating func failForGood(_ transfer: Transfer, _ reason: TransferReason) -> [Action] {
        guard transfer.isIncoming else { return self.fail(transfer.id, reason) }
        return self.turn(transfer.id) { transfer in
            transfer.state = .failed
            transfer.reason = reason
            transfer.have = 0
        } + [.bulk(.discard(transfer))]
    }

    /// Someone who passes on gave no more: the author is asked again, for another. `nil` if it ended as it does with
    /// the author too.
    private mutating func endedPassing(_ transfer: Transfer, _ run: Transfers.Run, _ end: BulkEnd, at now: Moment)
        -> [Action]?
    {
        let device = run.device
        if run.isGuess { self.table.guessEnded(transfer.id, run, now: now.uptime) }
        switch end {
        case .complete, .halted, .full, .unwritable, .unexpected, .seen, .tooLarge, .incomplete: return nil
        case .dishonest(let what):
            self.giveUp(device, transfer.id, at: now)
            return self.turn(transfer.id, reason: .wrongBytes(device: device.shortID, what)) + [
                .announce(.warning(.wrongBytes(device), transfer.person))
            ]
        case .unreachable, .broken, .stopped, .referred, .changed, .unreadable:
            // Who was only guessed at did nothing wrong.
            if !run.isGuess { self.giveUp(device, transfer.id, at: now) }
            return self.tell(transfer)
        }
    }

    /// Not from them again. After a few of them there is no hurry: perhaps the author plays with us.
    private mutating func giveUp(_ device: DeviceID, _ id: EnvelopeID, at now: Moment) {
        self.table.avoid(device, for: id)
        if self.table.avoided(for: id).count > 3 { self.table.wait(id, now: now.uptime) }
    }

    /// Everything is in its place. Told once nothing is left where it was put together.
    private mutating func completed(_ id: EnvelopeID, _ names: [String], at now: Moment) -> [Action] {
        let done = self.table.change(id) { transfer in
            transfer.state = .complete
            transfer.have = transfer.length
            transfer.names = names
            transfer.reason = nil
        }
        guard let done else { return [] }
        return [
            .keep(.transfer(done)),
            .say(.answer(target: id, .complete, done.notes), in: done.conversation, to: done.person, at: now),
            .bulk(.tidy(done)),
        ]
    }
}
