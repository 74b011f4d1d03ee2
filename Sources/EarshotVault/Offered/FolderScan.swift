import EarshotModel
import Glibc

/// What lies in one folder, as the kernel tells it: asking is most of what a survey costs, and may be done before it is
/// the folder's turn, on another thread.
struct FolderScan: Sendable {
    struct Status: Sendable {
        /// Nothing is known of it then; 0 where there is no error.
        let error: Int32
        let mode: mode_t
        let owner: uid_t
        let size: off_t
        let modified: FileTime

        var kind: mode_t { self.mode & S_IFMT }
        var isFolder: Bool { self.error == 0 && self.kind == S_IFDIR }

        init(of name: UnsafePointer<CChar>, in folder: Int32) {
            var status = stat()
            self.error = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno
            self.mode = status.st_mode
            self.owner = status.st_uid
            self.size = status.st_size
            self.modified = status.modified
        }
    }

    /// Of a larger folder the rest is asked when it is its turn: it is not to be held all at once.
    private static let most = 4_096

    let names: FolderNames
    private let statuses: [Status]

    /// - Parameter stream: an open folder.
    init(_ stream: OpaquePointer) {
        let folder = dirfd(stream)
        let names = FolderNames(reading: stream)
        self.names = names
        self.statuses = (0..<Swift.min(names.count, Self.most)).map { index in
            names.withName(index) { Status(of: $0, in: folder) }
        }
    }

    /// - Parameter folder: the same one.
    func status(_ index: Int, in folder: Int32) -> Status {
        if index < self.statuses.count { return self.statuses[index] }
        return self.names.withName(index) { Status(of: $0, in: folder) }
    }

    /// The next of its folders behind an entry, as far as that is known.
    func folders(behind index: Int, atMost count: Int) -> [Int] {
        var found: [Int] = []
        var next = index + 1
        while found.count < count, next < self.statuses.count {
            if self.statuses[next].isFolder { found.append(next) }
            next += 1
        }
        return found
    }
}
