import EarshotModel
import Foundation
import GRDB
import Synchronization

/// What an envelope's bytes say; `nil` if they are none. The rules read them, the store keeps them.
package typealias EnvelopeReader = @Sendable ([UInt8]) -> (Envelope, Content)?

/// The database: every envelope, what people see of them, and what the rules must remember. Opening it brings the
/// schema up to date. Each commit is one transaction, on disk when `commit` returns.
package struct Store: Sendable {
    private let file: OpenFile
    let reader: EnvelopeReader
    let unreadableRows = UnreadableRows()
    package let path: String

    /// The connection, which is another one after a repair.
    private final class OpenFile: Sendable {
        let queue: Mutex<DatabaseQueue>
        init(_ queue: DatabaseQueue) { self.queue = Mutex(queue) }
    }

    var queue: DatabaseQueue { self.file.queue.withLock { $0 } }

    /// - Parameters:
    ///   - generation: 32 random bytes, kept if the database is made now.
    ///   - reader: reads envelopes again, where what people see of them is made anew.
    package init(path: String, generation: [UInt8], reader: @escaping EnvelopeReader) throws(StoreError) {
        self.path = path
        self.reader = reader
        self.file = OpenFile(try Self.open(path, generation))
        // What is set aside waits for another start if it has to.
        try? self.foldAgain()
    }

    /// A database that cannot be used as it is. Nothing but `repair` is good for it, and after that everything.
    package init(damaged path: String, reader: @escaping EnvelopeReader) throws(StoreError) {
        self.path = path
        self.reader = reader
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(2)
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            self.file = OpenFile(try DatabaseQueue(path: path, configuration: configuration))
        } catch {
            throw Self.explain(error, path)
        }
    }

    static func open(_ path: String, _ generation: [UInt8]) throws(StoreError) -> DatabaseQueue {
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
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrator(generation: generation).migrate(queue)
            let isNewer = try queue.read { try Self.migrator(generation: []).hasBeenSuperseded($0) }
            if isNewer { throw StoreError.newer(path: path) }
            WriteAheadLog.fill(of: path)
            try queue.writeWithoutTransaction { db in
                if try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" { GatheredWrites.install(in: db) }
            }
            return queue
        } catch {
            // Before it is ours, everything is about the file.
            let explained = Self.explain(error, path)
            if case .notStored(let path, let detail) = explained { throw .unusable(path: path, detail: detail) }
            throw explained
        }
    }

    /// Puts another connection in the place of this one.
    func exchange(_ queue: DatabaseQueue) { self.file.queue.withLock { $0 = queue } }

    /// Says which file this is (nothing where that is not known). If it was another when it was last opened, this is
    /// a copy or came out of a backup: then `generation` is taken, so that what is written from now on cannot
    /// contradict what was written since (Protocol.md 6).
    /// - Returns: whether it is a copy.
    package func settle(birthMark: [UInt8]?, generation: [UInt8]) throws(StoreError) -> Bool {
        do {
            return try self.queue.write { db in
                // A power cut may have taken commits that were told to listeners, but not waited for: their numbers
                // are not used again.
                try db.execute(sql: "UPDATE meta SET value = value + 1048576 WHERE key = 'cursor' AND value > 0")
                let known = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'birth'")
                guard let birthMark, known != birthMark.data else { return false }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('birth', ?)", arguments: [birthMark.data])
                guard known != nil else { return false }
                try db.execute(sql: "UPDATE meta SET value = ? WHERE key = 'generation'", arguments: [generation.data])
                return true
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    /// One that is gone when it is let go: for tests.
    package static func inMemory(
        generation: [UInt8] = [UInt8](repeating: 7, count: 32), reader: @escaping EnvelopeReader
    ) throws(StoreError) -> Store {
        try Store(path: ":memory:", generation: generation, reader: reader)
    }

    /// The connection itself, outside of any transaction: for tests that make it fail.
    package func withConnection<T>(_ body: (Database) throws -> T) throws -> T {
        try self.queue.writeWithoutTransaction(body)
    }

    /// Lets go of the files, so that another may open them. Nothing works after it.
    package func close() { try? self.queue.close() }

    func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do { return try self.queue.unsafeRead(body) } catch { throw Self.explain(error, self.path) }
    }

    /// Whether something can be written now. It costs one page.
    package func probe() throws(StoreError) {
        do {
            try self.queue.writeWithoutTransaction { db in
                try Self.transaction(db, waits: true) {
                    try db.execute(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', randomblob(16))")
                }
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }
}

extension [UInt8] {
    var data: Data { Data(self) }
}

extension Identifier {
    var data: Data { Data(self.bytes) }
}

extension ShortIdentifier {
    var data: Data { Data(self.bytes) }
}
