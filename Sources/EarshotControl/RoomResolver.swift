import EarshotModel
import EarshotText

/// Finds the room that a word means (docs/Control.md, WHO). As with persons never a guess: where several may be meant,
/// the error lists all of them.
///
/// In this order: a whole id; a whole name; the beginning of an id; the beginning of a name. Of names that fit alike
/// those of rooms that one is in come first, so that nobody makes them unclear by an invitation of that name.
package struct RoomResolver: Sendable {
    /// One room that may be meant.
    package struct Candidate: Sendable, Hashable {
        /// The whole id, as text.
        package let id: String
        package let name: String
        package let standing: RoomStanding
        /// What tells it from others of that name: `Anna's, 3 members`.
        package let note: String
        /// Somebody here tells of it, and anybody may come in.
        package let isOffered: Bool

        package init(id: String, name: String, standing: RoomStanding, note: String = "", isOffered: Bool = false) {
            self.id = id
            self.name = name
            self.standing = standing
            self.note = note
            self.isOffered = isOffered
        }

        fileprivate func rank(_ purpose: Purpose) -> Int {
            let order: [RoomStanding] = [.joined, .invited, .left, .removed, .open]
            switch purpose {
            case .use: return order.firstIndex(of: self.standing) ?? order.count
            case .join: return self.isOffered || self.standing == .invited ? 0 : self.standing == .joined ? 1 : 2
            }
        }

        fileprivate func label(idLength: Int) -> String {
            let note = self.note.isEmpty ? "" : ", \(self.note)"
            return "\(RoomResolver.shown(self.name)) (\(self.id.prefix(idLength))\(note))"
        }
    }

    /// What it is meant for: something in it, or going into it.
    package enum Purpose: Sendable { case use, join }

    private static let shortestID = 4
    private static let shortestName = 2
    private static let mostListed = 20

    private let candidates: [Candidate]

    package init(_ candidates: [Candidate]) { self.candidates = candidates }

    /// Whether a word where people and rooms may stand means a room: `#ops`, `room:ops`.
    package static func means(_ word: String) -> Bool {
        let clean = SafeText.name(word).lowercased()
        return clean.hasPrefix("#") || clean.hasPrefix("room:")
    }

    /// A room's name as people see it.
    package static func shown(_ name: String) -> String { "#\(name.count > 64 ? "\(name.prefix(64))…" : name)" }

    /// A name without the sign that says it is a room's.
    package static func bare(_ word: String) -> String {
        let clean = SafeText.name(word)
        if clean.lowercased().hasPrefix("room:") { return self.bare(String(clean.dropFirst("room:".count))) }
        return String(clean.drop { $0 == "#" })
    }

    /// The room's id; `#` and `room:` before it may be missing.
    /// - Throws: `ambiguousName` or `unknownName`, with candidates.
    package func resolve(_ word: String, to purpose: Purpose = .use) throws(DoorError) -> String {
        let bare = Self.bare(word)
        let wanted = bare.lowercased()
        guard !wanted.isEmpty else { throw DoorError(.word(.noRoomName)) }
        if let one = self.candidates.first(where: { $0.id == wanted }) { return one.id }
        let named = self.best(purpose) { $0 == wanted }
        let byID = wanted.utf8.count >= Self.shortestID ? self.candidates.filter { $0.id.hasPrefix(wanted) } : []
        let found = named + byID.filter { one in !named.contains { $0.id == one.id } }
        if found.count == 1, let one = found.first { return one.id }
        if found.count > 1 { throw self.ambiguous(bare, found) }
        let isEnough = wanted.count >= Self.shortestName || wanted.unicodeScalars.contains { !$0.isASCII }
        let begin = self.best(purpose) { $0.hasPrefix(wanted) }
        if begin.count == 1, isEnough, let one = begin.first { return one.id }
        if !begin.isEmpty {
            guard !isEnough else { throw self.ambiguous(bare, begin) }
            let (labels, more) = Self.labels(begin)
            throw DoorError(.word(.shortName(Self.shown(bare))), candidates: labels, more: more)
        }
        let (labels, more) = Self.labels(self.candidates.filter { $0.standing != .left && $0.standing != .removed })
        throw DoorError(.room(.unknown(room: Self.shown(bare))), candidates: labels, more: more)
    }

    private func ambiguous(_ bare: String, _ found: [Candidate]) -> DoorError {
        let (labels, more) = Self.labels(found)
        let id = found.first.map { String($0.id.prefix(8)) }
        return DoorError(.word(.severalRooms(room: Self.shown(bare), id: id)), candidates: labels, more: more)
    }

    /// Those whose names fit and are worth most.
    private func best(_ purpose: Purpose, _ fits: (String) -> Bool) -> [Candidate] {
        let fitting = self.candidates.filter { fits($0.name.lowercased()) }
        guard let rank = fitting.map({ $0.rank(purpose) }).min() else { return [] }
        return fitting.filter { $0.rank(purpose) == rank }
    }

    /// With as much of each id as tells them apart.
    private static func labels(_ found: [Candidate]) -> (labels: [String], more: Int) {
        let ordered = found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        var length = 8
        while length < 52, Set(ordered.map { $0.id.prefix(length) }).count < ordered.count { length += 4 }
        return (
            ordered.prefix(self.mostListed).map { $0.label(idLength: length) }, max(0, ordered.count - self.mostListed)
        )
    }
}
