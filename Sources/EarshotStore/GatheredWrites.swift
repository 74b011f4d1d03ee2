import GRDB
import GRDBSQLite

/// The pages of one commit on their way into SQLite's write-ahead log. SQLite writes each of them with two calls of
/// the system, and a message changes nine: here they are put together and go with one call, just before the log is
/// synced. An error of that call is then the error of the sync, upon which SQLite takes the commit back as it would
/// have before. It stands between SQLite and the system for the log of one connection, and gathers only during
/// commits that wait for the disk: nothing is kept back afterwards.
enum GatheredWrites {
    /// What stands in the place of SQLite's methods of the log. They come first: SQLite sees nothing else of it.
    private struct Table {
        var methods: sqlite3_io_methods
        let theirs: UnsafePointer<sqlite3_io_methods>
        let room: UnsafeMutableRawPointer
        var isOn = false
        /// Where what is gathered belongs in the file, and how much it is.
        var start: Int64 = 0
        var count = 0
    }

    private typealias File = UnsafeMutablePointer<sqlite3_file>

    /// Bytes; fifteen pages and their heads.
    private static let room = 64 << 10

    /// Puts itself in its place; for a database whose log is open.
    static func install(in db: Database) {
        guard let file = self.log(of: db), let theirs = file.pointee.pMethods, !self.isOurs(theirs) else { return }
        let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        var methods = theirs.pointee
        methods.xWrite = self.write
        methods.xRead = { file, bytes, count, at in GatheredWrites.through(file) { $0.xRead($1, bytes, count, at) } }
        methods.xSync = { file, flags in GatheredWrites.through(file) { $0.xSync($1, flags) } }
        methods.xTruncate = { file, size in GatheredWrites.through(file) { $0.xTruncate($1, size) } }
        methods.xFileSize = { file, size in GatheredWrites.through(file) { $0.xFileSize($1, size) } }
        methods.xFileControl = { file, code, value in GatheredWrites.through(file) { $0.xFileControl($1, code, value) }
        }
        methods.xClose = { file in GatheredWrites.close(file) }
        table.initialize(
            to: Table(methods: methods, theirs: theirs, room: .allocate(byteCount: self.room, alignment: 16)))
        file.pointee.pMethods = UnsafeRawPointer(table).assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    /// Runs a commit that ends with a sync.
    static func during(_ db: Database, _ commit: () throws -> Void) throws {
        guard let file = self.log(of: db), let methods = file.pointee.pMethods, self.isOurs(methods) else {
            return try commit()
        }
        let table = self.table(methods)
        table.pointee.isOn = true
        defer { table.pointee.isOn = false }
        do {
            try commit()
        } catch {
            // Taken back before the sync: it is not to be written any more.
            table.pointee.count = 0
            throw error
        }
        // The sync has written it; this is for a day when SQLite does not sync.
        let code = self.flush(file, table)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private static func log(of db: Database) -> File? {
        var file: File?
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK else {
            return nil
        }
        return file
    }

    private static func isOurs(_ methods: UnsafePointer<sqlite3_io_methods>) -> Bool {
        unsafeBitCast(methods.pointee.xWrite, to: Int.self) == unsafeBitCast(self.write, to: Int.self)
    }

    private static func table(_ methods: UnsafePointer<sqlite3_io_methods>) -> UnsafeMutablePointer<Table> {
        UnsafeMutableRawPointer(mutating: methods).assumingMemoryBound(to: Table.self)
    }

    private typealias Write = @convention(c) (File?, UnsafeRawPointer?, Int32, sqlite3_int64) -> Int32

    private static let write: Write = { file, bytes, count, at in
        guard let file, let bytes, let methods = file.pointee.pMethods else { return SQLITE_IOERR }
        let table = GatheredWrites.table(methods)
        let length = Int(count)
        guard table.pointee.isOn, length > 0, length <= GatheredWrites.room else {
            return GatheredWrites.through(file) { $0.xWrite($1, bytes, count, at) }
        }
        let follows =
            table.pointee.start + Int64(table.pointee.count) == at
            && table.pointee.count + length <= GatheredWrites.room
        if table.pointee.count > 0, !follows {
            let code = GatheredWrites.flush(file, table)
            guard code == SQLITE_OK else { return code }
        }
        if table.pointee.count == 0 { table.pointee.start = at }
        table.pointee.room.advanced(by: table.pointee.count).copyMemory(from: bytes, byteCount: length)
        table.pointee.count += length
        return SQLITE_OK
    }

    /// Writes what was gathered. What could not be written is given up: SQLite hears of it and takes the commit back.
    private static func flush(_ file: File, _ table: UnsafeMutablePointer<Table>) -> Int32 {
        let count = table.pointee.count
        guard count > 0 else { return SQLITE_OK }
        table.pointee.count = 0
        return self.pass(file, table) { $0.xWrite($1, table.pointee.room, Int32(count), table.pointee.start) }
    }

    /// Anything else comes after what was gathered.
    private static func through(_ file: File?, _ body: (sqlite3_io_methods, File) -> Int32) -> Int32 {
        guard let file, let methods = file.pointee.pMethods else { return SQLITE_IOERR }
        let table = self.table(methods)
        let code = self.flush(file, table)
        return code == SQLITE_OK ? self.pass(file, table, body) : code
    }

    /// Calls a method as if nothing stood between: it may look for its own table in the file.
    private static func pass(
        _ file: File, _ table: UnsafeMutablePointer<Table>, _ body: (sqlite3_io_methods, File) -> Int32
    ) -> Int32 {
        let ours = file.pointee.pMethods
        file.pointee.pMethods = table.pointee.theirs
        defer { file.pointee.pMethods = ours }
        return body(table.pointee.theirs.pointee, file)
    }

    private static func close(_ file: File?) -> Int32 {
        guard let file, let methods = file.pointee.pMethods else { return SQLITE_OK }
        let table = self.table(methods)
        _ = self.flush(file, table)
        let theirs = table.pointee.theirs
        file.pointee.pMethods = theirs
        table.pointee.room.deallocate()
        table.deallocate()
        return theirs.pointee.xClose(file)
    }
}
