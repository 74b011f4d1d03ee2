import EarshotModel
import Foundation
import GRDB

/// The database: every envelope, what people see of them, and what the rules must remember. Opening it brings the schema up
/// to date. Each commit is one transaction, on disk when `commit` returns.
package struct Store: Sendable {
    let queue: DatabaseQueue
    package let path: String

    /// - Parameter generation: 32 random bytes, kept if the database is made now.
    package init(path: String, generation: [UInt8]) throws(StoreError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.label = "earshot"
            configuration.busyMode = .timeout(2)
            configuration.prepareDatabase { db in
                // One process, one connection: no shared memory file, and a second daemon cannot open it by mistake.
                try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.execute(sql: "PRAGMA cache_size = -2000")
                try db.execute(sql: "PRAGMA temp_store = MEMORY")
            }
            self.queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrator(generation: generation).migrate(self.queue)
            let isNewer = try self.queue.read { try Self.migrator(generation: []).hasBeenSuperseded($0) }
            if isNewer { throw StoreError.newer(path: path) }
            WriteAheadLog.fill(of: path)
        } catch {
            throw Self.explain(error, path)
        }
    }

    /// Says which file this is (nothing where that is not known). If it was another when it was last opened, this is a copy or came
    /// out of a backup: then `generation` is taken, so that what is written from now on cannot contradict what was written since
    /// (Protocol.md 6).
    /// - Returns: whether it is a copy.
    package func settle(birthMark: [UInt8]?, generation: [UInt8]) throws(StoreError) -> Bool {
        do {
            return try self.queue.write { db in
                // A power cut may have taken commits that were told to listeners, but not waited for: their numbers are not used again.
                try db.execute(sql: "UPDATE meta SET value = value + 1048576 WHERE key = 'cursor' AND value > 0")
                let known = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'birth'")
                guard let birthMark, known != birthMark.data else { return false }
                try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('birth', ?)", arguments: [birthMark.data])
                guard known != nil else { return false }
                try db.execute(sql: "UPDATE meta SET value = ? WHERE key = 'generation'", arguments: [generation.data])
                return true
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    /// One that is gone when it is let go: for tests.
    package static func inMemory(generation: [UInt8] = [UInt8](repeating: 7, count: 32)) throws(StoreError) -> Store {
        try Store(path: ":memory:", generation: generation)
    }

    /// Lets go of the files, so that another may open them. Nothing works after it.
    package func close() { try? self.queue.close() }

    static func explain(_ error: any Error, _ path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return .unusable(path: path, detail: "\(error)") }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(path: path, detail: error.message ?? "\(error.resultCode)")
        case .SQLITE_FULL: return .full(path: path)
        case .SQLITE_IOERR:
            return error.extendedResultCode == .SQLITE_IOERR_WRITE || error.extendedResultCode == .SQLITE_IOERR_FSYNC
                ? .full(path: path) : .damaged(path: path, detail: error.message ?? "input/output error")
        default: return .unusable(path: path, detail: error.message ?? "\(error.resultCode)")
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do { return try self.queue.unsafeRead(body) } catch { throw Self.explain(error, self.path) }
    }
}

extension [UInt8] {
    var data: Data { Data(self) }
}

extension Identifier {
    var data: Data { Data(self.bytes) }
}

extension LogID {
    var data: Data { Data(self.bytes) }
}
