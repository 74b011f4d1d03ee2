import EarshotText
import Glibc
import NIOCore
import NIOPosix

/// The local socket: JSON-RPC 2.0, one object a line (docs/Control.md). Only our own user and root get in.
package struct ControlServer: Sendable {
    /// Connections at most: each takes a descriptor, and the network needs some.
    package static let mostClients = 256

    private let channel: any Channel
    private let path: String
    /// Whether whoever started us keeps the socket there, also when we end.
    private let isInherited: Bool

    /// - Throws: `failed` when another daemon answers on this socket.
    /// - Parameters:
    ///   - loop: where the door tells its events, so that nobody is told more than they take.
    ///   - inherited: a socket that listens at `path` already, opened by whoever started us.
    package static func start(
        path: String, door: any Door, loop: any EventLoop, inherited: Int32? = nil
    ) async throws -> ControlServer {
        if let inherited {
            try self.check(inherited, path: path)
            let channel = try await self.bootstrap(door, loop).withBoundSocket(inherited).get()
            return ControlServer(channel: channel, path: path, isInherited: true)
        }
        let longest = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size  // lint: sizes of types
        guard path.utf8.count < longest else {
            throw DoorError(.path(.longState))
        }
        // A socket that nobody answers is left over from a crash.
        if (try? ControlClient(path: path)) != nil { throw DoorError(.connection(.answersAlready(path: path))) }
        unlink(path)
        let bootstrap = try await self.bootstrap(door, loop)
        let mask = umask(0o177)
        defer { umask(mask) }
        let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        chmod(path, 0o600)
        return ControlServer(channel: channel, path: path, isInherited: false)
    }

    /// Whether the socket is the one that clients of this folder find.
    private static func check(_ socket: Int32, path: String) throws(DoorError) {
        var place = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let got = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        let bound = withUnsafeBytes(of: place.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        var (one, other) = (stat(), stat())
        guard got == 0, stat(bound, &one) == 0, stat(path, &other) == 0, one.st_dev == other.st_dev,
            one.st_ino == other.st_ino
        else {
            throw DoorError(
                .failed,
                """
                The socket that was handed over is \(bound), and clients look for \(path): the state folder is \
                another than whoever started earshotd believes.
                """)
        }
    }

    private static func bootstrap(_ door: any Door, _ loop: any EventLoop) async throws -> ServerBootstrap {
        let guests = try await loop.submit { NIOLoopBound(ControlGuests(most: Self.mostClients), eventLoop: loop) }
            .get()
        return ServerBootstrap(group: loop)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ControlHandler(door: door, guests: guests.value, as: .socket))
                }
            }
    }

    package func stop() async {
        try? await self.channel.close().get()
        if !self.isInherited { unlink(self.path) }
    }
}
