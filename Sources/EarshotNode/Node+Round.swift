import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire
import Glibc
import Logging
import NIOCore
import NIOPosix

/// What one round collects until it is on disk.
private struct Round {
    let now: Moment
    var effects: [Effect] = []
    var answers: [Answer] = []
    /// Events of each link that were dealt with.
    var consumed: [LinkID: Int] = [:]
    var closed: [LinkID] = []
    /// Long lists that somebody reads on in.
    var turned: [(Pages, AnswerList<MessageView>.Tell)] = []
    /// Links that are not read for so many ms.
    var pauses: [LinkID: UInt64] = [:]

    init(now: Moment) { self.now = now }
}

/// The loop: everything that came together is decided, put on disk in one commit, and then done.
extension Node {
    private static let framesPerRound = 4
    private static let indexedAtOnce = 256
    /// Ms.
    private static let indexPause: UInt64 = 20
    private static let indexAfter: UInt64 = 1_000

    func round(_ items: [Item], _ state: inout RunState) {
        state.life.counts.rounds += 1
        var round = Round(now: Self.now())
        if state.links.deferredTicks.end != nil, DeferredTicks.isSeen(by: items) || !state.callers.early.held.isEmpty {
            self.finish(state.links.deferredTicks.take(), [], &state, round.now)
        }
        for item in items {
            let before = (
                effects: round.effects.count, answers: round.answers.count, waiting: state.callers.waiting.begun
            )
            self.take(item, &round, &state)
            let effects = before.effects..<round.effects.count
            for index in round.answers.indices.dropFirst(before.answers) { round.answers[index].effects = effects }
            state.callers.waiting.stand(for: effects, since: before.waiting)
        }
        // Not only when the alarm rings: under a steady trickle of events it is put off again and again.
        if let wakeAt = state.chores.wakeAt, wakeAt <= round.now.uptime {
            round.effects += state.engine.handle(.woke, at: round.now)
        }
        for held in state.callers.early.take() { self.take(held, &round, &state) }
        round.effects += self.keepLobby(&state, round.now)
        round.effects += self.keepRelay(&state)
        round.effects += state.engine.settle(at: round.now)
        self.commit(&round, &state)
        for link in round.closed { state.links.forget(link) }
        for (pages, tell) in round.turned { tell(self.turn(pages, &state)) }
        self.publish(&state)
        self.serve(&state)
        self.consume(round, &state)
        self.index(&state, round.now)
        self.sweep(&state, round.now)
        self.tellQuiet(&state, round.now)
        if let damage = state.life.damage { self.recover(from: damage, &state, round.now) }
        if state.life.isStopping { self.giveUpBackup(&state, DoorError(.connection(.stopping))) }
        self.setAlarm(&state, round.now)
    }

    private func take(_ item: Item, _ round: inout Round, _ state: inout RunState) {
        let now = round.now
        switch item {
        case .event(let event, let link):
            if let link { round.consumed[link, default: 0] += 1 }
            self.note(event)
            round.effects += state.engine.handle(event, at: now)
            if case .transport(.closed(let link, _)) = event { round.closed.append(link) }
        case .discovery(let event): round.effects += self.take(event, &state, now)
        case .networkChanged:
            self.discovery.reannounce()
            round.effects += state.engine.handle(Interface.isCutOff ? .cutOff : .networkChanged, at: now)
            round.effects += self.keepAddresses(&state)
        case .asked(let asked): self.take(asked, &round, &state)
        case .checked(let asked, let problem):
            round.effects += self.checked(asked, problem, &state, &round.answers, now)
        case .entered(let caller, let tell): state.subscribers.enter(caller, tell)
        case .contradicted(let log, let device): round.effects += state.engine.contradicted(log, by: device)
        case .bulk(let channel): self.greet(channel, &state)
        case .greeted(let channel, let frame): round.effects += self.greeted(channel, frame, &state, now)
        case .carried(let worker, let event): round.effects += self.carried(worker, event, &state, now)
        case .tidied(let transfer): self.announce(transfer, false, &state)
        case .dropped(let upload):
            if state.files.surveys.drop(upload) { self.remove(upload: upload, state.engine) }
        case .surveyed(let surveyed): round.effects += self.offer(surveyed, &state, &round.answers, now)
        case .page(let pages, let tell): round.turned.append((pages, tell))
        case .resumed(let caller): state.subscribers.resume(caller)
        case .backup(let news): self.take(news, &state)
        case .probed(let reply, let probes): reply(.success(self.doctor(probes, state)))
        case .left(let caller):
            state.subscribers.leave(caller)
            self.leaveBackup(caller, &state)
            state.callers.early.forget(caller)
            round.effects += self.left(caller, &state, now) + self.leaveLive(caller, &state)
        case .reread: round.effects += self.rereadAloud(&state, at: now)
        case .stop: state.life.isStopping = true
        }
    }

    /// What is asked, unless it waits for the first look around.
    private func take(_ asked: Asked, _ round: inout Round, _ state: inout RunState) {
        if state.callers.early.holds(asked.caller) || self.comesEarly(asked.method, state, round.now) {
            state.callers.early.hold(asked)
        } else {
            round.effects += self.take(asked, &state, &round.answers, round.now)
        }
    }

    /// Puts what was decided on disk, and does it; ticks may wait for the next commit.
    private func commit(_ round: inout Round, _ state: inout RunState) {
        let now = round.now
        for case .pause(let link, let wait) in round.effects {
            round.pauses[link] = max(round.pauses[link] ?? 0, wait)
        }
        // What others tell us again is true before it is on our disk.
        let isCertain = round.effects.allSatisfy { self.isCertain($0, state.engine) }
        if isCertain { self.answerWaiting(&state, now) }
        if isCertain, DeferredTicks.mayWait(round.effects), state.subscribers.isEmpty, !state.life.isStopping {
            state.links.deferredTicks.add(round.effects, now: now.uptime)
            round.effects = []
        }
        // Behind the others, so that what answers stand for keeps its place.
        if !round.effects.isEmpty || state.life.isStopping
            || state.links.deferredTicks.end.map({ $0 <= now.uptime }) ?? false
        {
            round.effects += state.links.deferredTicks.take()
        }
        self.finish(round.effects, round.answers, &state, now)
    }

    /// Lets links read on whose events were dealt with; later those that post too fast.
    private func consume(_ round: Round, _ state: inout RunState) {
        for (link, events) in round.consumed {
            if let wait = round.pauses[link] {
                let transport = self.transport
                self.loop.scheduleTask(in: .milliseconds(Int64(clamping: wait))) {
                    transport.consumed(link, events: events)
                }
            } else if !round.closed.contains(link) {
                state.links.consume(events, of: link)
            }
        }
        // Not each by itself: telling a link wakes its thread. What stays untold is far below where it would stop
        // reading.
        for (link, events) in state.links.takeConsumed(atLeast: self.transport.limits.outstanding / 4) {
            self.transport.consumed(link, events: events)
        }
    }

    private func setAlarm(_ state: inout RunState, _ now: Moment) {
        state.chores.wakeAt = state.engine.wakeAt
        let untoldAt = state.subscribers.listening.isEmpty ? nil : state.files.news.untoldAt
        let wakes = [
            state.chores.wakeAt, state.callers.waiting.until, state.chores.indexAt, state.chores.sweepAt, untoldAt,
            state.callers.early.wakeAt(now: now.uptime), state.links.deferredTicks.end,
        ]
        self.setAlarm(wakes.compactMap { $0 }.min())
    }

    /// Whether it is so before it is on our disk: others tell it again, and its id was compared where it could be.
    private func isCertain(_ effect: Effect, _ engine: Engine) -> Bool {
        guard case .keep(let fact) = effect else { return true }
        if case .held(let conversation, let log, _, _, let seq, _, _) = fact {
            return engine.isHead(conversation, log, seq)
        }
        return fact.isToldAgain(to: self.identity.person)
    }

    /// A little of what the search does not know yet, once there is a moment.
    private func index(_ state: inout RunState, _ now: Moment) {
        guard let at = state.chores.indexAt, at <= now.uptime else { return }
        let isMore = self.tried(&state) { try self.store.index(atMost: Self.indexedAtOnce) } ?? false
        state.chores.indexAt = isMore ? now.uptime + Self.indexPause : nil
    }

    /// What lies with keepers may hold it.
    private func tell(dropped places: [(log: LogID, seq: UInt64)]) {
        if !places.isEmpty { self.mailbox.post(.event(.dropped(places), nil)) }
    }

    /// Messages whose time is over are dropped.
    private func sweep(_ state: inout RunState, _ now: Moment) {
        guard let at = state.chores.sweepAt, at <= now.uptime else { return }
        let dropped = self.tried(&state) { try self.store.dropExpired(at: now.wall, me: self.identity.person) }
        self.tell(dropped: dropped?.places ?? [])
        if dropped?.isMore ?? false {
            state.chores.sweepAt = now.uptime + Self.indexPause
            return
        }
        let next = self.tried(&state) { try self.store.nextExpiry() } ?? nil
        // Clocks are set, and the machine sleeps: not later than in an hour.
        state.chores.sweepAt = next.map { end in
            let (wait, isOver) = end.milliseconds.subtractingReportingOverflow(now.wall.milliseconds)
            return now.uptime + min(max(isOver ? 0 : wait, 20), 3_600_000)
        }
    }

    /// First what must be on disk, in one commit; then the rest, in order.
    func perform(_ effects: [Effect], _ state: inout RunState) throws {
        let facts = effects.compactMap { if case .keep(let fact) = $0 { fact } else { nil } }
        var notKept: NotKept?
        if !facts.isEmpty {
            let outcome = try self.store.take(facts, me: self.identity.person)
            state.subscribers.cursor = outcome.cursor
            state.life.counts.committed(facts, me: self.identity.person)
            for (log, device) in outcome.contradicted { self.mailbox.post(.contradicted(log, device)) }
            for (log, device) in outcome.contradicted { state.engine.forgetHeld(log, by: device) }
            self.tell(dropped: outcome.dropped)
            for (id, why) in outcome.setAside {
                self.log.error("a message is kept, but could not be put into the history: \(id): \(why)")
            }
            if !outcome.refused.isEmpty { notKept = self.left(out: outcome.refused, effects) }
            // What a log does not hold must not be told to anybody; of all else no more is lost than itself.
            if let notKept, notKept.isOver { throw notKept }
            if facts.contains(where: \.mayExpire) {
                state.chores.sweepAt = min(state.chores.sweepAt ?? .max, uptime() + 20)
            }
            if state.chores.indexAt == nil, facts.contains(where: { if case .envelope = $0 { true } else { false } }) {
                state.chores.indexAt = uptime() + Self.indexAfter
            }
        }
        var pending: (frames: [Frame], link: LinkID)?
        for effect in effects {
            // Frames for one link that follow each other go as one write.
            if case .transmit(let frames, let link) = effect, pending == nil || pending?.link == link {
                if pending == nil { pending = (frames, link) } else { pending?.frames += frames }
                continue
            }
            if case .keep = effect { continue }
            if let (frames, link) = pending { self.transport.send(frames, to: link) }
            pending = nil
            self.perform(effect, &state)
        }
        if let (frames, link) = pending { self.transport.send(frames, to: link) }
        if let notKept { throw notKept }
    }

    private func perform(_ effect: Effect, _ state: inout RunState) {
        switch effect {
        case .keep, .pause: break
        case .transmit(let frames, let link): self.transport.send(frames, to: link)
        case .datagram(let frame, let link): self.transport.send(frame, datagramTo: link)
        case .serve(let want, let link):
            if state.links.backfill.add(want, link) { self.transport.close(link, .tooMany) }
        case .hear(let link, let on): self.transport.hear(link, envelopes: on)
        case .close(let link, let code): self.transport.close(link, code)
        case .dial(let dial, let endpoint, let expectation):
            self.log.debug("calling \(endpoint)")
            self.transport.dial(dial, endpoint, expecting: expectation)
        case .resolve(let typed): self.resolve(typed)
        case .admit(let admission): self.transport.admit(admission)
        case .advertise(let name): self.discovery.advertise(Advertisement(name, port: state.network.port))
        case .measureSpace: self.mailbox.post(.event(.space(self.directory.freeSpace(), self.probe()), nil))
        case .announce(let news): self.announce(news, &state)
        case .bulk(let order): self.perform(order, &state)
        case .mail(let mail): self.perform(mail, &state)
        case .relay(let order): self.perform(order)
        }
    }

    private func perform(_ order: RelayOrder) {
        switch order {
        case .open(let isOpen): self.transport.openDoors(isOpen)
        case .bring(let knock, let ticket): self.transport.bring(knock, ticket: ticket)
        case .turnAway(let knock): self.transport.turnAway(knock)
        case .end(let knock): self.transport.end(knock)
        case .fetch(let endpoint): self.transport.fetch(endpoint)
        }
    }

    private func note(_ event: Event) {
        switch event {
        case .transport(.opened(_, let introduction, let remote, _)):
            self.log.info("session with \(introduction.device.shortID) at \(remote), \(introduction.cipher)")
        case .transport(.closed(_, let end)): self.log.info("session ended: \(end)")
        case .transport(.dialFailed(_, let endpoint, let failure)):
            self.log.debug("no answer from \(endpoint): \(failure)")
        case .transport(.refused(let endpoint, let reason)):
            self.log.notice("refused a handshake from \(endpoint): \(reason)")
        case .transport, .sighted, .sightedTag, .vanished, .resolved, .networkChanged, .cutOff, .woke, .space, .sealed,
            .dropped, .bulk, .relay:
            break
        }
    }

    /// A little from disk to each link that takes it.
    private func serve(_ state: inout RunState) {
        for link in state.links.backfill.links {
            var frames = 0
            while frames < Self.framesPerRound, self.transport.isWritable(link), let pieces = self.next(link, &state) {
                for piece in pieces {
                    switch piece {
                    case .envelopes(let wire): self.transport.send(envelopes: wire, to: link)
                    case .gone(let gone): self.transport.send([.gone(gone)], to: link)
                    }
                }
                frames += 1
            }
            if frames == Self.framesPerRound { self.mailbox.post(.event(.transport(.writable(link)), nil)) }
        }
    }

    private func next(_ link: LinkID, _ state: inout RunState) -> [Backfill.Piece]? {
        do {
            return try state.links.backfill.next(link, from: self.store)
        } catch {
            self.note(error, &state)
            return nil
        }
    }

    /// Looks up a typed address beside the loop: names may take their time.
    private func resolve(_ typed: String) {
        let mailbox = self.mailbox
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            mailbox.post(.event(.resolved(typed, HostAndPort(typed)?.lookUp() ?? []), nil))
        }
    }
}

extension Fact {
    /// Whether it brings something that goes by itself.
    fileprivate var mayExpire: Bool {
        if case .envelope(_, .text(let text), _, _) = self { text.extras.lifetime > 0 } else { false }
    }
}
