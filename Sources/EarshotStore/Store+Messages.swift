import EarshotModel
import Foundation
import GRDB

/// Reading what people see.
extension Store {
    /// The newest `limit` messages, oldest first, of a conversation: in causal order, then by stamp, then by id
    /// (Protocol.md 6).
    package func history(
        _ conversation: ConversationID, since: Timestamp? = nil, before: EnvelopeID? = nil, limit: Int
    ) throws(StoreError) -> [Message] {
        try self.settleOrder()
        return try self.read { db in
            var sql = "SELECT * FROM message WHERE conversation = ? AND hidden = 0"
            var arguments: StatementArguments = [conversation.data]
            if let since {
                sql += " AND at >= ?"
                arguments += [since.sql]
            }
            if let before {
                sql += " AND (ordering, id) < (SELECT ordering, id FROM message WHERE id = ?)"
                arguments += [before.data]
            }
            sql += " ORDER BY ordering DESC, id DESC LIMIT ?"
            arguments += [Int64(clamping: limit)]
            return try self.messages(db, sql, arguments).reversed()
        }
    }

    /// The messages whose id, as text, begins so.
    package func messages(idPrefix: String, limit: Int = 8) throws(StoreError) -> [Message] {
        guard let range = Self.range(ofPrefix: idPrefix) else { return [] }
        return try self.read { db in
            try self.messages(
                db, "SELECT * FROM message WHERE id >= ? AND id <= ? AND hidden = 0 ORDER BY id LIMIT ?",
                [range.0, range.1, Int64(clamping: limit)]
            ).filter { $0.id.description.hasPrefix(idPrefix) }
        }
    }

    /// Ids between which all lie whose text begins so.
    static func range(ofPrefix prefix: String) -> (Data, Data)? {
        guard !prefix.isEmpty, prefix.utf8.count <= 52,
            prefix.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) })
        else { return nil }
        var bits: [UInt8] = []
        for character in prefix.utf8 {
            let value = character >= 0x61 ? character - 0x61 : character - 0x32 + 26
            for shift in stride(from: UInt8(4), through: 0, by: -1) { bits.append(value >> shift & 1) }
        }
        func bytes(fill: UInt8) -> Data {
            let padded = (bits + [UInt8](repeating: fill, count: 260)).prefix(256)
            return Data(stride(from: 0, to: 256, by: 8).map { at in padded[at..<at + 8].reduce(0) { $0 << 1 | $1 } })
        }
        return (bytes(fill: 0), bytes(fill: 1))
    }

    /// Messages of others that we have not read.
    package func unread(_ conversation: ConversationID, me: PersonID) throws(StoreError) -> Int {
        try self.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT coalesce(sum((
                        SELECT count(*) FROM message WHERE message.log = log.log AND last > coalesce(reading.seq, 0)
                            AND message.seq > coalesce(reading.seq, 0) AND hidden = 0 AND deleted = 0
                            AND invitation IS NULL)), 0)
                    FROM log LEFT JOIN reading ON reading.log = log.log AND reading.person = ?1
                    WHERE log.conversation = ?2 AND log.author IS NOT ?1
                    """, arguments: [me.data, conversation.data]) ?? 0
        }
    }

    /// Our own messages that are on nobody else's disk yet.
    package func queued(_ conversation: ConversationID? = nil, me: PersonID) throws(StoreError) -> Int {
        // From the logs to their messages: left to itself SQLite goes through all messages there are.
        let place = conversation == nil ? "" : " AND log.conversation = ?2"
        return try self.read { db in
            try Int.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM log CROSS JOIN message ON message.log = log.log AND message.last > max(
                            coalesce((SELECT max(seq) FROM held WHERE held.log = log.log), 0),
                            coalesce((SELECT max(seq) FROM reading WHERE reading.log = log.log AND person <> ?1), 0))
                            AND message.hidden = 0 WHERE log.author = ?1\(place)
                        """), arguments: conversation.map { [me.data, $0.data] } ?? [me.data]) ?? 0
        }
    }

    /// The number of the last commit.
    package func cursor() throws(StoreError) -> UInt64 {
        try self.read { db in
            UInt64(clamping: try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'cursor'") ?? 0)
        }
    }

    /// What changed after a commit, oldest first, each subject once with its latest change. At most `limit` of them
    /// of a kind, and more only to finish a commit, so that the last one's cursor is where to go on.
    package func changes(since cursor: UInt64, limit: Int = 500) throws(StoreError) -> [Change] {
        try self.page(since: cursor, limit: limit).changes
    }

    /// The same, and up to which commit that is everything; `nil` if nothing is behind it. How many there are does not
    /// tell: what changed once more later is told with that.
    package func page(since cursor: UInt64, limit: Int) throws(StoreError) -> (changes: [Change], until: UInt64?) {
        try self.read { db in
            let after = Int64(clamping: cursor)
            let bounds = try ["message WHERE hidden = 0", "receipt WHERE changed > 0"].map { table in
                try Int64.fetchOne(
                    db.cachedStatement(
                        sql:
                            """
                            SELECT changed FROM \(table) AND changed > ? ORDER BY changed LIMIT 1
                                OFFSET ?
                            """
                    ),
                    arguments: [after, Int64(clamping: limit)]) ?? .max
            }
            let bound = bounds.min() ?? .max
            let messages = try self.changes(
                db,
                """
                SELECT * FROM message WHERE hidden = 0 AND number IN (
                    SELECT number FROM message WHERE hidden = 0 AND changed > ?1 AND changed <= ?2
                    UNION SELECT message FROM receipt WHERE changed > ?1 AND changed > 0 AND changed <= ?2)
                """, [after, bound])
            let contacts = try self.contacts(
                db, "WHERE changed > ? AND changed <= ? ORDER BY changed, person", [after, bound])
            // What happened again later is told then.
            let changes = (messages.filter { Int64(clamping: $0.cursor) <= bound } + contacts).sorted {
                ($0.cursor, $0.order, $0.person) < ($1.cursor, $1.order, $1.person)
            }
            return (changes, bound == .max ? nil : UInt64(clamping: bound))
        }
    }

    /// What changed in one commit behind a place in it, in the order of `changes(since:)`; and whether there is more
    /// behind that.
    package func changes(of cursor: UInt64, beyond order: Int64, limit: Int) throws(StoreError) -> (
        changes: [Change], isMore: Bool
    ) {
        try self.read { db in
            let commit = Int64(clamping: cursor)
            let messages = try self.changes(
                db,
                """
                SELECT * FROM message WHERE hidden = 0 AND +changed <= ?1 AND number IN (
                    SELECT number FROM message WHERE hidden = 0 AND changed = ?1
                    UNION SELECT message FROM receipt WHERE changed = ?1 AND changed > 0)
                AND number > ?2 AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.message = number AND
                    receipt.changed > ?1)
                ORDER BY number LIMIT ?3
                """, [commit, order, Int64(clamping: limit)])
            guard messages.count < limit else { return (messages, true) }
            return (messages + (try self.contacts(db, "WHERE changed = ? ORDER BY person", [commit])), false)
        }
    }

    private func contacts(_ db: Database, _ rest: String, _ arguments: StatementArguments) throws -> [Change] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: "SELECT * FROM contact \(rest)"), arguments: arguments)
        return try self.values(rows, of: "contact") { row in
            let record = try ContactRecord(row: row)
            return record.value.map { Change(cursor: UInt64(clamping: record.changed), subject: .contact($0)) }
        }
    }
}

extension Store {
    package func message(_ id: EnvelopeID) throws(StoreError) -> Message? {
        try self.read { db in
            try self.messages(db, "SELECT * FROM message WHERE id = ? AND hidden = 0", [id.data]).first
        }
    }
}
