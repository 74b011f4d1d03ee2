import EarshotModel
import Foundation
import GRDB

/// Sealed mail (Protocol.md 19): what is kept for others, what others keep of ours, and the keys it is sealed to.
extension Store {
    /// Migration 14. `prekey` has private halves of ours, `peer_prekey` what others told, `blob` what is kept here for
    /// others, `deposit` what others keep of ours.
    static func makeMail(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE prekey (made INTEGER PRIMARY KEY, issued INTEGER NOT NULL, seed BLOB NOT NULL, mailbox
                    BLOB NOT NULL);
                CREATE TABLE peer_prekey (device BLOB PRIMARY KEY, person BLOB NOT NULL, wire BLOB NOT NULL)
                    WITHOUT ROWID;
                CREATE TABLE blob (id BLOB PRIMARY KEY, tag BLOB NOT NULL, depositor BLOB NOT NULL, size INTEGER NOT
                    NULL, at INTEGER NOT NULL, bytes BLOB NOT NULL);
                CREATE TABLE deposit (
                    blob BLOB PRIMARY KEY, keeper BLOB NOT NULL, recipient BLOB NOT NULL, device BLOB NOT NULL,
                        conversation BLOB NOT NULL, log BLOB NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
                        size INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
                CREATE INDEX deposit_place ON deposit (log, high);
                """)
    }

    /// The bytes of a blob that is kept here.
    package func blob(_ id: BlobID) throws(StoreError) -> [UInt8]? {
        try self.read { db in
            try Data.fetchOne(
                db.cachedStatement(sql: "SELECT bytes FROM blob WHERE id = ?"), arguments: [id.data]
            ).map(Array.init)
        }
    }

    func mail(_ db: Database) throws -> MailSnapshot {
        var mail = MailSnapshot()
        mail.own = try self.all(OwnPrekeyRecord.self, db, "ORDER BY issued")
        mail.known = try self.all(PeerPrekeyRecord.self, db)
        let kept = try Row.fetchCursor(
            db, sql: "SELECT id, tag, depositor, length(bytes) AS size, at FROM blob ORDER BY at, id")
        mail.kept = try self.values(kept, of: "blob") { row in
            guard let id = BlobID(try row.decode(Data.self, forColumn: "id")),
                let tag = MailboxTag(try row.decode(Data.self, forColumn: "tag")),
                let depositor = PersonID(try row.decode(Data.self, forColumn: "depositor"))
            else { return nil }
            return KeptBlob(
                id: id, tag: tag, depositor: depositor, size: try row.decode(Int.self, forColumn: "size"),
                at: Timestamp(sql: try row.decode(Int64.self, forColumn: "at")))
        }
        mail.left = try self.all(DepositRecord.self, db, "ORDER BY at, blob")
        return mail
    }

    /// With whom a message of ours lies that its readers do not have yet, in order.
    func keepers(of log: LogID, _ last: UInt64, _ db: Database) throws -> [PersonID] {
        try Data.fetchAll(
            db.cachedStatement(
                sql: "SELECT DISTINCT keeper FROM deposit WHERE log = ?1 AND low <= ?2 AND high >= ?2 ORDER BY keeper"),
            arguments: [log.data, Int64(clamping: last)]
        ).compactMap { PersonID($0) }
    }
}

extension FactWriter {
    func take(_ fact: MailFact) throws {
        switch fact {
        case .own(let key): try OwnPrekeyRecord(key).insert(self.db)
        case .ownGone(let made): try self.run("DELETE FROM prekey WHERE made = ?", [made.sql])
        case .known(let known):
            try PeerPrekeyRecord(
                device: known.device.data, person: known.person.data, wire: known.wire.data
            ).insert(self.db)
        case .knownGone(let device): try self.run("DELETE FROM peer_prekey WHERE device = ?", [device.data])
        case .kept(let blob, let bytes):
            // Kept already, it stays with whoever left it first.
            try self.run(
                "INSERT OR IGNORE INTO blob (id, tag, depositor, size, at, bytes) VALUES (?, ?, ?, ?, ?, ?)",
                [blob.id.data, blob.tag.data, blob.depositor.data, blob.size, blob.at.sql, bytes.data])
        case .keptGone(let id): try self.run("DELETE FROM blob WHERE id = ?", [id.data])
        case .left(let deposit):
            try self.tell(of: deposit)
            try DepositRecord(deposit).insert(self.db)
        case .leftGone(let id):
            let record = try DepositRecord.fetchOne(
                self.db.cachedStatement(sql: "SELECT * FROM deposit WHERE blob = ?"), arguments: [id.data])
            try self.run("DELETE FROM deposit WHERE blob = ?", [id.data])
            if let deposit = record?.value { try self.tell(of: deposit) }
        }
    }

    /// What lies with a keeper and holds a body that is dropped here stands for no words any more; that there is
    /// something to be withdrawn is known also if we crash before it is.
    func withdraw(_ log: LogID, _ seq: Int64) throws {
        let records = try DepositRecord.fetchAll(
            self.db.cachedStatement(sql: "SELECT * FROM deposit WHERE log = ?1 AND low <= ?2 AND high >= ?2"),
            arguments: [log.data, seq])
        for record in records {
            try self.run("UPDATE deposit SET high = low - 1 WHERE blob = ?", [record.blob])
            if let deposit = record.value { try self.tell(of: deposit) }
        }
    }

    /// Messages that lie with somebody from now on, or not any more, have changed. Who reads them knows the rest.
    private func tell(of deposit: Deposit) throws {
        try self.run(
            """
            UPDATE message SET changed = ?1, change = 'left' WHERE log = ?2 AND last BETWEEN ?3 AND ?4
            AND NOT EXISTS (SELECT 1 FROM deposit WHERE deposit.log = message.log AND deposit.keeper = ?5
                AND message.last BETWEEN deposit.low AND deposit.high)
            AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.message = message.number)
            """,
            [
                self.cursor, deposit.log.data, Int64(clamping: deposit.from), Int64(clamping: deposit.to),
                deposit.keeper.data,
            ])
    }
}

struct OwnPrekeyRecord: TableRow {
    static let databaseTableName = "prekey"
    let made: Int64
    let issued: Int64
    let seed: Data
    let mailbox: Data

    init(_ key: OwnPrekey) {
        self.made = key.made.sql
        self.issued = key.issued.sql
        self.seed = key.seed.data
        self.mailbox = key.mailbox.data
    }

    var value: OwnPrekey? {
        guard self.seed.count == 32, let mailbox = MailboxKey(self.mailbox) else { return nil }
        return OwnPrekey(
            made: Timestamp(sql: self.made), issued: Timestamp(sql: self.issued), seed: Array(self.seed),
            mailbox: mailbox)
    }
}

struct PeerPrekeyRecord: TableRow {
    static let databaseTableName = "peer_prekey"
    let device: Data
    let person: Data
    let wire: Data

    var value: KnownPrekey? {
        guard let device = DeviceID(self.device), let person = PersonID(self.person) else { return nil }
        return KnownPrekey(device: device, person: person, wire: Array(self.wire))
    }
}

struct DepositRecord: TableRow {
    static let databaseTableName = "deposit"
    let blob: Data
    let keeper: Data
    let recipient: Data
    let device: Data
    let conversation: Data
    let log: Data
    let low: Int64
    let high: Int64
    let size: Int64
    let at: Int64

    init(_ deposit: Deposit) {
        self.blob = deposit.blob.data
        self.keeper = deposit.keeper.data
        self.recipient = deposit.recipient.data
        self.device = deposit.device.data
        self.conversation = deposit.conversation.data
        self.log = deposit.log.data
        self.low = Int64(clamping: deposit.from)
        self.high = Int64(clamping: deposit.to)
        self.size = Int64(clamping: deposit.size)
        self.at = deposit.at.sql
    }

    var value: Deposit? {
        guard let blob = BlobID(self.blob), let keeper = PersonID(self.keeper),
            let recipient = PersonID(self.recipient), let device = DeviceID(self.device),
            let conversation = ConversationID(self.conversation), let log = LogID(self.log)
        else { return nil }
        return Deposit(
            blob: blob, keeper: keeper, recipient: recipient, device: device, conversation: conversation, log: log,
            from: UInt64(clamping: self.low), to: UInt64(clamping: self.high), size: Int(clamping: self.size),
            at: Timestamp(sql: self.at))
    }
}
