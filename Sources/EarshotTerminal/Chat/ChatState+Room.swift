import EarshotControl
import EarshotModel

/// What is so in a room alone.
extension ChatState {
    /// The room has changed. Who came and who went is one line.
    mutating func hear(_ now: RoomView) {
        guard case .room(now.id) = self.with.place else { return }
        let before = self.with.room
        var room = now
        // Only whole ones tell of members.
        room.members = now.members ?? before?.members
        self.with.room = room
        self.with.peer = Peer(room)
        if now.standing != .joined, before?.standing == .joined {
            let left = "You are not in \(self.with.peer.name) any more."
            return self.add(
                note: now.standing == .removed
                    ? .warning("You were taken out of \(self.with.peer.name).") : .lines([left]))
        }
        guard let before else { return }
        var changes = Self.moves(before.members ?? [], room)
        if before.name != room.name { changes.append("now called \(self.with.peer.name)") }
        if before.topic != room.topic { changes.append(room.topic.map { "topic: \($0)" } ?? "no topic any more") }
        if before.owner != room.owner, let owner = room.ownerName { changes.append("\(owner) owns it now") }
        if before.lifetime != room.lifetime {
            let span = room.lifetime.map { "messages are dropped after \(Printout.span($0))" }
            changes.append(span ?? "messages stay")
        }
        if !changes.isEmpty { self.add(note: .lines([changes.joined(separator: " · ")])) }
    }

    /// Who joined, was invited and went.
    private static func moves(_ before: [RoomMemberView], _ room: RoomView) -> [String] {
        let now = room.members ?? []
        let taken = Set((room.former ?? []).filter { $0.standing == .removed }.map(\.person))
        let old = Dictionary(before.map { ($0.person, $0) }, uniquingKeysWith: { $1 })
        let new = Set(now.map(\.person))
        let joined = now.filter { $0.standing == .joined && old[$0.person]?.standing != .joined }.map(\.name)
        let invited = now.filter { $0.standing == .invited && old[$0.person] == nil }.map(\.name)
        let gone = before.filter { !new.contains($0.person) }
        let left = gone.filter { !taken.contains($0.person) }.map(\.name)
        let out = gone.filter { taken.contains($0.person) }.map(\.name)
        let all = [(joined, "joined"), (invited, "invited"), (left, "left"), (out, "taken out")]
        return all.filter { !$0.0.isEmpty }.map { names, what in
            let more = names.count > 6 ? " and \(names.count - 6) more" : ""
            return "\(names.prefix(6).joined(separator: ", "))\(more) \(what)"
        }
    }

    /// Somebody came or went who may be in the room.
    mutating func note(member person: PersonID, isOnline: Bool) {
        guard var room = self.with.room, let index = room.members?.firstIndex(where: { $0.person == person }) else {
            return
        }
        room.members?[index].online = isOnline
        self.with.room = room
        self.with.peer = Peer(room)
    }

    /// `2 of 4 here`.
    package var attendance: String? {
        guard let members = self.with.room?.members else { return nil }
        return "\(members.count { $0.online }) of \(members.count) here"
    }

    /// The members but ourselves.
    package var others: [RoomMemberView] { (self.with.room?.members ?? []).filter { $0.me != true } }

    /// Whom one may invite: contacts who are not in it.
    package var invitable: [String] {
        let inside = Set((self.with.room?.members ?? []).map(\.person))
        return self.people.filter { $0.trust != .blocked && !inside.contains($0.person) }.map(\.name).sorted()
    }

    func isPinned(_ id: EnvelopeID) -> Bool { self.with.room?.pins?.contains(id) ?? false }

    /// Whether a message names us.
    func isForUs(_ message: ChatMessage) -> Bool {
        guard !message.isMine, !message.call.mentions.isEmpty else { return false }
        return self.with.room?.members?.contains { $0.me == true && message.call.mentions.contains($0.person) } ?? false
    }

    /// What /who tells.
    var aboutRoom: [String] {
        guard let room = self.with.room else { return [] }
        let style = Style(hasColour: false, isUnicode: true)
        return ["\(self.with.peer.name) · \(self.attendance ?? "") · \(room.id.brief)"]
            + (room.topic.map { ["topic: \($0)"] } ?? [])
            + (room.members ?? []).map { member in
                let marks = [
                    member.me == true ? "you" : nil, member.owner == true ? "owner" : nil,
                    member.writer == true && member.owner != true ? "writer" : nil,
                    member.standing == .invited ? "invited" : nil, style.alarmText(member),
                ].compactMap { $0 }.filter { !$0.isEmpty }
                let behind = marks.isEmpty ? "" : " · " + marks.joined(separator: ", ")
                let name = member.me == true ? member.name : style.named(member.name, member.trust)
                return "\(style.dot(online: member.online)) \(name) · \(member.person.brief)\(behind)"
            }
    }

    // MARK: whose it is

    func isOurs(_ message: MessageView) -> Bool {
        switch self.with.place {
        case .room(let room): message.room == room
        case .person(let person): message.room == nil && (message.from == person || message.to == person)
        }
    }

    func isOurs(_ transfer: TransferView) -> Bool {
        switch self.with.place {
        case .room(let room): transfer.room == room
        case .person(let person): transfer.room == nil && transfer.person == person
        }
    }

    /// What a message offers: of what we offer to a room a transfer for each member.
    func transfers(of message: EnvelopeID) -> [TransferView] {
        if let one = self.transfers[message] { return [one] }
        return self.transfers.values.filter { $0.message == message }
            .sorted { ($0.peer.lowercased(), $0.id) < ($1.peer.lowercased(), $1.id) }
    }
}
