import EarshotModel
import EarshotWire

/// What comes sealed, by way of a keeper (Protocol.md 19): the same checks as of what comes on a link, and nobody at
/// the other end to whom it is acknowledged.
extension Conversations {
    /// What of our log with a person is on nobody else's disk.
    func unsent(to person: PersonID) -> Depositing.Unsent? {
        let id = self.conversation(with: person)
        guard let conversation = self.all[id], self.membership.other(in: id) == person else { return nil }
        return Depositing.Unsent(
            conversation: id, log: conversation.ours, held: conversation.reach(of: conversation.ours).held,
            said: conversation.said)
    }

    /// - Returns: what to do, and whether all of it that counts is part of its log now.
    mutating func receive(mail items: [SealedBlob.Item], _ peers: Peers, at now: Moment) -> (
        actions: [Action], isWhole: Bool
    ) {
        guard peers.isWritable else { return ([], false) }
        var actions: [Action] = []
        var awaited: [(ConversationID, LogID, UInt64)] = []
        for item in items {
            switch item {
            case .envelope(let envelope):
                guard self.isWelcome(envelope.conversation, envelope.device, envelope.log, peers) else { continue }
                awaited.append((envelope.conversation, envelope.log, envelope.seq))
                actions += self.receive(mail: envelope, peers, at: now)
            case .gone(let gone):
                guard let device = self.all[gone.conversation]?.logs[gone.log]?.device,
                    self.isWelcome(gone.conversation, device, gone.log, peers),
                    let outcome = self.all[gone.conversation]?.receive(gone)
                else { continue }
                awaited.append((gone.conversation, gone.log, gone.seq))
                actions += self.took(mail: outcome, gone.conversation, gone.log, device, peers, at: now)
            }
        }
        let isWhole = awaited.allSatisfy { id, log, seq in self.all[id]?.logs[log]?.seq ?? 0 >= seq }
        return (actions, isWhole)
    }

    /// Of a talk of two with somebody we have accepted, and of their devices.
    private func isWelcome(_ id: ConversationID, _ device: DeviceID, _ log: LogID, _ peers: Peers) -> Bool {
        guard let person = self.membership.other(in: id) else { return false }
        return peers.talks(person) && device != self.identity.device && !self.fetching.isGivenUp(log)
    }

    private mutating func receive(mail envelope: Envelope, _ peers: Peers, at now: Moment) -> [Action] {
        let id = envelope.conversation
        guard let author = peers.manifests.owner(of: envelope.device, among: self.membership.persons(in: id)),
            let key = peers.manifests.key(for: envelope, of: author),
            let verified = try? VerifiedEnvelope(envelope, key: key), let outcome = self.all[id]?.receive(verified)
        else { return [] }
        return self.took(mail: outcome, id, envelope.log, envelope.device, peers, at: now)
    }

    private mutating func took(
        mail outcome: Log.Outcome, _ id: ConversationID, _ log: LogID, _ device: DeviceID, _ peers: Peers,
        at now: Moment
    ) -> [Action] {
        switch outcome {
        case .taken(let entries):
            let author = peers.manifests.owner(of: device, among: self.membership.persons(in: id)) ?? self.me
            // Whoever has the conversation and is here learns that we have it.
            for link in self.membership.links(for: id, peers) where peers.hears(link) { self.owe(link, id, [log]) }
            return entries.flatMap { self.keep($0, id, log, device, by: author, peers, at: now) }
        case .known, .parked, .refused: return []
        case .fork:
            let author = peers.manifests.owner(of: device, among: self.membership.persons(in: id))
            return author.map { [.warn(.fork, $0)] } ?? []
        }
    }
}
