import EarshotControl
import EarshotModel
import Glibc

/// What a person wants to send, told apart: what the node reads by itself, and what only this process can read.
///
/// A pipe, a device, and what is called by a descriptor (`-`, `/dev/stdin`, `/dev/fd/63`, `/proc/self/…`) means
/// something here and nothing in the node: it is read here, to its end.
struct Sources {
    struct Stream {
        let descriptor: Int32
        /// What it is called there.
        let name: String
        /// What the person called it.
        let typed: String
    }

    /// Absolute, as `PathText`.
    private(set) var paths: [String] = []
    private(set) var streams: [Stream] = []

    private static let mostStreams = 64

    /// - Parameter name: what a single one is called.
    init(_ files: [String], name: String?) throws {
        guard files.count == 1 || name == nil || files.count(where: { $0 == "-" }) == 1 else {
            throw DoorError(
                .badParameters,
                "--as names one thing, and these are \(files.count). Send them one by one, or without --as.")
        }
        for file in files {
            let own = files.count == 1 || file == "-" ? name : nil
            if let stream = try Self.stream(file, as: own) {
                self.streams.append(stream)
            } else {
                self.paths.append(try Self.absolute(file))
            }
        }
        guard self.streams.count <= Self.mostStreams else {
            throw DoorError(.badParameters, "At most \(Self.mostStreams) pipes and devices can be sent at once.")
        }
        guard self.streams.count(where: { $0.descriptor == STDIN_FILENO }) <= 1 else {
            throw DoorError(.badParameters, "Standard input can be read once.")
        }
    }

    /// Nothing if the node can read it.
    private static func stream(_ typed: String, as name: String?) throws -> Stream? {
        if typed == "-" {
            return Stream(
                descriptor: try self.open(STDIN_FILENO, "Standard input"), name: name ?? "stdin",
                typed: "standard input")
        }
        let path = try self.absolute(typed)
        let raw = Self.raw(typed)
        var status = stat()
        guard stat(raw, &status) == 0 else {
            // A descriptor that is not open has no file: said here, where it is known.
            if let descriptor = self.descriptor(path) { _ = try self.open(descriptor, typed) }
            return nil
        }
        let isOwn = self.isOwn(path)
        switch status.st_mode & S_IFMT {
        case S_IFIFO, S_IFCHR, S_IFBLK: break
        case S_IFREG, S_IFSOCK:
            guard isOwn else { return nil }
        default: return nil
        }
        let own = name ?? path.split(separator: "/").last.map(String.init) ?? "stdin"
        if let descriptor = self.descriptor(path) {
            return Stream(descriptor: try self.open(descriptor, typed), name: own, typed: typed)
        }
        // Without waiting for somebody to write into it.
        let descriptor = Glibc.open(raw, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DoorError(.badParameters, "\(typed): \(String(cString: strerror(errno))).") }
        return Stream(descriptor: descriptor, name: own, typed: typed)
    }

    private static func open(_ descriptor: Int32, _ typed: String) throws -> Int32 {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, flags & O_ACCMODE != O_WRONLY else {
            throw DoorError(.badParameters, "\(typed) is closed, or cannot be read from.")
        }
        return descriptor
    }

    /// Which descriptor a path names.
    private static func descriptor(_ path: String) -> Int32? {
        if path == "/dev/stdin" { return STDIN_FILENO }
        for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", "/proc/\(getpid())/fd/"]
        where path.hasPrefix(folder) {
            return Int32(path.dropFirst(folder.count)).flatMap { $0 >= 0 ? $0 : nil }
        }
        return nil
    }

    /// Whether it, or a link that it is, leads to what every process has of its own.
    private static func isOwn(_ path: String) -> Bool {
        var path = path
        for _ in 0..<40 {
            if [
                "/dev/fd/", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/proc/self/", "/proc/thread-self/",
                "/proc/\(getpid())/",
            ].contains(where: path.hasPrefix) {
                return true
            }
            var target = [CChar](repeating: 0, count: 4_097)
            let count = readlink(path, &target, 4_096)
            guard count > 0 else { return false }
            let text = PathText.text(target.prefix(count).map { UInt8(bitPattern: $0) })
            path =
                text.hasPrefix("/")
                ? text : path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + text
        }
        return false
    }

    /// Means the same to the node.
    private static func absolute(_ typed: String) throws -> String {
        guard !typed.isEmpty else { throw DoorError(.badParameters, "A path is empty.") }
        var whole = typed
        if !typed.hasPrefix("/") {
            guard let here = getcwd(nil, 0) else { throw DoorError(.badParameters, "The current folder is gone.") }
            defer { free(here) }
            whole = PathText.text(UnsafeRawBufferPointer(start: here, count: strlen(here))) + "/" + typed
        }
        // What this process has of its own is not the node's: of a folder the place is told where it really is.
        if ["/proc/self", "/proc/thread-self"].contains(where: { whole == $0 || whole.hasPrefix($0 + "/") }),
            let real = realpath(Self.raw(typed), nil)
        {
            defer { free(real) }
            whole = PathText.text(UnsafeRawBufferPointer(start: real, count: strlen(real)))
        }
        // `..` stays: behind a link it means something else.
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// The bytes of a path, with a 0 behind them: `PathText` read back where no file has that very name.
    private static func raw(_ typed: String) -> [CChar] {
        var status = stat()
        guard let meant = PathText.bytes(typed), lstat(typed, &status) != 0 else { return Array(typed.utf8CString) }
        return meant.map { CChar(bitPattern: $0) } + [0]
    }
}
