import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotVault
import EarshotWire

/// What is asked at the door. Requests that change something answer once it is on disk; the others at once.
extension Node {
    func take(
        _ request: Request, _ caller: CallerID, _ answer: @escaping @Sendable (Result<DoorAnswer, DoorError>) -> Void,
        _ state: inout RunState, _ answers: inout [Answer], _ now: Moment, isChecked: Bool = false
    ) -> [Effect] {
        if !isChecked, self.waits(request, caller, answer, &state) { return [] }
        let reply: @Sendable (Result<JSON, DoorError>) -> Void = { answer($0.map { .whole($0) }) }
        do {
            switch request {
            case .send(let to, let text, let replyTo, let wait, let timeout):
                return try self.send(to, text, replyTo, (wait, timeout, caller), reply, &state, &answers, now)
            case .offer(let to, let paths, let name, let wait, let timeout):
                guard paths.allSatisfy({ $0.hasPrefix("/") }) else {
                    throw DoorError(.badParameters, "Paths are absolute.")
                }
                self.survey(paths, as: name, to: try self.persons(to, state.engine), (wait, timeout, caller), reply)
                return []
            case .subscribe(let since):
                // Nobody has seen what is yet to come. Events begin after the answer.
                let from = min(since ?? state.cursor, state.cursor)
                reply(.success(["cursor": .integer(Int64(clamping: from))]))
                state.subscribers.subscribe(caller, heard: from)
                return []
            case .history, .search:
                answer(.success(.list(try self.list(request, state.engine))))
                return []
            default:
                let (json, effects) = try self.answer(request, caller, &state, now)
                answers.append(Answer(result: .success(json), reply: reply))
                return effects
            }
        } catch {
            self.note(error, &state)
            answers.append(Answer(result: .failure(Self.explain(error)), reply: reply))
            return []
        }
    }

    static func explain(_ error: any Error) -> DoorError {
        switch error {
        case let error as DoorError: error
        case let error as StoreError: DoorError(Self.kind(error), error.description)
        case let refusal as Engine.Refusal:
            switch refusal {
            case .blocked: DoorError(.refused, "You have blocked this person. `earshot unblock` takes it back.")
            case .tooLong: DoorError(.badParameters, "That text is longer than 40 MB.")
            case .myself: DoorError(.badParameters, "That is yourself.")
            case .notKept(let trouble): Self.explain(trouble)
            case .empty:
                DoorError(.badParameters, "There is nothing to send: the text is empty, or nothing of it can be seen.")
            }
        case let error as VaultError: DoorError(.disk, error.description)
        default: DoorError(.failed, "It could not be done: \(self.words(for: error)).")
        }
    }

    static func kind(_ error: StoreError) -> DoorError.Kind {
        switch error {
        case .full: .diskFull
        case .damaged: .damaged
        case .notStored: .notStored
        case .unusable, .newer: .disk
        }
    }

    private static func explain(_ trouble: StorageTrouble) -> DoorError {
        switch trouble {
        case .full: DoorError(.diskFull, "The disk is full. Free some space; what waits is kept.")
        case .damaged:
            DoorError(.damaged, "The database is damaged, and nothing can be put into it. `earshot doctor` says more.")
        case .unwritable:
            DoorError(.disk, "The database cannot be written just now. `earshot doctor` says more; what waits is kept.")
        }
    }

    /// What went wrong, for a person: a sentence of ours, or what the system says.
    package static func words(for error: any Error) -> String {
        (error as? DoorError)?.message ?? NetworkError.words(for: error)
    }

    private func answer(
        _ request: Request, _ caller: CallerID, _ state: inout RunState, _ now: Moment
    ) throws -> (JSON, [Effect]) {
        switch request {
        case .status: return (try self.status(state, now), [])
        case .id: return (self.idJSON(state.engine), [])
        case .getName: return (["name": .string(state.engine.name)], [])
        case .setName(let name):
            guard !SafeText.name(name).isEmpty else {
                throw DoorError(.badParameters, "A name has at least one character.")
            }
            let effects = state.engine.rename(myself: name)
            return (["name": .string(state.engine.name)], effects)
        case .peers: return (.array(self.peers(state.engine)), [])
        case .contacts: return (.array(try self.contacts(state.engine)), [])
        case .resolve(let who): return (self.personJSON(try self.person(who, state.engine), state.engine), [])
        case .accept(let who):
            let person = try self.person(toAccept: who, state.engine)
            let effects = state.engine.accept(person, at: now)
            return (self.personJSON(person, state.engine), effects)
        case .block(let who):
            let person = try self.person(who, state.engine)
            let effects = state.engine.block(person)
            return (self.personJSON(person, state.engine), effects)
        case .unblock(let who):
            let person = try self.person(toUnblock: who, state.engine)
            let effects = state.engine.unblock(person)
            return (self.personJSON(person, state.engine), effects)
        case .rename(let who, let petname):
            let person = try self.person(who, state.engine)
            if let petname { try self.check(petname: petname, for: person, state.engine) }
            let effects = state.engine.rename(person, petname)
            return (self.personJSON(person, state.engine), effects)
        case .peerAdd(let typed):
            guard HostAndPort(typed) != nil else {
                throw DoorError(
                    .badParameters, "\(typed) is no address. Try 192.168.1.20, host.lan:47447 or [fe80::1%eth0]:47447.")
            }
            let effects = state.engine.addPeer(typed, at: now)
            return (["address": .string(typed)], effects)
        case .peerRemove(let typed):
            guard let effects = state.engine.removePeer(typed) else {
                throw DoorError(.unknownName, "\(typed) is not in the list.", candidates: state.engine.typedPeers)
            }
            return (["address": .string(typed)], effects)
        case .peerList: return (.array(state.engine.typedPeers.map { ["address": .string($0)] }), [])
        case .message(let id): return (self.json(try self.message(id), state.engine), [])
        case .edit(let id, let text):
            let message = try self.message(id)
            guard message.author == self.identity.person else {
                throw DoorError(.refused, "Only your own messages can be edited.")
            }
            guard !message.isDeleted else { throw DoorError(.refused, "That message was deleted.") }
            guard !SafeText.isBlank(text) else {
                throw DoorError(
                    .badParameters, "Nothing of that text can be seen. To take the message back, delete it.")
            }
            guard text.utf8.count <= Limits.textPart else {
                throw DoorError(.badParameters, "An edit has at most 40,000 bytes. Delete and send anew.")
            }
            let person = try self.other(message, state.engine)
            return (
                self.idReply(message.id),
                try state.engine.write(.edit(target: message.id, text: text), to: person, at: now).effects
            )
        case .delete(let id):
            let message = try self.message(id)
            guard message.author == self.identity.person else {
                throw DoorError(.refused, "Only your own messages can be deleted.")
            }
            guard !message.isDeleted else { throw DoorError(.refused, "That message was deleted before.") }
            let person = try self.other(message, state.engine)
            let answer = self.deleted(message, state.engine)
            if state.engine.transfer(message.id) != nil {
                return (answer, try state.engine.withdraw(message.id, at: now))
            }
            return (answer, try state.engine.write(.delete(target: message.id), to: person, at: now).effects)
        case .react(let id, let emoji, let on):
            let message = try self.message(id)
            guard !message.isDeleted || !on else { throw DoorError(.refused, "That message was deleted.") }
            let clean = SafeText.name(emoji)
            guard !clean.isEmpty, !clean.contains(" "), clean.utf8.count <= Limits.emojiBytes else {
                throw DoorError(.badParameters, "A reaction is one emoji or a short word.")
            }
            let person = try self.other(message, state.engine)
            let effects = try state.engine.write(
                .reaction(target: message.id, emoji: clean, on: on), to: person, at: now
            ).effects
            return (self.idReply(message.id), effects)
        case .read(let who):
            let person = try self.person(who, state.engine)
            return (self.personJSON(person, state.engine), state.engine.read(person, at: now))
        case .typing(let who, let on):
            return (.object([:]), state.engine.typing(try self.person(who, state.engine), on: on, at: now))
        case .unsubscribe:
            state.subscribers.unsubscribe(caller)
            return (.object([:]), [])
        case .doctor: return (.array(self.doctor(state)), [])
        case .getSettings: return (.object(self.settings(state.engine)), [])
        case .setSetting(let key, let value):
            if FilesSettings.keys.contains(key) {
                guard let effects = state.engine.set(files: key, value) else {
                    throw DoorError(
                        .badParameters,
                        key == "files.folder"
                            ? "\(key) is a whole path, or empty for the usual folder."
                            : "\(key) is bytes a second, as 20M; 0 is no limit.")
                }
                self.heed(state.engine.filesSettings)
                return ([key: .string(state.engine.filesSettings.shown[key] ?? "")], effects)
            }
            guard key == "contacts.accept" else {
                throw DoorError(
                    .badParameters, "There is no setting \(key).", candidates: self.settings(state.engine).keys.sorted()
                )
            }
            guard let policy = Contacts.Policy(rawValue: value) else {
                throw DoorError(.badParameters, "contacts.accept is ask or lan.")
            }
            return (["contacts.accept": .string(value)], state.engine.setPolicy(policy))
        case .stop:
            state.isStopping = true
            return (.object([:]), [])
        case .transfers(let request): return try self.answer(transfers: request, caller, &state, now)
        case .send, .offer, .subscribe, .history, .search: throw DoorError(.failed, "seen to before")
        }
    }

    private func send(
        _ to: [String], _ text: String, _ replyTo: String?,
        _ waits: (wait: Request.Wait, timeout: Int64, caller: CallerID),
        _ reply: @escaping @Sendable (Result<JSON, DoorError>) -> Void, _ state: inout RunState,
        _ answers: inout [Answer], _ now: Moment
    ) throws -> [Effect] {
        // All names first: a message to three goes to three or to none.
        let persons = try self.persons(to, state.engine)
        let answering = try replyTo.map { try self.message($0).id }
        let (messages, effects) = try state.engine.say(text, to: persons, replyTo: answering, at: now)
        switch waits.wait {
        case .queued:
            let sent = zip(messages, persons).map { said, person in self.sent(said.id, person, .init(), state.engine) }
            answers.append(Answer(result: .success(.array(sent)), reply: reply))
        case .delivered, .read:
            let until = Self.end(of: waits.timeout, now)
            state.beginning.append(
                .init(said: messages, to: persons, wait: waits.wait, caller: waits.caller, until: until, reply: reply))
        }
        return effects
    }

    /// When a wait of so many ms is over; one that is below zero at once, one beyond all time never.
    static func end(of timeout: Int64, _ now: Moment) -> UInt64 {
        let (end, isBeyond) = now.uptime.addingReportingOverflow(UInt64(clamping: timeout))
        return isBeyond ? .max : end
    }

    /// Whether a message got where it was to go, or time is up.
    func outcome(of waiting: RunState.Waiting, _ state: RunState, _ now: Moment) -> Result<JSON, DoorError>? {
        if waiting.isOffer { return self.outcome(ofOffers: waiting, state, now) }
        let engine = state.engine
        let progress = waiting.said.map { engine.progress(of: $0) }
        let isThere = progress.allSatisfy { (waiting.wait == .read ? $0.readAt : $0.deliveredAt) != nil }
        guard isThere || now.uptime >= waiting.until else { return nil }
        return .success(
            .array(zip(zip(waiting.said, waiting.to), progress).map { self.sent($0.0.id, $0.1, $1, engine) }))
    }

    private func settings(_ engine: Engine) -> [String: JSON] {
        var all: [String: JSON] = ["contacts.accept": .string(engine.contacts.policy.rawValue)]
        for (key, value) in engine.filesSettings.shown { all[key] = .string(value) }
        return all
    }
}
