import EarshotModel
import Foundation
import GRDB
import GRDBSQLite

/// A value of a statement that runs for each message.
enum Bound {
    case bytes([UInt8])
    case text(String)
    case integer(Int64)
    case nothing

    static func id(_ id: some Identifier) -> Bound { .bytes(id.bytes) }
    static func log(_ log: LogID) -> Bound { .bytes(log.bytes) }
    static func seq(_ seq: UInt64) -> Bound { .integer(Int64(clamping: seq)) }
}

/// A statement that runs for each message. It is prepared and kept by GRDB, but bound and stepped by SQLite's own
/// calls: on the way through GRDB every value is boxed and copied twice, which took as long as what SQLite does with
/// it.
struct HotStatement {
    /// Makes SQLite copy what is bound.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let db: Database
    private let kept: Statement
    private var raw: OpaquePointer { self.kept.sqliteStatement }

    init(_ db: Database, _ sql: String) throws {
        self.db = db
        self.kept = try db.cachedStatement(sql: sql)
    }

    /// Runs it to its end.
    func run(_ values: [Bound] = []) throws {
        try self.each(values) { _ in false }
    }

    /// What `read` makes of the first row, if there is one.
    func first<T>(_ values: [Bound], _ read: (HotRow) throws -> T?) throws -> T? {
        var found: T?
        try self.each(values) { row in
            found = try read(row)
            return true
        }
        return found
    }

    /// - Parameter read: is given each row, and says whether it has seen enough.
    func each(_ values: [Bound], _ read: (HotRow) throws -> Bool) throws {
        // Whatever it ended with before has been told.
        sqlite3_reset(self.raw)
        for (index, value) in values.enumerated() { try self.bind(value, at: Int32(truncatingIfNeeded: index + 1)) }
        defer { sqlite3_reset(self.raw) }
        while true {
            let code = sqlite3_step(self.raw)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw self.failure(code) }
            if try read(HotRow(raw: self.raw)) { return }
        }
    }

    private func bind(_ value: Bound, at place: Int32) throws {
        let code: Int32
        switch value {
        case .nothing: code = sqlite3_bind_null(self.raw, place)
        case .integer(let number): code = sqlite3_bind_int64(self.raw, place, number)
        // Without bytes there is no address, and no address means NULL.
        case .bytes(let bytes) where bytes.isEmpty: code = sqlite3_bind_zeroblob(self.raw, place, 0)
        case .bytes(let bytes):
            code = bytes.withUnsafeBytes {
                sqlite3_bind_blob64(self.raw, place, $0.baseAddress, UInt64($0.count), Self.copied)
            }
        case .text(var text):
            code = text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { chars in
                    chars.isEmpty
                        ? sqlite3_bind_text(self.raw, place, "", 0, Self.copied)
                        : sqlite3_bind_text64(
                            self.raw, place, chars.baseAddress, UInt64(chars.count), Self.copied, UInt8(SQLITE_UTF8))
                }
            }
        }
        guard code == SQLITE_OK else { throw self.failure(code) }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: self.db.lastErrorMessage, sql: self.kept.sql)
    }
}

/// A row of a hot statement, while it stands on it.
struct HotRow {
    fileprivate let raw: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(self.raw, column) }
    func isNothing(_ column: Int32) -> Bool { sqlite3_column_type(self.raw, column) == SQLITE_NULL }

    /// Nothing where there is nothing, or no blob.
    func bytes(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(self.raw, column) == SQLITE_BLOB else { return nil }
        guard let start = sqlite3_column_blob(self.raw, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(self.raw, column))))
    }

    func text(_ column: Int32) -> String? {
        sqlite3_column_text(self.raw, column).map { String(cString: $0) }
    }
}
