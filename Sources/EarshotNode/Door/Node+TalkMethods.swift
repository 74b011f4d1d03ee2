import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Conversations as a list, and what one wants of each.
extension Node {
    static let talkHandlers: [any AnyHandler] = [
        Handler(looking: Methods.Talks.self) { node, asked, state in try node.talks(asked, state) },
        Handler(Methods.SetTalk.self) { node, asked, state, _ in try node.set(asked, &state) },
        Handler(looking: Methods.Gallery.self) { node, asked, state in
            let conversation = try node.conversation(asked.who, state.engine).id
            let before = try asked.before.map { try node.transfer($0) }
            let found = try node.store.files(
                in: conversation, before: before, limit: asked.limit?.value ?? Node.usualFiles)
            return found.map { node.view(state.engine.transfer($0.id) ?? $0, state) }
        },
    ]

    private static let usualTalks = 200
    private static let usualFiles = 50

    /// A line of the list, before it is shown.
    private struct Line {
        let conversation: ConversationID
        let to: Recipient
        let at: Timestamp
        let last: EnvelopeID?
        let isPinned: Bool
    }

    private func talks(_ asked: Methods.Talks, _ state: RunState) throws -> [TalkView] {
        var lines = try self.lines(state)
        lines.sort { left, right in
            if left.isPinned != right.isPinned { return left.isPinned }
            return (left.at, left.conversation) > (right.at, right.conversation)
        }
        if let after = asked.after {
            let conversation = try self.conversation(after, state.engine).id
            guard let index = lines.firstIndex(where: { $0.conversation == conversation }) else {
                throw DoorError(.talk(.notListed(word: after)))
            }
            lines.removeFirst(index + 1)
        }
        let waiting = try self.waiting(state.engine)
        return lines.prefix(asked.limit?.value ?? Self.usualTalks).map { self.view($0, waiting, state) }
    }

    /// What waits, everywhere or in one conversation.
    private func waiting(
        _ engine: Engine, in conversation: ConversationID? = nil
    ) throws -> [ConversationID: Store.Waiting] {
        let all = try self.store.waiting(for: engine.me, in: conversation)
        return Dictionary(all.map { ($0.conversation, $0) }, uniquingKeysWith: { $1 })
    }

    /// Where something was said, the rooms one is in, and what stands at the top.
    private func lines(_ state: RunState) throws -> [Line] {
        let engine = state.engine
        var lines: [ConversationID: Line] = [:]
        func add(_ conversation: ConversationID, _ to: Recipient, _ at: Timestamp, _ last: EnvelopeID?) {
            lines[conversation] = Line(
                conversation: conversation, to: to, at: at, last: last, isPinned: state.talks[conversation].isPinned)
        }
        for room in engine.roomList where room.known.standing == .joined {
            add(room.talk, .room(room.id), room.known.since, nil)
        }
        // Not one by one: of what is not known it would look through all contacts.
        let people = Dictionary(
            engine.contacts.all.map { (Derive.conversation(engine.me, $0.person), $0.person) },
            uniquingKeysWith: { $1 })
        for (conversation, person) in people where state.talks[conversation].isPinned {
            add(conversation, .person(person), Timestamp(milliseconds: 0), nil)
        }
        for talk in try self.store.talks() {
            if let person = people[talk.id] {
                add(talk.id, .person(person), talk.at, talk.last)
            } else if let room = engine.room(of: talk.id) {
                add(talk.id, .room(room), talk.at, talk.last)
            }
        }
        return Array(lines.values)
    }

    private func view(_ line: Line, _ waiting: [ConversationID: Store.Waiting], _ state: RunState) -> TalkView {
        let engine = state.engine
        let who =
            switch line.to {
            case .person(let person): person.description
            case .room(let room): "room:\(room)"
            }
        var view = TalkView(who: who, name: self.name(line.to, engine))
        switch line.to {
        case .person(let person):
            view.person = person
            view.peer = self.view(person, engine)
            let alarm = self.looksLike(person, engine)
            (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        case .room(let room):
            view.room = room
            view.standing = engine.room(room).map(Self.standing)
        }
        view.last = line.last.flatMap { try? self.store.message($0) }.map { self.view($0, engine) }
        if let waiting = waiting[line.conversation] {
            view.unread = Int64(clamping: waiting.unread)
            view.mentions = Int64(clamping: waiting.mentions)
            view.owed = Int64(clamping: waiting.owed.count)
        }
        let marks = state.talks[line.conversation]
        view.pinned = marks.isPinned ? true : nil
        if marks.isSilent(at: Self.now().wall) {
            view.muted = true
            if case .until(let end) = marks.silence { view.mutedUntil = end }
        }
        return view
    }

    /// One conversation as the list shows it; `nil` if it is not known.
    func view(talk conversation: ConversationID, _ state: RunState) throws -> TalkView? {
        let engine = state.engine
        let to: Recipient
        if let room = engine.room(of: conversation) {
            to = .room(room)
        } else if let person = engine.person(of: conversation) {
            to = .person(person)
        } else {
            return nil
        }
        let talk = try self.store.talk(conversation)
        let line = Line(
            conversation: conversation, to: to, at: talk?.at ?? Timestamp(milliseconds: 0), last: talk?.last,
            isPinned: state.talks[conversation].isPinned)
        return self.view(line, try self.waiting(engine, in: conversation), state)
    }

    private func set(_ asked: Methods.SetTalk, _ state: inout RunState) throws -> (TalkView, [Effect]) {
        let conversation = try self.conversation(asked.who, state.engine).id
        var marks = state.talks[conversation]
        if let pinned = asked.pinned { marks.isPinned = pinned }
        switch (asked.muted, asked.until) {
        case (nil, nil): break
        case (false?, nil): marks.silence = nil
        case (false?, _?): throw DoorError(.talk(.untilWithoutMute))
        case (_, let until?): marks.silence = .until(Timestamp(milliseconds: UInt64(clamping: until)))
        case (true?, nil): marks.silence = .forGood
        }
        var effects = state.talks.set(marks, of: conversation)
        guard let view = try self.view(talk: conversation, state) else {
            throw DoorError(.talk(.unknown(word: asked.who)))
        }
        if !effects.isEmpty { effects.append(.announce(.talk(conversation))) }
        return (view, effects)
    }
}
