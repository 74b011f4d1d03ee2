import EarshotModel
import Foundation
import GRDB

/// Making a damaged database anew. What cannot be made from anything else is copied as far as it can be read; what
/// people see is folded again from the envelopes. The damaged file is kept beside it.
extension Store {
    /// What had to be left behind.
    package struct Repair: Sendable, Equatable {
        /// Tables of which rows could not be read.
        package var incomplete: [String] = []
        /// Envelopes that were not taken over: unreadable, or behind one that is. Others are asked for them again.
        package var lost = 0
        /// Where the damaged file is now.
        package let old: String
    }

    /// Tables that nothing else tells, in the order they are copied.
    private static let primary = [
        "meta", "contact", "manifest", "certificate", "setting", "peer", "address", "transfer", "share", "log",
        "envelope", "held", "reading",
        "conversation", "member", "recipient", "room", "shown", "acquaintance", "picture", "discovery_key",
        "prekey", "peer_prekey", "blob", "deposit",
    ]

    /// - Parameters:
    ///   - me: whose log it is where nothing else says it.
    ///   - generation: 32 random bytes, taken if envelopes are lost: what was written in ours is not to be
    ///   contradicted (Protocol.md 6).
    /// - Throws: `damaged` if there is nothing to be read, and then nothing was changed.
    package func repair(me: PersonID, generation: [UInt8]) throws(StoreError) -> Repair {
        let fresh = self.path + ".repair"
        Self.remove(fresh)
        defer { Self.remove(fresh) }
        var repair = Repair(old: self.path + ".damaged")
        let target = try Self.open(fresh, generation)
        do {
            try self.queue.unsafeRead { source in
                try target.writeWithoutTransaction { db in
                    try Self.transaction(db, waits: true) {
                        for table in Self.primary where try !Self.copy(table, source, db) {
                            repair.incomplete.append(table)
                        }
                        guard repair.incomplete.count < Self.primary.count else {
                            throw StoreError.damaged(path: self.path, detail: "nothing of it can be read")
                        }
                        try self.remakeLogs(db, isWhole: !repair.incomplete.contains("envelope"))
                        try Self.readAuthors(source, db, me)
                        repair.lost = try Self.keepWhole(db)
                        if repair.lost > 0 || repair.incomplete.contains("envelope")
                            || repair.incomplete.contains("meta")
                        {
                            try db.execute(
                                sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('generation', ?)",
                                arguments: [generation.data])
                        }
                        try self.foldAll(db)
                    }
                    try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                }
            }
            try target.close()
        } catch {
            throw Self.explain(error, self.path)
        }
        try self.replace(with: fresh, keeping: repair.old)
        return repair
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    private func replace(with fresh: String, keeping old: String) throws(StoreError) {
        try? self.queue.close()
        Self.remove(old)
        for suffix in ["-wal", ""] { rename(self.path + suffix, old + suffix) }
        guard rename(fresh, self.path) == 0 else {
            let reason = String(cString: strerror(errno))
            rename(old, self.path)
            throw .unusable(path: self.path, detail: reason)
        }
        self.exchange(try Self.open(self.path, []))
    }

    /// All rows of a table that can be read: from its beginning to the damage, and from its end. Says whether that
    /// was all.
    private static func copy(_ table: String, _ source: Database, _ target: Database) throws -> Bool {
        let known = try target.columns(in: table).map(\.name)
        guard let columns = try? source.columns(in: table).map(\.name).filter(known.contains), !columns.isEmpty,
            let key = try? source.primaryKey(table).columns
        else { return false }
        let list = columns.joined(separator: ", ")
        let insert = try target.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO \(table) (\(list)) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"
        )
        for direction in ["ASC", "DESC"] {
            let order = key.map { "\($0) \(direction)" }.joined(separator: ", ")
            do {
                let rows = try Row.fetchCursor(source, sql: "SELECT \(list) FROM \(table) ORDER BY \(order)")
                while let row = try self.next(rows) {
                    try insert.execute(arguments: StatementArguments(row.databaseValues))
                }
                if direction == "ASC" { return true }
            } catch is Unreadable {
                continue
            }
        }
        return false
    }

    private struct Unreadable: Error {}

    private struct Log: Decodable, FetchableRecord {
        let log: Data
        let device: Data
        let author: Data?
        let seq: Int64
        let after: Int64
    }

    private struct Kept: Decodable, FetchableRecord {
        let seq: Int64
        let id: Data
        let wire: Data?
        let arrived: Int64?
    }

    private static func next(_ rows: RowCursor) throws -> Row? {
        do { return try rows.next() } catch { throw Unreadable() }
    }

    /// Logs of which the envelopes can be read, but not how far they go: the envelopes tell it.
    /// - Parameter isWhole: all envelopes could be read. If not, a log without its first ones has lost them rather than
    ///   begun later: it is left out, counted and asked for again, and none of it is taken for all there was.
    private func remakeLogs(_ db: Database, isWhole: Bool) throws {
        let logs = try Data.fetchAll(
            db, sql: "SELECT DISTINCT log FROM envelope WHERE log NOT IN (SELECT log FROM log)")
        for log in logs {
            let rows = try Kept.fetchCursor(
                db, sql: "SELECT seq, id, wire, arrived FROM envelope WHERE log = ? ORDER BY seq", arguments: [log])
            var first: Int64?
            var known: (seq: Int64, envelope: Envelope)?
            var (end, last): (Int64, Data) = (0, Data())
            while let row = try rows.next(), first == nil || row.seq == end + 1 {
                first = first ?? row.seq
                (end, last) = (row.seq, row.id)
                if known == nil, let (envelope, _) = row.wire.flatMap({ self.reader(Array($0)) }) {
                    known = (row.seq, envelope)
                }
            }
            guard let first, let known else { continue }
            // A log that begins later begins behind what its first envelope names.
            let beginning = isWhole && first > 1 && known.seq == first ? known.envelope.prev?.data : nil
            guard first == 1 || beginning != nil else { continue }
            try db.execute(
                sql: """
                    INSERT INTO log (log, conversation, device, seq, id, after, beginning) VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    log, known.envelope.conversation.data, known.envelope.device.data, end, last, first - 1, beginning,
                ])
        }
    }

    /// Whose log is whose, where the log itself does not say it yet.
    private static func readAuthors(_ source: Database, _ target: Database, _ me: PersonID) throws {
        let unknown = try Log.fetchAll(
            target, sql: "SELECT log, device, author, seq, after FROM log WHERE author IS NULL")
        for log in unknown {
            let told = try? Data.fetchOne(
                source, sql: "SELECT author FROM message WHERE log = ? LIMIT 1", arguments: [log.log])
            let met = try Data.fetchOne(
                target, sql: "SELECT person FROM address WHERE device = ?", arguments: [log.device])
            try target.execute(
                sql: "UPDATE log SET author = ? WHERE log = ?", arguments: [told ?? met ?? me.data, log.log])
        }
    }

    /// A log has no gaps: what is behind one is left out and asked for again. Returns how many envelopes that were.
    private static func keepWhole(_ db: Database) throws -> Int {
        var lost = 0
        for row in try Log.fetchAll(db, sql: "SELECT log, device, author, seq, after FROM log") {
            let (log, head) = (row.log, row.seq)
            let seqs = try Int64.fetchAll(
                db, sql: "SELECT seq FROM envelope WHERE log = ? ORDER BY seq", arguments: [log])
            // It may begin later for us, and then what is before that is no part of it.
            var end = row.after
            for seq in seqs where seq == end + 1 { end = seq }
            lost += Int(clamping: max(0, head - end))
            guard end < head else { continue }
            try db.execute(sql: "DELETE FROM envelope WHERE log = ? AND seq > ?", arguments: [log, end])
            try db.execute(sql: "DELETE FROM held WHERE log = ? AND seq > ?", arguments: [log, end])
            let hasBeginning =
                try Bool.fetchOne(
                    db, sql: "SELECT beginning IS NOT NULL FROM log WHERE log = ?", arguments: [log]) ?? false
            if end == 0 || end == row.after && !hasBeginning {
                try db.execute(sql: "DELETE FROM log WHERE log = ?", arguments: [log])
            } else {
                try db.execute(
                    sql:
                        """
                        UPDATE log SET seq = ?1, id = coalesce(
                            (SELECT id FROM envelope WHERE log = ?2 AND seq = ?1), beginning) WHERE log = ?2
                        """,
                    arguments: [end, log])
            }
        }
        try db.execute(sql: "DELETE FROM envelope WHERE log NOT IN (SELECT log FROM log)")
        return lost + db.changesCount
    }

    /// Everything people see, from the envelopes.
    private func foldAll(_ db: Database) throws {
        let cursor = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'cursor'") ?? 0
        // Whoever listened has heard of it.
        try db.execute(sql: "UPDATE meta SET value = 0 WHERE key = 'cursor'; DELETE FROM meta WHERE key = 'birth'")
        var writer = try FactWriter(db, me: nil, self.reader)
        for log in try Log.fetchAll(db, sql: "SELECT log, device, author, seq, after FROM log") {
            guard let author = log.author.flatMap({ PersonID($0) }), let id = LogID(log.log) else { continue }
            let rows = try Kept.fetchCursor(
                db, sql: "SELECT seq, id, wire, arrived FROM envelope WHERE log = ? ORDER BY seq", arguments: [log.log])
            while let row = try rows.next() {
                guard let (envelope, content) = row.wire.flatMap({ self.reader(Array($0)) }) else {
                    if let stub = EnvelopeID(row.id) { _ = try writer.order(stub: stub, id, UInt64(clamping: row.seq)) }
                    continue
                }
                let arrived =
                    row.arrived.map(Timestamp.init(sql:)) ?? Timestamp(milliseconds: envelope.stamp.milliseconds)
                let place = Place(envelope, author: author, order: try writer.order(envelope), arrived: arrived)
                try writer.foldOrSetAside(content, place)
            }
        }
        _ = try writer.finish()
        try Self.restoreReceipts(db)
        try db.execute(sql: "INSERT OR IGNORE INTO unsettled SELECT conversation FROM log")
        try db.execute(sql: "UPDATE meta SET value = ? WHERE key = 'cursor'", arguments: [max(1, cursor) + 1_048_576])
    }
}
