import Foundation
import GRDB

extension Store {
    /// The migrations, oldest first. One that has been released is never edited.
    static func migrator(generation: [UInt8]) -> DatabaseMigrator {  // lint: table
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
                    CREATE TABLE log (log BLOB PRIMARY KEY, conversation BLOB NOT NULL, device BLOB NOT NULL, seq
                        INTEGER NOT NULL, id BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE envelope (log BLOB NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, wire BLOB,
                        PRIMARY KEY (log, seq)) WITHOUT ROWID;
                    CREATE TABLE message (
                        number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, conversation BLOB NOT NULL, author
                            BLOB NOT NULL, device BLOB NOT NULL,
                        log BLOB NOT NULL, seq INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL, parts
                            INTEGER NOT NULL, held INTEGER NOT NULL,
                        reply BLOB, at INTEGER NOT NULL, stamp INTEGER NOT NULL, arrived INTEGER NOT NULL, edited
                            INTEGER, edit_stamp INTEGER, edit_id BLOB,
                        deleted INTEGER NOT NULL DEFAULT 0, delivered INTEGER, read INTEGER, unknown INTEGER,
                            changed INTEGER NOT NULL, change TEXT NOT NULL);
                    CREATE INDEX message_shown ON message (conversation, stamp, id);
                    CREATE INDEX message_place ON message (log, last);
                    CREATE INDEX message_changed ON message (changed);
                    CREATE TABLE part (first BLOB NOT NULL, part INTEGER NOT NULL, author BLOB NOT NULL, log BLOB
                        NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (first, part)) WITHOUT ROWID;
                    CREATE TABLE amendment (target BLOB NOT NULL, id BLOB NOT NULL, author BLOB NOT NULL, text
                        TEXT, stamp INTEGER NOT NULL, at INTEGER NOT NULL, log BLOB NOT NULL, seq INTEGER NOT NULL,
                        PRIMARY KEY (target, id)) WITHOUT ROWID;
                    CREATE TABLE reaction (target BLOB NOT NULL, person BLOB NOT NULL, emoji TEXT NOT NULL, state
                        INTEGER NOT NULL, stamp INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (target, person,
                        emoji)) WITHOUT ROWID;
                    CREATE TABLE held (log BLOB NOT NULL, device BLOB NOT NULL, conversation BLOB NOT NULL, seq
                        INTEGER NOT NULL, PRIMARY KEY (log, device)) WITHOUT ROWID;
                    CREATE TABLE reading (log BLOB NOT NULL, person BLOB NOT NULL, conversation BLOB NOT NULL, seq
                        INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (log, person)) WITHOUT ROWID;
                    CREATE TABLE contact (person BLOB PRIMARY KEY, name TEXT NOT NULL, petname TEXT, trust TEXT NOT
                        NULL, request TEXT, requested INTEGER, wire INTEGER NOT NULL, since INTEGER, changed INTEGER
                        NOT NULL) WITHOUT ROWID;
                    CREATE TABLE manifest (person BLOB PRIMARY KEY, wire BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE certificate (device BLOB PRIMARY KEY, wire BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE address (device BLOB NOT NULL, ip BLOB NOT NULL, scope INTEGER NOT NULL, port
                        INTEGER NOT NULL, person BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, ip, scope,
                        port)) WITHOUT ROWID;
                    CREATE TABLE peer (place TEXT PRIMARY KEY) WITHOUT ROWID;
                    CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    CREATE VIRTUAL TABLE words USING fts5(text, content='message', content_rowid='number',
                        tokenize='unicode61 remove_diacritics 2');
                    """)
            try db.execute(
                sql: "INSERT INTO meta VALUES ('generation', ?), ('latest', 0), ('cursor', 0), ('indexed', 0)",
                arguments: [Data(generation)])
        }
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE message ADD COLUMN offer TEXT;
                    CREATE TABLE transfer (
                        id BLOB PRIMARY KEY, share BLOB NOT NULL, conversation BLOB NOT NULL, person BLOB NOT NULL,
                            device BLOB NOT NULL, incoming INTEGER NOT NULL,
                        offer TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, folder TEXT,
                            have INTEGER NOT NULL, listing INTEGER NOT NULL,
                        length INTEGER NOT NULL, names TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE share (id BLOB PRIMARY KEY, key BLOB NOT NULL, roots TEXT NOT NULL, listing
                        INTEGER NOT NULL, size INTEGER NOT NULL, open INTEGER NOT NULL) WITHOUT ROWID;
                    """)
        }
        // What is read is in causal order, the index keeps what it was given, and what cannot be stored is set aside.
        migrator.registerMigration("3") { db in
            try db.execute(
                sql: """
                    ALTER TABLE envelope ADD COLUMN arrived INTEGER;
                    ALTER TABLE log ADD COLUMN author BLOB;
                    ALTER TABLE log ADD COLUMN ordering BLOB NOT NULL DEFAULT x'';
                    UPDATE log SET author = (SELECT author FROM message WHERE message.log = log.log LIMIT 1);
                    CREATE INDEX log_conversation ON log (conversation);
                    ALTER TABLE message ADD COLUMN ordering BLOB NOT NULL DEFAULT x'';
                    ALTER TABLE message ADD COLUMN problem TEXT;
                    ALTER TABLE amendment ADD COLUMN ordering BLOB NOT NULL DEFAULT x'';
                    ALTER TABLE reaction ADD COLUMN ordering BLOB NOT NULL DEFAULT x'';
                    DROP INDEX message_shown;
                    CREATE INDEX message_shown ON message (conversation, ordering, id);
                    CREATE TABLE marker (id BLOB PRIMARY KEY, ordering BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE awaited (id BLOB NOT NULL, log BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY
                        (id, log, seq)) WITHOUT ROWID;
                    CREATE TABLE unsettled (conversation BLOB PRIMARY KEY) WITHOUT ROWID;
                    INSERT OR IGNORE INTO unsettled SELECT conversation FROM log;
                    CREATE TABLE stale (number INTEGER PRIMARY KEY);
                    CREATE TABLE aside (
                        number INTEGER PRIMARY KEY, what TEXT NOT NULL, conversation BLOB, log BLOB, seq INTEGER,
                            kept INTEGER NOT NULL, why TEXT NOT NULL,
                        at INTEGER NOT NULL, UNIQUE (what, log, seq));
                    """)
            try Self.makeIndex(db)
        }
        // What an offer holds, as its listing told, and when it was agreed to.
        migrator.registerMigration("4") { db in
            try db.execute(
                sql: """
                    ALTER TABLE transfer ADD COLUMN contents TEXT;
                    ALTER TABLE transfer ADD COLUMN agreed INTEGER;
                    UPDATE transfer SET agreed = at WHERE incoming = 1 AND folder IS NOT NULL;
                    """)
        }
        // What did not come along, and what is called otherwise at its receiver's.
        migrator.registerMigration("5") { db in try db.execute(sql: "ALTER TABLE transfer ADD COLUMN notes TEXT") }
        // A part counts where it lies; a body that is dropped leaves what it says of the order; words that were
        // deleted leave the index.
        migrator.registerMigration("6") { db in
            try db.execute(
                sql: """
                    ALTER TABLE envelope ADD COLUMN stamp INTEGER;
                    ALTER TABLE envelope ADD COLUMN ancestors BLOB;
                    ALTER TABLE part RENAME TO old_part;
                    CREATE TABLE part (
                        first BLOB NOT NULL, log BLOB NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL, author
                            BLOB NOT NULL, text TEXT NOT NULL,
                        PRIMARY KEY (first, log, seq)) WITHOUT ROWID;
                    INSERT INTO part SELECT first, log, seq, part, author, text FROM old_part;
                    DROP TABLE old_part;
                    INSERT OR REPLACE INTO meta SELECT 'forgotten', 1 WHERE EXISTS (SELECT 1 FROM message WHERE
                        deleted = 1);
                    """)
        }
        // A receipt for each message, person and device; who takes part in which conversation.
        migrator.registerMigration("7", migrate: Self.makeReceipts)
        // Why it is not certain who a contact is, and whether they were verified before.
        migrator.registerMigration("8") { db in
            try db.execute(
                sql: """
                    ALTER TABLE contact ADD COLUMN conflict TEXT;
                    ALTER TABLE contact ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
                    UPDATE contact SET conflict = 'deviceLists' WHERE trust = 'conflict';
                    """)
        }
        migrator.registerMigration("9", migrate: Self.makeRooms)
        // What is offered to a room is a transfer for each member.
        migrator.registerMigration("10") { db in
            try db.execute(sql: "ALTER TABLE transfer ADD COLUMN message BLOB")
        }
        // What people tell of themselves, and when they were last here.
        migrator.registerMigration("11") { db in
            try db.execute(
                sql: """
                    CREATE TABLE acquaintance (
                        person BLOB PRIMARY KEY, seen INTEGER, full_name TEXT NOT NULL DEFAULT '', role TEXT NOT NULL
                            DEFAULT '', desk TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', picture BLOB,
                        picture_size INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
                    CREATE TABLE picture (id BLOB PRIMARY KEY, bytes BLOB NOT NULL);
                    """)
        }
        migrator.registerMigration("12", migrate: Self.makeSigns)
        // How to recognise devices that are announced privately.
        migrator.registerMigration("13") { db in
            try db.execute(
                sql: """
                    CREATE TABLE discovery_key (device BLOB PRIMARY KEY, person BLOB NOT NULL, key BLOB NOT NULL)
                        WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("14", migrate: Self.makeMail)
        return migrator
    }
}
