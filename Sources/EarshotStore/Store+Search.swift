import EarshotModel
import Foundation
import GRDB

/// Full-text search. Words are put into the index after the commit that brought them, when there is time, and at the latest when
/// somebody searches: nobody waits for the index to have his message acknowledged.
extension Store {
    /// Messages with all the words, newest first. What a person types is words and nothing else; the last may be unfinished.
    package func search(_ query: String, in conversation: ConversationID? = nil, limit: Int) throws(StoreError) -> [Message] {
        let words = query.split { !$0.isLetter && !$0.isNumber }.prefix(32)
        guard !words.isEmpty else { return [] }
        while try self.index(atMost: 2_000) {}
        let pattern = words.map { "\"\($0)\"" }.joined(separator: " ") + "*"
        return try self.read { db in
            var sql = "SELECT message.* FROM words JOIN message ON message.number = words.rowid WHERE words MATCH ?"
            var arguments: StatementArguments = [pattern]
            if let conversation {
                sql += " AND conversation = ?"
                arguments += [conversation.data]
            }
            return try Self.messages(db, sql + " ORDER BY stamp DESC, id DESC LIMIT ?", arguments + [Int64(clamping: limit)])
        }
    }

    /// Characters of a message that can be found. Whoever sends megabytes of noise does not keep the node busy with it.
    static let searched = 50_000

    /// Puts the words of some messages into the index. Says whether there are more. A power cut may undo it; then it is done again.
    package func index(atMost count: Int) throws(StoreError) -> Bool {
        do {
            return try self.queue.writeWithoutTransaction { db in
                let next = try Int64.fetchAll(
                    db.cachedStatement(
                        sql: "SELECT number FROM message WHERE number > (SELECT value FROM meta WHERE key = 'indexed') ORDER BY number LIMIT ?"),
                    arguments: [Int64(clamping: count)])
                guard let first = next.first, let last = next.last else { return false }
                try Self.transaction(db, waits: false) {
                    try db.cachedStatement(
                        sql: "INSERT INTO words (rowid, text) SELECT number, substr(text, 1, \(Self.searched)) FROM message WHERE number BETWEEN ? AND ? AND text <> ''"
                    ).execute(arguments: [first, last])
                    try db.cachedStatement(sql: "UPDATE meta SET value = ? WHERE key = 'indexed'").execute(arguments: [last])
                }
                return next.count == count
            }
        } catch {
            throw Self.explain(error, self.path)
        }
    }
}
