import GRDB

extension Store {
    /// Migration 12: what is hidden is folded too, and marked, so that it may be shown or hidden again without loss.
    /// Reactions, acknowledgements and reminders are kept one by one: the one that counts may be hidden later. What is
    /// put to a message counts in its own conversation.
    static func makeSigns(_ db: Database) throws {  // lint: table
        let rooms = "SELECT log FROM log JOIN conversation ON conversation.id = log.conversation WHERE kind <> 'two'"
        try db.execute(
            sql: """
                ALTER TABLE log ADD COLUMN beginning BLOB;
                ALTER TABLE amendment ADD COLUMN conversation BLOB;
                ALTER TABLE amendment ADD COLUMN membership INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE amendment ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE part ADD COLUMN conversation BLOB;
                ALTER TABLE part ADD COLUMN membership INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE part ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
                CREATE TABLE sign (
                    target BLOB NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL, person BLOB NOT NULL, emoji TEXT
                        NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL, ordering BLOB NOT NULL,
                    conversation BLOB, log BLOB, seq INTEGER, membership INTEGER NOT NULL, hidden INTEGER NOT NULL,
                    PRIMARY KEY (target, id)) WITHOUT ROWID;
                INSERT OR IGNORE INTO sign SELECT target, id, 4, person, emoji, state, stamp >> 16, ordering, NULL,
                    NULL, NULL, 0, 0 FROM reaction;
                INSERT OR IGNORE INTO sign SELECT target, id, 7, person, '', 1, at, x'', NULL, NULL, NULL, 0, 0 FROM
                    acknowledgement;
                INSERT OR IGNORE INTO sign SELECT target, id, 8, person, '', 1, at, x'', NULL, NULL, NULL, 0, 0 FROM
                    reminder;
                DROP TABLE reaction;
                DROP TABLE acknowledgement;
                DROP TABLE reminder;
                ALTER TABLE lifetime RENAME TO old_lifetime;
                CREATE TABLE lifetime (conversation BLOB NOT NULL, id BLOB NOT NULL, time INTEGER NOT NULL, ordering
                    BLOB NOT NULL, PRIMARY KEY (conversation, id)) WITHOUT ROWID;
                INSERT INTO lifetime (conversation, id, time, ordering) SELECT conversation, id, time, ordering FROM
                    old_lifetime;
                DROP TABLE old_lifetime;
                CREATE TABLE era (block INTEGER PRIMARY KEY, at INTEGER NOT NULL);
                INSERT INTO era SELECT number >> 12, max(at) FROM message GROUP BY 1;
                """)
        // What an index does not need to hold it leaves out: it is written with each message.
        try db.execute(
            sql: """
                DROP INDEX message_shown;
                DROP INDEX message_place;
                DROP INDEX message_changed;
                DROP INDEX message_asks;
                CREATE INDEX message_shown ON message (conversation, ordering, id) WHERE hidden = 0;
                CREATE INDEX message_place ON message (log, last, seq, hidden, deleted);
                CREATE INDEX message_changed ON message (changed) WHERE hidden = 0;
                CREATE INDEX message_asks ON message (conversation) WHERE asks = 1 AND hidden = 0;
                CREATE INDEX amendment_place ON amendment (log, seq) WHERE membership <> 0;
                CREATE INDEX part_place ON part (log, seq) WHERE membership <> 0;
                CREATE INDEX sign_place ON sign (log, seq) WHERE membership <> 0;
                """)
        // Of rooms everything is folded again, from the envelopes.
        try db.execute(
            sql: """
                DELETE FROM sign WHERE target IN (SELECT id FROM message WHERE log IN (\(rooms)));
                DELETE FROM amendment WHERE log IN (\(rooms));
                DELETE FROM part WHERE log IN (\(rooms));
                INSERT OR IGNORE INTO aside (what, conversation, log, seq, kept, why, at)
                    SELECT 'message', conversation, log.log, envelope.seq, 1, 'folded again', coalesce(arrived, 0)
                    FROM conversation JOIN log ON log.conversation = conversation.id
                    CROSS JOIN envelope ON envelope.log = log.log WHERE kind = 'room' AND wire IS NOT NULL;
                """)
    }
}
