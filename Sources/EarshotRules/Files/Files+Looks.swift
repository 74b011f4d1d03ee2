import EarshotModel
import EarshotWire

/// Knowing what would come before anybody agrees to it: rules and people judge by the whole listing.
extension Files {
    /// A rule of ours says yes, in the round in which the offer came or its listing was seen: both are on disk
    /// together, or neither is. `nil` if none does, and then it is for a person to say.
    mutating func decide(_ id: EnvelopeID, _ peers: Peers, at now: Moment) -> [Action]? {
        let rules = self.settings.rules + self.settings.granted
        guard !rules.isEmpty, let transfer = self.table[id], transfer.isIncoming,
            transfer.state == .offered, let contact = peers.contact(transfer.person), contact.trust.talks
        else { return nil }
        let agreed = self.table.agreed(at: now.wall)
        let rule = rules.first {
            $0.takes(
                transfer.offer, transfer.contents, from: contact, in: transfer.conversation, agreed: agreed)
        }
        guard let rule, let folder = rule.folder ?? self.settings.folder ?? self.downloads else { return nil }
        return self.agree(id, into: folder, at: now)
    }

    /// The listing is here: from now on it is known what would come, and nothing else is taken.
    mutating func looked(_ id: EnvelopeID, _ contents: Contents, _ peers: Peers, at now: Moment) -> [Action] {
        if self.table.runs[id]?.looks ?? false { self.table.ended(id) }
        if let transfer = self.table[id], transfer.isUnseen, transfer.folder != nil, contents.suspicion != nil {
            return self.hold(transfer, contents, peers, at: now) + [.bulk(.halt(id, .busy))]
        }
        let seen = self.table.change(id) { transfer in
            transfer.contents = contents
            if transfer.state == .offered { transfer.reason = nil }
        }
        return seen.map { self.decide(id, peers, at: now) ?? self.tell($0) } ?? []
    }

    /// A look is over without the listing.
    mutating func endedLooking(_ transfer: Transfer, _ end: BulkEnd, at now: Moment) -> [Action] {
        switch end {
        case .tooLarge:
            self.table.waitLong(transfer.id, now: now.uptime)
            return self.turn(transfer.id, reason: .tooManyToLookAt)
        case .dishonest(let what): return self.fail(transfer.id, .notAsOffered(what))
        case .stopped(.notOffered, _): return self.fail(transfer.id, .notOffered)
        case .seen, .halted: return []
        case .complete, .unexpected, .incomplete, .unreachable, .broken, .stopped, .referred, .full, .changed,
            .unreadable, .unwritable:
            self.table.wait(transfer.id, now: now.uptime)
            return []
        }
    }

    /// Somebody said yes before the listing was seen, and it holds programs: then that was no yes to them.
    mutating func hold(_ transfer: Transfer, _ contents: Contents, _ peers: Peers, at now: Moment) -> [Action] {
        let held = self.table.change(transfer.id) { transfer in
            transfer.state = .offered
            transfer.contents = contents
            (transfer.folder, transfer.agreed) = (nil, nil)
            (transfer.have, transfer.listing, transfer.length) = (0, 0, 0)
            transfer.reason = .holdsPrograms
        }
        guard let held else { return [] }
        return (self.decide(transfer.id, peers, at: now) ?? self.tell(held)) + [.bulk(.discard(transfer))]
    }

    /// Asks for the listings of offers that say too little by themselves.
    mutating func beginLooks(_ peers: Peers, at now: Moment) -> [Action] {
        self.table.unseen(peers.isHere).compactMap { transfer in
            guard let link = peers.link(to: transfer.device), let state = peers[link], peers.hears(link) else {
                return nil
            }
            guard state.isOurs else {
                self.table.began(transfer.id, with: transfer.device, awaitingCall: now.uptime, looks: true)
                return .transmit([.fetch(Fetch(transfer.share, looks: true))], link)
            }
            self.table.began(transfer.id, with: transfer.device, looks: true)
            return .bulk(.callToFetch(self.plan(transfer, [state.remote], peers)))
        }
    }
}
