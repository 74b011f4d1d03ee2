import EarshotModel
import EarshotWire

/// Every conversation, what we write there, and bringing them level with those who are here: heads, wants and envelopes
/// (Protocol.md 9). `Conversations+Rooms` has what is so in rooms alone.
struct Conversations: Sendable {
    let identity: Identity
    var membership: Membership
    var all: [ConversationID: Conversation] = [:]
    var exchanges = TimedTable<LinkID, Exchange>()
    /// From whom a log is fetched just now, and when it last moved: others who have it are not asked.
    var fetching = Fetching()
    /// What came and is to be told on.
    var passing: PassingOn
    /// Up to where what was written in rooms is shown, as it was last told.
    var shown: ShownStretches
    /// Links on which we were told, in rooms, of logs whose authors we did not know.
    var puzzles: [ConversationID: Set<LinkID>] = [:]
    /// What came of the operations of rooms.
    var intake: OperationIntake
    /// Links on which something is to be acknowledged at the end of this round.
    private var owing: Set<LinkID> = []
    var generation: [UInt8]
    private var latest: HybridTime

    init(
        _ identity: Identity, _ snapshot: Snapshot, rooms: [RoomAccess] = [], loads: [ConversationID: RoomLoad] = [:]
    ) {
        self.identity = identity
        self.intake = OperationIntake(loads)
        self.membership = Membership(me: identity.person)
        self.passing = PassingOn(start: identity.device.bytes.first ?? 0)
        self.generation = snapshot.generation
        self.latest = snapshot.latest
        self.shown = ShownStretches(snapshot.shown)
        for room in rooms { self.open(room) }
        // Also with whom we do not talk now: were they accepted again, their conversation must not begin anew.
        for contact in snapshot.contacts { self.open(with: contact.person) }
        for head in snapshot.heads { self.all[head.conversation]?.restore(head) }
        for held in snapshot.held { self.all[held.conversation]?.restore(held) }
        for mark in snapshot.reads { self.all[mark.conversation]?.restore(mark) }
        for room in rooms { self.restore(room, snapshot.starts) }
    }

    /// Begins again from what is on disk.
    init(
        again old: Conversations, _ snapshot: Snapshot, rooms: [RoomAccess] = [],
        loads: [ConversationID: RoomLoad] = [:]
    ) {
        self.init(old.identity, snapshot, rooms: rooms, loads: loads)
        self.fetching = Fetching(again: old.fetching)
    }

    var me: PersonID { self.identity.person }

    // MARK: what is asked of it

    var wakeAt: UInt64? { [self.exchanges.next, self.passing.wakeAt].compactMap { $0 }.min() }

    func conversation(with person: PersonID) -> ConversationID { self.membership.conversation(with: person) }
    /// Whom a talk of two is with.
    func other(in id: ConversationID) -> PersonID? { self.membership.other(in: id) }
    func progress(of log: LogID, _ seq: UInt64, in id: ConversationID) -> Conversation.Progress {
        self.all[id]?.progress(of: log, seq) ?? .init()
    }
    /// Whether that is where a log ends: then an id was compared here and not only on the disk.
    func isHead(_ id: ConversationID, _ log: LogID, _ seq: UInt64) -> Bool { self.all[id]?.logs[log]?.seq == seq }
    /// Whether a person ever wrote or acknowledged something, or answers on one of these links.
    func hasAnswered(_ person: PersonID, on links: [LinkID]) -> Bool {
        let id = self.conversation(with: person)
        return self.all[id].map { $0.isHeldByOthers || $0.logs.count > 1 } ?? false
            || links.contains { self.exchanges[$0]?.isHeard(id) ?? false }
    }

    // MARK: links

    mutating func opened(_ link: LinkID) { self.exchanges[link] = Exchange() }
    mutating func closed(_ link: LinkID) {
        self.exchanges[link] = nil
        self.owing.remove(link)
        self.fetching.closed(link)
        self.passing.closed(link)
        for id in self.puzzles.keys { self.puzzles[id]?.remove(link) }
    }

    /// The conversation with a person, made if there is none yet.
    @discardableResult
    mutating func open(with person: PersonID) -> ConversationID {
        let id = self.membership.open(with: person)
        if self.all[id] == nil {
            self.all[id] = Conversation(
                id, device: self.identity.device, others: Set([person]).subtracting([self.me]),
                generation: self.generation)
        }
        return id
    }

    /// What we hold of the conversation with the person at the other end.
    /// - Parameter ask: whether they should say what they hold.
    mutating func greet(_ link: LinkID, _ person: PersonID, ask: Bool) -> Greeting? {
        let id = self.open(with: person)
        guard let conversation = self.all[id] else { return nil }
        self.exchanges[link]?[id].toldHeads(said: conversation.said)
        return Greeting(
            heads: conversation.heads(readBy: self.me, ask: ask),
            isUnanswered: self.isUnanswered(by: person))
    }

    /// Whether nothing of a person has come, and they are not known to hold anything of ours.
    func isUnanswered(by person: PersonID) -> Bool {
        guard let conversation = self.all[self.conversation(with: person)] else { return true }
        return !conversation.isHeldByOthers && conversation.logs.count <= 1
    }

    /// Time has gone by for some of the links.
    mutating func wake(_ peers: Peers, now: UInt64) -> [Action] {
        var actions: [Action] = []
        var overdue: [(LinkID, ConversationID)] = []
        self.exchanges.wake(now: now) { link, exchange in
            actions += exchange.late(now: now).map { .datagram($0, link) }
            overdue += exchange.overdue(now: now).map { (link, $0) }
        }
        // Somebody else is asked first for what did not come.
        for (link, id) in overdue where self.fetching.forget(link, id) {
            actions += self.wantsElsewhere(id, besides: link, peers, now: now)
        }
        actions += self.passOn(peers, now: now)
        for (link, id) in overdue {
            let wants = self.wants(link, id, peers, now: now)
            if !wants.isEmpty { actions.append(.transmit(wants, link)) }
        }
        return actions
    }

    /// Heads for everything taken in this round: one acknowledgement, however much came.
    mutating func acknowledge(_ peers: Peers) -> [Action] {
        defer { self.owing = [] }
        return self.owing.sorted().compactMap { link in
            let owed = self.exchanges[link]?.pay() ?? [:]
            guard peers.hears(link) else { return nil }
            return .transmit(
                owed.sorted { $0.key < $1.key }.compactMap { id, logs in
                    self.all[id].map { .heads($0.heads(readBy: self.me, only: logs)) }
                }, link)
        }
    }

    mutating func owe(_ link: LinkID, _ id: ConversationID, _ logs: Set<LogID>) {
        guard self.exchanges[link] != nil else { return }
        self.exchanges[link]?.owe(id, logs)
        self.owing.insert(link)
    }

    // MARK: what we write

    /// Puts an envelope of ours into the conversation with a person.
    mutating func write(
        _ content: Content, to person: PersonID, _ peers: Peers, at now: Moment
    ) -> (said: Engine.SentMessage, envelope: Envelope, actions: [Action]) {
        self.write(content, in: self.open(with: person), membership: 0, peers, at: now)
    }

    /// Puts an envelope of ours into a conversation that is open.
    /// - Parameter membership: the number of our stay, in a room.
    mutating func write(
        _ content: Content, in id: ConversationID, membership: UInt64, _ peers: Peers, at now: Moment
    ) -> (said: Engine.SentMessage, envelope: Envelope, actions: [Action]) {
        // No copy of the conversation is held while it changes: that would copy all it knows.
        guard let (next, log, parents) = self.all[id].map({ ($0.next, $0.ours, $0.parents) }) else {
            preconditionFailure("just opened")
        }
        self.latest = HybridTime.next(after: self.latest, now: now.wall)
        let verified = Envelope.sign(
            conversation: id, device: self.identity.device, log: log, seq: next.seq, prev: next.prev,
            parents: parents, stamp: self.latest, membership: membership, kind: content.kind, payload: content.payload,
            with: self.identity.signing)
        _ = self.all[id]?.receive(verified)
        self.note(content, verified.envelope, by: self.me)
        var actions = self.show(verified.envelope, by: self.me, peers)
        actions.append(.keep(.envelope(verified.envelope, content, author: self.me, arrived: now.wall)))
        for link in self.membership.links(for: id, peers) {
            actions += self.tell(link, id, fresh: [verified], peers, now: now.uptime)
        }
        let said = Engine.SentMessage(id: verified.envelope.id, conversation: id, log: log, last: next.seq)
        return (said, verified.envelope, actions)
    }

    /// Everything in a conversation has been read.
    mutating func read(_ id: ConversationID, _ peers: Peers, at now: Moment) -> [Action] {
        let me = self.me
        guard let conversation = self.all[id] else { return [] }
        var actions: [Action] = []
        var moved: Set<LogID> = []
        for (log, state) in conversation.logs where state.device != self.identity.device && state.seq > 0 {
            guard self.all[id]?.note(read: state.seq, of: log, by: me, at: now.wall) ?? false else { continue }
            actions.append(.keep(.read(id, log, by: me, seq: state.seq, at: now.wall)))
            moved.insert(log)
        }
        guard !moved.isEmpty else { return actions }
        for link in self.membership.links(for: id, peers) where peers.hears(link) { self.owe(link, id, moved) }
        return actions
    }

    /// Whatever the other end should hear of our own log now. `fresh` are envelopes just written, at hand without the
    /// disk.
    mutating func tell(
        _ link: LinkID, _ id: ConversationID, fresh: [VerifiedEnvelope] = [], _ peers: Peers, now: UInt64
    ) -> [Action] {
        guard let state = peers[link], let conversation = self.all[id] else { return [] }
        let held = conversation.held(conversation.ours, by: state.device)
        self.exchanges[link]?.acknowledged(id, to: held)
        switch self.exchanges[link]?[id].tell(said: conversation.said, held: held) ?? .nothing {
        case .nothing: return []
        case .heads: return [.transmit([.heads(conversation.heads(readBy: self.me, only: [conversation.ours]))], link)]
        case .push(let range):
            guard fresh.first?.envelope.seq ?? 0 == range.lowerBound, UInt64(fresh.count) == UInt64(range.count) else {
                return Self.want(id, conversation.ours, range).map { [.serve($0, link)] } ?? []
            }
            for one in fresh { self.exchanges[link]?.pushed(one.envelope, now: now) }
            return fresh.map { .transmit([.envelopes([$0.envelope])], link) }
        }
    }

    // MARK: what they say

    mutating func receive(_ heads: Heads, _ link: LinkID, _ peers: Peers, at now: Moment) -> [Action] {
        let id = heads.conversation
        guard self.hears(link, in: id, peers), let ours = self.all[id]?.ours, let state = peers[link] else {
            return self.farewell(id, link, peers)
        }
        var actions: [Action] = []
        var isContradicted = false
        self.exchanges[link]?[id].hear()
        for mark in heads.marks {
            if mark.device == self.identity.device {
                // Elsewhere than at the head the disk compares the id, and tells if it is another (`contradicted`);
                // here we can.
                if self.all[id]?.contradicts(mark) ?? false {
                    isContradicted = isContradicted || mark.log == ours
                } else {
                    let facts = self.all[id]?.note(mark, by: state.device, of: state.person, at: now.wall) ?? []
                    actions += facts.map { .keep($0) }
                }
            }
            self.offer(mark, id, link, peers, now: now.uptime)
        }
        if isContradicted { actions += self.beginAnew() + [.warn(.fork, self.me)] }
        let wants = self.wants(link, id, peers, now: now.uptime)
        if !wants.isEmpty { actions.append(.transmit(wants, link)) }
        if heads.ask { actions.append(.greet(link, id)) }
        if self.membership.room(of: id) != nil { actions += self.compare(heads, link, peers, at: now) }
        return actions + self.tell(link, id, peers, now: now.uptime)
    }

    /// The other end holds so much of a log; what of it we lack is asked for.
    private mutating func offer(_ mark: Mark, _ id: ConversationID, _ link: LinkID, _ peers: Peers, now: UInt64) {
        guard peers.isWritable, !self.fetching.isGivenUp(mark.log) else { return }
        guard let person = self.author(mark.device, in: id, link, peers) else {
            if mark.device != self.identity.device { self.puzzle(id, link) }
            return
        }
        let limit = peers.manifests.limit(person, mark.device, mark.log)
        guard limit > 0, self.all[id]?.follow(mark.log, of: mark.device) ?? false else { return }
        let held = self.all[id]?.logs[mark.log]?.seq ?? 0
        // They have nothing up to there.
        guard mark.after <= held else { return }
        self.exchanges[link]?[id].offer(
            mark.log, offered: min(mark.seq, limit, UInt64(Int64.max)), held: held, now: now)
        if mark.seq > held, self.membership.room(of: id) != nil { self.fetching.offered(mark.log, id, link) }
    }

    mutating func receive(_ want: Want, _ link: LinkID, _ peers: Peers) -> [Action] {
        guard let conversation = self.all[want.conversation], let log = conversation.logs[want.log],
            want.to <= log.seq, want.from > conversation.start(of: want.log), self.mayHave(want, link, peers)
        else { return [] }
        if want.log == conversation.ours { self.exchanges[link]?[conversation.id].served(to: want.to) }
        return [.serve(want, link)]
    }

    mutating func receive(_ gone: Gone, _ link: LinkID, _ peers: Peers, at now: Moment) -> [Action] {
        let id = gone.conversation
        guard peers.isWritable, !self.fetching.isGivenUp(gone.log), self.hears(link, in: id, peers),
            let device = self.all[id]?.logs[gone.log]?.device
        else { return [] }
        var space = self.space(for: device, in: id, link, peers)
        let outcome = self.all[id]?.receive(gone) { space?.take($0.envelope.payload.count) ?? true }
        guard let outcome else { return [] }
        return self.took(outcome, id, gone.log, device, link, peers, at: now)
    }

    mutating func receive(
        _ verified: [VerifiedEnvelope], _ unverified: [Envelope], _ link: LinkID, _ peers: Peers, at now: Moment
    ) -> [Action] {
        var actions: [Action] = []
        for envelope in verified { actions += self.receive(envelope, link, peers, at: now) }
        for envelope in unverified {
            guard self.hears(link, in: envelope.conversation, peers) else { continue }
            guard let key = self.key(for: envelope, link, peers) else {
                self.puzzle(envelope.conversation, link)
                continue
            }
            do throws(ProtocolError) {
                actions += self.receive(try VerifiedEnvelope(envelope, key: key), link, peers, at: now)
            } catch {
                return actions + [.close(link, .protocolError)]
            }
        }
        return actions
    }

    private mutating func receive(
        _ verified: VerifiedEnvelope, _ link: LinkID, _ peers: Peers, at now: Moment
    ) -> [Action] {
        let envelope = verified.envelope
        let id = envelope.conversation
        guard peers.isWritable, !self.fetching.isGivenUp(envelope.log), self.hears(link, in: id, peers),
            self.key(for: envelope, link, peers) != nil,
            envelope.membership != 0 || self.membership.room(of: id) == nil
        else { return [] }
        var space = self.space(for: envelope.device, in: id, link, peers)
        // What waited for it counts like what comes.
        func takes(_ one: VerifiedEnvelope) -> Bool { space?.take(one.envelope.payload.count) ?? true }
        guard takes(verified) else { return [] }
        var actions: [Action] = []
        if !(self.exchanges[link]?[id].isAsked(envelope.log, envelope.seq) ?? false),
            let wait = self.exchanges[link]?.take(now: now.uptime) ?? nil
        {
            actions.append(.pause(link, wait))
        }
        guard let outcome = self.all[id]?.receive(verified, takes: takes) else { return actions }
        return actions + self.took(outcome, id, envelope.log, envelope.device, link, peers, at: now)
    }

    /// An entry came to a log: keep it, acknowledge it at the end of the round, and ask on.
    private mutating func took(
        _ outcome: Log.Outcome, _ id: ConversationID, _ log: LogID, _ device: DeviceID, _ link: LinkID, _ peers: Peers,
        at now: Moment
    ) -> [Action] {
        switch outcome {
        case .taken(let entries):
            self.owe(link, id, [log])
            let author = self.author(device, in: id, link, peers) ?? self.me
            var actions = entries.flatMap { self.keep($0, id, log, device, by: author, peers, at: now) }
            let held = self.all[id]?.logs[log]?.seq ?? 0
            if device == self.identity.device { actions += self.cameBack(log, id, link, peers, at: now) }
            self.exchanges[link]?[id].moved(log, held: held, now: now.uptime)
            let isAll = !(self.exchanges[link]?[id].offers(log, beyond: held) ?? false)
            if self.fetching.moved(log, id, link, now: now.uptime, isAll: isAll) {
                actions += self.askOthers(for: log, id, besides: link, peers, now: now.uptime)
            }
            if self.membership.room(of: id) != nil {
                let isOperation = self.membership.isOperations(id)
                self.passing.came(log, id, on: link, isOperation: isOperation, now: now.uptime)
            }
            let wants = self.wants(link, id, peers, now: now.uptime)
            if !wants.isEmpty { actions.append(.transmit(wants, link)) }
            return actions
        case .known:
            // Perhaps our acknowledgement was lost.
            self.owe(link, id, [log])
            return []
        case .refused: return []
        case .parked: return self.askForMissing(before: log, id, link)
        case .fork:
            guard let person = self.author(device, in: id, link, peers) else { return [] }
            let fresh = device == self.identity.device && log == self.all[id]?.ours ? self.beginAnew() : []
            return fresh + [.warn(.fork, person)]
        }
    }

    mutating func keep(
        _ entry: Log.Entry, _ id: ConversationID, _ log: LogID, _ device: DeviceID, by author: PersonID,
        _ peers: Peers, at now: Moment
    ) -> [Action] {
        switch entry {
        case .envelope(let verified):
            let envelope = verified.envelope
            self.latest = self.latest.seen(envelope.stamp, now: now.wall)
            let content = Content(of: envelope)
            self.note(content, envelope, by: author)
            return self.show(envelope, by: author, peers) + [
                .keep(.envelope(envelope, content, author: author, arrived: now.wall)),
                .came(envelope, content, by: author, at: now),
            ]
        case .gone(let seq, let gone): return [.keep(.gone(id, device, log, seq: seq, id: gone))]
        }
    }
}

#if DEBUG
    extension Conversations {
        var looks: Int { self.exchanges.looks.total }
    }
#endif
