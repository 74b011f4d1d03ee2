import EarshotModel
import Foundation
import GRDB

/// What a receipt says.
enum ReceiptState: Int64 {
    case delivered = 1
    case read = 2
}

/// Who takes part in a conversation, and who of them has which of our messages: a receipt for each message, person
/// and device. A receipt changes nothing about the message itself, so that a tick touches no page of words.
extension FactWriter {
    /// A person takes part in a conversation.
    func joined(_ conversation: ConversationID, _ person: PersonID) throws {
        // Of a room the rules tell who its members are.
        let kind = try self.first(hot: "SELECT kind FROM conversation WHERE id = ?", [.id(conversation)]) { $0.text(0) }
        guard kind == nil || kind == ConversationKind.two.rawValue else { return }
        try self.run("INSERT OR IGNORE INTO conversation (id, kind) VALUES (?, 'two')", [conversation.data])
        for one in Set([person, self.me ?? person]) {
            try self.run(
                "INSERT OR IGNORE INTO member (conversation, person) VALUES (?, ?)", [conversation.data, one.data])
        }
    }

    /// Notes for messages of ours, by where they end in their log, that somebody has or has read them.
    /// - Parameters:
    ///   - device: none where only the person is known.
    ///   - before: up to here it was known already.
    func note(
        _ state: ReceiptState, to person: PersonID, _ device: DeviceID?, _ conversation: ConversationID, _ log: LogID,
        above before: Int64,
        upTo place: Int64, _ at: Timestamp
    ) throws {
        guard let me = self.me, person != me else { return }
        let recipient = try self.recipient(person, device, conversation)
        let range: [Bound] = [.log(log), .integer(before), .integer(place), .id(me)]
        let said: [Bound] = range + [.integer(recipient), .id(person), .integer(at.sql)]
        switch state {
        case .delivered:
            // It is news when the first device of theirs has it.
            try self.run(
                hot: """
                    INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                    SELECT number, 1, ?5, ?7, CASE WHEN \(Self.has) THEN 0 ELSE ?8 END
                    FROM message WHERE \(Self.range)
                    """, said + [.integer(self.cursor)])
        case .read:
            // Whoever has read it has it, and not since later.
            try self.run(
                hot: """
                    INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                    SELECT number, 1, ?5, ?7, 0 FROM message WHERE \(Self.range) AND NOT \(Self.has)
                    """, said)
            try self.run(
                hot: """
                    INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                    SELECT number, 2, ?5, max(?7, (
                        SELECT min(at) FROM receipt JOIN recipient ON recipient.number = receipt.recipient
                        WHERE receipt.message = message.number AND state = 1 AND person = ?6)), ?8
                    FROM message WHERE \(Self.range)
                    """, said + [.integer(self.cursor)])
        }
    }

    private static let range = "log = ?1 AND last > ?2 AND last <= ?3 AND author = ?4"

    /// Whether a device of the person has the message.
    private static let has = """
        EXISTS (
            SELECT 1 FROM receipt JOIN recipient ON recipient.number = receipt.recipient
            WHERE receipt.message = message.number AND state = 1 AND person = ?6)
        """

    /// The number of a person on a device, made when they are first heard of.
    private func recipient(_ person: PersonID, _ device: DeviceID?, _ conversation: ConversationID) throws -> Int64 {
        let known = try self.first(
            hot: "SELECT number FROM recipient WHERE device = ? AND person = ?",
            [.bytes(device?.bytes ?? []), .id(person)]
        ) { $0.integer(0) }
        if let known { return known }
        try self.joined(conversation, person)
        try self.run("INSERT INTO recipient (device, person) VALUES (?, ?)", [device?.data ?? Data(), person.data])
        return self.db.lastInsertedRowID
    }
}

extension Store {
    /// How far each other member of its conversation is with a message; also who has it and is no member any more.
    package func receipts(of id: EnvelopeID) throws(StoreError) -> [Receipt] {
        try self.read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        WITH whom (number, person) AS (
                            SELECT message.number, member.person FROM message JOIN member ON member.conversation =
                                message.conversation AND member.person <> message.author WHERE message.id = ?1
                            UNION
                            SELECT message.number, recipient.person FROM message JOIN receipt ON receipt.message =
                                message.number JOIN recipient ON recipient.number = receipt.recipient
                            WHERE message.id = ?1 AND recipient.person <> x'')
                        SELECT whom.person AS person, min(CASE receipt.state WHEN 1 THEN receipt.at END) AS delivered,
                            min(CASE receipt.state WHEN 2 THEN receipt.at END) AS read
                        FROM whom LEFT JOIN recipient ON recipient.person = whom.person
                        LEFT JOIN receipt ON receipt.message = whom.number AND receipt.recipient = recipient.number
                        GROUP BY whom.person ORDER BY whom.person
                        """), arguments: [id.data])
            return try self.values(rows, of: "member") { row in
                guard let person = PersonID(try row.decode(Data.self, forColumn: "person")) else { return nil }
                return Receipt(
                    person: person,
                    deliveredAt: try row.decode(Int64?.self, forColumn: "delivered").map(Timestamp.init(sql:)),
                    readAt: try row.decode(Int64?.self, forColumn: "read").map(Timestamp.init(sql:)))
            }
        }
    }

    /// Receipts of our own messages that were put into the history anew, from what others said they hold and have read.
    static func restoreReceipts(_ db: Database) throws {
        // Of others we know devices; of nobody else is there anything to restore.
        let ours = "message.author NOT IN (SELECT person FROM recipient)"
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                SELECT message.number, 1, recipient.number, max(message.at, message.arrived), 0
                FROM message JOIN held ON held.log = message.log AND held.seq >= message.last JOIN recipient ON
                    recipient.device = held.device
                WHERE \(ours) AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.message = message.number);
                INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                SELECT message.number, 1, recipient.number, reading.at, 0
                FROM message JOIN reading ON reading.log = message.log AND reading.seq >= message.last
                JOIN recipient ON recipient.person = reading.person AND recipient.device = x''
                WHERE \(ours) AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.message = message.number);
                INSERT OR IGNORE INTO receipt (message, state, recipient, at, changed)
                SELECT message.number, 2, recipient.number, max(reading.at, (
                    SELECT min(at) FROM receipt WHERE receipt.message = message.number AND state = 1)), 0
                FROM message JOIN reading ON reading.log = message.log AND reading.seq >= message.last
                JOIN recipient ON recipient.person = reading.person AND recipient.device = x''
                WHERE \(ours) AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.message = message.number AND
                    state = 2);
                """)
    }
}
