import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotVault
import EarshotWire
import Logging
import NIOConcurrencyHelpers

/// What the node knows, as the door tells it (docs/Control.md).
extension Node {
    func idJSON(_ engine: Engine) -> JSON {
        [
            "person": .string(self.identity.person.description), "device": .string(self.identity.device.description),
            "short": .string(self.identity.device.shortID), "name": .string(engine.name),
            "uri": .string("earshot:\(self.identity.person)"),
        ]
    }

    func status(_ state: RunState, _ now: Moment) throws -> JSON {
        .compact([
            "v": 1, "name": .string(state.engine.name), "person": .string(self.identity.person.description),
            "device": .string(self.identity.device.description), "port": .integer(Int64(clamping: state.port)),
            "state": .string(self.directory.path),
            "discovery": .string(state.backend), "advertised": .bool(state.isAdvertised),
            "interfaces": .array(Interface.usable(self.configuration.interfaces).map { .string($0.name) }),
            "sessions": .integer(Int64(clamping: state.engine.sessionCount)),
            "queued": .integer(Int64(clamping: try self.store.queued(me: self.identity.person))),
            "diskFull": .bool(state.engine.trouble == .full), "disk": .string(state.engine.trouble?.rawValue ?? "ok"),
            "setAside": .integer(Int64(clamping: (try? self.store.asideCount()) ?? 0)),
            "accept": .string(state.engine.contacts.policy.rawValue),
            "uptime": .integer(Int64(clamping: (now.uptime - state.startedAt) / 1_000)),
            "cursor": .integer(Int64(clamping: state.cursor)),
        ])
    }

    /// Everybody who is here or whom we know.
    func peers(_ engine: Engine) -> [JSON] {
        engine.contacts.all.filter { $0.trust != .new || engine.isOnline($0.person) }.map {
            self.personJSON($0.person, engine)
        }
    }

    func contacts(_ engine: Engine) throws -> [JSON] {
        try engine.contacts.all.filter { $0.trust != .new }.map { contact in
            let conversation = Derive.conversation(self.identity.person, contact.person)
            var object = self.personJSON(contact.person, engine).object ?? [:]
            object["unread"] = .integer(Int64(clamping: try self.store.unread(conversation, me: self.identity.person)))
            object["queued"] = .integer(Int64(clamping: try self.store.queued(conversation, me: self.identity.person)))
            return .object(object)
        }
    }

    func personJSON(_ person: PersonID, _ engine: Engine) -> JSON {
        let contact = engine.contacts[person] ?? Contact(person: person)
        let devices = engine.devices(of: person)
        let links = engine.linksInfo(of: person)
        return .compact(
            [
                "person": .string(person.description), "device": devices.first.map { .string($0.description) } ?? "",
                "name": .string(contact.shownName), "ownName": contact.name.isEmpty ? nil : .string(contact.name),
                "petname": contact.petname.map { .string($0) }, "trust": .string(contact.trust.rawValue),
                "online": .bool(engine.isOnline(person)),
                "addresses": .array(
                    links.map(\.remote).sorted(by: Endpoint.isShownBefore).map { .string($0.description) }),
                "cipher": links.first.map { .string($0.cipher) },
                "request": contact.request.map { .string($0) },
                "requestedAt": contact.requestedAt.map { .string($0.rfc3339) },
                "since": contact.since.map { .string($0.rfc3339) },
            ].merging(self.alarm(person, engine)) { $1 })
    }

    func state(_ message: Message, _ engine: Engine) -> String {
        guard message.author == self.identity.person else { return "received" }
        return message.readAt != nil ? "read" : message.deliveredAt != nil ? "delivered" : "queued"
    }

    func json(_ message: Message, _ engine: Engine) -> JSON {
        let mine = message.author == self.identity.person
        let other = engine.person(of: message.conversation)
        let state = self.state(message, engine)
        let reactions =
            message.isDeleted
            ? []
            : message.reactions.map { reaction -> JSON in
                ["emoji": .string(reaction.emoji), "from": .string(reaction.person.description)]
            }
        return .compact(
            [
                "id": .string(message.id.description), "from": .string(message.author.description),
                "fromName": .string(mine ? engine.name : self.name(message.author, engine)),
                "to": (mine ? other : self.identity.person).map { .string($0.description) },
                "toName": .string(mine ? other.map { self.name($0, engine) } ?? "" : engine.name), "mine": .bool(mine),
                "text": .string(message.isDeleted ? "" : SafeText.message(message.text)), "state": .string(state),
                "at": .string(Self.shown(message.at).rfc3339),
                "replyTo": message.replyTo.map { .string($0.description) },
                "replyText": message.replyTo.flatMap { self.beginning(of: $0) },
                "edited": message.editedAt.map { .string($0.rfc3339) },
                "deleted": message.isDeleted ? true : nil, "reactions": reactions.isEmpty ? nil : .array(reactions),
                "deliveredAt": message.deliveredAt.map { .string($0.rfc3339) },
                "readAt": message.readAt.map { .string($0.rfc3339) },
                "arrivedAt": mine ? nil : .string(message.arrived.rfc3339),
                "incomplete": message.isComplete ? nil : true,
                "file": message.offer.map { self.offerJSON($0) },
                "unknownKind": message.unknownKind.map { .integer(Int64(clamping: $0)) },
                "problem": message.problem.map { .string($0) },
                "reason": state == "queued" ? other.map { .string(self.reason($0, engine)) } : nil,
            ].merging(self.alarm(other, engine)) { $1 })
    }

    /// Nothing was written later than now: what says so was written while this clock was wrong.
    private static func shown(_ at: Timestamp) -> Timestamp {
        let now = self.now().wall
        return HybridTime(raw: min(at.milliseconds, (1 << 48) - 1) << 16).isFar(ahead: now) ? now : at
    }

    /// The first words of a message, for those who answer it.
    private func beginning(of id: EnvelopeID) -> JSON? {
        guard let message = try? self.store.message(id), !message.isDeleted else { return nil }
        let text = SafeText.name(String(message.text.prefix(200)))
        return text.isEmpty ? nil : .string(text)
    }

    func name(_ person: PersonID, _ engine: Engine) -> String {
        engine.contacts[person]?.shownName ?? String(person.description.prefix(8))
    }

    /// Why a message still waits, and when it is tried again.
    func reason(_ person: PersonID, _ engine: Engine) -> String {
        let name = self.name(person, engine)
        switch engine.waitingFor(person, now: uptime()) {
        case .presence where uptime() < self.searchesUntil.withLockedValue { $0 }:
            return "looking for \(name) on the network; it goes as soon as they are found"
        case .presence: return "\(name) is not here; it goes as soon as \(name) appears"
        case .acceptance: return "\(name) has not accepted you yet"
        case .acknowledgement: return "on its way"
        }
    }

    func sent(_ id: EnvelopeID, _ person: PersonID, _ progress: Conversation.Progress, _ engine: Engine) -> JSON {
        let state = progress.readAt != nil ? "read" : progress.deliveredAt != nil ? "delivered" : "queued"
        return .compact(
            [
                "id": .string(id.description), "state": .string(state), "to": .string(person.description),
                "toName": .string(self.name(person, engine)),
                "reason": state == "queued" ? .string(self.reason(person, engine)) : nil,
                "deliveredAt": progress.deliveredAt.map { .string($0.rfc3339) },
                "readAt": progress.readAt.map { .string($0.rfc3339) },
            ].merging(self.alarm(person, engine)) { $1 })
    }

    func idReply(_ id: EnvelopeID) -> JSON { ["id": .string(id.description)] }

    // MARK: events

    func json(_ change: Change, _ engine: Engine) -> JSON {
        switch change.subject {
        case .message(let message, let kind):
            let event =
                switch kind {
                case .said: "message"
                case .edited: "edit"
                case .deleted: "delete"
                case .reacted: "reaction"
                case .delivered, .read: "receipt"
                }
            return [
                "cursor": .integer(Int64(clamping: change.cursor)), "event": .string(event),
                "message": self.json(message, engine),
            ]
        case .contact(let contact):
            let event = contact.trust == .requested ? "request" : "contact"
            return [
                "cursor": .integer(Int64(clamping: change.cursor)), "event": .string(event),
                "peer": self.personJSON(contact.person, engine),
            ]
        }
    }
}
