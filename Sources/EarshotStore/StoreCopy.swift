import EarshotModel
import Foundation
import GRDB
import GRDBSQLite

/// A copy of the database that is made a little at a time, while it is written to: SQLite brings what was copied
/// already up to date (its online backup). What it cannot do is survive: whoever lets it go begins anew.
package final class StoreCopy {
    private let store: Store
    private let path: String
    private var target: OpaquePointer?
    private var work: OpaquePointer?

    /// Pages, of those there were at the last step.
    package private(set) var left = 0
    package private(set) var all = 0

    /// - Parameter path: of the copy; what is there is replaced.
    package init(of store: Store, to path: String) throws(StoreError) {
        (self.store, self.path) = (store, path)
        for ending in ["", "-journal", "-wal"] { unlink(path + ending) }
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &self.target, flags, nil) == SQLITE_OK, let target = self.target else {
            throw self.failure
        }
        // It is no use to anybody before it is whole.
        sqlite3_exec(target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nil, nil, nil)
        self.work = try store.read { db in sqlite3_backup_init(target, "main", db.sqliteConnection, "main") }
        guard self.work != nil else { throw self.failure }
    }

    deinit { self.close() }

    /// Copies so many pages. Says whether all of it is there.
    package func step(pages: Int32) throws(StoreError) -> Bool {
        let code = try self.store.read { _ in sqlite3_backup_step(self.work, pages) }
        self.left = Int(sqlite3_backup_remaining(self.work))
        self.all = Int(sqlite3_backup_pagecount(self.work))
        switch code {
        case SQLITE_DONE:
            guard sqlite3_backup_finish(self.work) == SQLITE_OK else { throw self.failure }
            self.work = nil
            self.close()
            return true
        // Somebody reads it just now.
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return false
        default: throw self.failure
        }
    }

    private var failure: StoreError {
        let code = self.target.map { sqlite3_extended_errcode($0) } ?? SQLITE_NOMEM
        let words = self.target.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
        let system = self.target.map { sqlite3_system_errno($0) } ?? 0
        if code & 0xFF == SQLITE_FULL || system == ENOSPC || system == EDQUOT { return .full(path: self.path) }
        return .unusable(path: self.path, detail: words)
    }

    private func close() {
        if let work = self.work { sqlite3_backup_finish(work) }
        if let target = self.target { sqlite3_close_v2(target) }
        (self.work, self.target) = (nil, nil)
    }
}

extension Store {
    /// What came out of a backup begins new logs (Protocol.md 6), and knows no file that it was.
    package func beginAnew(generation: [UInt8]) throws(StoreError) {
        do {
            try self.queue.write { db in
                try db.execute(sql: "DELETE FROM meta WHERE key = 'birth'")
                try db.execute(
                    sql: "UPDATE meta SET value = ? WHERE key = 'generation'", arguments: [generation.data])
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    /// Messages there are.
    package func messageCount() throws(StoreError) -> Int {
        try self.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM message") ?? 0 }
    }
}
