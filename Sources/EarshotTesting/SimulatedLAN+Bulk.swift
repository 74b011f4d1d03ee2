import EarshotModel
import EarshotRules
import EarshotWire

/// Bulk channels of the simulated LAN: no bytes, only how many have come.
extension SimulatedLAN {
    struct Bulk: Sendable {
        let caller: Int
        let called: Int
        /// As they were when the line was opened.
        let generations: [Int]
        /// What the caller has it for.
        let transfer: EnvelopeID
        var giver: (host: Int, generation: Int, id: EnvelopeID)?
        var taker: (host: Int, generation: Int, id: EnvelopeID)?
        var have: UInt64 = 0
        var length: UInt64 = 0
        var isUp = true
        /// The giver is not the author: nothing is told to them.
        var isPassing = false
    }

    /// How many lines a host gave on as the author, and how many gave on what others offer.
    package func givenBy(_ host: Int) -> Int { self.bulks.count { !$0.isPassing && $0.giver?.host == host } }
    package var passedOn: Int { self.bulks.count { $0.isPassing } }
    /// Of those, the ones that still run.
    package var passing: Int { self.bulks.count { $0.isPassing && $0.isUp } }

    mutating func perform(_ order: BulkOrder, _ host: Int) {
        switch order {
        case .callToFetch(let plan):
            let proof = Derive.fetchProof(key: plan.transfer.offer.key, handshake: [], self.hosts[host].identity.device)
            let fetch = Fetch(
                plan.transfer.share, proof: plan.isFromAuthor ? nil : proof, avoid: plan.avoid, looks: plan.looks)
            self.call(host, plan.endpoints[0], plan.transfer.id, .fetch(fetch))
        case .callToGive(let transfer, let share, _, _, let endpoint),
            .callToShow(let transfer, let share, _, _, let endpoint):
            self.call(
                host, endpoint, transfer.id,
                .source(.init(share: share.id, listing: share.listing, size: share.size, isOpen: share.isOpen)))
        case .give(let transfer, let share, _, let bulk):
            let index = Int(bulk.raw)
            self.begin(
                index, giver: host, transfer.id, taker: self.bulks[index].caller, self.bulks[index].transfer, share)
        case .receive(let plan, let bulk):
            let transfer = plan.transfer
            let index = Int(bulk.raw)
            guard !plan.looks else { return self.show(index, to: host, transfer) }
            let share = self.hosts[self.bulks[index].caller].disk.snapshot.shares.first { $0.id == transfer.share }
            guard let share else { return self.tell(host, .ended(transfer.id, .broken(.closed))) }
            self.begin(
                index, giver: self.bulks[index].caller, self.bulks[index].transfer, taker: host, transfer.id, share)
        case .show(_, _, _, let bulk):
            let caller = self.bulks[Int(bulk.raw)].caller
            guard let transfer = self.hosts[caller].engine?.transfer(self.bulks[Int(bulk.raw)].transfer) else { return }
            self.show(Int(bulk.raw), to: caller, transfer)
        case .recover(let transfer): self.tell(host, .ended(transfer.id, .incomplete))
        case .passOn(let transfer, let bulk):
            let index = Int(bulk.raw)
            self.bulks[index].isPassing = true
            self.begin(
                index, giver: host, transfer.id, taker: self.bulks[index].caller, self.bulks[index].transfer,
                listing: transfer.listing, length: max(transfer.length, transfer.listing + transfer.offer.size))
        case .refer(let bulk, let referral):
            self.bulks[Int(bulk.raw)].isUp = false
            self.tellNow(
                self.bulks[Int(bulk.raw)].caller, .ended(self.bulks[Int(bulk.raw)].transfer, .referred(referral)))
        case .refuse(let bulk, let reason):
            self.bulks[Int(bulk.raw)].isUp = false
            self.tell(
                self.bulks[Int(bulk.raw)].caller, .ended(self.bulks[Int(bulk.raw)].transfer, .stopped(reason, "")))
        case .halt(let id, let reason): self.halt(id, reason, by: host)
        case .haltPassing(let person, let device): self.haltPassing(to: person, device, by: host)
        case .discard, .tidy, .forget, .confirm: break
        }
    }

    private mutating func halt(_ id: EnvelopeID, _ reason: StopReason, by host: Int) {
        for index in self.bulks.indices where self.bulks[index].isUp {
            let (giver, taker) = (self.bulks[index].giver, self.bulks[index].taker)
            guard let giver, let taker, !self.bulks[index].isPassing || taker.host == host,
                giver.host == host && giver.id == id || taker.host == host && taker.id == id
            else { continue }
            self.bulks[index].isUp = false
            let isGiver = giver.host == host && giver.id == id
            self.tellNow(host, .ended(id, .halted))
            if !self.bulks[index].isPassing {
                self.tellNow(
                    isGiver ? taker.host : giver.host, .ended(isGiver ? taker.id : giver.id, .stopped(reason, "")))
            }
        }
    }

    private mutating func haltPassing(to person: PersonID, _ device: DeviceID?, by host: Int) {
        for index in self.bulks.indices where self.bulks[index].isUp && self.bulks[index].isPassing {
            guard let taker = self.bulks[index].taker, self.bulks[index].giver?.host == host else { continue }
            let certificate = self.hosts[taker.host].identity.certificate
            guard certificate.person == person, device ?? certificate.device == certificate.device else { continue }
            self.bulks[index].isUp = false
            self.tellNow(taker.host, .ended(taker.id, .stopped(.notOffered, "")))
        }
    }

    /// Someone sees the listing.
    private mutating func show(_ index: Int, to host: Int, _ transfer: Transfer) {
        self.bulks[index].isUp = false
        self.looks += 1
        let nothing = Contents(hash: [], endings: [], programs: 0, disguised: 0, examples: [])
        self.tell(host, .looked(transfer.id, self.contents[transfer.share] ?? nothing))
    }

    private mutating func call(_ host: Int, _ endpoint: Endpoint, _ transfer: EnvelopeID, _ first: BulkFrame) {
        guard let other = self.reachable(endpoint, from: host), !self.breaks() else {
            return self.tell(host, .ended(transfer, .unreachable))
        }
        self.bulks.append(
            Bulk(
                caller: host, called: other, generations: [self.hosts[host].generation, self.hosts[other].generation],
                transfer: transfer))
        let certificate = self.hosts[host].identity.certificate
        self.tell(
            other,
            .asked(
                BulkID(raw: UInt64(self.bulks.count - 1)), certificate.person, certificate.device, handshake: [], first)
        )
        // If they go before they answer, the caller finds out.
        self.moveOn(self.bulks.count - 1)
    }

    private mutating func begin(
        _ index: Int, giver: Int, _ given: EnvelopeID, taker: Int, _ taken: EnvelopeID, _ share: Share
    ) {
        self.begin(
            index, giver: giver, given, taker: taker, taken, listing: share.listing, length: share.listing + share.size)
    }

    private mutating func begin(
        _ index: Int, giver: Int, _ given: EnvelopeID, taker: Int, _ taken: EnvelopeID, listing: UInt64, length: UInt64
    ) {
        guard self.bulks[index].isUp else {
            // It broke before anybody could work on it.
            self.tell(
                self.bulks[index].caller == giver ? taker : giver,
                .ended(self.bulks[index].caller == giver ? taken : given, .broken(.closed)))
            return
        }
        self.bulks[index].giver = (giver, self.hosts[giver].generation, given)
        self.bulks[index].taker = (taker, self.hosts[taker].generation, taken)
        self.bulks[index].length = length
        self.bulks[index].have = self.hosts[taker].disk.snapshot.transfers.first { $0.id == taken }?.have ?? 0
        // What a worker tells comes in order.
        self.tellNow(taker, .began(taken, listing: listing, length: length, have: self.bulks[index].have))
        self.moveOn(index)
    }

    /// A little more comes, or the line breaks.
    mutating func move(_ index: Int) {
        let bulk = self.bulks[index]
        guard bulk.isUp else { return }
        guard let giver = bulk.giver, let taker = bulk.taker else {
            let isThere =
                self.reaches(bulk.caller, bulk.called)
                && [bulk.caller, bulk.called].map { self.hosts[$0].generation } == bulk.generations
            if isThere { return self.moveOn(index) }
            self.bulks[index].isUp = false
            if self.hosts[bulk.caller].generation == bulk.generations[0] {
                self.tell(bulk.caller, .ended(bulk.transfer, .broken(.closed)))
            }
            return
        }
        let isThere =
            [giver, taker].allSatisfy { self.hosts[$0.host].generation == $0.generation }
            && self.reaches(giver.host, taker.host)
        guard isThere, !self.breaks() else {
            self.bulks[index].isUp = false
            for end in bulk.isPassing ? [taker] : [giver, taker] where self.hosts[end.host].generation == end.generation
            { self.tellNow(end.host, .ended(end.id, .broken(.closed))) }
            return
        }
        self.bulks[index].have = min(bulk.length, bulk.have + self.stepBytes)
        self.tellNow(taker.host, .came(taker.id, have: self.bulks[index].have))
        if !bulk.isPassing { self.tellNow(giver.host, .came(giver.id, have: self.bulks[index].have)) }
        guard self.bulks[index].have == bulk.length else { return self.moveOn(index) }
        self.bulks[index].isUp = false
        if self.hosts[taker.host].generation == taker.generation {
            self.tellNow(taker.host, .ended(taker.id, .complete(["x"])))
        }
        if !bulk.isPassing, self.hosts[giver.host].generation == giver.generation {
            self.tellNow(giver.host, .ended(giver.id, .broken(.closed)))
        }
    }
}
