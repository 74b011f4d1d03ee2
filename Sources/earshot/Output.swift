import EarshotControl
@preconcurrency import Glibc

/// Standard output, and whether it could be written.
enum Output {
    /// A descriptor that is closed would be given to the next socket, and what is printed would go there.
    static func secure() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // Open the wrong way round: reading and writing fail, as they did.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes what was printed. Throws when it cannot be written: a full disk, a closed descriptor.
    static func flush() throws(DoorError) {
        guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return }
        throw DoorError(.failed, "The output cannot be written: \(String(cString: strerror(errno))).")
    }
}
