import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Messages.
extension Node {
    static let messageHandlers: [any AnyHandler] = [
        Handler(later: Methods.Send.self) { node, asked, question, state, answers in
            try node.send(asked, question, &state, &answers)
        },
        Handler(looking: Methods.ReadMessage.self) { node, asked, state in
            node.view(try node.message(asked.id), state.engine)
        },
        Handler(Methods.Edit.self) { node, asked, state, asker in try node.edit(asked, &state, asker.now) },
        Handler(Methods.Delete.self) { node, asked, state, asker in try node.delete(asked, &state, asker.now) },
        Handler(Methods.React.self) { node, asked, state, asker in try node.react(asked, &state, asker.now) },
        Handler(Methods.MarkRead.self) { node, asked, state, asker in
            switch try node.recipient(asked.who, state.engine) {
            case .person(let person):
                let conversation = Derive.conversation(node.identity.person, person)
                let effects = state.engine.read(person, at: asker.now)
                return (.person(node.view(person, state.engine)), node.told(effects, conversation))
            case .room(let room):
                let talk = try node.known(room, state.engine).talk
                let effects = state.engine.read(room: room, at: asker.now)
                let view = try node.view(room, state.engine, isWhole: false)
                return (.room(view), node.told(effects, talk))
            }
        },
        ListHandler(Methods.History.self) { node, asked, engine in try node.history(asked, engine) },
        ListHandler(Methods.Search.self) { node, asked, engine in
            let place = try asked.who.map { try node.conversation($0, engine) }
            let before = try asked.before.map { try node.message($0) }
            let requests = engine.contacts.all.filter {
                (place == nil || place?.person == $0.person) && Store.finds(asked.query, in: $0.request ?? "")
                    && ($0.requestedAt ?? .init(milliseconds: 0)) < (before?.at ?? .init(milliseconds: .max))
            }
            let limit = asked.limit?.value ?? Node.usualCount
            return node.list(
                .search(asked.query, in: place?.id, before: before?.id, limit: limit), requests: requests)
        },
        Handler(Methods.Typing.self) { node, asked, state, asker in
            let effects = state.engine.act(begins: false, at: asker.now)
            let on = asked.on ?? true
            switch try node.recipient(asked.who, state.engine) {
            case .person(let person):
                return (Done(), effects + state.engine.typing(person, on: on, at: asker.now))
            case .room(let room):
                return (Done(), effects + state.engine.typing(in: room, on: on, at: asker.now))
            }
        },
    ]

    private func history(_ asked: Methods.History, _ engine: Engine) throws -> AnswerList<MessageView> {
        let places = [asked.before, asked.after, asked.around, asked.at.map { String($0) }].compactMap { $0 }
        guard places.count < 2, places.isEmpty || asked.before != nil || asked.since == nil else {
            throw DoorError(.message(.placesTogether))
        }
        let (conversation, person) = try self.conversation(asked.who, engine)
        let limit = asked.limit?.value ?? Self.usualCount
        if let after = asked.after {
            return self.list(.behind(try self.message(after).id, conversation, limit: limit), requests: [])
        }
        if let message = try self.place(asked, in: conversation) {
            return self.list(.around(message, conversation, limit: limit), requests: [])
        }
        let before = try asked.before.map { try self.message($0).id }
        let since = asked.since.map { Timestamp(milliseconds: UInt64(clamping: $0)) }
        let contact = before == nil ? person.flatMap { engine.contacts[$0] } : nil
        let requests = [contact].compactMap { $0 }.filter { contact in
            since.map { (contact.requestedAt ?? $0) >= $0 } ?? true
        }
        return self.list(.history(conversation, since: since, before: before, limit: limit), requests: requests)
    }

    /// The message around which others are wanted, if that is asked.
    private func place(_ asked: Methods.History, in conversation: ConversationID) throws -> EnvelopeID? {
        if let at = asked.at {
            return try self.store.message(in: conversation, from: Timestamp(milliseconds: UInt64(clamping: at)))
        }
        guard let around = try asked.around.map({ try self.message($0) }) else { return nil }
        guard around.conversation == conversation else {
            throw DoorError(.message(.elsewhere))
        }
        return around.id
    }

    /// What was read, and that it was.
    private func told(_ effects: [Effect], _ conversation: ConversationID) -> [Effect] {
        effects.isEmpty ? effects : effects + [.announce(.talk(conversation))]
    }

    private static let usualCount = 50
    /// Ms.
    private static let usualWait: Int64 = 30_000

    private func send(
        _ asked: Methods.Send, _ question: Question<[SentView]>, _ state: inout RunState, _ answers: inout [Answer]
    ) throws -> [Effect] {
        // All names first: a message to three goes to three or to none.
        let to = try self.recipients(asked.to.all, state.engine)
        let answering = try asked.replyTo.map { try self.message($0).id }
        try self.check(asked.wait ?? .queued, to, state.engine)
        let (messages, effects) = try self.say(asked, to, answering, &state.engine, question.now)
        let active = state.engine.act(begins: false, at: question.now)
        let wait = asked.wait ?? .queued
        switch wait {
        case .queued:
            let sent = zip(messages, to).map { said, one in self.sent(said.id, one, .init(), state.engine) }
            answers.append(Answer(.success(sent), question.reply))
        case .delivered, .deliveredTo, .deliveredToAll, .read:
            let until = Self.end(of: asked.timeout ?? Self.usualWait, question.now)
            state.callers.waiting.begin(
                Waiting(
                    said: messages, to: to, caller: question.caller, until: until,
                    outcome: .messages(wait, question.reply)))
        }
        return effects + active
    }

    /// More than there are can never have it.
    private func check(_ wait: TextWait, _ to: [Recipient], _ engine: Engine) throws {
        guard case .deliveredTo(let number) = wait else { return }
        for one in to {
            guard let count = engine.recipientCount(one), number > count else { continue }
            let isRoom = if case .room = one { true } else { false }
            throw DoorError(
                .message(
                    .neverSoMany(
                        name: self.name(one, engine), isRoom: isRoom, count: Int64(clamping: count), word: wait.word)))
        }
    }

    /// Says it to all of them, or to none.
    private func say(
        _ asked: Methods.Send, _ to: [Recipient], _ answering: EnvelopeID?, _ engine: inout Engine, _ now: Moment
    ) throws -> (said: [Engine.SentMessage], effects: [Effect]) {
        let extras = try to.map { try self.extras(asked.text, asks: asked.ask ?? false, to: $0, engine) }
        let persons = to.compactMap { if case .person(let person) = $0 { person } else { nil } }
        if persons.count == to.count, let first = extras.first, extras.allSatisfy({ $0 == first }) {
            return try engine.say(asked.text, to: persons, replyTo: answering, extras: first, at: now)
        }
        // With one of several refused, the others were not said either.
        let before = to.count > 1 ? engine : nil
        do {
            var said: [Engine.SentMessage] = []
            var effects: [Effect] = []
            for (one, extras) in zip(to, extras) {
                switch one {
                case .person(let person):
                    let (messages, more) = try engine.say(
                        asked.text, to: [person], replyTo: answering, extras: extras, at: now)
                    (said, effects) = (said + messages, effects + more)
                case .room(let room):
                    _ = try self.known(room, engine)
                    let (message, more) = try self.inside(room, &engine) { engine in
                        try engine.say(asked.text, in: room, replyTo: answering, extras: extras, at: now)
                    }
                    (said, effects) = (said + [message], effects + more)
                }
            }
            return (said, effects)
        } catch {
            if let before { engine = before }
            throw error
        }
    }

    /// When a wait of so many ms is over; one that is below zero at once, one beyond all time never.
    static func end(of timeout: Int64, _ now: Moment) -> UInt64 {
        let (end, isBeyond) = now.uptime.addingReportingOverflow(UInt64(clamping: timeout))
        return isBeyond ? .max : end
    }

    private func edit(
        _ asked: Methods.Edit, _ state: inout RunState, _ now: Moment
    ) throws -> (MessageReference, [Effect]) {
        let message = try self.message(asked.id)
        guard message.author == self.identity.person else {
            throw DoorError(.message(.onlyOwnEdited))
        }
        guard !message.isDeleted else { throw DoorError(.message(.isDeleted)) }
        guard !SafeText.isBlank(asked.text) else {
            throw DoorError(.message(.blankEdit))
        }
        guard asked.text.utf8.count <= Limits.textPart else {
            throw DoorError(.message(.longEdit))
        }
        let edit = Content.edit(target: message.id, text: asked.text)
        return (MessageReference(id: message.id), try self.write(edit, beside: message, &state.engine, now))
    }

    private func delete(
        _ asked: Methods.Delete, _ state: inout RunState, _ now: Moment
    ) throws -> (DeletedView, [Effect]) {
        let message = try self.message(asked.id)
        guard message.author == self.identity.person else {
            throw DoorError(.message(.onlyOwnDeleted))
        }
        guard !message.isDeleted else { throw DoorError(.message(.isDeletedAlready)) }
        let answer = self.deleted(message, state.engine)
        if state.engine.transfer(message.id) != nil {
            return (answer, try state.engine.withdraw(message.id, at: now))
        }
        if message.offer != nil, let room = state.engine.room(of: message.conversation) {
            let effects = try self.inside(room, &state.engine) { try $0.withdraw(message.id, from: room, at: now) }
            return (answer, effects)
        }
        return (answer, try self.write(.delete(target: message.id), beside: message, &state.engine, now))
    }

    private func react(
        _ asked: Methods.React, _ state: inout RunState, _ now: Moment
    ) throws -> (MessageReference, [Effect]) {
        let on = asked.on ?? true
        let message = try self.message(asked.id)
        guard !message.isDeleted || !on else { throw DoorError(.message(.isDeleted)) }
        let clean = SafeText.name(asked.emoji)
        guard !clean.isEmpty, !clean.contains(" "), clean.utf8.count <= Limits.emojiBytes else {
            throw DoorError(.message(.notReaction))
        }
        let reaction = Content.reaction(target: message.id, emoji: clean, on: on)
        return (MessageReference(id: message.id), try self.write(reaction, beside: message, &state.engine, now))
    }

    /// How a deleted message began.
    private func deleted(_ message: Message, _ engine: Engine) -> DeletedView {
        let room = engine.room(of: message.conversation)
        let other = room == nil ? engine.person(of: message.conversation) : nil
        var view = DeletedView(id: message.id, text: self.words(of: message), at: message.at)
        view.to = other
        view.room = room
        view.toName = room.map { self.name($0, engine) } ?? other.map { self.name($0, engine) }
        view.file = message.offer.map { self.view($0) }
        let alarm = self.looksLike(other, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        view.trust = self.trust(other, engine)
        return view
    }
}
