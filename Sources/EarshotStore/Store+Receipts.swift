import GRDB

extension Store {
    /// Migration 7: delivered and read were columns of a message. A recipient is a device of a person, or the person
    /// alone (no bytes) where read marks come from; one that nobody can name any more is recipient 0.
    static func makeReceipts(_ db: Database) throws {  // lint: table
        try db.execute(
            sql: """
                CREATE TABLE conversation (id BLOB PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE member (conversation BLOB NOT NULL, person BLOB NOT NULL, PRIMARY KEY (conversation,
                    person)) WITHOUT ROWID;
                CREATE TABLE recipient (number INTEGER PRIMARY KEY, device BLOB NOT NULL, person BLOB NOT NULL,
                    UNIQUE (device, person));
                CREATE INDEX recipient_person ON recipient (person);
                CREATE TABLE receipt (
                    message INTEGER NOT NULL, state INTEGER NOT NULL, recipient INTEGER NOT NULL, at INTEGER NOT
                        NULL, changed INTEGER NOT NULL,
                    PRIMARY KEY (message, state, recipient)) WITHOUT ROWID;
                CREATE INDEX receipt_changed ON receipt (changed) WHERE changed > 0;
                """)
        try db.execute(
            sql: """
                INSERT INTO conversation (id, kind) SELECT DISTINCT conversation, 'two' FROM log;
                INSERT OR IGNORE INTO member (conversation, person) SELECT conversation, author FROM log WHERE
                    author IS NOT NULL;
                INSERT OR IGNORE INTO member (conversation, person) SELECT conversation, person FROM reading;
                INSERT OR IGNORE INTO member (conversation, person) SELECT DISTINCT conversation, author FROM message;
                CREATE TEMP TABLE other AS
                    SELECT held.device, coalesce(
                        (SELECT person FROM address WHERE address.device = held.device LIMIT 1),
                        (SELECT author FROM log WHERE log.device = held.device AND author IS NOT NULL LIMIT 1),
                        (SELECT member.person FROM member JOIN log ON log.log = held.log
                            WHERE member.conversation = held.conversation AND member.person <> log.author LIMIT 1),
                                x'') AS person
                    FROM held GROUP BY held.device;
                INSERT OR IGNORE INTO member (conversation, person)
                    SELECT held.conversation, other.person FROM held JOIN other ON other.device = held.device WHERE
                        other.person <> x'';
                INSERT INTO recipient (number, device, person) VALUES (0, x'', x'');
                INSERT OR IGNORE INTO recipient (device, person) SELECT device, person FROM other;
                INSERT OR IGNORE INTO recipient (device, person)
                    SELECT DISTINCT x'', reading.person FROM reading JOIN message ON message.log = reading.log
                    WHERE message.delivered IS NOT NULL AND reading.person <> message.author;
                INSERT INTO receipt (message, state, recipient, at, changed)
                    SELECT number, 1, coalesce(
                        (SELECT recipient.number FROM held JOIN recipient ON recipient.device = held.device
                            WHERE held.log = message.log AND held.seq >= message.last AND recipient.person <>
                                message.author LIMIT 1),
                        (SELECT recipient.number FROM reading JOIN recipient ON recipient.person = reading.person
                            AND recipient.device = x''
                            WHERE reading.log = message.log AND reading.seq >= message.last AND reading.person <>
                                message.author LIMIT 1),
                        0), delivered, 0
                    FROM message WHERE delivered IS NOT NULL;
                INSERT INTO receipt (message, state, recipient, at, changed)
                    SELECT number, 2, coalesce(
                        (SELECT recipient.number FROM reading JOIN recipient ON recipient.person = reading.person
                            AND recipient.device = x''
                            WHERE reading.log = message.log AND reading.seq >= message.last AND reading.person <>
                                message.author LIMIT 1),
                        0), read, 0
                    FROM message WHERE read IS NOT NULL;
                DELETE FROM recipient WHERE number = 0 AND NOT EXISTS (SELECT 1 FROM receipt WHERE
                    receipt.recipient = 0);
                DROP TABLE other;
                ALTER TABLE message DROP COLUMN delivered;
                ALTER TABLE message DROP COLUMN read;
                """)
    }
}
