import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotTransfer
import EarshotVault
import EarshotWire
import Logging
import Noise

/// The end of a round, and what is done when the disk does not do as it should. A full disk, a damaged file and a
/// thing that cannot be stored are three different things: the first passes by itself, the second is mended from what
/// is left, the third stands alone.
extension Node {
    /// Some effects of a round, by where they stand, are not on disk. Everything else of it is.
    struct NotKept: Error {
        /// Why, by the place of the effect.
        let reasons: [Int: String]
        /// Logs that end before an envelope that cannot be stored.
        let logs: Set<LogID>
        /// Something of which others would be told that it is kept.
        var isPromised = false

        /// Nothing of the round may be done, and what the rules know is not so.
        var isOver: Bool { self.isPromised || !self.logs.isEmpty }
    }

    /// How often a database is made anew before it is left alone.
    private static let mostRepairs = 2

    /// Puts a round on disk and does what it decided; tells whoever asked what became of it.
    func finish(_ effects: [Effect], _ answers: [Answer], _ state: inout RunState, _ now: Moment) {
        do {
            try self.perform(effects, &state)
            state.callers.waiting.kept()
            self.answerWaiting(&state, now)
            for answer in answers { answer.tell() }
        } catch {
            for case .close(let link, let code) in effects { self.transport.close(link, code) }
            self.recover(from: error, &state, now)
            self.tell(answers, of: error, &state, now)
        }
    }

    /// Nobody waits for an answer yet; what cannot be stored is noted and holds up nothing.
    func performAtStart(_ effects: [Effect], _ state: inout RunState) throws {
        do { try self.perform(effects, &state) } catch is NotKept {}
    }

    private func tell(_ answers: [Answer], of error: any Error, _ state: inout RunState, _ now: Moment) {
        /// What to say of something that stood for these effects.
        func failure(_ range: Range<Int>) -> DoorError? {
            guard let error = error as? NotKept else { return Self.explain(error) }
            let reason = range.lazy.compactMap { error.reasons[$0] }.first
            return reason.map { Self.explain(StoreError.notStored(path: self.store.path, detail: $0)) }
        }
        for answer in answers { answer.tell(unless: failure(answer.effects)) }
        state.callers.waiting.kept(unless: failure)
        self.answerWaiting(&state, now)
    }

    /// What the facts that could not be stored mean for the effects they came from.
    func left(out refused: [Int: String], _ effects: [Effect]) -> NotKept {
        var reasons: [Int: String] = [:]
        var logs: Set<LogID> = []
        var isPromised = false
        var fact = 0
        for (index, effect) in effects.enumerated() {
            guard case .keep(let kept) = effect else { continue }
            defer { fact += 1 }
            guard let reason = refused[fact] else { continue }
            reasons[index] = reason
            self.log.error("could not be stored, and is set aside: \(kept.summary): \(reason)")
            switch kept {
            case .envelope(let envelope, _, _, _): logs.insert(envelope.log)
            case .gone(_, _, let log, _, _): logs.insert(log)
            case .begins(_, let start): logs.insert(start.log)
            case .held, .read, .contact, .manifest, .certificate, .reached, .staticPeer, .setting, .generation,
                .transfer, .came, .share, .shareGone, .room, .members, .shown, .seen, .profile, .picture, .pictureGone,
                .discoveryKey:
                break
            case .mail: isPromised = true
            }
        }
        return NotKept(reasons: reasons, logs: logs, isPromised: isPromised)
    }

    /// Begins again from what is on disk; whoever was linked calls again and is told no more than was kept.
    func recover(from error: any Error, _ state: inout RunState, _ now: Moment) {
        state.life.damage = nil
        self.giveUpBackup(&state, Self.explain(error))
        switch error {
        case let error as NotKept:
            // What is known and not kept of contacts, receipts and the like is known until the next start.
            guard error.isOver else { return }
            self.begin(again: &state, now)
            for log in error.logs { state.engine.giveUp(on: log) }
        case let error as StoreError:
            self.log.error("\(Self.words(for: error))")
            if case .damaged = error {
                guard self.repair(&state) else { return self.end(error, &state) }
                self.begin(again: &state, now)
                return
            }
            self.begin(again: &state, now)
            if let trouble = error.trouble { state.engine.note(trouble, at: now) }
        default:
            self.log.error("\(Self.words(for: error))")
            self.begin(again: &state, now)
            state.engine.note(.unwritable, at: now)
        }
    }

    /// An engine that knows of things that are not on disk must not go on.
    private func begin(again state: inout RunState, _ now: Moment) {
        for link in state.engine.openLinks { self.transport.close(link, .goingAway) }
        do {
            let snapshot = try self.store.snapshot(me: self.identity.person)
            state.engine = Engine(again: state.engine, snapshot: snapshot, now: now)
            state.settings.restore(kept: snapshot.settings)
            state.talks = Talks(kept: snapshot.settings)
            self.use(state.settings, &state.engine)
            self.useNameOfFile(&state)
            state.links.backfill = Backfill()
            state.files.transfers.halt(.busy)
            state.callers.comparingEnded()
            self.joined(.sessionEnded, &state)
        } catch {
            self.end(error, &state)
        }
    }

    private func end(_ error: any Error, _ state: inout RunState) {
        for link in state.engine.openLinks { self.transport.close(link, .goingAway) }
        state.life.failure = error
        state.life.isStopping = true
    }

    /// Makes the database anew from what can be read of it. Says whether it can be used again.
    private func repair(_ state: inout RunState) -> Bool {
        guard state.life.repairs < Self.mostRepairs else { return false }
        state.life.repairs += 1
        do {
            try Self.repair(self.store, me: self.identity.person, log: self.log)
            state.subscribers.cursor = try self.store.cursor()
            state.chores.indexAt = Self.now().uptime
            return true
        } catch {
            self.log.error("it could not be repaired: \(Self.words(for: error))")
            return false
        }
    }

    private static func repair(_ store: Store, me: PersonID, log: Logger) throws {
        let repair = try store.repair(me: me, generation: randomBytes(32))
        _ = try store.settle(birthMark: BirthMark.of(store.path), generation: randomBytes(32))
        let missing = repair.incomplete.joined(separator: ", ")
        log.error(
            """
            the database was damaged and is made anew from what could be read: \
            \(missing.isEmpty ? "everything was there" : "missing rows of \(missing)"), \
            \(repair.lost) envelopes are asked for again. The damaged file is \(repair.old).
            """)
    }

    /// What the program ends with: as of the command line (docs/Control.md).
    package static func exitCode(for error: any Error) -> Int32 {
        (error as? StoreError).map { self.reason($0).kind.exitCode } ?? DoorError.Kind.disk.exitCode
    }

    /// Opens the database; if it is damaged, what is left of it.
    static func openStore(_ path: String, me: PersonID, log: Logger) throws -> Store {
        var opened: Store?
        do {
            let store = try Store(path: path, generation: randomBytes(32), reader: Envelope.kept)
            opened = store
            _ = try store.snapshot()
            return store
        } catch StoreError.damaged(let path, let detail) {
            opened?.close()
            log.error("\(Self.words(for: StoreError.damaged(path: path, detail: detail)))")
            let store = try Store(damaged: path, reader: Envelope.kept)
            try self.repair(store, me: me, log: log)
            return store
        }
    }

    /// Why nothing can be written, if that is so.
    func probe() -> StorageTrouble? {
        do {
            try self.store.probe()
            return nil
        } catch {
            return error.trouble ?? .unwritable
        }
    }

    // MARK: reading

    /// Something was read, or could not be.
    func tried<T>(_ state: inout RunState, _ body: () throws -> T) -> T? {
        do {
            return try body()
        } catch {
            self.note(error, &state)
            return nil
        }
    }

    /// What could not be read may be damaged: it is seen to when the round is over.
    func note(_ error: any Error, _ state: inout RunState) {
        if let error = error as? StoreError, case .damaged = error { state.life.damage = error }
    }
}

extension Fact {
    /// For the log: which it is, not what it says.
    fileprivate var summary: String {
        switch self {
        case .envelope(let envelope, _, _, _): "message \(envelope.id), number \(envelope.seq) of its log"
        case .gone(_, _, _, let seq, let id): "place \(seq) of a deleted message, \(id)"
        case .held, .read: "a receipt"
        case .contact(let contact): "contact \(contact.person)"
        case .manifest(let manifest): "device list of \(manifest.person)"
        case .certificate(let certificate): "certificate of \(certificate.device)"
        case .reached, .staticPeer: "an address"
        case .setting(let key, _): "setting \(key)"
        case .generation: "a new beginning of our logs"
        case .transfer(let transfer): "transfer \(transfer.id)"
        case .came(let id, _): "progress of \(id)"
        case .share, .shareGone: "a share"
        case .room(let room): "room \(room.id)"
        case .members(let conversation, _): "members of \(conversation)"
        case .shown(_, let stretch, _): "what is shown of log \(stretch.log)"
        case .begins(_, let start): "the beginning of log \(start.log)"
        case .seen, .profile: "a profile"
        case .picture, .pictureGone: "a picture"
        case .discoveryKey(let device, _, _): "how to find \(device)"
        case .mail: "sealed mail, or a key for it"
        }
    }
}
