import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire
import NIOConcurrencyHelpers

/// What the node knows of people and messages, as the door shows it (docs/Control.md).
extension Node {
    func view(_ person: PersonID, _ engine: Engine) -> PersonView {
        let contact = engine.contacts[person] ?? Contact(person: person)
        let links = engine.linksInfo(of: person)
        let addresses = links.map(\.remote).sorted(by: Endpoint.isShownBefore).map(\.description)
        var view = PersonView(
            person: person, name: contact.shownName, trust: contact.trust, online: engine.isOnline(person),
            addresses: addresses)
        view.device = engine.devices(of: person).first
        view.ownName = contact.name.isEmpty ? nil : contact.name
        view.petname = contact.petname
        let relay = links.compactMap { engine.relay(of: $0.remote) }.first
        (view.via, view.viaPerson) = (relay.map { self.name($0, engine) }, relay)
        view.cipher = links.first?.cipher
        view.request = contact.request
        view.requestedAt = contact.requestedAt
        view.since = contact.since
        view.fingerprint = Derive.fingerprint(person).description
        if contact.trust == .conflict, let reason = contact.conflict {
            view.conflict = reason
            view.problem = self.words(for: reason, person, engine)
        }
        let presence = view.online ? engine.presence(of: person) : nil
        view.presence = PersonPresence(presence?.presence)
        view.status = presence.flatMap { $0.text.isEmpty ? nil : $0.text }
        view.idleSince = presence?.idleSince
        view.lastSeen = engine.lastSeen(person)
        view.namedBy = engine.provision(of: person)?.place
        view.profile = engine.profile(of: person).flatMap { $0.isEmpty ? nil : ProfileView($0, engine) }
        let alarm = self.looksLike(person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        return view
    }

    /// What we think of somebody; `nil` of nobody.
    func trust(_ person: PersonID?, _ engine: Engine) -> Trust? {
        person.map { engine.contacts[$0]?.trust ?? .new }
    }

    /// The contact whose name somebody's imitates; to be shown wherever the name stands.
    func looksLike(_ person: PersonID?, _ engine: Engine) -> LooksLike? {
        guard let person, let contact = engine.contacts.lookAlike(of: person) else { return nil }
        return LooksLike(name: contact.shownName, person: contact.person)
    }

    func view(_ message: Message, _ engine: Engine) -> MessageView {
        let mine = message.author == self.identity.person
        let room = engine.room(of: message.conversation)
        let other = room == nil ? engine.person(of: message.conversation) : nil
        let place = room.map { self.name($0, engine) }
        let state = self.state(message, engine)
        var view = MessageView(
            id: message.id, from: message.author, fromName: mine ? engine.name : self.name(message.author, engine),
            to: room != nil ? nil : mine ? other : self.identity.person,
            toName: place ?? (mine ? other.map { self.name($0, engine) } ?? "" : engine.name), mine: mine,
            text: message.isDeleted ? "" : SafeText.message(message.text), state: state, at: Self.shown(message.at))
        (view.room, view.roomName) = (room, place)
        view.spans = Self.spans(of: view.text)
        view.replyTo = message.replyTo
        view.replyText = message.replyTo.flatMap { self.beginning(of: $0) }
        view.edited = message.editedAt
        view.deleted = message.isDeleted ? true : nil
        let reactions = message.isDeleted ? [] : message.reactions
        view.reactions = reactions.isEmpty ? nil : reactions.map { .init(emoji: $0.emoji, from: $0.person) }
        view.deliveredAt = message.deliveredAt
        view.readAt = message.readAt
        view.arrivedAt = mine ? nil : message.arrived
        view.incomplete = message.isComplete ? nil : true
        view.file = message.offer.map { self.view($0) }
        view.unknownKind = message.unknownKind.map { Int64(clamping: $0) }
        view.problem = message.problem
        self.add(message, to: &view)
        if state == .queued, let to = room.map({ .room($0) }) ?? other.map({ Recipient.person($0) }) {
            let reason = self.reason(to, engine)
            (view.waitsFor, view.reason) = (reason.word, reason.words)
            view.leftWith = self.references(message.keepers, engine)
            if !message.keepers.isEmpty { view.reason = self.words(leftWith: message.keepers, engine) }
        }
        let alarm = self.looksLike(room == nil ? other : mine ? nil : message.author, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        view.trust = self.trust(room == nil ? other : mine ? nil : message.author, engine)
        return view
    }

    /// What rooms and readers have to do with a message.
    private func add(_ message: Message, to view: inout MessageView) {
        if view.mine, let receipts = message.receipts {
            view.receipts = ReceiptCounts(
                members: Int64(clamping: receipts.members), delivered: Int64(clamping: receipts.delivered),
                read: Int64(clamping: receipts.read))
        }
        if message.asks {
            view.asks = true
            view.acknowledged = message.acknowledgements.map(\.person)
            view.remindedAt = message.remindedAt
        }
        view.mentions = message.mentions.isEmpty ? nil : message.mentions
        view.expires = message.isDeleted ? nil : message.expires
        view.invitation = message.invitation.map {
            RoomReference(room: $0.charter.room, name: RoomResolver.shown(SafeText.name($0.charter.name)))
        }
    }

    /// The first words of somebody who asks to talk, as a message that waits for an answer. It is in no log, so its id
    /// is that of the person.
    func view(asking contact: Contact, _ engine: Engine) -> MessageView {
        var view = MessageView(
            id: EnvelopeID(hash: contact.person.hash), from: contact.person,
            fromName: self.name(contact.person, engine), to: self.identity.person, toName: engine.name, mine: false,
            text: contact.request ?? "", state: .requested,
            at: contact.requestedAt.map(Self.shown) ?? Timestamp(milliseconds: 0))
        view.spans = Self.spans(of: view.text)
        let alarm = self.looksLike(contact.person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        view.trust = self.trust(contact.person, engine)
        return view
    }

    /// How the words look, where there is anything to say of it.
    private static func spans(of text: String) -> [MessageView.Span]? {
        let spans = Styling.spans(of: text).map(MessageView.Span.init)
        return spans.isEmpty ? nil : spans
    }

    private func state(_ message: Message, _ engine: Engine) -> MessageState {
        guard message.author == self.identity.person else { return .received }
        if message.readAt != nil { return .read }
        if message.deliveredAt != nil { return .delivered }
        // Where nobody else is, nobody is waited for.
        return engine.room(of: message.conversation).map { self.isAlone(.room($0), engine) } ?? false
            ? .delivered : .queued
    }

    /// Nothing was written later than now: what says so was written while this clock was wrong.
    private static func shown(_ at: Timestamp) -> Timestamp {
        let now = self.now().wall
        return HybridTime(raw: min(at.milliseconds, (1 << 48) - 1) << 16).isFar(ahead: now) ? now : at
    }

    /// The first words of a message, for those who answer it.
    private func beginning(of id: EnvelopeID) -> String? {
        guard let message = try? self.store.message(id), !message.isDeleted else { return nil }
        let text = SafeText.name(String(message.text.prefix(200)))
        return text.isEmpty ? nil : text
    }

    func name(_ person: PersonID, _ engine: Engine) -> String {
        engine.contacts[person]?.shownName ?? String(person.description.prefix(8))
    }

    /// Why a message still waits, as a word and in words.
    func reason(_ person: PersonID, _ engine: Engine) -> (word: WaitReason, words: String) {
        let word: WaitReason =
            switch engine.waitingFor(person, now: uptime()) {
            case .presence where self.isStillSearching: .looking
            case .presence: .presence
            case .acceptance: .acceptance
            case .acknowledgement: .acknowledgement
            }
        return (word, Language.english.say(.waiting(word, name: self.name(person, engine))))
    }

    /// Why a message still waits, wherever it goes.
    func reason(_ to: Recipient, _ engine: Engine) -> (word: WaitReason, words: String) {
        switch to {
        case .person(let person): return self.reason(person, engine)
        case .room(let room):
            let others = (engine.room(room)?.state.members ?? []).filter { $0 != engine.me }
            let isAnybodyHere = others.contains { engine.isOnline($0) }
            let word: WaitReason = isAnybodyHere ? .acknowledgement : .presence
            let phrase = Phrase.roomWaiting(word, name: self.name(room, engine), isAlone: others.isEmpty)
            return (word, Language.english.say(phrase))
        }
    }

    /// What became of something that was sent to one person or room.
    func sent(_ id: EnvelopeID, _ to: Recipient, _ progress: Conversation.Progress, _ engine: Engine) -> SentView {
        let isThere = progress.deliveredAt != nil || self.isAlone(to, engine)
        let state: MessageState = progress.readAt != nil ? .read : isThere ? .delivered : .queued
        var view = SentView(id: id, state: state, to: nil, toName: self.name(to, engine))
        if state == .queued {
            let reason = self.reason(to, engine)
            (view.waitsFor, view.reason) = (reason.word, reason.words)
        }
        view.deliveredAt = progress.deliveredAt
        view.readAt = progress.readAt
        guard case .person(let person) = to else {
            if case .room(let room) = to { view.room = room }
            return view
        }
        view.to = person
        if state == .queued, engine.leaves(person, at: Self.now()) { view.leaves = true }
        let alarm = self.looksLike(person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        view.trust = self.trust(person, engine)
        return view
    }

    /// What was kept, as an event.
    func view(_ change: Change, _ engine: Engine) -> EventView {
        let what: EventView.What
        switch change.subject {
        case .message(let message, let kind):
            let view = self.view(message, engine)
            what =
                switch kind {
                case .said: .message(view)
                case .edited: .edit(view)
                case .deleted: .delete(view)
                case .reacted: .reaction(view)
                case .delivered, .read, .left: .receipt(view)
                }
        case .contact(let contact):
            let view = self.view(contact.person, engine)
            what = contact.trust == .requested ? .request(view) : .contact(view)
        }
        return EventView(cursor: change.cursor, place: change.eventPlace, what)
    }
}
