import EarshotModel
import EarshotWire

/// Offering files and answering offers: what our own people ask for (Protocol.md 13).
extension Engine {
    /// Why a transfer is not what one would have it be.
    package enum TransferRefusal: Error, Equatable, Sendable {
        case over
        case notIncoming
        /// Part of it is in another folder already.
        case elsewhere(String)
    }

    /// Offers files to each of these persons, or to none. `notes` say what does not go.
    package mutating func offer(
        _ offer: FileOffer, _ share: Share, _ notes: TransferNotes = TransferNotes(), to persons: [PersonID],
        at now: Moment
    ) throws(Refusal) -> (said: [SentMessage], effects: [Effect]) {
        try self.check(persons)
        var said: [SentMessage] = []
        var effects = self.perform(self.files.add(share))
        for person in persons {
            self.begin(with: person, offer.name)
            let (one, written) = try self.write(.file(offer), to: person, at: now)
            said.append(one)
            effects += written
            effects += self.perform(
                self.files.offered(
                    offer, share, notes, one.id, in: one.conversation, to: person, by: self.device, at: now))
        }
        return (said, effects)
    }

    /// Offers files to a room: its members fetch them from us and from each other.
    package mutating func offer(
        _ offer: FileOffer, _ share: Share, _ notes: TransferNotes = TransferNotes(), in id: RoomID, at now: Moment
    ) throws -> (said: SentMessage, effects: [Effect]) {
        let written = try self.write(.file(offer), in: id, at: now)
        var effects = self.perform(self.files.add(share)) + written.effects
        for person in self.rooms[id]?.state.members ?? [] where person != self.me {
            effects += self.perform(
                self.files.offered(
                    offer, share, notes, written.said.id, in: written.said.conversation, isRoom: true, to: person,
                    by: self.device, at: now))
        }
        return (written.said, effects)
    }

    /// An answer to an offer, in the conversation of the offer.
    mutating func answer(
        _ content: Content, in conversation: ConversationID, to person: PersonID, at now: Moment
    ) throws -> [Effect] {
        guard let room = self.room(of: conversation) else {
            return try self.write(content, to: person, inConflict: true, at: now).effects
        }
        return try self.write(content, in: room, at: now).effects
    }

    /// Takes an offer to a room back, by the id of its message.
    package mutating func withdraw(_ message: EnvelopeID, from id: RoomID, at now: Moment) throws -> [Effect] {
        let written = try self.write(.delete(target: message), in: id, at: now)
        return written.effects
            + self.files.open.filter { !$0.isIncoming && $0.message == message }
            .flatMap { self.perform(self.files.withdrawn($0.id)) }
    }

    /// Somebody asks for what was offered to a room: who came later may have it too, who has gone may not.
    mutating func noteFetch(_ share: ShareID, by person: PersonID, at now: Moment) -> [Effect] {
        guard let known = self.files.given(share), let room = self.room(of: known.conversation),
            let found = self.files.shares.first(where: { $0.id == share })
        else { return [] }
        let isMember = self.rooms[room]?.state.isMember(person) ?? false
        if let given = self.files.given(share, to: person) {
            return isMember ? [] : self.perform(self.files.withdrawn(given.id))
        }
        guard isMember else { return [] }
        return self.perform(
            self.files.offered(
                known.offer, found, known.notes, known.message, in: known.conversation, isRoom: true, to: person,
                by: self.device, at: now))
    }

    /// Says yes to an offer: it comes into `folder`, an absolute path. What was agreed to already goes on; into
    /// another folder only if nothing of it has come.
    /// - Parameter isNamed: somebody wants it in this very folder; else one that was chosen before stays.
    package mutating func accept(_ id: EnvelopeID, into folder: String, isNamed: Bool = true, at now: Moment)
        throws(TransferRefusal) -> [Effect]
    {
        self.perform(try self.files.accept(id, into: folder, isNamed: isNamed, at: now))
    }

    /// One that failed, once more: from where it stopped, or in another folder from its beginning.
    package mutating func accept(failed: Transfer, into folder: String, at now: Moment) throws(TransferRefusal)
        -> [Effect]
    {
        self.perform(try self.files.accept(failed: failed, into: folder, at: now))
    }

    /// Not wanted: nothing of it is kept, and its author is told.
    package mutating func decline(_ id: EnvelopeID, at now: Moment) throws -> [Effect] {
        guard let transfer = self.files[id] else { throw TransferRefusal.over }
        guard transfer.isIncoming else { throw TransferRefusal.notIncoming }
        let said = try self.answer(
            .answer(target: id, .declined), in: transfer.conversation, to: transfer.person, at: now)
        return said + self.perform(self.files.declined(transfer))
    }

    /// Takes an offer of ours back.
    package mutating func withdraw(_ id: EnvelopeID, at now: Moment) throws -> [Effect] {
        guard let transfer = self.files[id] else { throw TransferRefusal.over }
        // One member of a room gets it no more; the others do.
        if transfer.message != transfer.id { return self.perform(self.files.withdrawn(id)) }
        let said = try self.write(.delete(target: id), to: transfer.person, inConflict: true, at: now)
        return said.effects + self.perform(self.files.withdrawn(id))
    }

    /// Who said yes is gone before anything was theirs: the offer waits for an answer as before. Its author is not
    /// told.
    package mutating func putBack(_ id: EnvelopeID) -> [Effect] { self.perform(self.files.putBack(id)) }

    package mutating func pause(_ id: EnvelopeID) throws(TransferRefusal) -> [Effect] {
        self.perform(try self.files.pause(id))
    }

    package mutating func resume(_ id: EnvelopeID) throws(TransferRefusal) -> [Effect] {
        self.perform(try self.files.resume(id))
    }

    /// One that failed, once more from where it stopped.
    package mutating func retry(_ failed: Transfer) throws(TransferRefusal) -> [Effect] {
        self.perform(try self.files.retry(failed))
    }

    /// What is offered as long as somebody writes it, and nobody writes any more.
    package mutating func abandonOpenShares(_ isAbandoned: (Share) -> Bool, at now: Moment) -> [Effect] {
        self.files.abandoned(isAbandoned).flatMap { id -> [Effect] in
            guard let transfer = self.files[id] else { return [] }
            guard transfer.message != id, let room = self.room(of: transfer.conversation) else {
                return (try? self.withdraw(id, at: now)) ?? []
            }
            // Taken back from all its members at once; where one may not write there any more, from each of them.
            return (try? self.withdraw(transfer.message, from: room, at: now))
                ?? (try? self.withdraw(id, at: now)) ?? []
        }
    }

    /// What came before we were started anew, and may still be given to others; oldest first.
    package mutating func passOn(_ transfers: [Transfer]) { self.files.passOn(transfers) }

    /// Where files go, and how fast, from now on. Rules stay as they are.
    package mutating func use(files settings: FilesSettings) { self.files.use(settings) }

    package mutating func set(rules: [AcceptanceRule]) -> [Effect] { self.perform(self.files.set(rules: rules)) }
}
