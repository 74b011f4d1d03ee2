import EarshotModel
import Foundation
import GRDB

/// What could not be stored, or could be stored and not be put into the history.
extension Store {
    package struct Aside: Sendable, Hashable {
        /// What a person would call it.
        package let what: String
        package let conversation: ConversationID?
        package let log: LogID?
        package let seq: UInt64?
        /// Whether its bytes are on disk. If so it is tried again at each start; if not, others have it and it was
        /// not acknowledged.
        package let isKept: Bool
        package let why: String
        package let at: Timestamp
    }

    /// The newest first.
    package func aside(limit: Int = 20) throws(StoreError) -> [Aside] {
        try self.read { db in
            try self.all(AsideRecord.self, db, "ORDER BY number DESC LIMIT ?", [Int64(clamping: limit)])
        }
    }

    package func asideCount() throws(StoreError) -> Int {
        try self.read { db in try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM aside")) ?? 0 }
    }

    /// What a check of the whole file finds wrong; `nil` if nothing. It reads all of it, and of a large one only what
    /// the rules need.
    package func fault() -> String? {
        do {
            let found: [String] = try self.read { db in
                let bytes =
                    try Int.fetchOne(db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                    ?? 0
                return bytes > Self.checkedBytes
                    ? [] : try String.fetchAll(db, sql: "PRAGMA quick_check(3)").filter { $0 != "ok" }
            }
            _ = try self.snapshot()
            return found.isEmpty ? nil : found.joined(separator: "; ")
        } catch {
            return "\(error)"
        }
    }

    private static let checkedBytes = 256 << 20

    /// Whether the index of words is whole; one that is not is made anew when it is used.
    package func isIndexWhole() -> Bool {
        (try? self.queue.writeWithoutTransaction {
            try $0.execute(sql: "INSERT INTO words (words) VALUES ('integrity-check')")
        }) != nil
    }

    /// Tries again to put into the history what is on disk and could not be: this Earshot may know how.
    func foldAgain() throws(StoreError) {
        do {
            try self.queue.writeWithoutTransaction { db in
                // What was deleted since need not be shown any more.
                try db.execute(
                    sql: """
                        DELETE FROM aside WHERE kept = 1 AND EXISTS (
                            SELECT 1 FROM envelope WHERE envelope.log = aside.log AND envelope.seq = aside.seq AND
                                envelope.wire IS NULL)
                        """)
                var last: Int64 = 0
                while let next = try self.foldAgain(db, after: last) { last = next }
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    private struct Kept: Decodable, FetchableRecord {
        let number: Int64
        let wire: Data
        let arrived: Int64?
        let author: Data?
        let ordering: Data
    }

    /// Some of them, in the order they came, which is that of their logs. Says which was the last.
    private func foldAgain(_ db: Database, after number: Int64) throws -> Int64? {
        let kept = try Kept.fetchAll(
            db,
            sql: """
                SELECT aside.number, envelope.wire, envelope.arrived, log.author,
                    coalesce(message.ordering, marker.ordering, x'') AS ordering
                FROM aside JOIN envelope ON envelope.log = aside.log AND envelope.seq = aside.seq JOIN log ON
                    log.log = aside.log
                LEFT JOIN message ON message.id = envelope.id LEFT JOIN marker ON marker.id = envelope.id
                WHERE kept = 1 AND envelope.wire IS NOT NULL AND aside.number > ? ORDER BY aside.number LIMIT 1000
                """, arguments: [number])
        guard let last = kept.last else { return nil }
        try Self.transaction(db, waits: true) {
            var writer = try FactWriter(db, me: nil, self.reader)
            for one in kept { try self.foldAgain(one, &writer) }
            try Self.restoreReceipts(db)
            _ = try writer.finish()
        }
        return last.number
    }

    private func foldAgain(_ kept: Kept, _ writer: inout FactWriter) throws {
        guard let (envelope, content) = self.reader(Array(kept.wire)),
            let author = kept.author.flatMap({ PersonID($0) })
        else { return }
        let arrived = kept.arrived.map(Timestamp.init(sql:)) ?? Timestamp(milliseconds: envelope.stamp.milliseconds)
        let place = Place(envelope, author: author, order: OrderKey(bytes: kept.ordering), arrived: arrived)
        let before = writer
        let why = try Self.attempt(writer.db) {
            // Its number may be another's soon.
            try writer.run(
                """
                DELETE FROM receipt WHERE message IN (SELECT number FROM message WHERE id = ? AND problem IS NOT
                    NULL)
                """,
                [envelope.id.data])
            try writer.run(
                """
                INSERT OR IGNORE INTO stale SELECT number FROM message
                WHERE id = ? AND problem IS NOT NULL AND number <= ?
                """, [envelope.id.data, writer.indexed])
            try writer.run("DELETE FROM message WHERE id = ? AND problem IS NOT NULL", [envelope.id.data])
            try writer.run("DELETE FROM marker WHERE id = ?", [envelope.id.data])
            try writer.fold(content, place)
            try writer.run("DELETE FROM aside WHERE number = ?", [kept.number])
        }
        if why != nil { writer = before }
    }
}
