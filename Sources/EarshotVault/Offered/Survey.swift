import CLinux
import EarshotModel
import Glibc

/// What lies at the paths a person wants to send: every file and folder, in an order that stays (Protocol.md 13). Links in folders are
/// not followed, and neither they nor devices are sent. Each is told when it is found, and not kept.
package struct Survey: Sendable {
    package struct Entry: Sendable {
        package let path: [String]
        package let isFolder: Bool
        package let size: UInt64
        package let modified: Timestamp
    }

    package enum Failure: Error, Equatable, CustomStringConvertible {
        case unreadable(String, String)
        case notAFile(String)
        case tooMany
        case tooDeep(String)
        case badName(String)

        package var description: String {
            switch self {
            case .unreadable(let path, let reason): "\(path): \(reason). Nothing was offered."
            case .notAFile(let path): "\(path) is neither a file nor a folder. Nothing was offered."
            case .tooMany: "That is more than a million files and folders. Pack them, or send them in parts."
            case .tooDeep(let path): "\(path) lies deeper than 64 folders, or its path is longer than 4,096 bytes. Nothing was offered."
            case .badName(let path): "\(path): its name is not UTF-8, and nobody could write it elsewhere. Rename it; nothing was offered."
            }
        }
    }

    private static let most = 1_000_000
    private static let deepest = 64
    private static let longest = 4_096
    /// So many of those that are not sent are named.
    private static let mostSkipped = 1_000

    package private(set) var roots: [Share.Root] = []
    /// The first thing is one.
    package private(set) var isFolder = false
    /// Links, devices and the like: not sent.
    package private(set) var skipped: [String] = []
    private var count = 0

    /// - Parameter paths: absolute. `name` is what a single one is called, if not as here.
    /// - Parameter tell: what is there, folders before what is in them. What it throws ends the survey.
    package init(of paths: [String], as name: String? = nil, tell: (Entry) throws -> Void) throws {
        var taken: Set<String> = []
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { throw Failure.unreadable(path, String(cString: strerror(errno))) }
            let wanted = paths.count == 1 ? name ?? Self.lastPart(path) : Self.lastPart(path)
            guard wanted.utf8.count <= 255, !wanted.isEmpty, !wanted.contains("/") else { throw Failure.badName(path) }
            var own = wanted
            var number = 2
            while !taken.insert(own).inserted {
                own = SafeName(wanted).numbered(number).text
                number += 1
            }
            self.roots.append(Share.Root(name: own, path: path))
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                guard access(path, R_OK) == 0 else { throw Failure.unreadable(path, String(cString: strerror(errno))) }
                try self.add(Entry(path: [own], isFolder: false, size: UInt64(clamping: status.st_size), modified: status.modified), path, tell)
            case S_IFDIR:
                self.isFolder = self.isFolder || self.count == 0
                try self.add(Entry(path: [own], isFolder: true, size: 0, modified: status.modified), path, tell)
                let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                guard folder >= 0 else { throw Failure.unreadable(path, String(cString: strerror(errno))) }
                try self.walk(folder, [own], path, tell)
            default: throw Failure.notAFile(path)
            }
        }
    }

    private static func lastPart(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return "" }
        defer { free(real) }
        // As the person calls it, unless that is no name.
        let typed = path.split(separator: "/").last.map(String.init) ?? ""
        if typed != ".", typed != "..", !typed.isEmpty { return typed }
        return String(validatingCString: real)?.split(separator: "/").last.map(String.init) ?? "root"
    }

    private mutating func add(_ entry: Entry, _ path: @autoclosure () -> String, _ tell: (Entry) throws -> Void) throws {
        guard self.count < Self.most else { throw Failure.tooMany }
        guard entry.path.count <= Self.deepest, entry.path.reduce(entry.path.count - 1, { $0 + $1.utf8.count }) <= Self.longest else {
            throw Failure.tooDeep(path())
        }
        self.count += 1
        try tell(entry)
    }

    /// Everything in an open folder, which it closes.
    private mutating func walk(_ folder: Int32, _ path: [String], _ here: String, _ tell: (Entry) throws -> Void) throws {
        guard let stream = fdopendir(folder) else {
            close(folder)
            throw Failure.unreadable(here, String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        guard let names = FolderNames(reading: stream) else { throw Failure.badName("something in \(here)") }
        for name in names {
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                // Gone between two looks.
                if errno == ENOENT { continue }
                throw Failure.unreadable("\(here)/\(name)", String(cString: strerror(errno)))
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                guard faccessat(folder, name, R_OK, 0) == 0 else { throw Failure.unreadable("\(here)/\(name)", String(cString: strerror(errno))) }
                let size = UInt64(clamping: status.st_size)
                try self.add(Entry(path: path + [name], isFolder: false, size: size, modified: status.modified), "\(here)/\(name)", tell)
            case S_IFDIR:
                try self.add(Entry(path: path + [name], isFolder: true, size: 0, modified: status.modified), "\(here)/\(name)", tell)
                let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard next >= 0 else { throw Failure.unreadable("\(here)/\(name)", String(cString: strerror(errno))) }
                try self.walk(next, path + [name], "\(here)/\(name)", tell)
            default: if self.skipped.count < Self.mostSkipped { self.skipped.append("\(here)/\(name)") }
            }
        }
    }
}

extension stat {
    var modified: Timestamp {
        Timestamp(milliseconds: UInt64(clamping: self.st_mtim.tv_sec) * 1_000 + UInt64(clamping: self.st_mtim.tv_nsec) / 1_000_000)
    }
}
