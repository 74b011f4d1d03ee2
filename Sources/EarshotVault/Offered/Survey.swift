import EarshotModel
import Glibc

/// What lies at the paths a person wants to send: every file and folder, in an order that stays (Protocol.md 13).
/// Links in folders are not followed. What cannot be sent, as it cannot be read, is a link or a device or has just
/// gone, does not keep the rest from going: it is told too, with the reason. Each thing is told when it is found, and
/// not kept.
package struct Survey {
    package struct Entry: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case file
            case folder
            case omitted(OmissionReason)
        }

        package let path: [String]
        package let kind: Kind
        package let size: UInt64
        package let modified: FileTime
    }

    private static let most = 1_000_000
    private static let deepest = 64
    private static let longest = 4_096

    package private(set) var roots: [Share.Root] = []
    /// The first thing is one.
    package private(set) var isFolder = false
    /// What does not go, and what goes under another name.
    package private(set) var notes = TransferNotes()
    private var count = 0
    private var files = 0
    private let me = geteuid()
    private let copies: CopyFolder
    private let beside: (any Behind)?
    private let tell: (Entry) throws -> Void

    /// - Parameters:
    ///   - paths: absolute, as `PathText`. `name` is what a single one is called, if not as here.
    ///   - copies: where copies go of what has no length of its own.
    ///   - beside: who asks the kernel for what comes soon; without one it is asked when it is its turn.
    ///   - tell: what is there, folders before what is in them. What it throws ends the survey.
    /// - Throws: `SurveyError` where nothing at all could be sent: why the first could not.
    package init(
        of paths: [String], as name: String? = nil, copies: CopyFolder, beside: (any Behind)? = nil,
        tell: @escaping (Entry) throws -> Void
    ) throws {
        self.copies = copies
        self.beside = beside
        self.tell = tell
        var taken: Set<String> = []
        var first: SurveyError?
        for path in paths {
            let wanted = paths.count == 1 ? name ?? Self.lastPart(path) : Self.lastPart(path)
            guard wanted.utf8.count <= 255, !wanted.isEmpty, !wanted.utf8.contains(0x2F) else {
                throw SurveyError.badName(path)
            }
            var own = wanted
            var number = 2
            while !taken.insert(own).inserted {
                own = SafeName(wanted).numbered(number).text
                number += 1
            }
            do {
                try self.add(root: path, own)
            } catch let error as SurveyError where error != .tooMany {
                // Nothing was told of it yet.
                first = first ?? error
                try self.omit([own], error.reason)
                taken.remove(own)
            }
        }
        if let first, self.roots.isEmpty { throw first }
    }

    /// One of the things a person named: what a link leads to is theirs too.
    private mutating func add(root path: String, _ own: String) throws {
        func failure() -> SurveyError { .unreadable(path, reason: String(cString: strerror(errno))) }
        var status = stat()
        let bytes = DiskPath.bytes(path)
        guard stat(bytes, &status) == 0 else { throw failure() }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || kind == S_IFDIR else { throw SurveyError.special(path, Self.special(kind)) }
        let descriptor = Glibc.open(bytes, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure() }
        if kind == S_IFDIR {
            self.isFolder = self.isFolder || self.roots.isEmpty
            self.roots.append(Share.Root(name: own, path: path))
            try self.add(Entry(path: [own], kind: .folder, size: 0, modified: status.modified))
            return try self.walk(descriptor, [own])
        }
        defer { close(descriptor) }
        let file: (UInt64, FileTime)
        do {
            file = try self.measure(
                descriptor, status.st_size, status.modified, isMadeUp: FileSystem(of: descriptor).isMadeUp)
        } catch CopyFolder.Failure.endless {
            throw SurveyError.endless(path)
        } catch CopyFolder.Failure.unreadable {
            throw failure()
        }
        self.roots.append(Share.Root(name: own, path: path))
        if Array(path.utf8CString) != bytes {
            self.notes.rename(
                SafeText.name(
                    String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }.suffix(64), as: UTF8.self)), to: own
            )
        }
        try self.add(Entry(path: [own], kind: .file, size: file.0, modified: file.1))
    }

    private static func special(_ kind: mode_t) -> SurveyError.Special {
        switch kind {
        case S_IFIFO: .pipe
        case S_IFSOCK: .socket
        case S_IFCHR, S_IFBLK: .device
        default: .other
        }
    }

    private static func lastPart(_ path: String) -> String {
        // As the person calls it, unless that is no name.
        let typed = path.split(separator: "/").last.map(String.init) ?? ""
        if typed != ".", typed != "..", !typed.isEmpty { return typed }
        guard let real = realpath(DiskPath.bytes(path), nil) else { return typed.isEmpty ? "root" : "folder" }
        defer { free(real) }
        let bytes = UnsafeRawBufferPointer(start: real, count: strlen(real))
        return bytes.split(separator: 0x2F).last.map { PathText.text($0) } ?? "root"
    }

    private mutating func add(_ entry: Entry) throws {
        guard self.count < Self.most else { throw SurveyError.tooMany }
        self.count += 1
        if entry.kind == .file { self.files += 1 }
        try self.tell(entry)
    }

    private mutating func omit(_ path: [String], _ reason: OmissionReason) throws {
        self.notes.omit(path.joined(separator: "/"), reason)
        try self.add(Entry(path: path, kind: .omitted(reason), size: 0, modified: FileTime(milliseconds: 0)))
    }

    /// How long an open file is: what has no length of its own, or says 0 and has something in it, is copied.
    private func measure(
        _ file: Int32, _ size: off_t, _ modified: FileTime, isMadeUp: Bool
    ) throws -> (UInt64, FileTime) {
        guard isMadeUp || size == 0 else { return (UInt64(clamping: size), modified) }
        return try self.copies.copy(file, as: self.files) ?? (0, modified)
    }

    /// Everything in an open folder, which it closes.
    private mutating func walk(_ folder: Int32, _ path: [String], _ scanned: FolderScan? = nil) throws {
        guard let stream = fdopendir(folder) else {
            close(folder)
            return try self.omit(path, .unreadable)
        }
        defer { closedir(stream) }
        let isMadeUp = FileSystem(of: folder).isMadeUp
        var isTooDeep = false
        let length = path.reduce(0) { $0 + $1.utf8.count + 1 }
        let scan = scanned ?? FolderScan(stream)
        let ahead = FoldersAhead(in: folder, scan, by: self.beside)
        defer { ahead.end() }
        for index in scan.names.indices {
            let raw = scan.names[index]
            let name = PathText.text(raw)
            guard path.count < Self.deepest, length + name.utf8.count <= Self.longest else {
                // Said once of the folder: the path of what is in it would be too long to be listed.
                if !isTooDeep { try self.omit(path, .tooDeep) }
                isTooDeep = true
                continue
            }
            guard self.isMeant(name, raw, in: folder) else {
                try self.omit(path + [name], .name)
                continue
            }
            if !name.utf8.elementsEqual(raw) {
                let parent = path.joined(separator: "/")
                self.notes.rename(
                    parent + "/" + SafeText.name(String(decoding: raw, as: UTF8.self)), to: parent + "/" + name)
            }
            let status = scan.status(index, in: folder)
            if status.isFolder {
                guard let (next, scanned) = ahead.open(index) else {
                    try self.omit(path + [name], Self.reason(errno))
                    continue
                }
                do {
                    try self.add(Entry(path: path + [name], kind: .folder, size: 0, modified: status.modified))
                } catch {
                    close(next)
                    throw error
                }
                try self.walk(next, path + [name], scanned)
            } else {
                try scan.names.withName(index) { bytes in
                    try self.visit(bytes, status, in: folder, path + [name], isMadeUp)
                }
            }
        }
    }

    /// Whether what stands for a name that is not UTF-8 leads back to it.
    private func isMeant(_ name: String, _ raw: ArraySlice<UInt8>, in folder: Int32) -> Bool {
        if name.utf8.elementsEqual(raw) { return true }
        var status = stat()
        return PathText.bytes(name).map { $0.elementsEqual(raw) } ?? false
            && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0
    }

    private static func reason(_ error: Int32) -> OmissionReason { error == ENOENT ? .gone : .unreadable }

    /// One thing in a folder that is none itself.
    private mutating func visit(
        _ name: UnsafePointer<CChar>, _ status: FolderScan.Status, in folder: Int32, _ path: [String],
        _ isMadeUp: Bool
    ) throws {
        guard status.error == 0 else { return try self.omit(path, Self.reason(status.error)) }
        switch status.kind {
        case S_IFREG where isMadeUp || status.size == 0:
            let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard file >= 0 else { return try self.omit(path, Self.reason(errno)) }
            defer { close(file) }
            do {
                let (size, modified) = try self.measure(file, status.size, status.modified, isMadeUp: isMadeUp)
                try self.add(Entry(path: path, kind: .file, size: size, modified: modified))
            } catch CopyFolder.Failure.endless {
                try self.omit(path, .endless)
            } catch CopyFolder.Failure.unreadable {
                try self.omit(path, .unreadable)
            }
        case S_IFREG:
            // Of our own that we may read nothing else needs to be asked.
            let isOurs = status.owner == self.me && status.mode & S_IRUSR != 0
            guard isOurs || faccessat(folder, name, R_OK, 0) == 0 else {
                return try self.omit(path, Self.reason(errno))
            }
            try self.add(
                Entry(path: path, kind: .file, size: UInt64(clamping: status.size), modified: status.modified))
        default: try self.omit(path, .special)
        }
    }
}

extension SurveyError {
    /// Why it is left out, where others go.
    fileprivate var reason: OmissionReason {
        switch self {
        case .unreadable(_, let why): why == String(cString: strerror(ENOENT)) ? .gone : .unreadable
        case .special: .special
        case .endless: .endless
        case .tooMany: .other
        case .tooDeep: .tooDeep
        case .badName: .name
        }
    }
}
