import EarshotModel
import EarshotWire

/// Bringing conversations level: heads, wants and envelopes (Protocol.md 9).
extension Engine {
    /// The conversation of two with the person at the other end, if we talk to him and it is the one named.
    private func shared(_ id: ConversationID, _ link: LinkID) -> Conversation? {
        guard let state = self.links[link], self.talks(state), id == Derive.conversation(self.me, state.person) else {
            return nil
        }
        return self.conversations[id]
    }

    mutating func receive(_ heads: Heads, _ link: LinkID, at now: Moment) -> [Effect] {
        guard var conversation = self.shared(heads.conversation, link), let state = self.links[link] else { return [] }
        var effects: [Effect] = []
        var sync = state.syncs[heads.conversation] ?? Sync()
        sync.hear()
        for mark in heads.marks {
            if mark.device == self.device {
                effects += self.note(mark, by: state, &conversation, at: now)
            }
            guard self.trouble == nil, !self.stuck.contains(mark.log),
                let person = self.manifests.owner(of: mark.device, among: [self.me, state.person])
            else { continue }
            let limit = self.manifests.limit(person, mark.device, mark.log)
            guard limit > 0, conversation.follow(mark.log, of: mark.device) else { continue }
            let held = conversation.logs[mark.log]?.seq ?? 0
            sync.offer(mark.log, offered: min(mark.seq, limit, UInt64(Int64.max)), held: held, now: now.uptime)
        }
        self.conversations[conversation.id] = conversation
        self.links[link]?.syncs[conversation.id] = sync
        if self.isContradicted {
            self.isContradicted = false
            effects += self.beginAnew() + [.announce(.warning(.fork, self.me))]
        }
        var frames = self.wants(link, conversation.id, at: now)
        if heads.ask { frames += self.greeting(link, ask: false) }
        if !frames.isEmpty { effects.append(.transmit(frames, link)) }
        return effects + self.tell(link, conversation.id, at: now)
    }

    /// What to ask for next on a link.
    mutating func wants(_ link: LinkID, _ id: ConversationID, at now: Moment) -> [Frame] {
        guard self.trouble == nil else { return [] }
        let asks = self.links[link]?.syncs[id]?.next(now: now.uptime) ?? []
        return asks.compactMap { self.want(id, $0.log, $0.range).map { .want($0) } }
    }

    private func want(_ id: ConversationID, _ log: LogID, _ range: ClosedRange<UInt64>) -> Want? {
        Want(conversation: id, log: log, from: range.lowerBound, to: range.upperBound)
    }

    /// He tells how far he holds a log of ours and has read it.
    private mutating func note(
        _ mark: Mark, by state: LinkState, _ conversation: inout Conversation, at now: Moment
    ) -> [Effect] {
        guard let log = conversation.logs[mark.log], mark.seq <= log.seq, let id = mark.id else { return [] }
        // Elsewhere than at the head the disk compares the id, and tells if it is another (`contradicted`); here we
        // can.
        guard mark.seq < log.seq || id == log.id else {
            self.isContradicted = self.isContradicted || mark.log == conversation.ours
            return []
        }
        var effects: [Effect] = []
        if conversation.note(held: mark.seq, of: mark.log, by: state.device, at: now.wall) {
            effects.append(
                .keep(.held(conversation.id, mark.log, by: state.device, seq: mark.seq, id: id, at: now.wall)))
        }
        let read = min(mark.read, mark.seq)
        let at = min(mark.readAt.milliseconds == 0 ? now.wall : mark.readAt, now.wall)
        if read > 0, conversation.note(read: read, of: mark.log, by: state.person, at: at) {
            effects.append(.keep(.read(conversation.id, mark.log, by: state.person, seq: read, at: at)))
        }
        return effects
    }

    mutating func receive(_ want: Want, _ link: LinkID) -> [Effect] {
        guard let conversation = self.shared(want.conversation, link), let log = conversation.logs[want.log],
            want.to <= log.seq
        else { return [] }
        if want.log == conversation.ours {
            self.links[link]?.syncs[conversation.id, default: Sync()].served(to: want.to)
        }
        return [.serve(want, link)]
    }

    mutating func receive(_ gone: Gone, _ link: LinkID, at now: Moment) -> [Effect] {
        guard self.trouble == nil, !self.stuck.contains(gone.log),
            var conversation = self.shared(gone.conversation, link),
            let device = conversation.logs[gone.log]?.device
        else { return [] }
        let outcome = conversation.receive(gone)
        self.conversations[conversation.id] = conversation
        return self.took(outcome, conversation.id, gone.log, device, link, at: now)
    }

    mutating func receive(
        _ verified: [VerifiedEnvelope], _ unverified: [Envelope], _ link: LinkID, at now: Moment
    ) -> [Effect] {
        var effects: [Effect] = []
        for envelope in verified { effects += self.receive(envelope, link, at: now) }
        for envelope in unverified {
            guard let person = self.links[link]?.person,
                let key = self.manifests.key(for: envelope, among: [self.me, person]),
                self.shared(envelope.conversation, link) != nil
            else { continue }
            do throws(ProtocolError) {
                effects += self.receive(try VerifiedEnvelope(envelope, key: key), link, at: now)
            } catch {
                return effects + [.close(link, .protocolError)]
            }
        }
        return effects
    }

    private mutating func receive(_ verified: VerifiedEnvelope, _ link: LinkID, at now: Moment) -> [Effect] {
        let envelope = verified.envelope
        guard self.trouble == nil, !self.stuck.contains(envelope.log),
            var conversation = self.shared(envelope.conversation, link),
            self.manifests.key(for: envelope, among: [self.me, conversation.other]) != nil
        else { return [] }
        var effects: [Effect] = []
        if !(self.links[link]?.syncs[conversation.id]?.isAsked(envelope.log, envelope.seq) ?? false),
            let wait = self.links[link]?.pushes.take(now: now.uptime)
        {
            effects.append(.pause(link, wait))
        }
        let outcome = conversation.receive(verified)
        self.conversations[conversation.id] = conversation
        return effects + self.took(outcome, conversation.id, envelope.log, envelope.device, link, at: now)
    }

    /// An entry came to a log: keep it, acknowledge it at the end of the round, and ask on.
    private mutating func took(
        _ outcome: Log.Outcome, _ id: ConversationID, _ log: LogID, _ device: DeviceID, _ link: LinkID, at now: Moment
    ) -> [Effect] {
        let held = self.conversations[id]?.logs[log]?.seq ?? 0
        switch outcome {
        case .taken(let entries):
            self.owed[link, default: [:]][id, default: []].insert(log)
            var effects = entries.flatMap { self.keep($0, id, log, device, at: now) }
            self.links[link]?.syncs[id]?.moved(log, held: held, now: now.uptime)
            let wants = self.wants(link, id, at: now)
            if !wants.isEmpty { effects.append(.transmit(wants, link)) }
            return effects
        case .known:
            // Perhaps our acknowledgement was lost.
            self.owed[link, default: [:]][id, default: []].insert(log)
            return []
        case .refused: return []
        case .parked:
            guard let early = self.conversations[id]?.logs[log], early.earlyCount == 1, let first = early.firstEarly
            else { return [] }
            // Who has what came holds all that is before it. Behind a stub something vouches for it, if anything does.
            let last = first > held + 1 ? min(first - 1, held + Limits.wantSpan) : held + Limits.wantSpan / 2
            let missing = self.want(id, log, held + 1...last)
            guard let sync = self.links[link]?.syncs[id], !sync.isAsked(log, held + 1), let missing else { return [] }
            return [.transmit([.heads(self.ask(id, log)), .want(missing)], link)]
        case .fork:
            guard let person = self.owner(of: device, in: id) else { return [] }
            let fresh = device == self.device && log == self.conversations[id]?.ours ? self.beginAnew() : []
            return fresh + [.announce(.warning(.fork, person))]
        }
    }

    /// The disk says: what somebody holds of our log is not what we hold. Whatever he said of it counts for nothing.
    package mutating func contradicted(_ log: LogID, by device: DeviceID) -> [Effect] {
        self.forgetHeld(log, by: device)
        guard self.conversations.values.contains(where: { $0.ours == log }) else { return [] }
        return self.beginAnew() + [.announce(.warning(.fork, self.me))]
    }

    package mutating func forgetHeld(_ log: LogID, by device: DeviceID) {
        for id in self.conversations.keys { self.conversations[id]?.forgetHeld(log, by: device) }
    }

    /// Whether that is where a log of ours ends: then an id was compared here and not only on the disk.
    package func isHead(_ conversation: ConversationID, _ log: LogID, _ seq: UInt64) -> Bool {
        self.conversations[conversation]?.logs[log]?.seq == seq
    }

    /// Our own log goes on elsewhere: this database is an old copy of itself. Other logs are begun, so that what we
    /// write is taken.
    mutating func beginAnew() -> [Effect] {
        self.generation = Derive.generation(after: self.generation)
        for id in self.conversations.keys {
            self.conversations[id]?.begin(generation: self.generation)
            for link in self.links.keys { self.links[link]?.syncs[id]?.beganAnew() }
        }
        return [.keep(.generation(self.generation))]
    }

    /// Whose device wrote in a conversation.
    private func owner(of device: DeviceID, in id: ConversationID) -> PersonID? {
        self.manifests.owner(of: device, among: [self.me] + (self.conversations[id].map { [$0.other] } ?? []))
    }

    private func ask(_ id: ConversationID, _ log: LogID) -> Heads {
        self.conversations[id]?.heads(readBy: self.me, only: [log], ask: true)
            ?? Heads(conversation: id, marks: [], ask: true)
    }

    private mutating func keep(
        _ entry: Log.Entry, _ id: ConversationID, _ log: LogID, _ device: DeviceID, at now: Moment
    ) -> [Effect] {
        switch entry {
        case .envelope(let verified):
            let envelope = verified.envelope
            self.latest = self.latest.seen(envelope.stamp, now: now.wall)
            let author = self.owner(of: device, in: id) ?? self.me
            let content = Content(of: envelope)
            return [.keep(.envelope(envelope, content, author: author, arrived: now.wall))]
                + self.filed(envelope, content, by: author, at: now)
        case .gone(let seq, let gone): return [.keep(.gone(id, device, log, seq: seq, id: gone))]
        }
    }

    /// Heads for everything taken in this round: one acknowledgement, however much came.
    mutating func acknowledge() -> [Effect] {
        defer { self.owed = [:] }
        return self.owed.sorted { $0.key < $1.key }.compactMap { (link, conversations) in
            guard let state = self.links[link], self.talks(state) else { return nil }
            let frames = conversations.compactMap { (id, logs) in
                self.conversations[id].map { Frame.heads($0.heads(readBy: self.me, only: logs)) }
            }
            return .transmit(frames, link)
        }
    }

    /// Whatever the other end should hear of our own log now. `fresh` are envelopes just written, at hand without the
    /// disk.
    mutating func tell(
        _ link: LinkID, _ id: ConversationID, fresh: [VerifiedEnvelope] = [], at now: Moment
    ) -> [Effect] {
        guard let state = self.links[link], let conversation = self.conversations[id] else { return [] }
        let held = conversation.held(conversation.ours, by: state.device)
        self.links[link]?.repeats.removeAll { $0.conversation == id && $0.seq <= held }
        guard var sync = state.syncs[id] else { return [] }
        let telling = sync.tell(said: conversation.said, held: held)
        self.links[link]?.syncs[id] = sync
        switch telling {
        case .nothing: return []
        case .heads: return [.transmit([.heads(conversation.heads(readBy: self.me, only: [conversation.ours]))], link)]
        case .push(let range):
            guard fresh.first?.envelope.seq ?? 0 == range.lowerBound, UInt64(fresh.count) == UInt64(range.count) else {
                return self.want(id, conversation.ours, range).map { [.serve($0, link)] } ?? []
            }
            for one in fresh where one.envelope.wire.count <= Limits.repeatedBytes {
                self.links[link]?.repeats.append(
                    (id, one.envelope.seq, .envelopes([one.envelope]), now.uptime + Limits.lateTime))
            }
            return fresh.map { .transmit([.envelopes([$0.envelope])], link) }
        }
    }
}
