import Glibc

/// One of two connections that are to be put together: its socket, which is closed with it, and what was read from it.
final class RelayHalf: Sendable {
    let descriptor: Int32
    let leftover: [UInt8]

    init(_ descriptor: Int32, leftover: [UInt8]) {
        self.descriptor = descriptor
        self.leftover = leftover
    }

    deinit { close(self.descriptor) }

    /// The same socket, for whoever closes it by itself; below 0 if there can be none.
    static func copy(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }
}
