import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import Logging
import NIOCore

/// What listeners are told, of what is kept and of what passes.
extension Node {
    private static func kind(_ warning: Warning) -> WarningKind {
        switch warning {
        case .fork: .fork
        case .equivocation: .equivocation
        case .downgrade: .downgrade
        case .wrongBytes: .wrongBytes
        case .divergence: .divergence
        case .nameTaken: .nameTaken
        case .verificationFails: .verificationFails
        case .ownerReplaced: .ownerReplaced
        }
    }

    private static func room(of warning: Warning) -> RoomID? {
        switch warning {
        case .divergence(let room), .ownerReplaced(let room): room
        case .fork, .equivocation, .downgrade, .wrongBytes, .nameTaken, .verificationFails: nil
        }
    }

    func announce(_ news: News, _ state: inout RunState) {
        let passing: Subscribers.Transient
        switch news {
        case .presence(let person, _): passing = .presence(person)
        case .typing(let person, let room, let on): passing = .typing(person, room, on: on)
        case .openRoom(let room): passing = .openRoom(room)
        case .live(let person, let text): passing = .live(person, text: text)
        case .peer(let person): passing = .peer(person)
        case .room(let id): passing = .room(id)
        case .talk(let id): passing = .talk(id)
        case .verification(let person, let stage):
            if case .ended = stage { state.callers.comparingEnded(with: person) }
            passing = .verification(person, stage)
        case .invitation(let news): passing = .invitation(news)
        case .provision(let news, let person):
            return self.log.notice("\(self.words(for: news, person, state.engine))")
        case .join(let outcome): return self.joined(outcome, &state)
        case .transfer(let transfer, let isRunning):
            return self.announce(transfer, isRunning, &state)
        case .unreadableMail(let keeper):
            return self.log.warning("something that \(keeper.brief) kept for us could not be opened")
        case .warning(let warning, let person):
            self.log.warning("\(warning): \(person)")
            passing = .warning(warning, person)
        }
        guard !state.subscribers.isEmpty, let event = self.event(passing, state) else { return }
        state.subscribers.tell(passing) { event }
    }

    /// Something that passes, as it is now; `nil` if it is no more.
    func event(_ passing: Subscribers.Transient, _ state: RunState) -> DoorEvent? {
        let engine = state.engine
        let what: EventView.What
        switch passing {
        case .presence(let who): what = .presence(self.view(who, engine), online: engine.isOnline(who))
        case .typing(let who, let id, let on):
            let room = id.flatMap { engine.room($0) }.map { self.view($0, engine, isWhole: false) }
            what = .typing(self.view(who, engine), on: on, room: room)
        case .openRoom(let told):
            guard let room = self.view(told: told, engine) else { return nil }
            what = .room(room)
        case .live(let who, let text):
            what = .live(self.view(who, engine), on: engine.live(with: who).theirs, text: text)
        case .peer(let who): what = .peer(self.view(who, engine))
        case .warning(let warning, let who):
            let room = Self.room(of: warning).flatMap { engine.room($0) }
            what = .warning(
                self.view(who, engine), Self.kind(warning), room: room.map { self.view($0, engine, isWhole: false) })
        case .room(let id):
            guard let room = engine.room(id) else { return nil }
            what = .room(self.view(room, engine))
        case .talk(let id):
            guard let talk = try? self.view(talk: id, state) else { return nil }
            what = .talk(talk)
        case .verification(let who, let stage):
            what = .verification(self.view(who, engine), self.view(who, stage, engine))
        case .invitation(let news): what = self.event(news, engine)
        case .transfer(let id):
            let kept = try? self.store.transfers(idPrefix: id.description).first
            return (engine.transfer(id) ?? kept).map { self.event($0, running: engine.isRunning(id), state) }
        }
        return DoorEvent(EventView(cursor: state.subscribers.cursor, what))
    }

    func event(_ transfer: Transfer, running: Bool, _ state: RunState) -> DoorEvent {
        let isOffer = transfer.isIncoming && transfer.state == .offered && !running
        let view = self.view(transfer, state, running: running)
        return DoorEvent(EventView(cursor: state.subscribers.cursor, isOffer ? .offer(view) : .transfer(view)))
    }

    // MARK: telling

    /// Bytes of written events that are kept for the next listener.
    private static let keptEvents = 1 << 20
    private static let changesAtOnce = 128

    /// Events that were written and may be told to the next listener too.
    private struct Written {
        private var events: [UInt64: [Change.Place: DoorEvent]] = [:]
        private var bytes = 0

        mutating func event(_ change: Change, _ write: () -> DoorEvent) -> DoorEvent {
            if let event = self.events[change.cursor]?[change.place] { return event }
            let event = write()
            self.bytes += event.line.readableBytes
            if self.bytes > Node.keptEvents { (self.events, self.bytes) = ([:], 0) }
            self.events[change.cursor, default: [:]][change.place] = event
            return event
        }
    }

    /// Tells listeners what was kept, each from where they are. An event is written once for all of them.
    func publish(_ state: inout RunState) {
        var read: (heard: UInt64, changes: [Change], until: UInt64?)?
        var written = Written()
        for (caller, whole) in state.subscribers.listening {
            guard let heard = self.finishCommit(caller, whole, &written, &state) else { continue }
            if heard < state.subscribers.cursor {
                if read?.heard != heard {
                    read = self.tried(&state) { try self.store.page(since: heard, limit: Self.changesAtOnce) }.map {
                        (heard, $0.changes, $0.until)
                    }
                }
                guard let read, read.heard == heard else { continue }
                guard self.tell(read.changes, caller, &written, &state) else { continue }
                if let until = read.until {
                    // The last commit was read whole; there may be more behind it.
                    state.subscribers.subscribe(caller, heard: until)
                    self.mailbox.post(.resumed(caller))
                    continue
                }
                // Commits that changed nothing people see.
                state.subscribers.subscribe(caller, heard: state.subscribers.cursor)
            }
            self.tellMissed(caller, &state)
        }
    }

    /// Tells a listener the rest of a commit in which they stopped, a little at a time: a commit may hold thousands
    /// of messages.
    /// - Returns: the last commit they know whole now; `nil` if that has to wait.
    private func finishCommit(_ caller: CallerID, _ heard: UInt64, _ written: inout Written, _ state: inout RunState)
        -> UInt64?
    {
        guard let place = state.subscribers.place(of: caller), place.cursor > heard else { return heard }
        guard let rest = try? self.store.changes(of: place.cursor, beyond: place.order, limit: Self.changesAtOnce),
            self.tell(rest.changes, caller, &written, &state)
        else { return nil }
        guard !rest.isMore else {
            self.mailbox.post(.resumed(caller))
            return nil
        }
        state.subscribers.subscribe(caller, heard: place.cursor)
        return place.cursor
    }

    /// Says whether all of it was taken.
    private func tell(_ changes: [Change], _ caller: CallerID, _ written: inout Written, _ state: inout RunState)
        -> Bool
    {
        let engine = state.engine
        for change in changes {
            let isTold = state.subscribers.tell(caller, change) {
                written.event(change) { DoorEvent(self.view(change, engine)) }
            }
            guard isTold else { return false }
        }
        return true
    }

    /// What passed while somebody was behind, as it is now.
    private func tellMissed(_ caller: CallerID, _ state: inout RunState) {
        let (missed, isMuch) = state.subscribers.missed(by: caller)
        guard !missed.isEmpty else { return }
        let everybody = isMuch ? state.engine.contacts.all.map { Subscribers.Transient.presence($0.person) } : []
        for passing in missed + everybody {
            // A state that is no more is no news.
            guard let event = self.event(passing, state) else { continue }
            state.subscribers.tell(caller, passing) { event }
        }
    }
}
