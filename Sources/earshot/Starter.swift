import EarshotControl
import Glibc

/// Starting `earshotd` in the background, and waiting for its word that it is ready.
enum Starter {
    /// Ms.
    private static let patience: Int32 = 10_000
    /// POSIX_SPAWN_SETSID of glibc: closing our terminal does not end the node.
    private static let ownSession: Int16 = 0x80

    static func start(state: String) throws(DoorError) {
        guard let program = self.program else {
            throw DoorError(
                .notRunning, "No node is running, and earshotd is found neither beside earshot nor in PATH.")
        }
        _ = mkdirs(state)
        let log = open(state + "/earshotd.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else {
            throw DoorError(.failed, "The node cannot be started: \(String(cString: strerror(errno))).")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_adddup2(&actions, log >= 0 ? log : 2, 2)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Self.ownSession)
        let words: [String] = [program, "--state", state]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawn(&child, program, &actions, &attributes, &arguments, environ)
        close(pipes[1])
        defer { close(pipes[0]) }
        guard status == 0 else {
            throw DoorError(.notRunning, "\(program) cannot be started: \(String(cString: strerror(status))).")
        }
        var ready = pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        guard poll(&ready, 1, Self.patience) > 0, read(pipes[0], &byte, 1) == 1 else {
            throw DoorError(.notRunning, "The node did not start\(Self.lastLine(state + "/earshotd.log"))")
        }
    }

    private static func mkdirs(_ path: String) -> Bool {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { return false }
        }
        return true
    }

    private static func lastLine(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "." }
        defer { fclose(file) }
        var last = ""
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        while getline(&line, &size, file) > 0 { if let line { last = String(cString: line) } }
        free(line)
        let text = last.filter { !$0.isNewline }
        guard !text.isEmpty else { return "." }
        // The log says who speaks; here it is clear.
        return ": " + (text.hasPrefix("earshotd: ") ? String(text.dropFirst(10)) : text)
    }

    /// Beside our own program, else in PATH.
    static var program: String? {
        var own = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/self/exe", &own, own.count - 1)
        let path = String(decoding: own.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folders =
            [path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."]
            + (Options.environment("PATH") ?? "").split(separator: ":").map(String.init)
        return folders.map { $0 + "/earshotd" }.first { access($0, X_OK) == 0 }
    }
}
