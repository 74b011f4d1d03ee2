import EarshotControl
import EarshotText
import Glibc

/// The socket of the door, where whoever started us opened it for us (socket activation, sd_listen_fds(3)).
package enum Inherited {
    /// The first descriptor that is handed over; others follow it.
    private static let first: Int32 = 3

    /// What the variables say.
    /// - Parameter process: who we are: variables that were meant for another process are none of our business.
    /// - Returns: the descriptor; `nil` where there is none for us.
    /// - Throws: `badParameters` where they say something else than one descriptor.
    package static func descriptor(
        _ environment: [String: String], process: Int32
    ) throws(DoorError) -> Int32? {
        guard let whose = environment["LISTEN_PID"], let count = environment["LISTEN_FDS"] else { return nil }
        guard let whose = Int32(whose), let count = Int32(count), count >= 0 else {
            throw DoorError(.connection(.activationNotNumbers))
        }
        guard whose == process, count > 0 else { return nil }
        guard count == 1 else {
            throw DoorError(.connection(.severalSockets(count)))
        }
        return self.first
    }

    /// The socket that is ours, found to be one that listens for local clients. It is not handed on to programs that
    /// we start.
    package static func door(_ environment: [String: String]) throws(DoorError) -> Int32? {
        let descriptor = try self.descriptor(environment, process: getpid())
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        guard let descriptor else { return nil }
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, self.option(SO_DOMAIN, of: descriptor) == AF_UNIX,
            self.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
            self.option(SO_ACCEPTCONN, of: descriptor) == 1
        else {
            throw DoorError(
                .badParameters,
                "What LISTEN_FDS hands over is no local stream socket that listens (ListenStream=/… of a unit).")
        }
        return descriptor
    }

    private static func option(_ option: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 else { return nil }
        return value
    }
}
