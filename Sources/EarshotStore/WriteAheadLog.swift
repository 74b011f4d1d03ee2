import Glibc

/// Room for SQLite's write-ahead log, made before it is needed.
enum WriteAheadLog {
    /// It begins anew after so many pages (SQLite's `wal_autocheckpoint`), each with its head of 24 bytes; and a
    /// little more.
    private static let room = 1_024 * (4_096 + 24)

    /// Fills the log of a database with zeros up to where it will begin anew. While it grows, every commit waits also
    /// for the file system to note its new length; overwriting takes half as long, on cards for phones and cameras
    /// far less. SQLite reads no frame that is not of this run of the log and does not carry its sum: zeros say
    /// nothing. Where there is no room, all goes on as before.
    static func fill(of database: String) {
        let file = open(database + "-wal", O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < Self.room else { return }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var at = Int(status.st_size)
        while at < Self.room {
            let count = pwrite(file, zeros, min(zeros.count, Self.room - at), off_t(at))
            guard count > 0 else { return }
            at += count
        }
    }
}

extension WriteAheadLog {
    /// Pages in the log of a database since it last began anew: those of this run carry the salt of its head.
    static func frames(of database: String) -> Int {
        let file = open(database + "-wal", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        func salt(_ at: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 8)
            return pread(file, &bytes, 8, off_t(at)) == 8 ? bytes : nil
        }
        guard let own = salt(16), own.contains(where: { $0 != 0 }) else { return 0 }
        var count = 0
        while let its = salt(32 + count * (24 + 4_096) + 8), its == own { count += 1 }
        return count
    }
}

extension Store {
    /// Pages that were written to the log since it last began anew: for those who count what a commit costs.
    package var pagesInLog: Int { WriteAheadLog.frames(of: self.path) }
}
