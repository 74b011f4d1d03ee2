import EarshotModel
import Foundation
import GRDB
import GRDBSQLite

/// Why something could not be read or kept.
package enum StoreError: Error, Equatable, Sendable {
    /// The file is not what was written to it.
    case damaged(path: String, detail: String)
    case full(path: String)
    case unusable(path: String, detail: String)
    /// Made by a later version of Earshot.
    case newer(path: String)
    /// One thing could not be kept; everything else can.
    case notStored(path: String, detail: String)

    /// What it means for everything else that is to be kept; `nil` when it means nothing.
    package var trouble: StorageTrouble? {
        switch self {
        case .damaged, .newer: .damaged
        case .full: .full
        case .unusable: .unwritable
        case .notStored: nil
        }
    }
}

extension Store {
    /// What a failure of SQLite says of the things that were to be kept.
    enum Failure: Equatable {
        /// No room for anything.
        case full
        /// The file, or the index of words in it, is not what was written.
        case damaged
        /// Nothing can be written just now, for another reason.
        case unwritable
        /// Something about this one fact.
        case fact
    }

    static func failure(_ error: any Error) -> Failure {
        if let error = error as? StoreError {
            switch error.trouble {
            case .full: return .full
            case .damaged: return .damaged
            case .unwritable: return .unwritable
            case nil: return .fact
            }
        }
        if error is NoRoom { return .full }
        guard let error = error as? DatabaseError else { return .fact }
        switch error.resultCode {
        case .SQLITE_FULL: return .full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: return .damaged
        case .SQLITE_IOERR:
            switch error.extendedResultCode {
            case .SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ, .SQLITE_IOERR_CORRUPTFS, .SQLITE_IOERR_DATA:
                return .damaged
            default: return .unwritable
            }
        case .SQLITE_NOMEM, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_READONLY, .SQLITE_CANTOPEN,
            .SQLITE_PERM,
            .SQLITE_PROTOCOL, .SQLITE_NOLFS:
            return .unwritable
        default: return .fact
        }
    }

    static func explain(_ error: any Error, _ path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        let detail = (error as? DatabaseError).map { $0.message ?? "\($0.extendedResultCode)" } ?? "\(error)"
        switch self.failure(error) {
        case .full: return .full(path: path)
        case .damaged: return .damaged(path: path, detail: detail)
        case .unwritable: return .unusable(path: path, detail: detail)
        case .fact: return .notStored(path: path, detail: detail)
        }
    }

    /// An error of writing that means a full disk or a quota, which SQLite tells from others only in part.
    struct NoRoom: Error {}

    /// What an error means, while the connection still knows what the system said.
    static func precise(_ error: any Error, _ db: Database) -> any Error {
        guard let known = error as? DatabaseError, known.resultCode == .SQLITE_IOERR,
            self.failure(error) == .unwritable,
            let connection = db.sqliteConnection
        else { return error }
        let code = sqlite3_system_errno(connection)
        return code == ENOSPC || code == EDQUOT ? NoRoom() : error
    }
}
