import EarshotControl
import EarshotModel

/// Rooms as a table, and one of them by itself.
extension Printout {
    /// One row for each, in the order they come; what does not fit beside it stands under it.
    package func rooms(_ rooms: [RoomView], columns: Int? = nil) -> [String] {
        let names = rooms.map { RoomResolver.shown($0.name) }
        let width = min(names.map { Width.of($0) }.max() ?? 0, columns.map { max(8, $0 - 40) } ?? .max)
        return zip(rooms, names).flatMap { room, name -> [String] in
            let shown = Width.of(name) > width ? Width.fit(name, width - 1) + self.style.ellipsis : name
            let what = self.standing(of: room)
            var line = "\(self.style.bold(Width.fit(shown, width)))  \(what.coloured)"
            var used = width + 2 + Width.of(what.plain)
            var under: [String] = []
            for (plain, coloured) in self.notes(on: room) {
                if under.isEmpty, columns.map({ used + 2 + Width.of(plain) < $0 }) ?? true {
                    line += "  " + coloured
                    used += 2 + Width.of(plain)
                } else {
                    under += plain.hasPrefix("`") ? [coloured] : Width.wrap(plain, (columns ?? 80) - 5)
                }
            }
            return [line] + under.map { "    " + $0 }
        }
    }

    private func standing(of room: RoomView) -> (plain: String, coloured: String) {
        let count = "\(room.memberCount) \(room.memberCount == 1 ? "member" : "members")"
        switch room.standing {
        case .joined:
            let text = "\(count), \(room.onlineCount ?? 0) here"
            return (text, text)
        case .invited:
            let text = "invited by \(room.inviterName ?? "?")"
            return (text, self.style.yellow(text))
        case .open: return ("open, \(count)", self.style.dim("open, \(count)"))
        case .left: return ("you left it", self.style.dim("you left it"))
        case .removed: return ("you were taken out", self.style.dim("you were taken out"))
        case .gone: return ("not open here any more", self.style.dim("not open here any more"))
        }
    }

    private func notes(on room: RoomView) -> [(plain: String, coloured: String)] {
        var notes: [(String, String)] = [(room.id.brief, self.style.dim(room.id.brief))]
        if let unread = room.unread, unread > 0 {
            notes.append(("\(unread) unread", self.style.bold("\(unread) unread")))
        }
        if let topic = room.topic { notes.append((topic, self.style.dim(topic))) }
        if room.standing == .invited || room.standing == .open {
            let command = "`\(Quoting.command("room join", room.name, state: self.folder))`"
            notes.append((command, room.standing == .invited ? self.style.yellow(command) : self.style.dim(command)))
        }
        return notes
    }

    /// Everything about one.
    package func room(_ room: RoomView, columns: Int? = nil) -> [String] {
        let what = self.standing(of: room)
        var lines = [
            "\(self.style.bold(RoomResolver.shown(room.name)))  \(self.style.dim(room.id.brief))  \(what.coloured)"
        ]
        if let topic = room.topic {
            lines += columns.map { Width.wrap(topic, $0 - 3) }?.map { "  " + $0 } ?? ["  " + topic]
        }
        var rules = [room.open ? "anybody may join" : room.ownerInvites ? "only the owner invites" : "members invite"]
        rules.append(room.announce ? "the owner and writers write" : "everybody writes")
        rules.append(
            room.history == .all ? "who comes later may read everything" : "who comes later reads from then on")
        if let lifetime = room.lifetime { rules.append("messages are dropped after \(Self.span(lifetime))") }
        let rule = rules.joined(separator: "; ")
        lines += (columns.map { Width.wrap(rule, $0 - 3) } ?? [rule]).map { self.style.dim("  " + $0) }
        if let owner = room.ownerName, room.members == nil { lines.append("  of \(owner)") }
        if let pins = room.pins { lines.append("  pinned: \(pins.map(\.brief).joined(separator: " "))") }
        let names = (room.members ?? []).map { $0.me == true ? $0.name : self.style.named($0.name, $0.trust) }
        let width = names.map { Width.of($0) }.max() ?? 0
        for (member, called) in zip(room.members ?? [], names) {
            let marks = [
                member.me == true ? "you" : nil, member.owner == true ? "owner" : nil,
                member.writer == true && member.owner != true ? "writer" : nil,
                member.standing == .invited ? "invited" : nil,
                self.style.alarmText(member).isEmpty ? nil : self.style.alarmText(member),
            ].compactMap { $0 }.joined(separator: ", ")
            let name = Width.fit(called, width)
            let line = "\(self.style.dot(online: member.online)) \(name)  \(self.style.dim(member.person.brief))"
            lines.append(marks.isEmpty ? "  \(line)" : "  \(line)  \(self.style.dim(marks))")
        }
        for (standing, words) in [(RoomStanding.left, "left"), (.removed, "taken out")] {
            let names = (room.former ?? []).filter { $0.standing == standing }.map(\.name)
            guard !names.isEmpty else { continue }
            let more = names.count > 10 ? " and \(names.count - 10) more" : ""
            lines.append(self.style.dim("  \(words): \(names.prefix(10).joined(separator: ", "))\(more)"))
        }
        return lines
    }

    /// `7 days`, in the largest unit that has no rest.
    package static func span(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"),
        ]
        guard let (size, unit) = units.first(where: { milliseconds % $0.0 == 0 && milliseconds >= $0.0 }) else {
            return "\(milliseconds) ms"
        }
        let count = milliseconds / size
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }

    /// What a room is now, as an event.
    func changed(_ room: RoomView) -> String {
        let name = RoomResolver.shown(room.name)
        switch room.standing {
        case .invited:
            let command = "`\(Quoting.command("room join", room.name, state: self.folder))`"
            return self.style.yellow("\(room.inviterName ?? "Somebody") invites you to \(name)  \(command)")
        case .joined:
            let topic = room.topic.map { "; topic: \($0)" } ?? ""
            let count = "\(room.memberCount) \(room.memberCount == 1 ? "member" : "members")"
            return self.style.dim("\(name) has changed: \(count)\(topic)")
        case .left: return self.style.dim("You are not in \(name) any more")
        case .removed: return self.style.red("You were taken out of \(name)")
        case .open: return self.style.dim("\(name) is open here")
        case .gone: return self.style.dim("\(name) is not open here any more")
        }
    }
}
