import Foundation
import GRDBSQLite
import Synchronization

/// A disk that fails when it is told to: SQLite writes and reads files whose path holds `faulty` through it. It
/// stands between SQLite and the system for the whole process and lets every other file pass.
enum FaultyDisk {
    enum Fault: CaseIterable, Sendable {
        case full, write, sync, read, shortRead, truncate, noMemory

        var code: Int32 {
            switch self {
            case .full: SQLITE_FULL
            case .write: SQLITE_IOERR | (3 << 8)
            case .sync: SQLITE_IOERR | (4 << 8)
            case .read: SQLITE_IOERR | (1 << 8)
            case .shortRead: SQLITE_IOERR | (2 << 8)
            case .truncate: SQLITE_IOERR | (6 << 8)
            case .noMemory: SQLITE_IOERR | (12 << 8)
            }
        }
    }

    private enum Call { case write, read, sync, truncate }

    private struct State {
        var fault: Fault?
        /// Calls of that kind that still succeed.
        var left = 0
        /// Whether all after it fail as well.
        var lasts = false
        var failed = 0
    }

    private static let state = Mutex(State())
    /// SQLite's own methods for a kind of file, by their address, as [ours, theirs]: those of the database lock,
    /// those of its log do not.
    private nonisolated(unsafe) static var tables:
        [UnsafePointer<sqlite3_io_methods>: UnsafeMutablePointer<sqlite3_io_methods>] = [:]
    private nonisolated(unsafe) static var system: UnsafeMutablePointer<sqlite3_vfs>?
    private nonisolated(unsafe) static let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)

    /// The call of this kind after so many others fails, and with `lasts` all after it.
    static func fail(_ fault: Fault, after calls: Int, lasts: Bool) {
        self.state.withLock { $0 = State(fault: fault, left: calls, lasts: lasts) }
    }

    /// Everything works again. Says how many calls failed.
    @discardableResult
    static func mend() -> Int {
        self.state.withLock { state in
            defer { state = State() }
            return state.failed
        }
    }

    private static func fails(_ call: Call) -> Int32? {
        self.state.withLock { state in
            guard let fault = state.fault else { return nil }
            let kind: Call =
                switch fault {
                case .full, .write, .noMemory: .write
                case .sync: .sync
                case .read, .shortRead: .read
                case .truncate: .truncate
                }
            guard kind == call else { return nil }
            if state.left > 0 {
                state.left -= 1
                return nil
            }
            if !state.lasts, state.failed > 0 { return nil }
            state.failed += 1
            return fault.code
        }
    }

    /// Once, before any database is opened.
    static let isReady: Bool = {
        guard let found = sqlite3_vfs_find(nil) else { return false }
        FaultyDisk.system = found
        FaultyDisk.vfs.initialize(to: found.pointee)
        FaultyDisk.vfs.pointee.pNext = nil
        FaultyDisk.vfs.pointee.xOpen = { _, name, file, flags, out in
            guard let system = FaultyDisk.system, let file else { return SQLITE_CANTOPEN }
            let result = system.pointee.xOpen(system, name, file, flags, out)
            guard result == SQLITE_OK, let name, String(cString: name).contains("faulty"),
                let methods = file.pointee.pMethods
            else { return result }
            nonisolated(unsafe) let (opened, original) = (file, methods)
            FaultyDisk.state.withLock { _ in opened.pointee.pMethods = UnsafePointer(FaultyDisk.table(for: original)) }
            return result
        }
        return sqlite3_vfs_register(FaultyDisk.vfs, 1) == SQLITE_OK
    }()

    private static func table(for original: UnsafePointer<sqlite3_io_methods>) -> UnsafeMutablePointer<
        sqlite3_io_methods
    > {
        if let known = self.tables[original] { return known }
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 2)
        table.initialize(repeating: original.pointee, count: 2)
        table[0].xWrite = { file, bytes, count, at in
            FaultyDisk.fails(.write) ?? file?.pointee.pMethods[1].xWrite(file, bytes, count, at) ?? SQLITE_IOERR
        }
        table[0].xRead = { file, bytes, count, at in
            FaultyDisk.fails(.read) ?? file?.pointee.pMethods[1].xRead(file, bytes, count, at) ?? SQLITE_IOERR
        }
        table[0].xSync = { file, flags in
            FaultyDisk.fails(.sync) ?? file?.pointee.pMethods[1].xSync(file, flags) ?? SQLITE_IOERR
        }
        table[0].xTruncate = { file, size in
            FaultyDisk.fails(.truncate) ?? file?.pointee.pMethods[1].xTruncate(file, size) ?? SQLITE_IOERR
        }
        // What is mapped is read past us.
        table[0].iVersion = min(original.pointee.iVersion, 2)
        self.tables[original] = table
        return table
    }
}
