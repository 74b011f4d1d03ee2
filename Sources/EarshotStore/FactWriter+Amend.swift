import EarshotModel
import Foundation
import GRDB

/// Edits and deletions (Protocol.md 7). They count in the conversation of their target alone, and while they are
/// shown; a deletion that once counted is final.
extension FactWriter {
    /// Where a message stands that is here.
    struct Standing: Decodable, FetchableRecord {
        let number: Int64
        let isDeleted: Bool
        let edited: Int64?
        let editStamp: Int64?
        let editID: Data?
        let log: Data
        let seq: Int64
        let held: Int64
        let parts: Int64
        let isOffer: Bool
    }

    func message(_ id: EnvelopeID, by author: PersonID, in conversation: ConversationID) throws -> Standing? {
        try Standing.fetchOne(
            self.db.cachedStatement(
                sql: """
                    SELECT number, deleted AS isDeleted, edited, edit_stamp AS editStamp, edit_id AS editID, log,
                        seq, held, parts,
                        offer IS NOT NULL AS isOffer
                    FROM message WHERE id = ? AND author = ? AND conversation = ?
                    """), arguments: [id.data, author.data, conversation.data])
    }

    private struct Edit: Decodable, FetchableRecord {
        let text: String
        let stamp: Int64
        let id: Data
        let at: Int64
    }

    private struct LogPlace: Decodable, FetchableRecord {
        let log: Data
        let seq: Int64
    }

    func reword(_ row: Standing, _ text: String) throws {
        try self.run("UPDATE message SET text = ? WHERE number = ?", [text, row.number])
        // What is not in the index yet comes into it as it is then.
        if row.number <= self.indexed { try self.run("INSERT OR IGNORE INTO stale (number) VALUES (?)", [row.number]) }
    }

    /// An edit, or with no text a deletion. It waits if its target is not here.
    mutating func amend(_ target: EnvelopeID, text: String?, _ place: Place) throws {
        try self.run(
            """
            INSERT OR IGNORE INTO amendment (target, id, author, text, stamp, at, log, seq, ordering, conversation,
                membership, hidden) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                target.data, place.envelope.id.data, place.author.data, text?.kept, place.stamp, place.at,
                place.envelope.log.data, Int64(clamping: place.envelope.seq), place.order.bytes.data,
                place.envelope.conversation.data, Int64(clamping: place.envelope.membership),
                try self.hides(place.envelope),
            ])
        try self.applyWaiting(to: target, by: place.author, in: place.envelope.conversation)
    }

    /// What is put to a message by its author, in its conversation. Of earlier ones it is not known where they were
    /// put.
    private static let itsOwn = "target = ?1 AND author = ?2 AND (conversation IS NULL OR conversation = ?3)"

    /// Applies what waits for a message: a deletion is final, else the highest edit counts.
    func applyWaiting(to target: EnvelopeID, by author: PersonID, in conversation: ConversationID) throws {
        // Of almost every message nothing does.
        let waits = try self.first(
            hot: "SELECT 1 FROM amendment WHERE target = ? AND author = ? LIMIT 1", [.id(target), .id(author)]
        ) { _ in true }
        guard waits != nil else { return }
        let its: StatementArguments = [target.data, author.data, conversation.data]
        let isDeleted =
            try Bool.fetchOne(
                self.db.cachedStatement(
                    sql: "SELECT 1 FROM amendment WHERE \(Self.itsOwn) AND text IS NULL AND hidden = 0 LIMIT 1"),
                arguments: its) ?? false
        let row = try self.message(target, by: author, in: conversation)
        if isDeleted || row?.isDeleted ?? false { return try self.forget(target, author, conversation) }
        guard let row, !row.isOffer else { return }
        let best = try Edit.fetchOne(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT text, stamp, id, at FROM amendment WHERE \(Self.itsOwn) AND text IS NOT NULL AND hidden = 0
                        ORDER BY ordering DESC, id DESC LIMIT 1
                    """
            ),
            arguments: its)
        guard let best else { return try self.unedit(row, target) }
        guard best.stamp != row.editStamp || best.id != row.editID else { return }
        try self.reword(row, best.text)
        try self.run(
            """
            UPDATE message SET edited = ?, edit_stamp = ?, edit_id = ?, changed = ?, change = 'edited' WHERE number
                = ?
            """,
            [best.at, best.stamp, best.id, self.cursor, row.number])
    }

    /// No edit is shown any more: the words are those it was written with.
    private func unedit(_ row: Standing, _ id: EnvelopeID) throws {
        guard row.edited != nil else { return }
        try self.reword(row, try self.original(row, id) ?? "")
        try self.run(
            """
            UPDATE message SET edited = NULL, edit_stamp = NULL, edit_id = NULL, changed = ?, change = 'edited' WHERE
                number = ?
            """, [self.cursor, row.number])
    }

    private func original(_ row: Standing, _ id: EnvelopeID) throws -> String? {
        if row.parts > 1 { return try self.words(of: row, id, isWhole: row.held == row.parts) }
        let wire = try Data.fetchOne(
            self.db.cachedStatement(sql: "SELECT wire FROM envelope WHERE log = ? AND seq = ?"),
            arguments: [row.log, row.seq])
        guard case .text(let text)? = wire.flatMap({ self.reader(Array($0)) })?.1 else { return nil }
        return text.text.kept
    }

    /// Does again what edits, parts and deletions make of a message, after some of them were shown or hidden.
    func restate(_ id: EnvelopeID, by author: PersonID, in conversation: ConversationID) throws {
        try self.join(id, by: author, in: conversation)
        try self.applyWaiting(to: id, by: author, in: conversation)
    }

    /// Messages whose time is over go as if their authors had deleted them.
    func expire(_ id: EnvelopeID, by author: PersonID, in conversation: ConversationID, at now: Timestamp) throws {
        try self.run(
            """
            INSERT OR IGNORE INTO amendment (target, id, author, text, stamp, at, log, seq, ordering, conversation)
            VALUES (?, x'', ?, NULL, 0, ?, x'', 0, x'', ?)
            """, [id.data, author.data, now.sql, conversation.data])
        try self.forget(id, author, conversation)
    }

    /// Words go, places stay: the bodies of the message, its parts and its edits are dropped from the disk, also of
    /// those that come when it is deleted already.
    private func forget(_ target: EnvelopeID, _ author: PersonID, _ conversation: ConversationID) throws {
        if let row = try self.message(target, by: author, in: conversation), !row.isDeleted {
            try self.reword(row, "")
            try self.run(
                """
                UPDATE message SET deleted = 1, held = parts, edited = NULL, edit_stamp = NULL, edit_id = NULL,
                    offer = NULL, problem = NULL, asks = 0, mentions = NULL, expires = NULL, invitation = NULL,
                changed = ?, change = 'deleted' WHERE number = ?
                """, [self.cursor, row.number])
            try self.drop(row.log, row.seq, target)
        }
        let its: StatementArguments = [target.data, author.data, conversation.data]
        let places = try LogPlace.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT log, seq FROM part
                        WHERE first = ?1 AND author = ?2 AND (conversation IS NULL OR conversation = ?3)
                    UNION ALL SELECT log, seq FROM amendment WHERE \(Self.itsOwn) AND text <> ''
                    """), arguments: its)
        for place in places { try self.drop(place.log, place.seq, nil) }
        guard !places.isEmpty else { return }
        try self.run(
            "DELETE FROM part WHERE first = ?1 AND author = ?2 AND (conversation IS NULL OR conversation = ?3)", its)
        try self.run("UPDATE amendment SET text = '' WHERE \(Self.itsOwn) AND text <> ''", its)
    }

    /// A body goes; what it says of the order stays (Protocol.md 7).
    private func drop(_ log: Data, _ seq: Int64, _ id: EnvelopeID?) throws {
        let wire = try Data.fetchOne(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT wire FROM envelope WHERE log = ?1 AND seq = ?2 AND (?3 IS NULL OR id = ?3) AND wire IS
                        NOT NULL
                    """
            ),
            arguments: [log, seq, id?.data])
        guard let wire else { return }
        let envelope = self.reader(Array(wire))?.0
        try self.run(
            "UPDATE envelope SET wire = NULL, stamp = ?, ancestors = ? WHERE log = ? AND seq = ?",
            [
                envelope.map { Int64(clamping: $0.stamp.raw) }, envelope.map { $0.ancestors.flatMap(\.bytes).data },
                log, seq,
            ])
        try self.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('forgotten', 1)", [])
        guard let log = LogID(log) else { return }
        self.dropped.places.append((log, UInt64(clamping: seq)))
        try self.withdraw(log, seq)
    }
}
