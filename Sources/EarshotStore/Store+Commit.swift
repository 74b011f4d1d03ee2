import EarshotModel
import Foundation
import GRDB

extension Store {
    /// What became of the facts of one commit.
    package struct Outcome: Sendable {
        /// The number of the commit, which every change it made carries.
        package var cursor: UInt64 = 0
        /// Logs that somebody holds otherwise than we do: told in `held` with another id than ours.
        package var contradicted: [LogID: DeviceID] = [:]
        /// Facts, by where they stood in the list, that are not on disk and why. All others are.
        package var refused: [Int: String] = [:]
        /// Envelopes that are on disk and could not be put into the history, and why.
        package var setAside: [(id: EnvelopeID, why: String)] = []
        /// Places whose bodies were dropped.
        package var dropped: [(log: LogID, seq: UInt64)] = []
    }

    /// Puts facts on disk, all or none. `me` tells whose envelopes are our own. It waits for the disk, unless all of
    /// it is what others tell us again: then it is safe from our own crash at once, and from a power cut with the
    /// next commit that waits.
    /// - Returns: the number of this commit, which every change it made carries.
    @discardableResult
    package func commit(_ facts: [Fact], me: PersonID) throws(StoreError) -> UInt64 {
        let outcome = try self.take(facts, me: me)
        if let refused = outcome.refused.first { throw .notStored(path: self.path, detail: refused.value) }
        return outcome.cursor
    }

    /// The same, but for facts that cannot be stored whatever is done: they are found out and left out, and what is
    /// wrong with them is noted. An envelope is kept whatever comes of what it says.
    /// - Throws: what stops every fact: no room, a damaged file, one that cannot be written.
    package func take(_ facts: [Fact], me: PersonID) throws(StoreError) -> Outcome {
        do {
            return try self.take(facts, me: me, isCareful: false)
        } catch {
            guard Self.failure(error) == .fact else { throw Self.explain(error, self.path) }
        }
        // One by one, once: what cannot be stored is found out, and the others are kept.
        do {
            return try self.take(facts, me: me, isCareful: true)
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    private func take(_ facts: [Fact], me: PersonID, isCareful: Bool) throws -> Outcome {
        let waits = !facts.allSatisfy { $0.isToldAgain(to: me) }
        return try self.queue.writeWithoutTransaction { db in
            try Self.transaction(db, waits: waits) {
                var writer = try FactWriter(db, me: me, self.reader)
                if isCareful {
                    for (index, fact) in facts.enumerated() { try writer.take(carefully: fact, index) }
                } else {
                    for fact in facts { try writer.take(fact) }
                }
                return try writer.finish()
            }
        }
    }
}

extension Store {
    /// All of `body` or none of it; durable when it returns, if it waits. The statements are kept: they run for each
    /// message.
    static func transaction<T>(_ db: Database, waits: Bool, _ body: () throws -> T) throws -> T {
        if !waits { try db.cachedStatement(sql: "PRAGMA synchronous = NORMAL").execute() }
        defer { if !waits { try? db.cachedStatement(sql: "PRAGMA synchronous = FULL").execute() } }
        do {
            try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
            let result = try body()
            let commit = try db.cachedStatement(sql: "COMMIT")
            if waits { try GatheredWrites.during(db) { try commit.execute() } } else { try commit.execute() }
            return result
        } catch {
            let precise = Self.precise(error, db)
            // Some errors have ended the transaction already.
            if db.isInsideTransaction { try? db.cachedStatement(sql: "ROLLBACK").execute() }
            throw precise
        }
    }

    /// All of `body` or none of it, within a transaction. What is about this one thing is returned; what is about
    /// everything is thrown.
    static func attempt(_ db: Database, _ body: () throws -> Void) throws -> String? {
        try db.execute(sql: "SAVEPOINT attempt")
        do {
            try body()
            try db.execute(sql: "RELEASE attempt")
            return nil
        } catch {
            guard Self.failure(error) == .fact, db.isInsideTransaction else { throw Self.precise(error, db) }
            try db.execute(sql: "ROLLBACK TO attempt; RELEASE attempt")
            return (error as? DatabaseError).map { $0.message ?? "\($0.extendedResultCode)" } ?? "\(error)"
        }
    }
}

/// Whatever drops a body notes it here, for as long as one commit lasts.
final class DroppedPlaces {
    var places: [(log: LogID, seq: UInt64)] = []
}

/// Writes the facts of one commit.
struct FactWriter {
    private struct Head {
        let conversation: ConversationID
        let device: DeviceID
        let author: PersonID?
        let seq: UInt64
        let id: EnvelopeID
        let order: OrderKey
    }

    let db: Database
    /// Whose messages get ticks; `nil` where none are given.
    let me: PersonID?
    let reader: EnvelopeReader
    let cursor: Int64
    /// Messages up to this number are in the index of words.
    let indexed: Int64
    private var latest: HybridTime
    private var heads: [LogID: Head] = [:]
    /// What envelopes name as their ancestors, most often.
    var known: [EnvelopeID: OrderKey] = [:]
    var recalled: Set<ConversationID> = []
    /// Whether envelopes are held whose ancestors are not.
    var awaits: Bool
    private var outcome = Store.Outcome()
    /// Places whose bodies are dropped.
    let dropped = DroppedPlaces()
    /// Up to where stretches of rooms are shown, as far as that was looked up.
    var limits: [Stretch: ShownLimit] = [:]
    /// What kinds conversations are, as far as that was looked up.
    var kinds: [ConversationID: ConversationKind] = [:]

    init(_ db: Database, me: PersonID?, _ reader: @escaping EnvelopeReader) throws {
        self.db = db
        self.me = me
        self.reader = reader
        let read = try HotStatement(
            db,
            """
            SELECT (SELECT value FROM meta WHERE key = 'cursor'), (SELECT value FROM meta WHERE key = 'indexed'),
            (SELECT value FROM meta WHERE key = 'latest'), EXISTS (SELECT 1 FROM awaited)
            """)
        let meta = try read.first([]) { row in (0..<4).map { row.integer($0) } } ?? [0, 0, 0, 0]
        self.cursor = meta[0] + 1
        self.indexed = meta[1]
        self.latest = HybridTime(raw: UInt64(clamping: meta[2]))
        self.awaits = meta[3] != 0
        self.outcome.cursor = UInt64(clamping: self.cursor)
    }

    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try self.db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The same, for what runs for each message.
    func run(hot sql: String, _ values: [Bound]) throws { try HotStatement(self.db, sql).run(values) }

    func first<T>(hot sql: String, _ values: [Bound], _ read: (HotRow) throws -> T?) throws -> T? {
        try HotStatement(self.db, sql).first(values, read)
    }

    mutating func take(_ fact: Fact) throws {
        switch fact {
        case .envelope(let envelope, let content, let author, let arrived):
            guard let place = try self.keep(envelope, author, arrived) else { return }
            try self.fold(content, place)
        case .gone(let conversation, let device, let log, let seq, let id):
            try self.keep(stub: id, conversation, device, log, seq)
        case .held(let conversation, let log, let device, let person, let seq, let id, let at):
            try self.held(conversation, log, device, person, seq, id, at)
        case .read(let conversation, let log, let person, let seq, let at):
            try self.read(conversation, log, person, seq, at)
        case .contact(let contact):
            try ContactRecord(contact, changed: self.cursor).insert(self.db)
        case .manifest(let manifest):
            try ManifestRecord(person: manifest.person.data, wire: manifest.wire.data).insert(self.db)
        case .certificate(let certificate):
            try CertificateRecord(device: certificate.device.data, wire: certificate.wire.data).insert(self.db)
        case .reached(let device, let person, let endpoint, let at):
            try self.reached(device, person, endpoint, at)
        case .staticPeer(let place, true): try self.run("INSERT OR IGNORE INTO peer (place) VALUES (?)", [place])
        case .staticPeer(let place, false): try self.run("DELETE FROM peer WHERE place = ?", [place])
        case .setting(let key, let value?):
            try self.run("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", [key, value])
        case .setting(let key, nil): try self.run("DELETE FROM setting WHERE key = ?", [key])
        case .transfer(let transfer): try self.take(transfer)
        case .came(let id, let have): try self.came(id, have)
        case .share(let share): try self.take(share)
        case .seen(let person, let at):
            try self.run(
                """
                INSERT INTO acquaintance (person, seen) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET seen = ?2
                """, [person.data, at?.sql])
        case .profile(let person, let profile):
            try self.run(
                """
                INSERT INTO acquaintance (person, full_name, role, desk, phone, picture, picture_size)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (person) DO UPDATE SET full_name = ?2, role = ?3,
                    desk = ?4, phone = ?5, picture = ?6, picture_size = ?7
                """,
                [
                    person.data, profile.fullName, profile.role, profile.desk, profile.phone, profile.picture?.id.data,
                    profile.picture.map { Int64($0.size) } ?? 0,
                ])
        case .picture(let id, let bytes):
            try self.run("INSERT OR REPLACE INTO picture (id, bytes) VALUES (?, ?)", [id.data, bytes.data])
        case .discoveryKey(let device, let person, let key?):
            try DiscoveryKeyRecord(device, person, key).insert(self.db)
        case .discoveryKey(let device, _, nil):
            try self.run("DELETE FROM discovery_key WHERE device = ?", [device.data])
        case .pictureGone(let id): try self.run("DELETE FROM picture WHERE id = ?", [id.data])
        case .shareGone(let share): try self.run("DELETE FROM share WHERE id = ?", [share.data])
        case .room(let room): try self.take(room)
        case .members(let conversation, let persons): try self.setMembers(conversation, persons)
        case .shown(let conversation, let stretch, let limit): try self.show(conversation, stretch, limit)
        case .begins(let conversation, let start): try self.begin(conversation, start)
        case .mail(let mail): try self.take(mail)
        case .generation(let bytes): try self.run("UPDATE meta SET value = ? WHERE key = 'generation'", [bytes.data])
        }
    }

    /// The same after a fact could not be stored: whatever cannot be is noted, and nothing else is lost with it.
    mutating func take(carefully fact: Fact, _ index: Int) throws {
        guard case .envelope(let envelope, let content, let author, let arrived) = fact else {
            let before = self
            if let why = try Store.attempt(self.db, { try self.take(fact) }) {
                self = before
                self.outcome.refused[index] = why
                try self.setAside(what: fact.noun, nil, at: Timestamp.now, kept: false, why)
            }
            return
        }
        var place: Place?
        let before = self
        if let why = try Store.attempt(self.db, { place = try self.keep(envelope, author, arrived) }) {
            self = before
            self.outcome.refused[index] = why
            try self.setAside(what: fact.noun, envelope, at: arrived, kept: false, why)
            return
        }
        guard let place else { return }
        try self.foldOrSetAside(content, place)
    }

    /// What an envelope says goes into the history, or a line that something is there and was set aside.
    mutating func foldOrSetAside(_ content: Content, _ place: Place) throws {
        guard let why = try Store.attempt(self.db, { try self.fold(content, place) }) else { return }
        self.outcome.setAside.append((place.envelope.id, why))
        try self.setAside(what: "message", place.envelope, at: place.arrived, kept: true, why)
        if try Store.attempt(self.db, { try self.stand(in: content, place, why) }) != nil {
            _ = try Store.attempt(self.db) { try self.mark(place.envelope.id, place.order) }
        }
    }

    private func setAside(what: String, _ envelope: Envelope?, at: Timestamp, kept: Bool, _ why: String) throws {
        _ = try Store.attempt(self.db) {
            try self.run(
                """
                INSERT OR REPLACE INTO aside (what, conversation, log, seq, kept, why, at) VALUES (?, ?, ?, ?, ?,
                    ?, ?)
                """,
                [
                    what, envelope?.conversation.data, envelope?.log.data, envelope.map { Int64(clamping: $0.seq) },
                    kept, why, at.sql,
                ])
            try self.run("DELETE FROM aside WHERE kept = 0 AND number <= (SELECT max(number) FROM aside) - 1000", [])
        }
    }

    mutating func finish() throws -> Store.Outcome {
        for (log, head) in self.heads {
            try self.run(
                hot: """
                    INSERT INTO log (log, conversation, device, seq, id, author, ordering) VALUES (?, ?, ?, ?, ?,
                        ?, ?) ON CONFLICT (log)
                    DO UPDATE SET seq = excluded.seq, id = excluded.id, author = coalesce(excluded.author, author),
                        ordering = excluded.ordering
                    WHERE excluded.seq > seq
                    """,
                [
                    .log(log), .id(head.conversation), .id(head.device), .seq(head.seq), .id(head.id),
                    head.author.map { .id($0) } ?? .nothing, .bytes(head.order.bytes),
                ])
        }
        if !self.heads.isEmpty {
            try self.run(hot: "UPDATE meta SET value = ? WHERE key = 'latest'", [.seq(self.latest.raw)])
        }
        try self.run(hot: "UPDATE meta SET value = ? WHERE key = 'cursor'", [.integer(self.cursor)])
        self.outcome.dropped = self.dropped.places
        return self.outcome
    }

    /// Where a log ends was set otherwise in this commit.
    mutating func forgetHead(of log: LogID, before seq: UInt64) {
        if self.heads[log]?.seq ?? .max <= seq { self.heads[log] = nil }
    }

    private mutating func head(_ log: LogID, _ head: Head) {
        guard head.seq > self.heads[log]?.seq ?? 0 else { return }
        self.heads[log] = head
    }

    /// The bytes of an envelope and its place in its log. Says where it stands, if it was not here before.
    private mutating func keep(_ envelope: Envelope, _ author: PersonID, _ arrived: Timestamp) throws -> Place? {
        try self.run(
            hot: "INSERT OR IGNORE INTO envelope (log, seq, id, wire, arrived) VALUES (?, ?, ?, ?, ?)",
            [.log(envelope.log), .seq(envelope.seq), .id(envelope.id), .bytes(envelope.wire), .integer(arrived.sql)])
        guard self.db.changesCount > 0 else { return nil }
        let order = try self.order(envelope)
        self.head(
            envelope.log,
            Head(
                conversation: envelope.conversation, device: envelope.device, author: author, seq: envelope.seq,
                id: envelope.id, order: order))
        self.latest = self.latest.seen(envelope.stamp, now: arrived)
        // A log begins once.
        if envelope.seq == 1, envelope.membership == 0 { try self.joined(envelope.conversation, author) }
        return Place(envelope, author: author, order: order, arrived: arrived)
    }

    private mutating func keep(
        stub id: EnvelopeID, _ conversation: ConversationID, _ device: DeviceID, _ log: LogID, _ seq: UInt64
    ) throws {
        try self.run(
            "INSERT OR IGNORE INTO envelope (log, seq, id) VALUES (?, ?, ?)", [log.data, Int64(clamping: seq), id.data])
        guard self.db.changesCount > 0 else { return }
        let order = try self.order(stub: id, log, seq)
        self.head(log, Head(conversation: conversation, device: device, author: nil, seq: seq, id: id, order: order))
    }

    private mutating func held(
        _ conversation: ConversationID, _ log: LogID, _ device: DeviceID, _ person: PersonID, _ seq: UInt64,
        _ id: EnvelopeID, _ at: Timestamp
    ) throws {
        let place = Int64(clamping: seq)
        let known = try self.first(
            hot: "SELECT id FROM envelope WHERE log = ? AND seq = ?", [.log(log), .integer(place)]
        ) { $0.bytes(0) }
        guard known == id.bytes else {
            if known != nil { self.outcome.contradicted[log] = device }
            return
        }
        let before =
            try self.first(hot: "SELECT seq FROM held WHERE log = ? AND device = ?", [.log(log), .id(device)]) {
                $0.integer(0)
            } ?? 0
        guard place > before else { return }
        try self.run(
            hot: "INSERT OR REPLACE INTO held (log, device, conversation, seq) VALUES (?, ?, ?, ?)",
            [.log(log), .id(device), .id(conversation), .integer(place)])
        try self.note(.delivered, to: person, device, conversation, log, above: before, upTo: place, at)
    }

    private mutating func read(
        _ conversation: ConversationID, _ log: LogID, _ person: PersonID, _ seq: UInt64, _ at: Timestamp
    ) throws {
        let place = Int64(clamping: seq)
        let before =
            try Int64.fetchOne(
                self.db.cachedStatement(sql: "SELECT seq FROM reading WHERE log = ? AND person = ?"),
                arguments: [log.data, person.data]) ?? 0
        guard place > before else { return }
        try self.run(
            "INSERT OR REPLACE INTO reading (log, person, conversation, seq, at) VALUES (?, ?, ?, ?, ?)",
            [log.data, person.data, conversation.data, place, at.sql])
        try self.note(.read, to: person, nil, conversation, log, above: before, upTo: place, at)
    }

    private func reached(_ device: DeviceID, _ person: PersonID, _ endpoint: Endpoint, _ at: Timestamp) throws {
        try AddressRecord(device, person, endpoint, at).insert(self.db)
        try self.run(
            """
            DELETE FROM address WHERE device = ?1
            AND (ip, scope, port) NOT IN (SELECT ip, scope, port FROM address WHERE device = ?1 ORDER BY at DESC
                LIMIT 8)
            """,
            [device.data])
    }
}

extension Timestamp {
    var sql: Int64 { Int64(clamping: self.milliseconds) }
    init(sql: Int64) { self.init(milliseconds: UInt64(clamping: sql)) }

    /// By the clock of the machine; for what is noted of failures alone.
    static var now: Timestamp {
        Timestamp(milliseconds: UInt64(clamping: Int64(max(0, Date().timeIntervalSince1970 * 1_000))))
    }
}
