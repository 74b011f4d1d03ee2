import EarshotModel
import EarshotWire

/// What others offer and ask for, and what is fetched from whom.
extension Files {
    // MARK: what others say

    /// An envelope of someone else about files.
    mutating func came(_ envelope: Envelope, _ content: Content, by author: PersonID, _ peers: Peers, at now: Moment)
        -> [Action]
    {
        switch content {
        case .file(let offer):
            let transfer = Transfer(
                id: envelope.id, share: offer.share, conversation: envelope.conversation, person: author,
                device: envelope.device, isIncoming: true, offer: offer, at: now.wall)
            return self.table.offered(transfer).map { self.decide($0.id, peers, at: now) ?? self.tell($0) } ?? []
        case .answer(let target, let answer, let notes):
            // In a room each member has their own.
            let id = self.table[target] == nil ? Derive.roomOffer(target, to: author) : target
            guard let transfer = self.table[id], !transfer.isIncoming, transfer.person == author,
                transfer.conversation == envelope.conversation
            else { return [] }
            switch answer {
            case .complete:
                self.table.stopped(transfer.share, envelope.device, complete: true)
                return self.turn(id) { transfer in
                    transfer.state = .complete
                    transfer.have = transfer.length
                    transfer.notes.add(notes)
                }
            case .declined: return self.turn(id) { $0.state = .declined } + [.bulk(.halt(id, .notOffered))]
            }
        case .delete(let target):
            guard let transfer = self.table[target], transfer.isIncoming, transfer.person == author else { return [] }
            return self.turn(target) { $0.state = .cancelled } + [
                .bulk(.halt(target, .unwanted)), .bulk(.discard(transfer)),
            ]
        case .text, .edit, .reaction, .acknowledge, .remind, .lifetime, .invitation, .room, .unknown: return []
        }
    }

    /// They cannot call us, or did not: they want us to call with these files.
    mutating func receive(_ fetch: Fetch, _ state: LinkState, _ link: LinkID, _ peers: Peers) -> [Action] {
        guard let (transfer, share) = self.table.given(fetch.share, to: state.person), transfer.state != .paused else {
            return []
        }
        let isProven = self.table.isProven(share)
        if fetch.looks { return [.bulk(.callToShow(transfer, share, isProven: isProven, state.device, state.remote))] }
        if let referral = self.referral(share, state.device, fetch, peers) {
            return [.transmit([.refer(referral)], link)]
        }
        self.table.began(transfer.id, with: state.device)
        return [.bulk(.callToGive(transfer, share, isProven: isProven, state.device, state.remote))]
    }

    /// Who else can give it to them, if it should not come from us.
    mutating func referral(_ share: Share, _ device: DeviceID, _ fetch: Fetch, _ peers: Peers) -> Referral? {
        var avoid = fetch.avoid
        while let holder = self.table.place(share, device, avoid: avoid) {
            let endpoints = Self.endpoints(of: holder, peers)
            if !endpoints.isEmpty { return Referral(share: share.id, device: holder, endpoints: endpoints) }
            avoid.append(holder)
        }
        return nil
    }

    /// Where others can call a device that is here: an address of the network, not of one interface.
    private static func endpoints(of device: DeviceID, _ peers: Peers) -> [Endpoint] {
        guard peers.isHere(device) else { return [] }
        let called = peers.states(of: device).filter(\.isOurs).map(\.remote)
        return Set(called + peers.endpoints(of: device))
            .filter { $0.scope == 0 && !$0.isRelayed && !AddressPolicy.isLinkLocal($0.address) }
            .sorted { $0.description < $1.description }
    }

    /// They say whom to ask instead, as we wanted to be called.
    mutating func receive(_ referral: Referral, from device: DeviceID, _ peers: Peers, at now: Moment) -> [Action] {
        guard let transfer = self.table.awaited(referral.share, from: device) else { return [] }
        self.table.ended(transfer.id)
        // A look goes to the author alone: they are asked again, but not at once.
        if transfer.state == .offered { self.table.wait(transfer.id, now: now.uptime) }
        return self.follow(referral, transfer, peers, at: now)
    }

    /// Fetches from someone who passes on.
    mutating func follow(_ referral: Referral, _ transfer: Transfer, _ peers: Peers, at now: Moment) -> [Action] {
        guard transfer.isIncoming, transfer.state == .accepted else { return [] }
        // Nobody aims us at the rest of the world; this machine is meant only by who is on it.
        let isOnThisMachine = peers.states(of: transfer.device).contains {
            AddressPolicy.isLoopback($0.remote.address)
        }
        let endpoints = referral.endpoints.filter {
            AddressPolicy.admits($0.address, onLoopback: isOnThisMachine) && !AddressPolicy.isLinkLocal($0.address)
                && $0.port >= Limits.lowestPort
        }
        guard !endpoints.isEmpty, referral.share == transfer.share, referral.device != peers.device,
            referral.device != transfer.device, !self.table.avoided(for: transfer.id).contains(referral.device),
            let key = peers.manifests.signingKey(transfer.person, transfer.device)
        else {
            // A word that makes no sense: they are asked again, but not at once.
            self.table.avoid(referral.device, for: transfer.id)
            self.table.wait(transfer.id, now: now.uptime)
            return []
        }
        self.table.began(transfer.id, with: referral.device)
        return [
            .bulk(
                .callToFetch(
                    FetchPlan(
                        transfer: transfer, device: referral.device, endpoints: endpoints, avoid: [], authorKey: key)))
        ]
    }

    func plan(_ transfer: Transfer, _ endpoints: [Endpoint], _ peers: Peers) -> FetchPlan {
        FetchPlan(
            transfer: transfer, device: transfer.device, endpoints: endpoints,
            avoid: self.table.avoided(for: transfer.id),
            authorKey: peers.manifests.signingKey(transfer.person, transfer.device))
    }

    /// A device is here again: what waits for it may begin.
    mutating func hurry(_ device: DeviceID) { self.table.hurry(device) }

    // MARK: beginning

    /// Begins what can begin.
    mutating func begin(_ peers: Peers, at now: Moment) -> [Action] {
        self.table.wake(now: now.uptime)
        guard self.table.isAnyWanted else { return [] }
        var actions = self.recover()
        for transfer in self.table.due(peers.isHere) {
            guard let link = peers.link(to: transfer.device), let state = peers[link], peers.hears(link) else {
                continue
            }
            if state.isOurs {
                self.table.began(transfer.id, with: transfer.device)
                actions.append(.bulk(.callToFetch(self.plan(transfer, [state.remote], peers))))
            } else {
                self.table.began(transfer.id, with: transfer.device, awaitingCall: now.uptime)
                let fetch = Fetch(transfer.share, avoid: self.table.avoided(for: transfer.id))
                actions.append(.transmit([.fetch(fetch)], link))
            }
        }
        return actions + self.beginLooks(peers, at: now) + self.beginSourceSearches(peers, at: now)
    }

    /// After a start: what is complete is put in its place before anybody is asked for it.
    private mutating func recover() -> [Action] {
        self.table.toRecover().map { transfer in
            self.table.began(transfer.id, with: transfer.device)
            return .bulk(.recover(transfer))
        }
    }

    /// Asks those who are here for what its author, who is not, has offered.
    private mutating func beginSourceSearches(_ peers: Peers, at now: Moment) -> [Action] {
        let orphaned = self.table.orphaned(isHere: peers.isHere, others: { peers.others }, now: now.uptime)
        return orphaned.compactMap { transfer, device in
            guard let state = peers.states(of: device).first,
                let key = peers.manifests.signingKey(transfer.person, transfer.device)
            else { return nil }
            let endpoints = state.isOurs ? [state.remote] : peers.endpoints(of: device)
            guard !endpoints.isEmpty else { return nil }
            self.table.began(transfer.id, with: device, isGuess: true)
            return .bulk(
                .callToFetch(
                    FetchPlan(transfer: transfer, device: device, endpoints: endpoints, avoid: [], authorKey: key)))
        }
    }
}
