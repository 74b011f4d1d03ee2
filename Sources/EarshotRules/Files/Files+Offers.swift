import EarshotModel
import EarshotWire

/// Offering files and answering offers: what our own people ask for.
extension Files {
    /// Files that are to be offered, to whomever. `offered` says to whom.
    mutating func add(_ share: Share) -> [Action] {
        self.table.add(share)
        return [.keep(.share(share))]
    }

    /// An offer of ours has been written into a conversation. `notes` say what does not go.
    mutating func offered(
        _ offer: FileOffer, _ share: Share, _ notes: TransferNotes, _ message: EnvelopeID,
        in conversation: ConversationID,
        isRoom: Bool = false, to person: PersonID, by device: DeviceID, at now: Moment
    ) -> [Action] {
        var transfer = Transfer(
            id: isRoom ? Derive.roomOffer(message, to: person) : message, share: share.id, conversation: conversation,
            person: person, device: device, isIncoming: false, offer: offer, at: now.wall, message: message)
        transfer.listing = share.listing
        transfer.length = share.listing + share.size
        transfer.notes = notes
        return self.table.offered(transfer).map { self.tell($0) } ?? []
    }

    /// An offer of ours to a conversation for a share, if there is one.
    func given(_ share: ShareID) -> Transfer? {
        self.open.first { $0.share == share && !$0.isIncoming && $0.message != $0.id }
    }

    /// What of a share is offered to a person.
    func given(_ share: ShareID, to person: PersonID) -> Transfer? { self.table.given(share, to: person)?.0 }

    /// Says yes to an offer: it comes into `folder`, an absolute path. What was agreed to already goes on; into
    /// another folder only if nothing of it has come.
    /// - Parameter isNamed: somebody wants it in this very folder; else one that was chosen before stays.
    mutating func accept(_ id: EnvelopeID, into folder: String, isNamed: Bool, at now: Moment)
        throws(Engine.TransferRefusal) -> [Action]
    {
        guard let transfer = self.table[id] else { throw .over }
        guard transfer.isIncoming else { throw .notIncoming }
        guard let before = transfer.folder, before != folder else {
            guard transfer.folder == nil else { return try self.resume(id) }
            return self.agree(id, into: folder, at: now)
        }
        guard isNamed else { return try self.resume(id) }
        guard transfer.have == 0, !self.table.isRunning(id) else { throw .elsewhere(before) }
        return [.bulk(.discard(transfer))] + self.agree(id, into: folder, at: now)
    }

    /// One that failed, once more: from where it stopped, or in another folder from its beginning.
    mutating func accept(failed: Transfer, into folder: String, at now: Moment) throws(Engine.TransferRefusal)
        -> [Action]
    {
        guard failed.isIncoming else { throw .notIncoming }
        guard failed.state == .failed else { throw .over }
        var again = failed
        if let before = failed.folder, before != folder {
            (again.have, again.listing, again.length, again.names) = (0, 0, 0, [])
        }
        again.state = .offered
        again.folder = folder
        guard self.table.offered(again) != nil else { throw .over }
        let discard = failed.folder.map { $0 == folder } ?? true ? [] : [Action.bulk(.discard(failed))]
        return discard + self.agree(again.id, into: folder, at: now)
    }

    /// It is to come: said by a person, or by a rule.
    mutating func agree(_ id: EnvelopeID, into folder: String, at now: Moment) -> [Action] {
        self.table.hurry(id)
        self.table.noLook(id)
        return self.turn(id) { transfer in
            transfer.state = .accepted
            transfer.folder = folder
            transfer.agreed = now.wall
            transfer.reason = nil
        }
    }

    /// Not wanted: nothing of it is kept.
    mutating func declined(_ transfer: Transfer) -> [Action] {
        self.turn(transfer.id) { $0.state = .declined } + [
            .bulk(.halt(transfer.id, .unwanted)), .bulk(.discard(transfer)),
        ]
    }

    /// Who said yes is gone before anything was theirs: the offer waits for an answer as before. Its author is not
    /// told.
    mutating func putBack(_ id: EnvelopeID) -> [Action] {
        guard let transfer = self.table[id], transfer.isIncoming, transfer.folder != nil else { return [] }
        return self.turn(id) { transfer in
            transfer.state = .offered
            (transfer.folder, transfer.agreed, transfer.reason) = (nil, nil, nil)
            (transfer.have, transfer.listing, transfer.length) = (0, 0, 0)
        } + [.bulk(.halt(id, .busy)), .bulk(.discard(transfer))]
    }

    /// An offer of ours is taken back.
    mutating func withdrawn(_ id: EnvelopeID) -> [Action] {
        self.turn(id) { $0.state = .cancelled } + [.bulk(.halt(id, .notOffered))]
    }

    /// Nothing goes to them or comes from them any more, nor what others have offered; they are not told.
    mutating func end(with person: PersonID, devices: [DeviceID]) -> [Action] {
        let own = self.open.filter { $0.person == person }.flatMap { transfer in
            self.turn(transfer.id) { $0.state = transfer.isIncoming ? .declined : .cancelled } + [
                .bulk(.halt(transfer.id, .notOffered)), .bulk(.discard(transfer)),
            ]
        }
        let passed = self.table.runs.filter { run in
            devices.contains(run.value.device) && self.table[run.key]?.person != person
        }
        for (id, run) in passed { self.table.avoid(run.device, for: id) }
        return own + passed.keys.sorted().map { .bulk(.halt($0, .unwanted)) } + [.bulk(.haltPassing(person, nil))]
    }

    /// A device is not its person's any more: nothing goes to it or comes from it; the rest of what is offered stays
    /// as it is.
    func halt(with device: DeviceID, of person: PersonID) -> [Action] {
        let running = self.table.runs.filter { $0.value.device == device && self.table[$0.key]?.person == person }
        return running.keys.sorted().map {
            .bulk(.halt($0, self.table[$0]?.isIncoming ?? true ? .unwanted : .notOffered))
        } + [.bulk(.haltPassing(person, device))]
    }

    mutating func pause(_ id: EnvelopeID) throws(Engine.TransferRefusal) -> [Action] {
        guard self.table[id] != nil else { throw .over }
        return self.turn(id) { $0.state = .paused } + [.bulk(.halt(id, .paused))]
    }

    mutating func resume(_ id: EnvelopeID) throws(Engine.TransferRefusal) -> [Action] {
        guard let transfer = self.table[id] else { throw .over }
        self.table.hurry(id)
        guard transfer.state == .paused || transfer.reason != nil else { return [] }
        return self.turn(id) { transfer in
            transfer.state = transfer.folder == nil ? .offered : .accepted
            transfer.reason = nil
        }
    }

    /// One that failed, once more from where it stopped.
    mutating func retry(_ failed: Transfer) throws(Engine.TransferRefusal) -> [Action] {
        guard failed.state == .failed else { return try self.resume(failed.id) }
        guard failed.isIncoming else { throw .over }
        var again = failed
        again.state = again.folder == nil ? .offered : .accepted
        again.reason = nil
        return self.table.offered(again).map { self.tell($0) } ?? []
    }

    /// What came before we were started anew, and may still be given to others; oldest first.
    mutating func passOn(_ transfers: [Transfer]) {
        for transfer in transfers { self.table.canPass(transfer) }
    }

    /// What is offered as long as somebody writes it, and nobody writes any more.
    func abandoned(_ isAbandoned: (Share) -> Bool) -> [EnvelopeID] {
        let shares = Set(self.table.shares.values.filter { $0.isOpen && isAbandoned($0) }.map(\.id))
        return self.open.filter { !$0.isIncoming && shares.contains($0.share) }.map(\.id)
    }
}
