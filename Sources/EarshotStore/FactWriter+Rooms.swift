import EarshotModel
import Foundation
import GRDB

/// What is known of rooms, and what of what was written in them is shown (Protocol.md 17). Everything is folded as it
/// comes, and what does not count is marked as hidden until it does.
extension FactWriter {
    /// What kind a conversation is. One that nothing is known of is taken for a talk of two.
    enum ConversationKind: String {
        case two, room
        /// Holds operations on a room, and nothing that people see.
        case operations
    }

    mutating func take(_ room: KnownRoom) throws {
        try RoomRecord(room).insert(self.db)
        try self.become(.operations, room.id.operations)
    }

    mutating func setMembers(_ conversation: ConversationID, _ persons: Set<PersonID>) throws {
        try self.become(.room, conversation)
        try self.run("DELETE FROM member WHERE conversation = ?", [conversation.data])
        for person in persons.sorted() {
            try self.run("INSERT INTO member (conversation, person) VALUES (?, ?)", [conversation.data, person.data])
        }
    }

    mutating func kind(of conversation: ConversationID) throws -> ConversationKind {
        if let known = self.kinds[conversation] { return known }
        let kept = try self.first(hot: "SELECT kind FROM conversation WHERE id = ?", [.id(conversation)]) { $0.text(0) }
        let kind = kept.flatMap { ConversationKind(rawValue: $0) } ?? .two
        self.kinds[conversation] = kind
        return kind
    }

    /// A conversation turns out to be a room's: what was shown of it as in a talk of two is shown no longer, unless
    /// its stay counts.
    private mutating func become(_ kind: ConversationKind, _ conversation: ConversationID) throws {
        let before = try self.kind(of: conversation)
        guard before != kind, before != .operations else { return }
        self.kinds[conversation] = kind
        try self.run(
            "INSERT OR REPLACE INTO conversation (id, kind) VALUES (?, ?)", [conversation.data, kind.rawValue])
        let stretches = try Row.fetchAll(
            self.db,
            sql: ["message", "amendment", "part", "sign"].map { table in
                "SELECT log, membership FROM \(table) WHERE conversation = ?1"
            }.joined(separator: " UNION "), arguments: [conversation.data])
        for row in stretches {
            guard let log = LogID(try row.decode(Data.self, forColumn: "log")) else { continue }
            let membership = UInt64(clamping: try row.decode(Int64.self, forColumn: "membership"))
            let stretch = Stretch(log: log, membership: membership)
            let limit = try self.limit(of: stretch)
            try self.turn(stretch, Span(.max, limit.words), words: true)
            try self.turn(stretch, Span(.max, limit.all), words: false)
        }
    }

    /// Whether an envelope is kept and not shown.
    mutating func hides(_ envelope: Envelope) throws -> Bool {
        // In a talk of two the number says nothing.
        guard try self.kind(of: envelope.conversation) != .two else { return false }
        let limit = try self.limit(of: Stretch(log: envelope.log, membership: envelope.membership))
        return envelope.seq > (envelope.isWords ? limit.words : limit.all)
    }

    private mutating func limit(of stretch: Stretch) throws -> ShownLimit {
        // Nobody has a stay of that number.
        guard stretch.membership != 0 else { return .nothing }
        if let known = self.limits[stretch] { return known }
        let limit =
            try ShownRecord.fetchOne(
                self.db.cachedStatement(sql: "SELECT * FROM shown WHERE log = ? AND membership = ?"),
                arguments: [stretch.log.data, Int64(clamping: stretch.membership)])?.limit ?? .nothing
        self.limits[stretch] = limit
        return limit
    }

    /// From now on so much of a stretch is shown: what lies between there and where it was shown before appears, or
    /// is hidden.
    mutating func show(_ conversation: ConversationID, _ stretch: Stretch, _ limit: ShownLimit) throws {
        try self.become(.room, conversation)
        let before = try self.limit(of: stretch)
        guard before != limit, stretch.membership != 0 else { return }
        try ShownRecord(stretch, limit).insert(self.db)
        self.limits[stretch] = limit
        if before.words != limit.words { try self.turn(stretch, Span(before.words, limit.words), words: true) }
        if before.all != limit.all { try self.turn(stretch, Span(before.all, limit.all), words: false) }
    }

    /// What is between two limits, the old and the new.
    private struct Span {
        let above: Int64
        let upTo: Int64
        let hides: Bool

        init(_ old: UInt64, _ new: UInt64) {
            self.above = Int64(clamping: min(old, new))
            self.upTo = Int64(clamping: max(old, new))
            self.hides = new < old
        }

        /// The last part of a text is at most so far behind its first.
        var beyond: Int64 {
            let end = self.upTo.addingReportingOverflow(1_024)
            return end.overflow ? .max : end.partialValue
        }
    }

    /// Something that was put to a message.
    private struct Put: Decodable, FetchableRecord, Hashable {
        let target: Data
        let author: Data
        let conversation: Data
    }

    private static let isThere = """
        log = :log AND membership = :membership AND seq > :above AND seq <= :upTo AND hidden <> :hidden
        """

    private func turn(_ stretch: Stretch, _ span: Span, words: Bool) throws {
        let place: StatementArguments = [
            "log": stretch.log.data, "membership": Int64(clamping: stretch.membership), "above": span.above,
            "upTo": span.upTo, "hidden": span.hides,
        ]
        try self.run(
            """
            UPDATE message SET hidden = :hidden, changed = :cursor,
                change = CASE WHEN deleted THEN 'deleted' ELSE 'said' END
            WHERE last > :above AND last <= :beyond AND \(Self.isThere)
                AND coalesce(unknown, 1) \(words ? "" : "NOT") IN (1, 2, 3, 5)
            """, place + ["cursor": self.cursor, "beyond": span.beyond])
        if !words {
            for sign in try self.turn("sign", "target", "person", place) {
                try self.touch(sign.target, "reacted", in: sign.conversation)
            }
            return
        }
        let put = try self.turn("amendment", "target", "author", place) + self.turn("part", "first", "author", place)
        for one in Set(put) {
            guard let id = EnvelopeID(one.target), let author = PersonID(one.author),
                let conversation = ConversationID(one.conversation)
            else { continue }
            try self.restate(id, by: author, in: conversation)
        }
    }

    /// Shows or hides rows of a table, and says what they are put to.
    private func turn(_ table: String, _ target: String, _ author: String, _ place: StatementArguments) throws -> [Put]
    {
        let put = try Put.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT DISTINCT \(target) AS target, \(author) AS author, conversation FROM \(table)
                    WHERE \(Self.isThere) AND conversation IS NOT NULL
                    """), arguments: place)
        if !put.isEmpty { try self.run("UPDATE \(table) SET hidden = :hidden WHERE \(Self.isThere)", place) }
        return put
    }

    /// A log of which we have nothing before.
    mutating func begin(_ conversation: ConversationID, _ start: LogStart) throws {
        let seq = Int64(clamping: start.seq)
        try self.run(
            """
            INSERT INTO log (log, conversation, device, seq, id, after, beginning) VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?5)
            ON CONFLICT (log) DO UPDATE SET seq = excluded.seq, id = excluded.id, after = excluded.after,
                beginning = excluded.beginning WHERE excluded.seq > seq
            """,
            [start.log.data, conversation.data, start.device.data, seq, start.id.data])
        self.forgetHead(of: start.log, before: start.seq)
    }
}

extension Envelope {
    /// Of the kinds that in an announcement room only some may write (Protocol.md 17).
    var isWords: Bool { [1, 2, 3, 5].contains(self.kind) }
}
