import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// What waits for our own people, and what is asked of those who read.
extension Node {
    static let inboxHandlers: [any AnyHandler] = [
        Handler(looking: Methods.Inbox.self) { node, _, state in try node.inbox(state) },
        Handler(Methods.Acknowledge.self) { node, asked, state, asker in
            try node.acknowledge(asked, &state, asker.now)
        },
        Handler(Methods.Remind.self) { node, asked, state, asker in try node.remind(asked, &state, asker.now) },
        Handler(looking: Methods.ReceiptsOf.self) { node, asked, state in
            try node.receipts(of: try node.message(asked.id), state.engine)
        },
        Handler(Methods.SetLifetime.self) { node, asked, state, asker in
            try node.setLifetime(asked, &state, asker.now)
        },
    ]

    private func inbox(_ state: RunState) throws -> InboxView {
        let engine = state.engine
        var conversations: [WaitingView] = []
        for waiting in try self.store.waiting(for: engine.me) {
            let owed = waiting.owed.compactMap { try? self.store.message($0) }.map { self.view($0, engine) }
            var view = WaitingView(
                name: "", unread: Int64(clamping: waiting.unread), mentions: Int64(clamping: waiting.mentions),
                owed: owed)
            if let room = engine.room(of: waiting.conversation) {
                view.room = room
                view.name = self.name(room, engine)
            } else if let person = engine.person(of: waiting.conversation) {
                view.person = person
                view.name = self.name(person, engine)
                let alarm = self.looksLike(person, engine)
                (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
            } else {
                continue
            }
            conversations.append(view)
        }
        conversations.sort {
            ($1.owed.count, $1.mentions, $1.unread, $0.name) < ($0.owed.count, $0.mentions, $0.unread, $1.name)
        }
        return InboxView(
            conversations: conversations,
            requests: engine.contacts.all.filter { $0.trust == .requested }.map { self.view($0.person, engine) },
            offers: engine.openTransfers.filter { $0.isIncoming && $0.state == .offered }.map { self.view($0, state) },
            invitations: engine.roomList.filter { $0.known.standing == .invited }
                .map { self.view($0, engine, isWhole: false) })
    }

    private func acknowledge(
        _ asked: Methods.Acknowledge, _ state: inout RunState, _ now: Moment
    ) throws -> (MessageReference, [Effect]) {
        let message = try self.message(asked.id)
        guard message.author != self.identity.person else {
            throw DoorError(.message(.isOwn))
        }
        guard message.asks else { throw DoorError(.message(.asksNothing)) }
        let reference = MessageReference(id: message.id)
        // Once is enough.
        guard !message.acknowledgements.contains(where: { $0.person == self.identity.person }) else {
            return (reference, [])
        }
        return (reference, try self.write(.acknowledge(target: message.id), beside: message, &state.engine, now))
    }

    private func remind(
        _ asked: Methods.Remind, _ state: inout RunState, _ now: Moment
    ) throws -> ([ReceiptView], [Effect]) {
        let message = try self.message(asked.id)
        guard message.author == self.identity.person else {
            throw DoorError(.message(.onlyAskerReminds))
        }
        guard message.asks, !message.isDeleted else {
            throw DoorError(.message(.asksNothing))
        }
        let open = try self.receipts(of: message, state.engine).filter { $0.acknowledgedAt == nil }
        guard !open.isEmpty else { throw DoorError(.message(.allAcknowledged)) }
        return (open, try self.write(.remind(target: message.id), beside: message, &state.engine, now))
    }

    private func receipts(of message: Message, _ engine: Engine) throws -> [ReceiptView] {
        guard message.author == self.identity.person else {
            throw DoorError(.message(.onlyOwnReceipts))
        }
        return try self.store.receipts(of: message.id).map { receipt in
            var view = ReceiptView(person: receipt.person, name: self.name(receipt.person, engine))
            view.deliveredAt = receipt.deliveredAt ?? receipt.readAt
            view.readAt = receipt.readAt
            view.acknowledgedAt = message.acknowledgements.first { $0.person == receipt.person }?.at
            return view
        }
    }

    private func setLifetime(
        _ asked: Methods.SetLifetime, _ state: inout RunState, _ now: Moment
    ) throws -> (LifetimeView, [Effect]) {
        let to = try self.recipient(asked.who, state.engine)
        let name = self.name(to, state.engine)
        let time = try asked.lifetime.map { try self.lifetime($0) }
        switch to {
        case .person(let person):
            let conversation = Derive.conversation(self.identity.person, person)
            guard let time else {
                let known = try self.store.lifetime(of: conversation)
                return (LifetimeView(name: name, lifetime: Int64(clamping: known)), [])
            }
            let effects = try state.engine.write(.lifetime(time), to: person, at: now).effects
            return (LifetimeView(name: name, lifetime: Int64(clamping: time)), effects)
        case .room(let room):
            let known = try self.known(room, state.engine)
            guard let time else {
                return (LifetimeView(name: name, lifetime: Int64(clamping: known.state.lifetime)), [])
            }
            let effects = try self.inside(room, &state.engine) { engine in
                try engine.set(.lifetime, of: room, value: time, at: now)
            }
            return (LifetimeView(name: name, lifetime: Int64(clamping: time)), effects)
        }
    }

    /// Days.
    private static let longestLifetime = 36_500

    /// Ms, as it was asked for.
    func lifetime(_ asked: Int64) throws(DoorError) -> UInt64 {
        guard asked >= 0 else { throw DoorError(.room(.lifetimeBelowZero)) }
        guard asked <= Int64(Self.longestLifetime) * 86_400_000 else {
            throw DoorError(.room(.lifetimeTooLong(days: Self.longestLifetime)))
        }
        return UInt64(clamping: asked)
    }

    /// What a text that is sent brings beside its words.
    func extras(_ text: String, asks: Bool, to: Recipient, _ engine: Engine) throws -> TextExtras {
        var extras = TextExtras(asks: asks)
        let readers: [PersonID]
        switch to {
        case .person(let person):
            readers = [person]
            extras.lifetime = try self.store.lifetime(of: Derive.conversation(self.identity.person, person))
        case .room(let room): readers = (engine.room(room)?.state.members ?? []).filter { $0 != engine.me }
        }
        guard text.utf8.contains(0x40) else { return extras }
        extras.mentions = Mentions.find(in: text, among: readers.map { ($0, self.name($0, engine)) })
        return extras
    }
}

/// `@anna` in a text: who is named.
enum Mentions {
    /// Those whose whole name follows an @ that begins a word; at most 64, each once, in their order in the text.
    static func find(in text: String, among names: [(person: PersonID, name: String)]) -> [PersonID] {
        let folded = text.lowercased()
        // A longer name before one that it begins with.
        let known = names.map { ($0.person, $0.name.lowercased()) }.filter { !$0.1.isEmpty }
            .sorted { $0.1.count > $1.1.count }
        var found: [PersonID] = []
        var rest = folded[...]
        while let at = rest.firstIndex(of: "@"), found.count < Limits.mentions {
            let begins = at == folded.startIndex || !folded[folded.index(before: at)].isWordlike
            rest = rest[rest.index(after: at)...]
            guard begins else { continue }
            let name = known.first { rest.hasPrefix($0.1) && !(rest.dropFirst($0.1.count).first?.isWordlike ?? false) }
            if let person = name?.0, !found.contains(person) { found.append(person) }
        }
        return found
    }
}

extension Character {
    fileprivate var isWordlike: Bool { self.isLetter || self.isNumber || self == "_" }
}
