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
            self.people.begin(with: person, offer.name)
            let (one, written) = try self.write(.file(offer), to: person, at: now)
            said.append(one)
            effects += written
            effects += self.perform(
                self.files.offered(offer, share, notes, one, to: person, by: self.device, at: now))
        }
        return (said, effects)
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
        let said = try self.write(.answer(target: id, .declined), to: transfer.person, inConflict: true, at: now)
        return said.effects + self.perform(self.files.declined(transfer))
    }

    /// Takes an offer of ours back.
    package mutating func withdraw(_ id: EnvelopeID, at now: Moment) throws -> [Effect] {
        guard let transfer = self.files[id] else { throw TransferRefusal.over }
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
        self.files.abandoned(isAbandoned).flatMap { (try? self.withdraw($0, at: now)) ?? [] }
    }

    /// What came before we were started anew, and may still be given to others; oldest first.
    package mutating func passOn(_ transfers: [Transfer]) { self.files.passOn(transfers) }

    /// Where files go, and how fast, from now on. Rules stay as they are.
    package mutating func use(files settings: FilesSettings) { self.files.use(settings) }

    package mutating func set(rules: [AcceptanceRule]) -> [Effect] { self.perform(self.files.set(rules: rules)) }
}
