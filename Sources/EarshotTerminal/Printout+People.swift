import EarshotControl
import EarshotModel

/// People as a table.
extension Printout {
    /// One row for each, in the order they come; what does not fit beside it stands under it.
    package func peers(_ peers: [PersonView], columns: Int? = nil) -> [String] {
        guard !peers.isEmpty else {
            return [self.style.dim("Nobody is here yet. `earshot doctor` says what may be wrong.")]
        }
        let hasMarks = peers.contains { !self.style.mark($0.trust).isEmpty }
        let rows = peers.map { self.row($0, hasMarks: hasMarks) }
        let trust = rows.map { Width.of($0.trust) }.max() ?? 0
        let id = rows.map { Width.of($0.id) }.max() ?? 0
        // Two for the dot, two between the columns.
        let room = columns.map { max(8, $0 - 2 - 2 - trust - 2 - id - 1) } ?? .max
        let name = min(room, rows.map { Width.of($0.name) }.max() ?? 0)
        return rows.flatMap { row -> [String] in
            let shown =
                Width.of(row.name) > name
                ? Width.fit(row.name, name - Width.of(self.style.ellipsis)) + self.style.ellipsis : row.name
            let called = "\(self.style.dot(online: row.isOnline)) \(self.style.bold(Width.fit(shown, name)))"
            var line = "\(called)  \(Width.fit(row.trust, trust))  \(self.style.dim(row.id))"
            var used = 2 + name + 2 + trust + 2 + id
            var under: [String] = []
            let more = (row.place.isEmpty ? [] : [(row.place, self.style.dim(row.place))]) + row.notes
            for (plain, coloured) in more {
                // What comes after something that stands under the row stands there too.
                if under.isEmpty, columns.map({ used + 2 + Width.of(plain) < $0 }) ?? true {
                    line += String(repeating: " ", count: 2 + max(0, id - Width.of(row.id))) + coloured
                    used += 2 + Width.of(plain)
                } else if plain != row.place {
                    // A command is not broken: it is there to be pasted.
                    under +=
                        plain.hasPrefix("`")
                        ? ["    " + coloured] : Width.wrap(plain, (columns ?? 80) - 5).map { "    " + $0 }
                }
            }
            return [line] + under
        }
    }

    private struct Row {
        let name: String
        let trust: String
        let id: String
        let place: String
        let isOnline: Bool
        /// As they count and as they are shown.
        let notes: [(plain: String, coloured: String)]
    }

    /// `◆ verified`: the mark that stands behind their name elsewhere, and what it means.
    private func standing(_ trust: Trust) -> String {
        let mark = self.style.mark(trust)
        return "\(mark.isEmpty ? " " : mark) \(trust.rawValue)"
    }

    private func row(_ peer: PersonView, hasMarks: Bool) -> Row {
        var notes: [(String, String)] = []
        func note(_ text: String, _ colour: (String) -> String) { notes.append((text, colour(text))) }
        if let problem = peer.problem { note(problem, self.style.red) }
        if peer.looksLike != nil { note(self.style.alarmText(peer), self.style.red) }
        // The whole path is for programs: of the two files the lines differ.
        if let place = peer.namedBy { note("from \(place.split(separator: "/").last ?? "")", self.style.dim) }
        let presence = PresenceLines(style: self.style, zone: self.zone).note(peer)
        if !presence.isEmpty { note(presence, self.style.dim) }
        if peer.trust == .requested {
            let (words, command) = self.request(peer)
            if !words.isEmpty { note(words, self.style.yellow) }
            note(command, self.style.yellow)
        }
        if let unread = peer.unread, unread > 0 { note("\(unread) unread", self.style.bold) }
        if let queued = peer.queued, queued > 0 {
            note("\(queued) waiting to be delivered", self.style.dim)
        }
        return Row(
            name: peer.name, trust: hasMarks ? self.standing(peer.trust) : peer.trust.rawValue,
            id: peer.person.brief, place: peer.via.map { "over \($0)" } ?? peer.addresses.first ?? "",
            isOnline: peer.online, notes: notes)
    }
}
