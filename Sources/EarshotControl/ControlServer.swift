import Glibc
import NIOCore
import NIOPosix

/// The local socket: JSON-RPC 2.0, one object a line (docs/Control.md). Only our own user and root get in.
package struct ControlServer: Sendable {
    /// Connections at most: each takes a descriptor, and the network needs some.
    package static let mostClients = 256

    private let channel: any Channel
    private let path: String

    /// - Throws: `failed` when another daemon answers on this socket.
    /// - Parameter loop: where the door tells its events, so that nobody is told more than they take.
    package static func start(path: String, door: any Door, loop: any EventLoop) async throws -> ControlServer {
        let longest = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size  // lint: sizes of types
        guard path.utf8.count < longest else {
            throw DoorError(
                .failed,
                """
                The path of the state folder is too long for a socket: at most 90 characters. Choose another with \
                --state DIR.
                """
            )
        }
        // A socket that nobody answers is left over from a crash.
        if (try? ControlClient(path: path)) != nil { throw DoorError(.failed, "Another earshotd answers on \(path).") }
        unlink(path)
        let guests = try await loop.submit { NIOLoopBound(ControlGuests(most: Self.mostClients), eventLoop: loop) }
            .get()
        let mask = umask(0o177)
        defer { umask(mask) }
        let channel = try await ServerBootstrap(group: loop)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ControlHandler(door: door, guests: guests.value, as: .socket))
                }
            }
            .bind(unixDomainSocketPath: path).get()
        chmod(path, 0o600)
        return ControlServer(channel: channel, path: path)
    }

    package func stop() async {
        try? await self.channel.close().get()
        unlink(self.path)
    }
}
