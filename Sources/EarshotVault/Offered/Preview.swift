import Glibc

/// A small picture or a length for what is offered, made by programs of the system where they are installed. In
/// processes of their own: a broken picture ends one of them and not us.
package enum Preview {
    /// Bytes of what is looked at, and ms that are waited.
    private static let largest: UInt64 = 64 << 20
    private static let patience: Int32 = 3_000

    /// A PNG of at most so many bytes, or nothing.
    package static func picture(of path: String, size: UInt64, most: Int, scratch: String) -> [UInt8] {
        guard size <= self.largest else { return [] }
        for edge in [128, 64] {
            unlink(scratch)
            defer { unlink(scratch) }
            guard self.run(["gdk-pixbuf-thumbnailer", "-s", "\(edge)", path, scratch]) != nil,
                let picture = try? ListingFile.read(scratch, atMost: most),
                picture.starts(with: [0x89, 0x50, 0x4E, 0x47])
            else { continue }
            return picture
        }
        return []
    }

    /// Ms of sound or film; 0 if nobody here can tell.
    package static func duration(of path: String) -> UInt64 {
        let words = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
        guard let text = self.run(words), let seconds = Double(text.filter { !$0.isWhitespace }), seconds > 0,
            seconds < 1e9
        else { return 0 }
        return UInt64(seconds * 1_000)
    }

    /// What a program says, if it is there and all is well with it.
    private static func run(_ words: [String]) -> String? {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { return nil }
        for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipes[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        close(pipes[1])
        guard status == 0 else { return nil }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        var readable = pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0)
        // Its end closes the pipe.
        while bytes.count < 65_536, poll(&readable, 1, Self.patience) > 0 {
            let count = read(pipes[0], &chunk, chunk.count)
            guard count > 0 else {
                var result: Int32 = 0
                return waitpid(child, &result, 0) == child && result == 0 ? String(decoding: bytes, as: UTF8.self) : nil
            }
            bytes += chunk.prefix(count)
        }
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
        return nil
    }
}
