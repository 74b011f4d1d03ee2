import EarshotControl
import Glibc

/// Another program that is run for a command, until it has ended.
enum Program {
    struct Ended {
        /// 0 where all went well; `nil` where a signal ended it.
        let code: Int32?
        /// What it printed, if that was caught.
        let output: String
    }

    /// Longer output is cut: bytes.
    private static let longestOutput = 1 << 20

    /// Lets it have our terminal.
    static func run(_ words: [String]) throws(DoorError) -> Ended { try self.run(words, catches: false) }
    /// Catches what it prints; what it complains about is not shown.
    static func ask(_ words: [String]) throws(DoorError) -> Ended { try self.run(words, catches: true) }

    private static func run(_ words: [String], catches: Bool) throws(DoorError) -> Ended {
        guard let name = words.first else { return Ended(code: 0, output: "") }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pipes: [Int32] = [-1, -1]
        if catches {
            guard pipe(&pipes) == 0 else { throw self.failure(name, errno) }
            for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if catches {
            posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var child = pid_t()
        let status = posix_spawnp(&child, name, &actions, nil, &arguments, environ)
        if catches { close(pipes[1]) }
        defer { if catches { close(pipes[0]) } }
        guard status == 0 else { throw self.failure(name, status) }
        let output = catches ? self.read(pipes[0]) : ""
        var ended: Int32 = 0
        while waitpid(child, &ended, 0) < 0 {
            guard errno == EINTR else { throw self.failure(name, errno) }
        }
        return Ended(code: ended & 0x7F == 0 ? ended >> 8 & 0xFF : nil, output: output)
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            if bytes.count < self.longestOutput { bytes += part.prefix(count) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(_ name: String, _ code: Int32) -> DoorError {
        DoorError(.failed, "\(name) cannot be started: \(String(cString: strerror(code))).")
    }
}
