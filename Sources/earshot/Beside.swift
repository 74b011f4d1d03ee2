import EarshotControl
import Glibc

/// What `earshotd` does for us without a node: it has standard error for words, and is waited for.
enum Beside {
    /// - Parameter input: what it reads; a passphrase goes this way, and no other.
    /// - Returns: what it ended with, and what it printed.
    static func run(_ words: [String], input: [UInt8]) throws(DoorError) -> (code: Int32, output: [UInt8]) {
        guard let program = Starter.program else {
            throw DoorError(.notRunning, "earshotd is not found beside earshot or in PATH.")
        }
        var down: [Int32] = [0, 0]
        var up: [Int32] = [0, 0]
        guard pipe(&down) == 0, pipe(&up) == 0 else {
            throw DoorError(.failed, "\(program) cannot be started: \(String(cString: strerror(errno))).")
        }
        for end in down + up { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, down[0], 0)
        posix_spawn_file_actions_adddup2(&actions, up[1], 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + words).map { strdup($0) } + [nil]
        defer {
            arguments.forEach { free($0) }
            posix_spawn_file_actions_destroy(&actions)
        }
        var child = pid_t()
        let status = posix_spawn(&child, program, &actions, nil, &arguments, environ)
        close(down[0])
        close(up[1])
        defer { close(up[0]) }
        guard status == 0 else {
            close(down[1])
            throw DoorError(.notRunning, "\(program) cannot be started: \(String(cString: strerror(status))).")
        }
        _ = input.withUnsafeBytes { write(down[1], $0.baseAddress, $0.count) }
        close(down[1])
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while output.count < 1 << 20 {
            let count = read(up[0], &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += chunk.prefix(count)
        }
        var ended: Int32 = 0
        while waitpid(child, &ended, 0) < 0, errno == EINTR {}
        return (ended & 0x7F == 0 ? (ended >> 8) & 0xFF : 1, output)
    }
}
