import Foundation
import GRDB

/// Nothing is left of what was deleted, in no page of the database and not in its log.
///
/// SQLite overwrites what goes (`secure_delete`), but FTS5 notes a deletion beside the words and drops both when it
/// merges its segments, which may be never; its own remedy needs SQLite 3.42. So they are merged here after a
/// deletion, a little at a time. The write-ahead log, which has copies of older pages, begins anew.
extension Store {
    /// Pages of the index that are written in one go.
    private static let mergedPages = 64

    /// Does a little of it. Says whether there is more to do.
    func scrub() throws(StoreError) -> Bool {
        do {
            return try self.queue.writeWithoutTransaction { db in
                let phase = try Int64.fetchOne(
                    db.cachedStatement(sql: "SELECT value FROM meta WHERE key = 'forgotten'"))
                guard let phase else { return false }
                if try Self.merge(db, isFirst: phase == 1) { return true }
                try Self.transaction(db, waits: true) {
                    try db.execute(sql: "DELETE FROM meta WHERE key = 'forgotten'")
                }
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                WriteAheadLog.fill(of: self.path)
                return false
            }
        } catch {
            switch Self.failure(error) {
            case .full, .unwritable: throw Self.explain(error, self.path)
            case .damaged, .fact: break
            }
        }
        // Whatever is wrong with the index, one that is made anew has no deleted words in it.
        try self.rebuildIndex()
        return true
    }

    /// - Parameter isFirst: whether all segments are to become one; else the merge goes on that was begun so.
    private static func merge(_ db: Database, isFirst: Bool) throws -> Bool {
        try self.transaction(db, waits: false) {
            let before = db.totalChangesCount
            try db.execute(
                sql: "INSERT INTO words (words, rank) VALUES ('merge', ?)",
                arguments: [isFirst ? -self.mergedPages : self.mergedPages])
            // So FTS5 says that there was nothing to do.
            guard db.totalChangesCount - before > 1 else { return false }
            if isFirst { try db.execute(sql: "UPDATE meta SET value = 2 WHERE key = 'forgotten'") }
            return true
        }
    }
}
