import EarshotModel
import Foundation
import GRDB

extension Store {
    /// The newest transfers, oldest first: with everybody or with one person, everywhere or in one conversation, and
    /// only those that come in where that is asked.
    package func transfers(
        limit: Int = 200, with person: PersonID? = nil, in conversation: ConversationID? = nil, incoming: Bool = false
    ) throws(StoreError) -> [Transfer] {
        try self.read { db in
            try self.all(
                TransferRecord.self, db,
                """
                WHERE (?1 IS NULL OR person = ?1) AND (?2 IS NULL OR conversation = ?2) AND (incoming = 1 OR ?3 = 0)
                ORDER BY at DESC LIMIT ?4
                """,
                [person?.data, conversation?.data, incoming, Int64(clamping: limit)]
            ).reversed()
        }
    }

    /// Those whose offer's id, as text, begins so.
    package func transfers(idPrefix prefix: String, limit: Int = 8) throws(StoreError) -> [Transfer] {
        guard let range = Self.range(ofPrefix: prefix) else { return [] }
        return try self.read { db in
            try self.all(
                TransferRecord.self, db, "WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
                [range.0, range.1, Int64(clamping: limit)]
            )
            .filter { $0.id.description.hasPrefix(prefix) }
        }
    }

    /// What of a conversation is here, newest first: what came, and what we offered, to a room once.
    package func files(in conversation: ConversationID, before: Transfer?, limit: Int) throws(StoreError) -> [Transfer]
    {
        try self.read { db in
            try self.all(
                TransferRecord.self, db,
                """
                WHERE conversation = ?1 AND (incoming = 0 OR state = 'complete') AND (?2 IS NULL OR (at, id) < (?2, ?3))
                GROUP BY coalesce(message, id) ORDER BY at DESC, id DESC LIMIT ?4
                """,
                [
                    conversation.data, before?.at.sql, before?.id.data ?? Data(), Int64(clamping: limit),
                ])
        }
    }

    /// Incoming ones that are over, of those that came last: newest first.
    package func ended(limit: Int) throws(StoreError) -> [Transfer] {
        try self.read { db in
            try self.all(
                TransferRecord.self, db,
                "WHERE incoming = 1 AND state IN ('complete', 'declined', 'cancelled') ORDER BY at DESC LIMIT ?",
                [Int64(clamping: limit)])
        }
    }
}

extension FactWriter {
    func take(_ transfer: Transfer) throws {
        try TransferRecord(transfer).insert(self.db)
    }

    func came(_ id: EnvelopeID, _ have: UInt64) throws {
        try self.run(
            "UPDATE transfer SET have = ? WHERE id = ? AND have < ?",
            [Int64(clamping: have), id.data, Int64(clamping: have)])
    }

    func take(_ share: Share) throws {
        try ShareRecord(share).insert(self.db)
    }
}
