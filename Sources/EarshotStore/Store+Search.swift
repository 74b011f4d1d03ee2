import EarshotModel
import Foundation
import GRDB

/// Full-text search. Words are put into the index after the commit that brought them, when there is time, and at the
/// latest when somebody searches: nobody waits for the index to have their message acknowledged, and nothing in it
/// can keep one from the disk. The index keeps what it was given, so that what is taken out is what was put in. It
/// costs two bytes for each of the text (before: one); an index of all runs of three characters would be three, three
/// times as slow to make, and find no word of two.
extension Store {
    /// Messages that have all of what the query asks for, newest first. What a person types is words and nothing else.
    /// - Parameter before: only what stands behind this one.
    package func search(
        _ query: String, in conversation: ConversationID? = nil, before: EnvelopeID? = nil, limit: Int
    ) throws(StoreError) -> [Message] {
        let terms = SearchText.terms(of: query)
        guard !terms.isEmpty else { return [] }
        try self.indexAll()
        try self.settleOrder()
        do {
            return try self.found(terms, in: conversation, before: before, limit: limit)
        } catch {
            // Perhaps it is the index that cannot be read.
            try self.rebuildIndex()
            try self.indexAll()
            return try self.found(terms, in: conversation, before: before, limit: limit)
        }
    }

    /// Whether a search for this would find a text that is in no conversation.
    package static func finds(_ query: String, in text: String) -> Bool { SearchText.finds(query, in: text) }

    /// Everything that is not in the index yet; or, where nothing can be written now, what can be.
    private func indexAll() throws(StoreError) {
        do {
            while try self.indexWords(atMost: 2_000) {}
        } catch {
            guard error.trouble == .full || error.trouble == .unwritable else { throw error }
        }
    }

    /// Bytes of text that are put into the index in one go, so that nobody waits long for the loop.
    private static let indexedBytes = 256 << 10

    /// What waits until there is time: puts the words of some messages into the index, and makes sure that nothing is
    /// left of deleted ones. Says whether there is more to do.
    package func index(atMost count: Int) throws(StoreError) -> Bool {
        if try self.indexWords(atMost: count) { return true }
        return try self.scrub()
    }

    /// Puts the words of some messages into the index. Says whether there are more. A power cut may undo it; then it
    /// is done again.
    private func indexWords(atMost count: Int) throws(StoreError) -> Bool {
        do {
            return try self.queue.writeWithoutTransaction { db in try Self.indexSome(db, atMost: count) }
        } catch {
            switch Self.failure(error) {
            case .full, .unwritable: throw Self.explain(error, self.path)
            case .damaged, .fact: break
            }
        }
        // Whatever is wrong with the index, the messages have it all.
        try self.rebuildIndex()
        do {
            return try self.queue.writeWithoutTransaction { db in try Self.indexSome(db, atMost: count) }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    private static func indexSome(_ db: Database, atMost count: Int) throws -> Bool {
        let limit = Int64(clamping: count)
        let stale = try Int64.fetchAll(db.cachedStatement(sql: "SELECT number FROM stale LIMIT ?"), arguments: [limit])
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, text FROM message WHERE number > (SELECT value FROM meta WHERE key = 'indexed')
                        ORDER BY number LIMIT ?
                    """), arguments: [limit])
        var fresh: [(number: Int64, words: String)] = []
        var bytes = 0
        while bytes < Self.indexedBytes, let row = try rows.next() {
            let text = try row.decode(String.self, forColumn: "text")
            bytes += text.utf8.count
            fresh.append((try row.decode(Int64.self, forColumn: "number"), SearchText.words(of: text)))
        }
        guard !fresh.isEmpty || !stale.isEmpty else { return false }
        try Self.transaction(db, waits: false) {
            for number in stale { try Self.indexAgain(db, number) }
            let insert = try db.cachedStatement(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)")
            for (number, words) in fresh where !words.isEmpty { try insert.execute(arguments: [number, words]) }
            try Self.noteEras(db, upTo: fresh.last?.number)
            if let last = fresh.last?.number {
                try db.cachedStatement(sql: "UPDATE meta SET value = ? WHERE key = 'indexed'").execute(arguments: [last]
                )
            }
        }
        return true
    }

    /// A message whose text is another one since it was put into the index.
    private static func indexAgain(_ db: Database, _ number: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM words WHERE rowid = ?").execute(arguments: [number])
        let text = try String.fetchOne(
            db.cachedStatement(sql: "SELECT text FROM message WHERE number = ?"), arguments: [number])
        let words = SearchText.words(of: text ?? "")
        if !words.isEmpty {
            try db.cachedStatement(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)").execute(arguments: [
                number, words,
            ])
            // It may be the number of another message by now.
            try db.cachedStatement(
                sql: """
                    INSERT INTO era (block, at) SELECT number >> 12, at FROM message WHERE number = ?
                    ON CONFLICT (block) DO UPDATE SET at = max(at, excluded.at)
                    """
            ).execute(arguments: [number])
        }
        try db.cachedStatement(sql: "DELETE FROM stale WHERE number = ?").execute(arguments: [number])
    }

    /// Throws the index away. What is in it comes out of the messages again.
    package func rebuildIndex() throws(StoreError) {
        do {
            try self.queue.writeWithoutTransaction { db in
                try Self.transaction(db, waits: false) { try Self.makeIndex(db) }
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }

    static func makeIndex(_ db: Database) throws {
        do {
            try db.execute(sql: "DROP TABLE IF EXISTS words")
        } catch {
            // Too much is missing for it to be opened: what it consists of goes by itself.
            for part in ["data", "idx", "content", "docsize", "config"] {
                try db.execute(sql: "DROP TABLE IF EXISTS words_\(part)")
            }
            try db.execute(sql: "PRAGMA writable_schema = ON")
            try db.execute(sql: "DELETE FROM sqlite_master WHERE name = 'words'")
            try db.execute(sql: "PRAGMA writable_schema = RESET")
        }
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'ascii', columnsize = 0);
                DELETE FROM stale;
                UPDATE meta SET value = 0 WHERE key = 'indexed';
                """)
    }
}
