import EarshotModel
import EarshotWire

/// What is asked for of what others hold, and what the disk says of it.
extension Conversations {
    // MARK: what we ask for

    /// What to ask for next on a link.
    mutating func wants(_ link: LinkID, _ id: ConversationID, _ peers: Peers, now: UInt64) -> [Frame] {
        guard peers.isWritable else { return [] }
        if let logs = self.all[id]?.logs { self.exchanges[link]?[id].refresh { logs[$0]?.seq ?? 0 } }
        let fetching = self.fetching
        let asks =
            self.exchanges[link]?[id].next(now: now) { fetching.mayAsk($0, id, link, now: now) } ?? []
        for ask in asks { self.fetching.asked(ask.log, id, link, now: now) }
        return asks.compactMap { Self.want(id, $0.log, $0.range).map { .want($0) } }
    }

    static func want(_ id: ConversationID, _ log: LogID, _ range: ClosedRange<UInt64>) -> Want? {
        Want(conversation: id, log: log, from: range.lowerBound, to: range.upperBound)
    }

    /// Something came too early.
    func askForMissing(before log: LogID, _ id: ConversationID, _ link: LinkID) -> [Action] {
        guard let conversation = self.all[id], let early = conversation.logs[log], early.earlyCount == 1,
            let first = early.firstEarly
        else { return [] }
        let held = early.seq
        // Who has what came holds all that is before it. Behind a stub something vouches for it, if anything does.
        let last = first > held + 1 ? min(first - 1, held + Limits.wantSpan) : held + Limits.wantSpan / 2
        guard let exchange = self.exchanges[link], !exchange[id].isAsked(log, held + 1),
            let missing = Self.want(id, log, held + 1...last)
        else { return [] }
        let heads = conversation.heads(readBy: self.me, only: [log], ask: true)
        return [.transmit([.heads(heads), .want(missing)], link)]
    }

    /// Somebody tells on a link of a log, or an envelope, whose author we do not know.
    mutating func puzzle(_ id: ConversationID, _ link: LinkID) {
        guard self.membership.room(of: id) != nil, self.exchanges[link] != nil else { return }
        self.puzzles[id, default: []].insert(link)
    }

    // MARK: what the disk says

    /// The next envelope of a log cannot be stored, whatever is done: no more of that log is taken in.
    mutating func giveUp(on log: LogID) { self.fetching.giveUp(on: log) }

    /// What somebody holds of our log is not what we hold. Whatever they said of it counts for nothing.
    mutating func contradicted(_ log: LogID, by device: DeviceID) -> [Action] {
        self.forgetHeld(log, by: device)
        guard self.all.values.contains(where: { $0.ours == log }) else { return [] }
        return self.beginAnew() + [.warn(.fork, self.me)]
    }

    mutating func forgetHeld(_ log: LogID, by device: DeviceID) {
        for id in self.all.keys { self.all[id]?.forgetHeld(log, by: device) }
    }

    /// Our own log goes on elsewhere: this database is an old copy of itself. Other logs are begun, so that what we
    /// write is taken.
    mutating func beginAnew() -> [Action] {
        self.generation = Derive.generation(after: self.generation)
        for id in self.all.keys {
            self.all[id]?.begin(generation: self.generation)
            for link in self.exchanges.all.keys { self.exchanges[link]?.beganAnew(id) }
        }
        return [.keep(.generation(self.generation))]
    }

    /// Something of ours came from elsewhere, as after a backup was put back: whoever gave it has it.
    mutating func cameBack(_ log: LogID, _ id: ConversationID, _ link: LinkID, _ peers: Peers, at now: Moment)
        -> [Action]
    {
        guard let state = peers[link], let own = self.all[id]?.logs[log], let head = own.id else { return [] }
        let mark = Mark(log: log, device: self.identity.device, seq: own.seq, id: head)
        return self.all[id]?.note(mark, by: state.device, of: state.person, at: now.wall).map { .keep($0) } ?? []
    }
}
