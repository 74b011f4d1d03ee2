import EarshotModel
import Foundation
import GRDB

extension Store {
    /// What rooms need: the rooms themselves, up to where each stretch of a log is shown, where logs begin for us; and
    /// of a message who was asked and named, when it goes, and an invitation.
    static func makeRooms(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE room (id BLOB PRIMARY KEY, charter TEXT NOT NULL, standing TEXT NOT NULL, inviter BLOB,
                    number INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE shown (log BLOB NOT NULL, membership INTEGER NOT NULL, everything INTEGER NOT NULL,
                    words INTEGER NOT NULL, PRIMARY KEY (log, membership)) WITHOUT ROWID;
                CREATE TABLE acknowledgement (target BLOB NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL,
                    at INTEGER NOT NULL, PRIMARY KEY (target, id)) WITHOUT ROWID;
                CREATE TABLE reminder (target BLOB NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL,
                    at INTEGER NOT NULL, PRIMARY KEY (target, id)) WITHOUT ROWID;
                CREATE TABLE lifetime (conversation BLOB PRIMARY KEY, time INTEGER NOT NULL, ordering BLOB NOT NULL,
                    id BLOB NOT NULL) WITHOUT ROWID;
                ALTER TABLE log ADD COLUMN after INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE message ADD COLUMN membership INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE message ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE message ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE message ADD COLUMN mentions BLOB;
                ALTER TABLE message ADD COLUMN expires INTEGER;
                ALTER TABLE message ADD COLUMN invitation TEXT;
                CREATE INDEX message_expires ON message (expires) WHERE expires IS NOT NULL;
                CREATE INDEX message_asks ON message (conversation) WHERE asks = 1;
                """)
    }
}

/// A charter as it is kept: its bytes, and what they say.
struct CharterRecord: Codable {
    let name: String
    let owner: Data?
    let isOpen: Bool
    let isAnnouncement: Bool
    let startsAtJoin: Bool
    let ownerInvites: Bool
    let bytes: Data

    init(_ charter: Charter) {
        self.name = charter.name
        self.owner = charter.owner?.data
        self.isOpen = charter.isOpen
        self.isAnnouncement = charter.isAnnouncement
        self.startsAtJoin = charter.startsAtJoin
        self.ownerInvites = charter.ownerInvites
        self.bytes = charter.bytes.data
    }

    var value: Charter {
        Charter(
            name: self.name, owner: self.owner.flatMap { PersonID($0) }, isOpen: self.isOpen,
            isAnnouncement: self.isAnnouncement, startsAtJoin: self.startsAtJoin, ownerInvites: self.ownerInvites,
            bytes: Array(self.bytes))
    }
}

/// An invitation as it lies beside its message.
struct InvitationRecord: Codable {
    let charter: CharterRecord
    let number: Int64

    init(_ invitation: Invitation) {
        self.charter = CharterRecord(invitation.charter)
        self.number = Int64(clamping: invitation.number)
    }

    var value: Invitation { Invitation(charter: self.charter.value, number: UInt64(clamping: self.number)) }
}

struct RoomRecord: TableRow {
    static let databaseTableName = "room"
    let id: Data
    let charter: String
    let standing: String
    let inviter: Data?
    let number: Int64
    let since: Int64

    init(_ room: KnownRoom) {
        self.id = room.id.data
        self.charter = json(CharterRecord(room.charter))
        self.standing = room.standing.rawValue
        self.inviter = room.inviter?.data
        self.number = Int64(clamping: room.number)
        self.since = room.since.sql
    }

    var value: KnownRoom? {
        guard let id = RoomID(self.id), let standing = KnownRoom.Standing(rawValue: self.standing),
            let charter = read(CharterRecord.self, json: self.charter)
        else { return nil }
        return KnownRoom(
            id: id, charter: charter.value, standing: standing, inviter: self.inviter.flatMap { PersonID($0) },
            number: UInt64(clamping: self.number), since: Timestamp(sql: self.since))
    }
}

struct ShownRecord: TableRow {
    static let databaseTableName = "shown"
    let log: Data
    let membership: Int64
    let everything: Int64
    let words: Int64

    init(_ stretch: Stretch, _ limit: ShownLimit) {
        self.log = stretch.log.data
        self.membership = Int64(clamping: stretch.membership)
        self.everything = Int64(clamping: limit.all)
        self.words = Int64(clamping: limit.words)
    }

    var limit: ShownLimit { ShownLimit(all: Self.seq(self.everything), words: Self.seq(self.words)) }

    var value: (stretch: Stretch, limit: ShownLimit)? {
        LogID(self.log).map { (Stretch(log: $0, membership: UInt64(clamping: self.membership)), self.limit) }
    }

    /// What is above every place is without end.
    private static func seq(_ value: Int64) -> UInt64 { value == .max ? .max : UInt64(clamping: value) }
}

extension Store {
    /// What the rules want to know of rooms at the start.
    func readRooms(_ db: Database, into snapshot: inout Snapshot) throws {
        snapshot.rooms = try self.all(RoomRecord.self, db, "ORDER BY id")
        for (stretch, limit) in try self.all(ShownRecord.self, db) { snapshot.shown[stretch] = limit }
        for room in snapshot.rooms {
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT wire, log.author FROM log JOIN envelope ON envelope.log = log.log
                    WHERE log.conversation = ? AND wire IS NOT NULL ORDER BY log.log, envelope.seq
                    """, arguments: [room.id.data])
            while let row = try rows.next() {
                let author = try row.decode(Data?.self, forColumn: "author").flatMap { PersonID($0) }
                let wire = try row.decode(Data.self, forColumn: "wire")
                snapshot.operations.append(Snapshot.Operation(wire: Array(wire), author: author))
            }
        }
        let starts = try Row.fetchCursor(db, sql: "SELECT log, after FROM log WHERE after > 0")
        let places = try self.values(starts, of: "log") { row -> (LogID, UInt64)? in
            let after = UInt64(clamping: try row.decode(Int64.self, forColumn: "after"))
            return LogID(try row.decode(Data.self, forColumn: "log")).map { ($0, after) }
        }
        for (log, after) in places { snapshot.starts[log] = after }
    }
}

/// Who is asked, named and reminded, and when messages go.
extension Store {
    /// When the next message goes by itself.
    package func nextExpiry() throws(StoreError) -> Timestamp? {
        try self.read { db in
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT min(expires) FROM message WHERE expires IS NOT NULL")
            ).map(Timestamp.init(sql:))
        }
    }

    /// Drops the bodies of messages whose time is over, as a deletion does. Says whether there are more, and where the
    /// bodies were.
    package func dropExpired(
        at now: Timestamp, me: PersonID
    ) throws(StoreError) -> (dropped: Int, isMore: Bool, places: [(log: LogID, seq: UInt64)]) {
        let most = 500
        do {
            return try self.queue.writeWithoutTransaction { db in
                let rows = try Row.fetchAll(
                    db.cachedStatement(
                        sql:
                            "SELECT id, author, conversation FROM message WHERE expires <= ? ORDER BY expires LIMIT ?"
                    ),
                    arguments: [now.sql, most])
                guard !rows.isEmpty else { return (0, false, []) }
                let outcome = try Self.transaction(db, waits: true) {
                    let writer = try FactWriter(db, me: me, self.reader)
                    for row in rows {
                        guard let id = EnvelopeID(try row.decode(Data.self, forColumn: "id")),
                            let author = PersonID(try row.decode(Data.self, forColumn: "author")),
                            let conversation = ConversationID(try row.decode(Data.self, forColumn: "conversation"))
                        else {
                            // Nobody can be told of it, and it is not looked at again.
                            try writer.run(
                                "UPDATE message SET expires = NULL WHERE id = ?",
                                [try row.decode(Data.self, forColumn: "id")])
                            continue
                        }
                        try writer.expire(id, by: author, in: conversation, at: now)
                    }
                    var last = writer
                    return try last.finish()
                }
                return (rows.count, rows.count == most, outcome.dropped)
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    /// Ms after which messages of a talk of two are dropped; 0 is never. It is asked for each message.
    package func lifetime(of conversation: ConversationID) throws(StoreError) -> UInt64 {
        let known = try self.knownLifetime(of: conversation)
        guard !known.isSettled else { return known.time }
        try self.settleOrder()
        return try self.knownLifetime(of: conversation).time
    }

    private func knownLifetime(of conversation: ConversationID) throws(StoreError) -> (time: UInt64, isSettled: Bool) {
        try self.read { db in
            try HotStatement(
                db,
                """
                SELECT (SELECT time FROM lifetime WHERE conversation = ?1 AND NOT EXISTS (
                        SELECT 1 FROM conversation WHERE id = ?1 AND kind <> 'two')
                    ORDER BY ordering DESC, id DESC LIMIT 1), EXISTS (SELECT 1 FROM unsettled)
                """
            ).first([.id(conversation)]) { row in (UInt64(clamping: row.integer(0)), row.integer(1) == 0) } ?? (0, true)
        }
    }

    /// What waits for somebody in one conversation.
    package struct Waiting: Sendable, Hashable {
        package let conversation: ConversationID
        /// Messages of others that were not read, and how many of them name us.
        package var unread = 0
        package var mentions = 0
        /// Messages that ask us for an acknowledgement that we have not given.
        package var owed: [EnvelopeID] = []
    }

    /// What waits for us: in every conversation where something does, or in one.
    package func waiting(for me: PersonID, in conversation: ConversationID? = nil) throws(StoreError) -> [Waiting] {
        try self.read { db in
            var waiting = try Self.unread(db, me, conversation)
            let owed = try Row.fetchCursor(
                db,
                sql: """
                    SELECT conversation, id FROM message
                    WHERE asks = 1 AND author <> ?1 AND deleted = 0 AND hidden = 0
                        AND (?2 IS NULL OR conversation = ?2) AND NOT EXISTS (
                        SELECT 1 FROM sign WHERE target = message.id AND kind = 7 AND person = ?1 AND sign.hidden = 0
                            AND (sign.conversation IS NULL OR sign.conversation = message.conversation))
                    ORDER BY at
                    """, arguments: [me.data, conversation?.data])
            while let row = try owed.next() {
                guard let id = ConversationID(try row.decode(Data.self, forColumn: "conversation")),
                    let message = EnvelopeID(try row.decode(Data.self, forColumn: "id"))
                else { continue }
                waiting[id, default: Waiting(conversation: id)].owed.append(message)
            }
            return waiting.values.sorted { $0.conversation < $1.conversation }
        }
    }

    /// How many messages of others were not read, and how many of these name us. Counted by log: there may be many.
    private static func unread(
        _ db: Database, _ me: PersonID, _ conversation: ConversationID?
    ) throws -> [ConversationID: Waiting] {
        let place = conversation == nil ? "" : "AND log.conversation = ?2"
        // Only what lies behind the read mark of its log is looked at.
        let unread = """
            FROM log LEFT JOIN reading ON reading.log = log.log AND reading.person = ?1
            CROSS JOIN message ON message.log = log.log AND message.last > coalesce(reading.seq, 0)
                AND message.seq > coalesce(reading.seq, 0)
            WHERE log.author IS NOT ?1 AND message.deleted = 0 AND message.hidden = 0
                AND message.invitation IS NULL \(place)
            """
        let arguments: StatementArguments = conversation.map { [me.data, $0.data] } ?? [me.data]
        var waiting: [ConversationID: Waiting] = [:]
        let counts = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT log.conversation AS conversation, count(*) AS count \(unread) GROUP BY log.log"),
            arguments: arguments)
        while let row = try counts.next() {
            guard let id = ConversationID(try row.decode(Data.self, forColumn: "conversation")) else { continue }
            waiting[id, default: Waiting(conversation: id)].unread += try row.decode(Int.self, forColumn: "count")
        }
        // An invitation waits for an answer, and is told as one.
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT log.conversation AS conversation, message.mentions AS mentions,
                        message.invitation IS NOT NULL AS invites
                    \(unread) AND (message.mentions IS NOT NULL OR message.invitation IS NOT NULL)
                    """), arguments: arguments)
        while let row = try rows.next() {
            guard let id = ConversationID(try row.decode(Data.self, forColumn: "conversation")) else { continue }
            if try row.decode(Bool.self, forColumn: "invites") {
                waiting[id]?.unread -= 1
            } else if MessageRecord.persons(try row.decode(Data.self, forColumn: "mentions")).contains(me) {
                waiting[id]?.mentions += 1
            }
        }
        return waiting.filter { $0.value.unread > 0 }
    }
}
