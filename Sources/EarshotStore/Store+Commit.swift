import EarshotModel
import Foundation
import GRDB

extension Store {
    /// Puts facts on disk, all or none. `me` tells whose envelopes are our own. It waits for the disk, unless all of it is what
    /// others tell us again: then it is safe from our own crash at once, and from a power cut with the next commit that waits.
    /// - Returns: the number of this commit, which every change it made carries.
    @discardableResult
    package func commit(_ facts: [Fact], me: PersonID) throws(StoreError) -> UInt64 { try self.take(facts, me: me).cursor }

    /// The same, and which logs somebody holds otherwise than we do: told in `held` with another id than ours.
    package func take(_ facts: [Fact], me: PersonID) throws(StoreError) -> (cursor: UInt64, contradicted: [LogID: DeviceID]) {
        do {
            var result: (UInt64, [LogID: DeviceID]) = (0, [:])
            let waits = !facts.allSatisfy { $0.isToldAgain(to: me) }
            try self.queue.writeWithoutTransaction { db in
                try Self.transaction(db, waits: waits) {
                    var writer = try FactWriter(db, me: me)
                    for fact in facts { try writer.take(fact) }
                    try writer.finish()
                    result = (UInt64(writer.cursor), writer.contradicted)
                }
            }
            return result
        } catch {
            throw Self.explain(error, self.path)
        }
    }
}

extension Store {
    /// All of `body` or none of it; durable when it returns, if it waits. The statements are kept: they run for each message.
    static func transaction(_ db: Database, waits: Bool, _ body: () throws -> Void) throws {
        if !waits { try db.cachedStatement(sql: "PRAGMA synchronous = NORMAL").execute() }
        defer { if !waits { try? db.cachedStatement(sql: "PRAGMA synchronous = FULL").execute() } }
        try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
            try body()
            try db.cachedStatement(sql: "COMMIT").execute()
        } catch {
            // Some errors have ended the transaction already.
            if db.isInsideTransaction { try db.cachedStatement(sql: "ROLLBACK").execute() }
            throw error
        }
    }
}

/// Writes the facts of one commit.
struct FactWriter {
    private struct Head {
        let conversation: ConversationID
        let device: DeviceID
        let seq: UInt64
        let id: EnvelopeID
    }

    let db: Database
    let me: PersonID
    let cursor: Int64
    /// Messages up to this number are in the index of words.
    let indexed: Int64
    private var latest: Int64
    private var heads: [LogID: Head] = [:]
    private(set) var contradicted: [LogID: DeviceID] = [:]

    init(_ db: Database, me: PersonID) throws {
        self.db = db
        self.me = me
        var meta: [String: Int64] = [:]
        let rows = try Row.fetchCursor(db.cachedStatement(sql: "SELECT key, value FROM meta WHERE key IN ('cursor', 'indexed', 'latest')"))
        while let row = try rows.next() { meta[row[0]] = row[1] as Int64 }
        self.cursor = (meta["cursor"] ?? 0) + 1
        self.indexed = meta["indexed"] ?? 0
        self.latest = meta["latest"] ?? 0
    }

    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try self.db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    mutating func take(_ fact: Fact) throws {
        switch fact {
        case .envelope(let envelope, let content, let author, let arrived):
            try self.take(envelope, content, author, arrived)
        case .gone(let conversation, let device, let log, let seq, let id):
            try self.run("INSERT OR IGNORE INTO envelope (log, seq, id) VALUES (?, ?, ?)", [log.data, Int64(clamping: seq), id.data])
            self.head(conversation, device, log, seq, id)
        case .held(let conversation, let log, let device, let seq, let id, let at):
            try self.held(conversation, log, device, seq, id, at)
        case .read(let conversation, let log, let person, let seq, let at):
            try self.read(conversation, log, person, seq, at)
        case .contact(let contact):
            try self.run(
                "INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    contact.person.data, contact.name, contact.petname, contact.trust.rawValue, contact.request,
                    contact.requestedAt?.sql, Int64(contact.wireVersion), contact.since?.sql, self.cursor,
                ])
        case .manifest(let manifest):
            try self.run("INSERT OR REPLACE INTO manifest VALUES (?, ?)", [manifest.person.data, manifest.wire.data])
        case .certificate(let certificate):
            try self.run("INSERT OR REPLACE INTO certificate VALUES (?, ?)", [certificate.device.data, certificate.wire.data])
        case .reached(let device, let person, let endpoint, let at):
            try self.run(
                "INSERT OR REPLACE INTO address VALUES (?, ?, ?, ?, ?, ?)",
                [device.data, endpoint.address.data, Int64(endpoint.scope), Int64(endpoint.port), person.data, at.sql])
            try self.run(
                "DELETE FROM address WHERE device = ?1 AND (ip, scope, port) NOT IN (SELECT ip, scope, port FROM address WHERE device = ?1 ORDER BY at DESC LIMIT 8)",
                [device.data])
        case .staticPeer(let place, true): try self.run("INSERT OR IGNORE INTO peer VALUES (?)", [place])
        case .staticPeer(let place, false): try self.run("DELETE FROM peer WHERE place = ?", [place])
        case .setting(let key, let value?): try self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", [key, value])
        case .setting(let key, nil): try self.run("DELETE FROM setting WHERE key = ?", [key])
        case .transfer(let transfer): try self.take(transfer)
        case .came(let id, let have): try self.came(id, have)
        case .share(let share): try self.take(share)
        case .shareGone(let share): try self.run("DELETE FROM share WHERE id = ?", [share.data])
        case .generation(let bytes): try self.run("UPDATE meta SET value = ? WHERE key = 'generation'", [bytes.data])
        }
    }

    mutating func finish() throws {
        for (log, head) in self.heads {
            try self.run(
                "INSERT INTO log VALUES (?, ?, ?, ?, ?) ON CONFLICT (log) DO UPDATE SET seq = excluded.seq, id = excluded.id WHERE excluded.seq > seq",
                [log.data, head.conversation.data, head.device.data, Int64(clamping: head.seq), head.id.data])
        }
        if !self.heads.isEmpty { try self.run("UPDATE meta SET value = ? WHERE key = 'latest'", [self.latest]) }
        try self.run("UPDATE meta SET value = ? WHERE key = 'cursor'", [self.cursor])
    }

    private mutating func head(_ conversation: ConversationID, _ device: DeviceID, _ log: LogID, _ seq: UInt64, _ id: EnvelopeID) {
        guard seq > self.heads[log]?.seq ?? 0 else { return }
        self.heads[log] = Head(conversation: conversation, device: device, seq: seq, id: id)
    }

    private mutating func take(_ envelope: Envelope, _ content: Content, _ author: PersonID, _ arrived: Timestamp) throws {
        try self.run(
            "INSERT OR IGNORE INTO envelope VALUES (?, ?, ?, ?)",
            [envelope.log.data, Int64(clamping: envelope.seq), envelope.id.data, envelope.wire.data])
        guard self.db.changesCount > 0 else { return }
        self.head(envelope.conversation, envelope.device, envelope.log, envelope.seq, envelope.id)
        // A stamp from far ahead orders nothing: it counts as the time it came.
        let limit = arrived.milliseconds.addingReportingOverflow(600_000).partialValue
        let isAhead = envelope.stamp.milliseconds > limit
        let stamp = Int64(clamping: isAhead ? arrived.milliseconds << 16 : envelope.stamp.raw)
        if !isAhead { self.latest = max(self.latest, stamp) }
        try self.fold(content, Place(envelope, author: author, stamp: stamp, arrived: arrived))
    }

    private mutating func held(
        _ conversation: ConversationID, _ log: LogID, _ device: DeviceID, _ seq: UInt64, _ id: EnvelopeID, _ at: Timestamp
    ) throws {
        let place = Int64(clamping: seq)
        let known = try Data.fetchOne(
            self.db.cachedStatement(sql: "SELECT id FROM envelope WHERE log = ? AND seq = ?"), arguments: [log.data, place])
        guard known == id.data else {
            if known != nil { self.contradicted[log] = device }
            return
        }
        let before = try Int64.fetchOne(
            self.db.cachedStatement(sql: "SELECT seq FROM held WHERE log = ? AND device = ?"), arguments: [log.data, device.data]) ?? 0
        guard place > before else { return }
        try self.run("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", [log.data, device.data, conversation.data, place])
        try self.run(
            "UPDATE message SET delivered = ?, changed = ?, change = 'delivered' WHERE log = ? AND last > ? AND last <= ? AND delivered IS NULL AND author = ?",
            [at.sql, self.cursor, log.data, before, place, self.me.data])
    }

    private mutating func read(
        _ conversation: ConversationID, _ log: LogID, _ person: PersonID, _ seq: UInt64, _ at: Timestamp
    ) throws {
        let place = Int64(clamping: seq)
        let before = try Int64.fetchOne(
            self.db.cachedStatement(sql: "SELECT seq FROM reading WHERE log = ? AND person = ?"), arguments: [log.data, person.data]) ?? 0
        guard place > before else { return }
        try self.run("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?)", [log.data, person.data, conversation.data, place, at.sql])
        guard person != self.me else { return }
        // Read is never before delivered.
        try self.run(
            "UPDATE message SET delivered = coalesce(delivered, ?1), read = max(?1, coalesce(delivered, ?1)), changed = ?2, change = 'read' WHERE log = ?3 AND last > ?4 AND last <= ?5 AND read IS NULL AND author = ?6",
            [at.sql, self.cursor, log.data, before, place, self.me.data])
    }
}

extension Timestamp {
    var sql: Int64 { Int64(clamping: self.milliseconds) }
    init(sql: Int64) { self.init(milliseconds: UInt64(clamping: sql)) }
}
