import EarshotModel

/// Offering files and answering offers: what our own people ask for (Protocol.md 13).
extension Engine {
    /// Offers files to each of these persons, or to none. `notes` say what does not go.
    package mutating func offer(
        _ offer: FileOffer, _ share: Share, _ notes: TransferNotes = TransferNotes(), to persons: [PersonID],
        at now: Moment
    ) throws(Refusal) -> (said: [SentMessage], effects: [Effect]) {
        try self.check(persons)
        self.transfers.add(share)
        var said: [SentMessage] = []
        var effects: [Effect] = [.keep(.share(share))]
        for person in persons {
            if !self.contacts.talks(person) { self.firstWords[person] = offer.name }
            let (one, written) = try self.write(.file(offer), to: person, at: now)
            said.append(one)
            effects += written
            var transfer = Transfer(
                id: one.id, share: share.id, conversation: one.conversation, person: person, device: self.device,
                isIncoming: false, offer: offer, at: now.wall)
            transfer.listing = share.listing
            transfer.length = share.listing + share.size
            transfer.notes = notes
            if let kept = self.transfers.offered(transfer) { effects += self.tell(kept) }
        }
        return (said, effects)
    }

    /// Why a transfer is not what one would have it be.
    package enum TransferRefusal: Error, Equatable, Sendable {
        case over
        case notIncoming
        /// Part of it is in another folder already.
        case elsewhere(String)
    }

    /// Says yes to an offer: it comes into `folder`, an absolute path. What was agreed to already goes on; into
    /// another folder only if nothing of it has come.
    /// - Parameter isNamed: somebody wants it in this very folder; else one that was chosen before stays.
    package mutating func accept(_ id: EnvelopeID, into folder: String, isNamed: Bool = true, at now: Moment)
        throws(TransferRefusal) -> [Effect]
    {
        guard let transfer = self.transfers[id] else { throw .over }
        guard transfer.isIncoming else { throw .notIncoming }
        guard let before = transfer.folder, before != folder else {
            guard transfer.folder == nil else { return try self.resume(id) }
            return self.agree(id, into: folder, at: now)
        }
        guard isNamed else { return try self.resume(id) }
        guard transfer.have == 0, !self.transfers.isRunning(id) else { throw .elsewhere(before) }
        return [.bulk(.discard(transfer))] + self.agree(id, into: folder, at: now)
    }

    /// One that failed, once more: from where it stopped, or in another folder from its beginning.
    package mutating func accept(failed: Transfer, into folder: String, at now: Moment) throws(TransferRefusal)
        -> [Effect]
    {
        guard failed.isIncoming else { throw .notIncoming }
        guard failed.state == .failed else { throw .over }
        var again = failed
        if let before = failed.folder, before != folder {
            (again.have, again.listing, again.length, again.names) = (0, 0, 0, [])
        }
        again.state = .offered
        again.folder = folder
        guard self.transfers.offered(again) != nil else { throw .over }
        let discard = failed.folder.map { $0 == folder } ?? true ? [] : [Effect.bulk(.discard(failed))]
        return discard + self.agree(again.id, into: folder, at: now)
    }

    /// It is to come: said by a person, or by a rule.
    mutating func agree(_ id: EnvelopeID, into folder: String, at now: Moment) -> [Effect] {
        self.transfers.hurry(id)
        self.transfers.noLook(id)
        return self.turn(id) { transfer in
            transfer.state = .accepted
            transfer.folder = folder
            transfer.agreed = now.wall
            transfer.reason = nil
        }
    }

    /// Not wanted: nothing of it is kept, and its author is told.
    package mutating func decline(_ id: EnvelopeID, at now: Moment) throws -> [Effect] {
        guard let transfer = self.transfers[id] else { throw TransferRefusal.over }
        guard transfer.isIncoming else { throw TransferRefusal.notIncoming }
        let said = try self.write(.answer(target: id, .declined), to: transfer.person, at: now)
        return said.effects + self.turn(id) { $0.state = .declined } + [
            .bulk(.halt(id, .unwanted)), .bulk(.discard(transfer)),
        ]
    }

    /// Who said yes is gone before anything was theirs: the offer waits for an answer as before. Its author is not
    /// told.
    package mutating func putBack(_ id: EnvelopeID) -> [Effect] {
        guard let transfer = self.transfers[id], transfer.isIncoming, transfer.folder != nil else { return [] }
        return self.turn(id) { transfer in
            transfer.state = .offered
            (transfer.folder, transfer.agreed, transfer.reason) = (nil, nil, nil)
            (transfer.have, transfer.listing, transfer.length) = (0, 0, 0)
        } + [.bulk(.halt(id, .busy)), .bulk(.discard(transfer))]
    }

    /// Takes an offer of ours back.
    package mutating func withdraw(_ id: EnvelopeID, at now: Moment) throws -> [Effect] {
        guard let transfer = self.transfers[id] else { throw TransferRefusal.over }
        let said = try self.write(.delete(target: id), to: transfer.person, at: now)
        return said.effects + self.turn(id) { $0.state = .cancelled } + [.bulk(.halt(id, .notOffered))]
    }

    /// Nothing goes to them or comes from them any more; they are not told.
    mutating func endTransfers(with person: PersonID) -> [Effect] {
        self.openTransfers.filter { $0.person == person }.flatMap { transfer in
            self.turn(transfer.id) { $0.state = transfer.isIncoming ? .declined : .cancelled } + [
                .bulk(.halt(transfer.id, .notOffered)), .bulk(.discard(transfer)),
            ]
        }
    }

    /// A device is not its person's any more: nothing goes to it or comes from it; the rest of what is offered stays
    /// as it is.
    func haltTransfers(with device: DeviceID, of person: PersonID) -> [Effect] {
        let running = self.transfers.runs.filter {
            $0.value.device == device && self.transfers[$0.key]?.person == person
        }
        return running.keys.sorted().map {
            .bulk(.halt($0, self.transfers[$0]?.isIncoming ?? true ? .unwanted : .notOffered))
        }
    }

    package mutating func pause(_ id: EnvelopeID) throws(TransferRefusal) -> [Effect] {
        guard self.transfers[id] != nil else { throw .over }
        return self.turn(id) { $0.state = .paused } + [.bulk(.halt(id, .paused))]
    }

    package mutating func resume(_ id: EnvelopeID) throws(TransferRefusal) -> [Effect] {
        guard let transfer = self.transfers[id] else { throw .over }
        self.transfers.hurry(id)
        guard transfer.state == .paused || transfer.reason != nil else { return [] }
        return self.turn(id) { transfer in
            transfer.state = transfer.folder == nil ? .offered : .accepted
            transfer.reason = nil
        }
    }

    /// One that failed, once more from where it stopped.
    package mutating func retry(_ failed: Transfer) throws(TransferRefusal) -> [Effect] {
        guard failed.state == .failed else { return try self.resume(failed.id) }
        guard failed.isIncoming else { throw .over }
        var again = failed
        again.state = again.folder == nil ? .offered : .accepted
        again.reason = nil
        return self.transfers.offered(again).map { self.tell($0) } ?? []
    }

    /// A transfer that is not over.
    package func transfer(_ id: EnvelopeID) -> Transfer? { self.transfers[id] }
    package func isRunning(_ id: EnvelopeID) -> Bool { self.transfers.isRunning(id) }
    package var openTransfers: [Transfer] { self.transfers.all.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) } }
    /// Names of what was piped to us and is still wanted.
    package var spooled: Set<String> {
        Set(
            self.transfers.shares.values.flatMap(\.roots).compactMap {
                $0.path.split(separator: "/").last.map(String.init)
            })
    }
    package var usedShares: Set<ShareID> { Set(self.transfers.shares.keys) }

    /// What came before we were started anew, and may still be given to others; oldest first.
    package mutating func passOn(_ transfers: [Transfer]) {
        for transfer in transfers { self.transfers.canPass(transfer) }
    }

    /// Where files go, and how fast, from now on. Rules stay as they are.
    package mutating func use(files settings: FilesSettings) {
        self.filesSettings = FilesSettings(settings, rules: self.filesSettings.rules)
    }

    package mutating func set(rules: [AcceptanceRule]) -> [Effect] {
        self.filesSettings.rules = rules
        return [.keep(.setting("files.rules", rules.isEmpty ? nil : self.filesSettings.encodedRules))]
    }

    /// What is offered as long as somebody writes it, and nobody writes any more.
    package mutating func abandonOpenShares(_ isAbandoned: (Share) -> Bool, at now: Moment) -> [Effect] {
        let shares = Set(self.transfers.shares.values.filter { $0.isOpen && isAbandoned($0) }.map(\.id))
        return self.openTransfers.filter { !$0.isIncoming && shares.contains($0.share) }.flatMap {
            (try? self.withdraw($0.id, at: now)) ?? []
        }
    }
}
