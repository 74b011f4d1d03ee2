import GRDB
import Synchronization

/// Rows that hold no such thing as they should. They are left as they are, and told of: nothing is dropped in silence.
final class UnreadableRows: Sendable {
    /// Rows of a table that are told apart.
    private static let most = 1_000
    private let tables = Mutex<[String: Set<String>]>([:])

    func note(_ table: String, _ row: Row) {
        let name = row.description
        self.tables.withLock { if $0[table, default: []].count < Self.most { $0[table, default: []].insert(name) } }
    }

    var counts: [(table: String, rows: Int)] {
        self.tables.withLock { $0.map { ($0.key, $0.value.count) } }.sorted { $0.0 < $1.0 }
    }
}

extension Store {
    /// Tables of which rows were met that cannot be read, and how many, since the start.
    package func unreadable() -> [(table: String, rows: Int)] { self.unreadableRows.counts }

    /// What rows say. One that cannot be read is noted, and the others are read.
    func values<V>(_ rows: RowCursor, of table: String, _ value: (Row) throws -> V?) throws -> [V] {
        var values: [V] = []
        while let row = try rows.next() {
            do {
                if let value = try value(row) {
                    values.append(value)
                    continue
                }
            } catch {
                // What is about the file is not about the row.
                if error is DatabaseError || error is StoreError { throw error }
            }
            self.unreadableRows.note(table, row)
        }
        return values
    }

    /// - Parameter rest: what stands behind the name of the table.
    func all<R: TableRow>(_ type: R.Type, _ db: Database, _ rest: String = "", _ arguments: StatementArguments = [])
        throws -> [R.Value]
    {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT * FROM \(R.databaseTableName) \(rest)"), arguments: arguments)
        return try self.values(rows, of: R.databaseTableName) { try R(row: $0).value }
    }
}
