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
            var sql = "SELECT * FROM message WHERE conversation = ?"
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
            return try Self.messages(db, sql, arguments).reversed()
        }
    }

    /// The messages whose id, as text, begins so.
    package func messages(idPrefix: String, limit: Int = 8) throws(StoreError) -> [Message] {
        guard let range = Self.range(ofPrefix: idPrefix) else { return [] }
        return try self.read { db in
            try Self.messages(
                db, "SELECT * FROM message WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
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
                    SELECT count(*) FROM message LEFT JOIN reading ON reading.log = message.log AND reading.person = ?1
                    WHERE message.conversation = ?2 AND author <> ?1 AND deleted = 0 AND message.seq > coalesce(reading.seq, 0)
                    """, arguments: [me.data, conversation.data]) ?? 0
        }
    }

    /// Our own messages that are on nobody else's disk yet.
    package func queued(_ conversation: ConversationID? = nil, me: PersonID) throws(StoreError) -> Int {
        try self.read { db in
            try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM message WHERE author = ?1 AND delivered IS NULL AND (?2 IS NULL OR conversation = ?2)",
                arguments: [me.data, conversation?.data]) ?? 0
        }
    }

    /// The number of the last commit.
    package func cursor() throws(StoreError) -> UInt64 {
        try self.read { db in
            UInt64(clamping: try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'cursor'") ?? 0)
        }
    }

    /// What changed after a commit, oldest first, each subject once with its latest change. At most `limit` of them,
    /// and more only to finish a commit, so that the last one's cursor is where to go on.
    package func changes(since cursor: UInt64, limit: Int = 500) throws(StoreError) -> [Change] {
        try self.read { db in
            let after = Int64(clamping: cursor)
            let bound =
                try Int64.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT changed FROM message WHERE changed > ? ORDER BY changed LIMIT 1 OFFSET ?"),
                    arguments: [after, Int64(clamping: limit)]) ?? .max
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT * FROM message WHERE changed > ? AND changed <= ? ORDER BY changed, number"),
                arguments: [after, bound])
            var changes = try rows.compactMap { row -> Change? in
                guard let kind = Change.Kind(rawValue: row["change"]), let message = try Self.message(db, row) else {
                    return nil
                }
                return Change(cursor: UInt64(clamping: row["changed"] as Int64), subject: .message(message, kind))
            }
            let contacts = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM contact WHERE changed > ? AND changed <= ? ORDER BY changed"),
                arguments: [after, bound])
            changes += contacts.compactMap { row in
                Contact(row: row).map {
                    Change(cursor: UInt64(clamping: row["changed"] as Int64), subject: .contact($0))
                }
            }
            return changes.sorted { ($0.cursor, $0.order) < ($1.cursor, $1.order) }
        }
    }

    /// What changed in one commit behind a place in it, in the order of `changes(since:)`; and whether there is more
    /// behind that.
    package func changes(of cursor: UInt64, beyond order: Int64, limit: Int) throws(StoreError) -> (
        changes: [Change], isMore: Bool
    ) {
        try self.read { db in
            let commit = Int64(clamping: cursor)
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT * FROM message WHERE changed = ? AND number > ? ORDER BY number LIMIT ?"),
                arguments: [commit, order, Int64(clamping: limit)])
            let messages = try rows.compactMap { row -> Change? in
                guard let kind = Change.Kind(rawValue: row["change"]), let message = try Self.message(db, row) else {
                    return nil
                }
                return Change(cursor: cursor, subject: .message(message, kind))
            }
            guard rows.count < limit else { return (messages, true) }
            let contacts = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM contact WHERE changed = ? ORDER BY person"), arguments: [commit])
            return (
                messages
                    + contacts.compactMap { row in
                        Contact(row: row).map { Change(cursor: cursor, subject: .contact($0)) }
                    }, false
            )
        }
    }

    static func messages(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Message] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).compactMap { try self.message(db, $0) }
    }

    private static func message(_ db: Database, _ row: Row) throws -> Message? {
        guard let id = EnvelopeID(row["id"] as Data), let conversation = ConversationID(row["conversation"] as Data),
            let author = PersonID(row["author"] as Data), let device = DeviceID(row["device"] as Data),
            let log = LogID(row["log"] as Data)
        else { return nil }
        let reactions = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT person, emoji FROM reaction WHERE target = ? AND state = 1 ORDER BY ordering, id"),
            arguments: [id.data]
        ).compactMap { row in PersonID(row[0] as Data).map { Message.Reaction(person: $0, emoji: row[1]) } }
        func time(_ column: String) -> Timestamp? { (row[column] as Int64?).map(Timestamp.init(sql:)) }
        var message = Message(
            id: id, conversation: conversation, author: author, device: device, log: log,
            seq: UInt64(clamping: row["seq"] as Int64),
            text: row["text"], isComplete: (row["held"] as Int64) >= (row["parts"] as Int64),
            replyTo: (row["reply"] as Data?).flatMap { EnvelopeID($0) }, at: Timestamp(sql: row["at"]),
            arrived: Timestamp(sql: row["arrived"]),
            editedAt: time("edited"), isDeleted: row["deleted"], reactions: reactions, deliveredAt: time("delivered"),
            readAt: time("read"),
            unknownKind: (row["unknown"] as Int64?).map { UInt32(clamping: $0) }, order: row["number"])
        message.problem = row["problem"]
        message.offer = value(FileOffer.self, json: row["offer"])
        return message
    }
}

extension Store {
    package func message(_ id: EnvelopeID) throws(StoreError) -> Message? {
        try self.read { db in try Self.messages(db, "SELECT * FROM message WHERE id = ?", [id.data]).first }
    }
}
