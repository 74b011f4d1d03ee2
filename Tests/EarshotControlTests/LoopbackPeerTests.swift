import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import EarshotControl

/// Whose program is at the other end of a connection within this machine.
@Suite(.timeLimit(.minutes(1))) struct LoopbackPeerTests {
    @Test func theTableIsReadAsTheKernelWritesIt() throws {
        let client = try SocketAddress(ipAddress: "127.0.0.1", port: 47_449)
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: 8)
        let (here, there) = (try #require(LoopbackPeer.place(client)), try #require(LoopbackPeer.place(server)))
        #expect(here == "0100007F:B959" && there == "0100007F:0008")
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:0008 0100007F:B959 01 00000000:00000000 00:00000000 00000000     7        0 4711 1
               1: 0100007F:B959 0100007F:0008 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1
               2: 0100007F
            """
        #expect(LoopbackPeer.user(of: here, talkingTo: there, in: table) == 1_000)
        #expect(LoopbackPeer.user(of: there, talkingTo: here, in: table) == 7)
        #expect(LoopbackPeer.user(of: here, talkingTo: here, in: table) == nil)
        #expect(LoopbackPeer.user(of: here, talkingTo: there, in: "no table at all\n\n") == nil)
        let six = try SocketAddress(ipAddress: "::1", port: 1)
        #expect(LoopbackPeer.place(six) == "00000000000000000000000001000000:0001")
        #expect(!LoopbackPeer.isOurs(client: nil, server: server))
        #expect(!LoopbackPeer.isOurs(client: client, server: server), "there is no such connection")
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func ourOwnProgramIsFound(host: String) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let (ends, tell) = AsyncStream.makeStream(of: Bool.self)
        let server = try await ServerBootstrap(group: loop).childChannelInitializer { channel in
            tell.yield(LoopbackPeer.isOurs(client: channel.remoteAddress, server: channel.localAddress))
            return channel.eventLoop.makeSucceededVoidFuture()
        }.bind(host: host, port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try await ClientBootstrap(group: loop).connect(host: host, port: port).get()
        for await isOurs in ends {
            #expect(isOurs)
            break
        }
        try await client.close()
        try await server.close()
    }
}
