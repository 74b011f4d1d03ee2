import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
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
            let person = try node.person(asked.who, state.engine)
            return (node.view(person, state.engine), state.engine.read(person, at: asker.now))
        },
        ListHandler(Methods.History.self) { node, asked, engine in
            let conversation = Derive.conversation(node.identity.person, try node.person(asked.who, engine))
            let before = try asked.before.map { try node.message($0).id }
            let since = asked.since.map { Timestamp(milliseconds: UInt64(clamping: $0)) }
            let limit = asked.limit?.value ?? Node.usualCount
            let contact = before == nil ? engine.contacts[try node.person(asked.who, engine)] : nil
            let requests = [contact].compactMap { $0 }.filter { contact in
                since.map { (contact.requestedAt ?? $0) >= $0 } ?? true
            }
            return node.list(.history(conversation, since: since, before: before, limit: limit), requests: requests)
        },
        ListHandler(Methods.Search.self) { node, asked, engine in
            let person = try asked.who.map { try node.person($0, engine) }
            let conversation = person.map { Derive.conversation(node.identity.person, $0) }
            let requests = engine.contacts.all.filter {
                (person == nil || person == $0.person) && Store.finds(asked.query, in: $0.request ?? "")
            }
            let limit = asked.limit?.value ?? Node.usualCount
            return node.list(.search(asked.query, in: conversation, limit: limit), requests: requests)
        },
        Handler(Methods.Typing.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            let effects = state.engine.act(begins: false, at: asker.now)
            return (Done(), effects + state.engine.typing(person, on: asked.on ?? true, at: asker.now))
        },
    ]

    private static let usualCount = 50
    /// Ms.
    private static let usualWait: Int64 = 30_000

    private func send(
        _ asked: Methods.Send, _ question: Question<[SentView]>, _ state: inout RunState, _ answers: inout [Answer]
    ) throws -> [Effect] {
        // All names first: a message to three goes to three or to none.
        let persons = try self.persons(asked.to.all, state.engine)
        let answering = try asked.replyTo.map { try self.message($0).id }
        let (messages, effects) = try state.engine.say(asked.text, to: persons, replyTo: answering, at: question.now)
        let active = state.engine.act(begins: false, at: question.now)
        let wait = asked.wait ?? .queued
        switch wait {
        case .queued:
            let sent = zip(messages, persons).map { said, person in
                self.sent(said.id, person, .init(), state.engine)
            }
            answers.append(Answer(.success(sent), question.reply))
        case .delivered, .read:
            let until = Self.end(of: asked.timeout ?? Self.usualWait, question.now)
            state.beginning.append(
                .init(
                    said: messages, to: persons, wait: wait, caller: question.caller, until: until,
                    outcome: .messages(question.reply)))
        }
        return effects + active
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
            throw DoorError(.refused, "Only your own messages can be edited.")
        }
        guard !message.isDeleted else { throw DoorError(.refused, "That message was deleted.") }
        guard !SafeText.isBlank(asked.text) else {
            throw DoorError(.badParameters, "That text has no visible characters. To take the message back, delete it.")
        }
        guard asked.text.utf8.count <= Limits.textPart else {
            throw DoorError(.badParameters, "An edit has at most 40,000 bytes. Delete the message and send a new one.")
        }
        let person = try self.other(message, state.engine)
        let edit = Content.edit(target: message.id, text: asked.text)
        return (MessageReference(id: message.id), try state.engine.write(edit, to: person, at: now).effects)
    }

    private func delete(
        _ asked: Methods.Delete, _ state: inout RunState, _ now: Moment
    ) throws -> (DeletedView, [Effect]) {
        let message = try self.message(asked.id)
        guard message.author == self.identity.person else {
            throw DoorError(.refused, "Only your own messages can be deleted.")
        }
        guard !message.isDeleted else { throw DoorError(.refused, "That message is already deleted.") }
        let person = try self.other(message, state.engine)
        let answer = self.deleted(message, state.engine)
        if state.engine.transfer(message.id) != nil {
            return (answer, try state.engine.withdraw(message.id, at: now))
        }
        return (answer, try state.engine.write(.delete(target: message.id), to: person, at: now).effects)
    }

    private func react(
        _ asked: Methods.React, _ state: inout RunState, _ now: Moment
    ) throws -> (MessageReference, [Effect]) {
        let on = asked.on ?? true
        let message = try self.message(asked.id)
        guard !message.isDeleted || !on else { throw DoorError(.refused, "That message was deleted.") }
        let clean = SafeText.name(asked.emoji)
        guard !clean.isEmpty, !clean.contains(" "), clean.utf8.count <= Limits.emojiBytes else {
            throw DoorError(.badParameters, "A reaction is one emoji or a short word.")
        }
        let person = try self.other(message, state.engine)
        let reaction = Content.reaction(target: message.id, emoji: clean, on: on)
        return (MessageReference(id: message.id), try state.engine.write(reaction, to: person, at: now).effects)
    }

    /// How a deleted message began.
    private func deleted(_ message: Message, _ engine: Engine) -> DeletedView {
        let other = engine.person(of: message.conversation)
        var view = DeletedView(id: message.id, text: self.words(of: message), at: message.at)
        view.to = other
        view.toName = other.map { self.name($0, engine) }
        view.file = message.offer.map { self.view($0) }
        let alarm = self.looksLike(other, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        return view
    }
}
