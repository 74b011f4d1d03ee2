import EarshotModel
import Foundation
import GRDB

/// Conversations as a list, and places in them.
extension Store {
    /// A conversation in which something is shown.
    package struct Talk: Sendable, Hashable {
        package let id: ConversationID
        /// What was said last, in causal order.
        package let last: EnvelopeID
        /// When that was written, or came, where it says that it was written later.
        package let at: Timestamp
    }

    /// All of them, in no order.
    package func talks() throws(StoreError) -> [Talk] {
        try self.settleOrder()
        return try self.read { db in try Self.talks(db, "", []) }
    }

    /// One of them, if anything is shown in it.
    package func talk(_ conversation: ConversationID) throws(StoreError) -> Talk? {
        try self.settleOrder()
        return try self.read { db in try Self.talks(db, "WHERE conversation.id = ?", [conversation.data]).first }
    }

    private static func talks(_ db: Database, _ which: String, _ arguments: StatementArguments) throws -> [Talk] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT message.conversation AS conversation, message.id AS id, min(at, arrived) AS at
                    FROM conversation JOIN message ON number = (
                        SELECT number FROM message AS said WHERE said.conversation = conversation.id AND
                            said.hidden = 0 ORDER BY said.ordering DESC, said.id DESC LIMIT 1)
                    \(which)
                    """), arguments: arguments)
        var talks: [Talk] = []
        while let row = try rows.next() {
            guard let id = ConversationID(try row.decode(Data.self, forColumn: "conversation")),
                let last = EnvelopeID(try row.decode(Data.self, forColumn: "id"))
            else { continue }
            let at = UInt64(clamping: try row.decode(Int64.self, forColumn: "at"))
            talks.append(Talk(id: id, last: last, at: Timestamp(milliseconds: at)))
        }
        return talks
    }

    /// The first `limit` messages that stand behind one, in causal order.
    package func history(_ conversation: ConversationID, after: EnvelopeID, limit: Int) throws(StoreError) -> [Message]
    {
        try self.settleOrder()
        return try self.read { db in
            try self.messages(
                db,
                """
                SELECT * FROM message WHERE conversation = ? AND hidden = 0
                    AND (ordering, id) > (SELECT ordering, id FROM message WHERE id = ?)
                ORDER BY ordering, id LIMIT ?
                """, [conversation.data, after.data, Int64(clamping: limit)])
        }
    }

    /// The first message of a conversation that stands among those of a moment or behind them; else the last one.
    package func message(in conversation: ConversationID, from at: Timestamp) throws(StoreError) -> EnvelopeID? {
        try self.settleOrder()
        // The greatest stamp stands first in a key.
        let stamp = min(at.milliseconds, (1 << 46) - 1) << 16
        let key = withUnsafeBytes(of: stamp.bigEndian) { Data($0) }
        let shown = "SELECT id FROM message WHERE conversation = ? AND hidden = 0"
        return try self.read { db in
            let first = "\(shown) AND ordering >= ? ORDER BY ordering, id LIMIT 1"
            let last = "\(shown) ORDER BY ordering DESC, id DESC LIMIT 1"
            let id =
                try Data.fetchOne(db, sql: first, arguments: [conversation.data, key])
                ?? Data.fetchOne(db, sql: last, arguments: [conversation.data])
            return id.flatMap { EnvelopeID($0) }
        }
    }
}
