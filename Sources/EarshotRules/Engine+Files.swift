import EarshotModel
import EarshotWire

/// Fetching and giving files: what others say, and what becomes of the links (Protocol.md 13).
extension Engine {
    // MARK: what others say

    /// An envelope of someone else about files.
    mutating func filed(_ envelope: Envelope, _ content: Content, by author: PersonID, at now: Moment) -> [Effect] {
        guard author != self.me else { return [] }
        switch content {
        case .file(let offer):
            let transfer = Transfer(
                id: envelope.id, share: offer.share, conversation: envelope.conversation, person: author,
                device: envelope.device, isIncoming: true, offer: offer,
                at: now.wall)
            return self.transfers.offered(transfer).map { self.decide($0.id, at: now) ?? self.tell($0) } ?? []
        case .answer(let target, let answer, let notes):
            guard let transfer = self.transfers[target], !transfer.isIncoming, transfer.person == author else {
                return []
            }
            switch answer {
            case .complete:
                self.transfers.stopped(transfer.share, envelope.device, complete: true)
                return self.turn(target) { transfer in
                    transfer.state = .complete
                    transfer.have = transfer.length
                    transfer.notes.add(notes)
                }
            case .declined: return self.turn(target) { $0.state = .declined } + [.bulk(.halt(target, .notOffered))]
            }
        case .delete(let target):
            guard let transfer = self.transfers[target], transfer.isIncoming, transfer.person == author else {
                return []
            }
            return self.turn(target) { $0.state = .cancelled } + [
                .bulk(.halt(target, .unwanted)), .bulk(.discard(transfer)),
            ]
        case .text, .edit, .reaction, .unknown: return []
        }
    }

    /// They cannot call us, or did not: they want us to call with these files.
    mutating func receive(_ fetch: Fetch, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link], state.introduction.isInitiator, self.talks(state), self.trouble == nil,
            let (transfer, share) = self.transfers.given(fetch.share, to: state.person), transfer.state != .paused,
            self.links[link]?.fetches.take(now: now.uptime) == nil
        else { return [] }
        if fetch.looks {
            return [
                .bulk(
                    .callToShow(transfer, share, isProven: self.transfers.isProven(share), state.device, state.remote))
            ]
        }
        if let referral = self.referral(share, state.device, fetch) { return [.transmit([.refer(referral)], link)] }
        self.transfers.began(transfer.id, with: state.device)
        return [
            .bulk(.callToGive(transfer, share, isProven: self.transfers.isProven(share), state.device, state.remote))
        ]
    }

    /// Who else can give it to him, if it should not come from us.
    private mutating func referral(_ share: Share, _ device: DeviceID, _ fetch: Fetch) -> Referral? {
        var avoid = fetch.avoid
        while let holder = self.transfers.place(share, device, avoid: avoid) {
            let endpoints = self.endpoints(of: holder)
            if !endpoints.isEmpty { return Referral(share: share.id, device: holder, endpoints: endpoints) }
            avoid.append(holder)
        }
        return nil
    }

    /// Where others can call a device that is here: an address of the network, not of one interface.
    private func endpoints(of device: DeviceID) -> [Endpoint] {
        let called = self.links.values.filter { $0.device == device && $0.introduction.isInitiator }.map(\.remote)
        let here = self.links.values.contains { $0.device == device }
        let known = here ? self.dialer.endpoints(of: device) : []
        return Array(
            Set(called + known).filter { $0.scope == 0 && !AddressPolicy.isLinkLocal($0.address) }.sorted {
                $0.description < $1.description
            })
    }

    /// He says whom to ask instead, as we wanted to be called.
    mutating func receive(_ referral: Referral, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link], let transfer = self.transfers.awaited(referral.share, from: state.device)
        else { return [] }
        self.transfers.ended(transfer.id)
        // A look goes to the author alone: they are asked again, but not at once.
        if transfer.state == .offered { self.transfers.wait(transfer.id, now: now.uptime) }
        return self.follow(referral, transfer, at: now)
    }

    /// Fetches from someone who passes on.
    private mutating func follow(_ referral: Referral, _ transfer: Transfer, at now: Moment) -> [Effect] {
        guard transfer.isIncoming, transfer.state == .accepted else { return [] }
        // Nobody aims us at the rest of the world; this machine is meant only by who is on it.
        let isHere = self.links.values.contains {
            $0.device == transfer.device && AddressPolicy.isLoopback($0.remote.address)
        }
        let endpoints = referral.endpoints.filter {
            AddressPolicy.admits($0.address, onLoopback: isHere) && !AddressPolicy.isLinkLocal($0.address)
                && $0.port >= Limits.lowestPort
        }
        guard !endpoints.isEmpty, referral.share == transfer.share, referral.device != self.device,
            referral.device != transfer.device,
            !self.transfers.avoided(for: transfer.id).contains(referral.device),
            let key = self.manifests.signingKey(transfer.person, transfer.device)
        else {
            // A word that makes no sense: he is asked again, but not at once.
            self.transfers.avoid(referral.device, for: transfer.id)
            self.transfers.wait(transfer.id, now: now.uptime)
            return []
        }
        self.transfers.began(transfer.id, with: referral.device)
        return [
            .bulk(
                .callToFetch(
                    FetchPlan(
                        transfer: transfer, device: referral.device, endpoints: endpoints, avoid: [], authorKey: key)))
        ]
    }

    func plan(_ transfer: Transfer, _ endpoints: [Endpoint]) -> FetchPlan {
        FetchPlan(
            transfer: transfer, device: transfer.device, endpoints: endpoints,
            avoid: self.transfers.avoided(for: transfer.id),
            authorKey: self.manifests.signingKey(transfer.person, transfer.device))
    }

    mutating func handle(_ event: BulkEvent, at now: Moment) -> [Effect] {
        switch event {
        case .asked(let bulk, let person, let device, let handshake, let frame):
            return self.asked(bulk, person, device, handshake, frame)
        case .began(let id, let listing, let length, let have):
            self.transfers.moves(id)
            if let transfer = self.transfers[id], transfer.isIncoming { self.transfers.canPass(transfer) }
            return self.turn(id) { transfer in
                transfer.listing = listing
                transfer.length = length
                transfer.have = have
                transfer.reason = nil
            }
        case .came(let id, let have):
            self.transfers.moves(id)
            guard
                let transfer = self.transfers.change(
                    id, { $0.have = max($0.have, $0.offer.isOpen ? have : min(have, $0.length)) })
            else { return [] }
            return [.keep(.came(id, have: transfer.have)), .announce(.transfer(transfer, running: true))]
                + (transfer.isIncoming ? [.bulk(.confirm(id, have: have))] : [])
        case .looked(let id, let contents): return self.looked(id, contents, at: now)
        case .ended(let id, let end): return self.ended(id, end, at: now)
        case .noted(let id, let notes): return self.turn(id) { $0.notes.add(notes) }
        case .grew(let id, let size, let isOpen):
            return self.transfers.grew(id, size: size, isOpen: isOpen).map { [.keep(.share($0))] } ?? []
        }
    }

    private mutating func asked(
        _ bulk: BulkID, _ person: PersonID, _ device: DeviceID, _ handshake: [UInt8], _ frame: BulkFrame
    ) -> [Effect] {
        switch frame {
        case .fetch(let fetch):
            guard self.talks(person, device), let (transfer, share) = self.transfers.given(fetch.share, to: person)
            else {
                // Whoever has the key of the offer was offered it too.
                let passable = self.transfers.passable(fetch.share).first {
                    Derive.fetchProof(key: $0.offer.key, handshake: handshake, device) == fetch.proof
                }
                return [.bulk(passable.map { .passOn($0, bulk) } ?? .refuse(bulk, .notOffered))]
            }
            guard transfer.state != .paused else { return [.bulk(.refuse(bulk, .paused))] }
            if fetch.looks { return [.bulk(.show(transfer, share, isProven: self.transfers.isProven(share), bulk))] }
            if let referral = self.referral(share, device, fetch) { return [.bulk(.refer(bulk, referral))] }
            self.transfers.began(transfer.id, with: device)
            // They come again because the link before broke and we do not know yet: the new one counts.
            return [
                .bulk(.give(transfer, share, isProven: self.transfers.isProven(share), bulk)),
                .announce(.transfer(transfer, running: true)),
            ]
        case .source(let source):
            guard self.talks(person, device), let transfer = self.transfers.awaited(source.share, from: device) else {
                return [.bulk(.refuse(bulk, .unwanted))]
            }
            self.transfers.began(transfer.id, with: device, looks: transfer.state == .offered)
            return [.bulk(.receive(self.plan(transfer, []), bulk))]
        case .close, .pull, .end, .stop, .have, .proof, .refer, .join, .more, .skip:
            return [.bulk(.refuse(bulk, .notOffered))]
        }
    }

    private mutating func ended(_ id: EnvelopeID, _ end: BulkEnd, at now: Moment) -> [Effect] {
        let run = self.transfers.runs[id]
        let other = run?.device
        self.transfers.ended(id)
        guard let transfer = self.transfers[id] else { return [] }
        if run?.looks ?? false { return self.endedLooking(transfer, end, at: now) }
        if !transfer.isIncoming, let other { self.transfers.stopped(transfer.share, other, complete: false) }
        if transfer.isIncoming, let run, run.device != transfer.device,
            let effects = self.endedPassing(transfer, run, end, at: now)
        {
            return effects
        }
        func wait(_ reason: String?) -> [Effect] {
            self.transfers.wait(id, now: now.uptime)
            return self.turn(id) { $0.reason = reason }
        }
        func fail(_ reason: String) -> [Effect] {
            self.turn(id) { transfer in
                transfer.state = .failed
                transfer.reason = reason
            }
        }
        // What had come of it can never be completed: it is removed.
        func failForGood(_ reason: String) -> [Effect] {
            guard transfer.isIncoming else { return fail(reason) }
            return self.turn(id) { transfer in
                transfer.state = .failed
                transfer.reason = reason
                transfer.have = 0
            } + [.bulk(.discard(transfer))]
        }
        switch end {
        case .complete(let names): return self.completed(id, names, at: now)
        case .unexpected(let contents): return self.hold(transfer, contents, at: now)
        case .seen, .tooLarge, .incomplete: return []
        case .halted: return self.tell(transfer)
        case .referred(let referral): return self.follow(referral, transfer, at: now)
        case .unreachable: return wait("cannot be reached for files just now")
        case .broken: return wait(run?.gave ?? false ? "the connection was lost; it is tried again" : nil)
        case .full:
            self.transfers.wait(id, full: true, now: now.uptime)
            return self.turn(id) { $0.reason = "the disk is full here; it goes on when there is room" }
        case .stopped(let reason, let text):
            switch reason {
            case .notOffered: return transfer.isIncoming ? failForGood("is not offered any more") : wait(nil)
            case .changed: return failForGood("has been changed since it was offered\(text.isEmpty ? "" : ": " + text)")
            case .unreadable: return fail("cannot be read any more\(text.isEmpty ? "" : ": " + text)")
            // A giver has nothing to write: if he says so all the same, he is not asked again at once.
            case .full: return wait("the disk is full there; it goes on when there is room")
            case .unwritable: return wait("cannot be written there\(text.isEmpty ? "" : ": " + text)")
            case .unwanted: return wait(nil)
            case .paused:
                self.transfers.wait(id, full: false, now: now.uptime)
                return self.turn(id) { $0.reason = "paused there" }
            case .busy:
                self.transfers.wait(id, full: false, now: now.uptime)
                return self.turn(id) { $0.reason = "waits for its turn" }
            }
        // What a receiver does wrong takes nothing away from what is offered.
        case .dishonest(let what) where !transfer.isIncoming: return wait("was not fetched as it should be: \(what)")
        case .dishonest(let what): return fail("is not what was offered: \(what)")
        case .changed(let path): return fail("has been changed since it was offered: \(path)")
        case .unreadable(let path): return fail("cannot be read any more: \(path)")
        case .unwritable(let what): return fail(what)
        }
    }

    /// Someone who passes on gave no more: the author is asked again, for another. Nothing if it ended as it does
    /// with the author too.
    private mutating func endedPassing(_ transfer: Transfer, _ run: Transfers.Run, _ end: BulkEnd, at now: Moment)
        -> [Effect]?
    {
        let device = run.device
        if run.isGuess { self.transfers.guessEnded(transfer.id, run, now: now.uptime) }
        switch end {
        case .complete, .halted, .full, .unwritable, .unexpected, .seen, .tooLarge, .incomplete: return nil
        case .dishonest(let what):
            self.giveUp(device, transfer.id, at: now)
            let reason =
                "\(device.shortID) passed on wrong bytes (\(what)); they were thrown away, and others are asked"
            return self.turn(transfer.id) { $0.reason = reason } + [
                .announce(.warning(.wrongBytes(device), transfer.person))
            ]
        case .unreachable, .broken, .stopped, .referred, .changed, .unreadable:
            // Who was only guessed at did nothing wrong.
            if !run.isGuess { self.giveUp(device, transfer.id, at: now) }
            return self.tell(transfer)
        }
    }

    /// Not from him again. After a few of them there is no hurry: perhaps the author plays with us.
    private mutating func giveUp(_ device: DeviceID, _ id: EnvelopeID, at now: Moment) {
        self.transfers.avoid(device, for: id)
        if self.transfers.avoided(for: id).count > 3 { self.transfers.wait(id, now: now.uptime) }
    }

    /// Begins what can begin.
    mutating func startTransfers(at now: Moment) -> [Effect] {
        self.transfers.wake(now: now.uptime)
        guard self.transfers.isAnyWanted else { return [] }
        let links = Dictionary(self.links.map { ($0.value.device, $0.key) }, uniquingKeysWith: { max($0, $1) })
        var effects = self.recoverTransfers()
        for transfer in self.transfers.due({ links[$0] != nil }) {
            guard let link = links[transfer.device], let state = self.links[link], self.talks(state) else { continue }
            if state.introduction.isInitiator {
                self.transfers.began(transfer.id, with: transfer.device)
                effects.append(.bulk(.callToFetch(self.plan(transfer, [state.remote]))))
            } else {
                self.transfers.began(transfer.id, with: transfer.device, awaitingCall: now.uptime)
                effects.append(
                    .transmit([.fetch(Fetch(transfer.share, avoid: self.transfers.avoided(for: transfer.id)))], link))
            }
        }
        return effects + self.startLooks(links, at: now) + self.startSourceSearches(at: now)
    }

    /// Asks those who are here for what its author, who is not, has offered.
    private mutating func startSourceSearches(at now: Moment) -> [Effect] {
        let here = Dictionary(
            self.links.values.filter { $0.person != self.me }.map { ($0.device, $0) },
            uniquingKeysWith: { first, _ in first })
        let known = here.values.sorted {
            (self.contacts.talks($0.person) ? 0 : 1, $0.device) < (self.contacts.talks($1.person) ? 0 : 1, $1.device)
        }
        let orphaned = self.transfers.orphaned(
            isHere: { here[$0] != nil }, others: { known.map(\.device) }, now: now.uptime)
        return orphaned.compactMap { transfer, device in
            guard let state = here[device], let key = self.manifests.signingKey(transfer.person, transfer.device) else {
                return nil
            }
            let endpoints = state.introduction.isInitiator ? [state.remote] : self.dialer.endpoints(of: device)
            guard !endpoints.isEmpty else { return nil }
            self.transfers.began(transfer.id, with: device, isGuess: true)
            return .bulk(
                .callToFetch(
                    FetchPlan(transfer: transfer, device: device, endpoints: endpoints, avoid: [], authorKey: key)))
        }
    }

    // MARK: telling

    /// Changes a transfer, keeps it and tells it; and lets go of files that nobody can fetch any more.
    mutating func turn(_ id: EnvelopeID, _ body: (inout Transfer) -> Void) -> [Effect] {
        guard let transfer = self.transfers.change(id, body) else { return [] }
        let unused = transfer.state.isFinal ? self.transfers.dropUnused() : []
        return unused.flatMap { [.keep(.shareGone($0.id)), .bulk(.forget($0))] } + self.tell(transfer)
    }

    func tell(_ transfer: Transfer) -> [Effect] {
        [.keep(.transfer(transfer)), .announce(.transfer(transfer, running: self.transfers.isRunning(transfer.id)))]
    }
}
