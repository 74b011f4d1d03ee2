import EarshotModel
import EarshotWire

/// Knowing what would come before anybody agrees to it: rules and people judge by the whole listing (Protocol.md 13).
extension Engine {
    /// A rule of ours says yes, in the round in which the offer came or its listing was seen: both are on disk
    /// together, or neither is. `nil` if none does, and then it is for a person to say.
    mutating func decide(_ id: EnvelopeID, at now: Moment) -> [Effect]? {
        guard !self.filesSettings.rules.isEmpty, let transfer = self.transfers[id], transfer.isIncoming,
            transfer.state == .offered,
            let contact = self.contacts[transfer.person]
        else { return nil }
        let agreed = self.transfers.agreed(at: now.wall)
        let rule = self.filesSettings.rules.first {
            $0.takes(transfer.offer, transfer.contents, from: contact, agreed: agreed)
        }
        guard let rule, let folder = rule.folder ?? self.filesSettings.folder ?? self.downloads else { return nil }
        return self.agree(id, into: folder, at: now)
    }

    /// The listing is here: from now on it is known what would come, and nothing else is taken.
    mutating func looked(_ id: EnvelopeID, _ contents: Contents, at now: Moment) -> [Effect] {
        if self.transfers.runs[id]?.looks ?? false { self.transfers.ended(id) }
        if let transfer = self.transfers[id], transfer.isUnseen, transfer.folder != nil, contents.suspicion != nil {
            return self.hold(transfer, contents, at: now) + [.bulk(.halt(id, .busy))]
        }
        guard
            let transfer = self.transfers.change(
                id,
                { transfer in
                    transfer.contents = contents
                    if transfer.state == .offered { transfer.reason = nil }
                })
        else { return [] }
        return self.decide(id, at: now) ?? self.tell(transfer)
    }

    /// A look is over without the listing.
    mutating func endedLooking(_ transfer: Transfer, _ end: BulkEnd, at now: Moment) -> [Effect] {
        func fail(_ reason: String) -> [Effect] {
            self.turn(transfer.id) { transfer in
                transfer.state = .failed
                transfer.reason = reason
            }
        }
        switch end {
        case .tooLarge:
            self.transfers.waitLong(transfer.id, now: now.uptime)
            return self.turn(transfer.id) {
                $0.reason = "so many files that what is in it is only seen once it is accepted"
            }
        case .dishonest(let what): return fail("is not what was offered: \(what)")
        case .stopped(.notOffered, _): return fail("is not offered any more")
        case .seen, .halted: return []
        case .complete, .unexpected, .incomplete, .unreachable, .broken, .stopped, .referred, .full, .changed,
            .unreadable, .unwritable:
            self.transfers.wait(transfer.id, now: now.uptime)
            return []
        }
    }

    /// Somebody said yes before the listing was seen, and it holds programs: then that was no yes to them.
    mutating func hold(_ transfer: Transfer, _ contents: Contents, at now: Moment) -> [Effect] {
        let held = self.transfers.change(transfer.id) { transfer in
            transfer.state = .offered
            transfer.contents = contents
            (transfer.folder, transfer.agreed) = (nil, nil)
            (transfer.have, transfer.listing, transfer.length) = (0, 0, 0)
            transfer.reason =
                "there are programs in it, which was not known when it was accepted; accept it again to take them"
        }
        guard let held else { return [] }
        return (self.decide(transfer.id, at: now) ?? self.tell(held)) + [.bulk(.discard(transfer))]
    }

    /// Everything is in its place. Told once nothing is left where it was put together.
    mutating func completed(_ id: EnvelopeID, _ names: [String], at now: Moment) -> [Effect] {
        let done = self.transfers.change(id) { transfer in
            transfer.state = .complete
            transfer.have = transfer.length
            transfer.names = names
            transfer.reason = nil
        }
        guard let done else { return [] }
        // Where nothing can be written they learn of it when they ask what became of it.
        let answer =
            (try? self.write(.answer(target: id, .complete, done.notes), to: done.person, at: now))?.effects ?? []
        return [.keep(.transfer(done))] + answer + [.bulk(.tidy(done))]
    }

    /// Asks for the listings of offers that say too little by themselves.
    mutating func startLooks(_ links: [DeviceID: LinkID], at now: Moment) -> [Effect] {
        self.transfers.unseen({ links[$0] != nil }).compactMap { transfer in
            guard let link = links[transfer.device], let state = self.links[link], self.talks(state) else { return nil }
            guard state.introduction.isInitiator else {
                self.transfers.began(transfer.id, with: transfer.device, awaitingCall: now.uptime, looks: true)
                return .transmit([.fetch(Fetch(transfer.share, looks: true))], link)
            }
            self.transfers.began(transfer.id, with: transfer.device, looks: true)
            return .bulk(.callToFetch(self.plan(transfer, [state.remote])))
        }
    }

    /// After a start: what is complete is put in its place before anybody is asked for it.
    mutating func recoverTransfers() -> [Effect] {
        self.transfers.toRecover().map { transfer in
            self.transfers.began(transfer.id, with: transfer.device)
            return .bulk(.recover(transfer))
        }
    }
}
