import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Whom and what the words of a request mean. Every method asks here.
extension Node {
    /// All of them, each once, or none.
    func persons(_ to: [String], _ engine: Engine) throws -> [PersonID] {
        // Who is known does not change while a request is read; where all are said in full it is not asked for.
        lazy var resolver = self.resolver(engine)
        var persons: [PersonID] = []
        var known: Set<PersonID> = []
        for who in to {
            let person = try self.person(who, engine, resolver)
            if known.insert(person).inserted { persons.append(person) }
        }
        return persons
    }

    func person(_ who: String, _ engine: Engine) throws -> PersonID {
        try self.person(who, engine, self.resolver(engine))
    }

    private func person(_ who: String, _ engine: Engine, _ resolver: @autoclosure () -> WhoResolver) throws -> PersonID
    {
        // A program says who it means in full.
        if let person = PersonID(text: who), engine.contacts[person] != nil { return person }
        guard let person = PersonID(text: try resolver().resolve(who)) else {
            throw DoorError(.person(.unknown(word: who)))
        }
        return person
    }

    /// Whom to say yes to. Where a contact is meant, who is one already, and others call themselves the same, it
    /// could be one of them who asks.
    func person(toAccept who: String, _ engine: Engine) throws -> PersonID {
        let resolver = self.resolver(engine)
        let person = try self.person(who, engine, resolver)
        guard engine.contacts.talks(person), PersonID(text: who) == nil else { return person }
        let all = resolver.all(called: who)
        guard all.contains(where: { !$0.isContact && $0.isHere }) else { return person }
        throw resolver.ambiguous(who, all)
    }

    /// Whom to hear again: of those who are blocked, if a word means one of them.
    func person(toUnblock who: String, _ engine: Engine) throws -> PersonID {
        do throws(DoorError) {
            let blocked = self.candidates(engine) { $0.trust == .blocked }
            if let person = PersonID(text: try WhoResolver(blocked).resolve(who)) { return person }
        } catch  where error.kind == .ambiguousName { throw error } catch {}
        return try self.person(who, engine)
    }

    private func resolver(_ engine: Engine) -> WhoResolver {
        let me = self.identity.person.description
        return WhoResolver(
            self.candidates(engine) { _ in true },
            me: .init(person: me, devices: [self.identity.device.description], name: engine.name, isContact: true))
    }

    private func candidates(_ engine: Engine, _ isMeant: (Contact) -> Bool) -> [WhoResolver.Candidate] {
        engine.contacts.all.filter(isMeant).map { contact in
            .init(
                person: contact.person.description, devices: engine.devices(of: contact.person).map(\.description),
                petname: contact.petname, name: contact.name.isEmpty ? nil : contact.name,
                isContact: contact.trust.talks,
                isHere: contact.trust == .requested || engine.isOnline(contact.person))
        }
    }

    /// Whether an answer would only say who has not been found yet.
    func comesEarly(_ method: any Method, _ state: RunState, _ now: Moment) -> Bool {
        guard state.callers.early.isLooking(calls: state.engine.whereabouts.dialer.isCalling, now: now.uptime) else {
            return false
        }
        if method is Methods.Peers || method is Methods.Contacts || method is Methods.ListRooms
            || method is Methods.Join
        {
            return true
        }
        let rooms = method.rooms + method.people.filter(RoomResolver.means)
        let isRoomUnknown = rooms.contains { room in
            Self.isUnknown { () throws(DoorError) in _ = try self.roomResolver(state.engine).resolve(room) }
        }
        if isRoomUnknown { return true }
        let resolver = self.resolver(state.engine)
        return method.people.contains { who in
            !RoomResolver.means(who) && Self.isUnknown { () throws(DoorError) in _ = try resolver.resolve(who) }
        }
    }

    private static func isUnknown(_ resolve: () throws(DoorError) -> Void) -> Bool {
        do throws(DoorError) {
            try resolve()
            return false
        } catch { return error.kind == .unknownName }
    }

    /// Refuses a name for a person that would be taken for somebody else's.
    func check(petname: String, for person: PersonID, _ engine: Engine) throws(DoorError) {
        let clean = SafeText.name(petname)
        guard !clean.isEmpty else { return }
        let beginning = clean.lowercased()
        if beginning.count >= IDPrefix.shortest,
            let other = engine.contacts.all.first(where: { $0.person.description.hasPrefix(beginning) })
        {
            throw DoorError(.person(.nameIsID(clean, of: self.name(other.person, engine))))
        }
        if let other = engine.contacts.holder(ofPetname: clean, besides: person) {
            let looks = other.shownName.lowercased() == beginning ? nil : other.shownName
            throw DoorError(.person(.nameIsTaken(looks: looks, id: String(other.person.description.prefix(8)))))
        }
    }

    // MARK: messages and transfers

    func message(_ typed: String) throws -> Message {
        let prefix = try IDPrefix(typed, of: .message)
        return try prefix.only(of: self.store.messages(idPrefix: prefix.text, limit: 100)) { message in
            IDPrefix.Found(id: message.id.description, words: self.words(of: message))
        }
    }

    func transfer(_ typed: String) throws -> Transfer {
        let prefix = try IDPrefix(typed, of: .transfer)
        return try prefix.only(of: self.store.transfers(idPrefix: prefix.text, limit: 100)) { transfer in
            IDPrefix.Found(id: transfer.id.description, words: SafeName(transfer.offer.name).text)
        }
    }

    /// How a message begins, on one line; what an offer is called.
    func words(of message: Message) -> String {
        if message.isDeleted { return "(deleted)" }
        if let offer = message.offer { return SafeName(offer.name).text }
        let whole = SafeText.name(String(message.text.prefix(200)))
        return whole.count > 60 || message.text.count > 200 ? "\(whole.prefix(60))…" : whole
    }

    /// The other of the two in a message's conversation.
    func other(_ message: Message, _ engine: Engine) throws -> PersonID {
        guard let person = engine.person(of: message.conversation) else {
            throw DoorError(.message(.conversationGone))
        }
        return person
    }
}
