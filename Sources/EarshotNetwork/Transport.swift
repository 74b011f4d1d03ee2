import EarshotModel
import EarshotWire
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Noise

/// All links of a node: it listens, calls, and carries frames. Everything that happens is told through `post`, on
/// event loops, in order for each link.
package final class Transport: Sendable {
    private struct Peer {
        let handler: NIOLoopBound<LinkHandler>
        let loop: any EventLoop
        var isWritable = true
    }
    private struct State {
        var peers: [LinkID: Peer] = [:]
        var nextLink: UInt64 = 1
        var admission: Admission
        var handshakes: HandshakeLimiter
        var passed = PassedHellos()
        var server: (any Channel)?
        var datagrams: (channel: any Channel, port: NIOLoopBound<DatagramPort>)?
        var isShut = false
    }

    private static let datagramsPerRead = 16

    package let limits: TransportLimits
    private let identity: Identity
    private let group: any EventLoopGroup
    private let useAES: Bool
    private let tell: @Sendable (TransportEvent) -> Void
    private let tellBulk: @Sendable (BulkChannel) -> Void
    private let state: NIOLockedValueBox<State>
    private let hall: RelayHall

    /// - Parameter post: told everything that happens, on event loops; it must not block.
    /// - Parameter bulk: given each bulk channel that others open.
    /// - Parameter relay: told who wants to be let through to others, on any thread.
    package init(
        identity: Identity, group: any EventLoopGroup, admission: Admission = Admission(),
        limits: TransportLimits = TransportLimits(),
        useAES: Bool = Noise.hasAES(), bulk: @escaping @Sendable (BulkChannel) -> Void = { _ in },
        relay: @escaping @Sendable (RelayEvent) -> Void = { _ in },
        post: @escaping @Sendable (TransportEvent) -> Void
    ) {
        self.identity = identity
        self.group = group
        self.limits = limits
        self.useAES = useAES
        self.tell = post
        self.tellBulk = bulk
        self.hall = RelayHall(tell: relay)
        self.state = NIOLockedValueBox(State(admission: admission, handshakes: HandshakeLimiter(limits)))
    }

    // MARK: listening and calling

    /// Opens TCP and UDP on one port, for IPv6 and IPv4. With no port asked for, 47447 or else any.
    /// - Returns: the port. Throws `ListenError`, as when an asked-for port is taken.
    package func listen(port: UInt16?, loopbackOnly: Bool = false) async throws -> UInt16 {
        let hosts = loopbackOnly ? ["127.0.0.1"] : ["::", "0.0.0.0"]
        var failure: (any Error)?
        for wanted in port.map({ [$0] }) ?? [Limits.ownPort, 0, 0, 0] {
            for host in hosts {
                do { return try await self.bind(host, wanted) } catch { failure = error }
            }
        }
        throw ListenError(port: port, failure ?? IOError(errnoCode: EADDRINUSE, reason: "no port"))
    }

    private func bind(_ host: String, _ port: UInt16) async throws -> UInt16 {
        let server = try await ServerBootstrap(group: self.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in self.accept(channel) }
            .bind(host: host, port: Int(port)).get()
        let bound = UInt16(server.localAddress?.port ?? 0)
        do {
            let isV6 = host.contains(":")
            // Several at a time; and an empty datagram, which the one-by-one way stumbles over, is then one among
            // others.
            let udp = try await DatagramBootstrap(group: self.group)
                .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
                .channelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramsPerRead * 2_048)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let port = DatagramPort(transport: self, isV6: isV6)
                        try channel.pipeline.syncOperations.addHandler(port)
                        let bound = NIOLoopBound(port, eventLoop: channel.eventLoop)
                        self.state.withLockedValue { $0.datagrams = (channel, bound) }
                    }
                }
                .bind(host: host, port: Int(bound)).get()
            _ = udp
        } catch {
            try? await server.close().get()
            throw error
        }
        self.state.withLockedValue { $0.server = server }
        return bound
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard let remote = Endpoint(channel.remoteAddress) else { throw ChannelError.eof }
            let source = HandshakeLimiter.source(remote)
            let isAdmitted = self.state.withLockedValue { $0.handshakes.admits(source, now: uptime()) }
            guard isAdmitted else { throw ChannelError.eof }
            Self.tune(channel)
            let answer = {
                LinkHandler(
                    transport: self, session: Session(answering: self.settings()), remote: remote, counted: source)
            }
            guard self.hall.isOpen else { return try channel.pipeline.syncOperations.addHandler(answer()) }
            try channel.pipeline.syncOperations.addHandler(
                Doorstep(self.hall, source: source, answer: answer) { [weak self] in self?.leaves(source) })
        }
    }

    /// Calls an address. What comes of it is told by `opened` or `dialFailed` within 5 s.
    package func dial(_ dial: DialID, _ endpoint: Endpoint, expecting expectation: Expectation) {
        guard let address = endpoint.socketAddress else {
            return self.post(.dialFailed(dial, endpoint, .unreachable("no address")))
        }
        self.connect(to: address, of: endpoint, expectation, self.settings()) { session, hello in
            LinkHandler(transport: self, session: session, hello: hello, dial: dial, remote: endpoint)
        }.whenFailure { error in
            // Once connected, the handler tells.
            self.post(.dialFailed(dial, endpoint, .unreachable(NetworkError.words(for: error))))
        }
    }

    /// - Parameter handler: of a session that calls, and what it says first.
    private func connect(
        to address: SocketAddress, of endpoint: Endpoint, _ expectation: Expectation, _ settings: Session.Settings,
        _ handler: @escaping @Sendable (Session, [UInt8]) -> LinkHandler
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: self.group)
            .connectTimeout(.milliseconds(self.limits.handshakeDeadline))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    Self.tune(channel)
                    let (session, hello) = try Session.calling(expectation, settings)
                    let knock = endpoint.door.map { RelayHello.knocking(at: $0) } ?? []
                    try channel.pipeline.syncOperations.addHandler(handler(session, knock + hello))
                }
            }
            .connect(to: address)
    }

    /// Calls for a link that carries the bytes of files. `then` is told once, on an event loop: the link, or nothing.
    package func dialBulk(_ endpoint: Endpoint, _ device: DeviceID, then: @escaping @Sendable (BulkChannel?) -> Void) {
        let key = self.state.withLockedValue { $0.admission.keys[device] }
        guard let key else { return self.dialBulk(endpoint, .device(device), then: then) }
        self.dialBulk(endpoint, .keyed(device, key)) { channel in
            // It may not know the key that it once told, and be open to all.
            if let channel { then(channel) } else { self.dialBulk(endpoint, .device(device), then: then) }
        }
    }

    private func dialBulk(
        _ endpoint: Endpoint, _ expectation: Expectation, then: @escaping @Sendable (BulkChannel?) -> Void
    ) {
        guard let address = endpoint.socketAddress else { return then(nil) }
        self.connect(to: address, of: endpoint, expectation, self.settings(isBulk: true)) { session, hello in
            LinkHandler(transport: self, session: session, hello: hello, remote: endpoint, bulk: then)
        }.whenFailure { _ in then(nil) }
    }

    // MARK: relaying

    /// Calls a relay to fetch somebody who has called us there; they are answered as on the own port.
    package func fetch(_ endpoint: Endpoint) {
        guard let address = endpoint.socketAddress, let ticket = endpoint.door else { return }
        ClientBootstrap(group: self.group)
            .connectTimeout(.milliseconds(self.limits.handshakeDeadline))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    Self.tune(channel)
                    try channel.pipeline.syncOperations.addHandler(
                        LinkHandler(
                            transport: self, session: Session(answering: self.settings()),
                            hello: RelayHello.fetching(ticket), remote: endpoint))
                }
            }
            .connect(to: address).whenFailure { _ in }
    }

    package func openDoors(_ isOpen: Bool) { self.hall.open(isOpen) }
    package func bring(_ knock: KnockID, ticket: Hash16) { self.hall.bring(knock, ticket) }
    package func turnAway(_ knock: KnockID) { self.hall.turnAway(knock) }
    package func end(_ knock: KnockID) { self.hall.end(knock) }
    /// Bytes that went through us to others, of connections that have ended.
    package var carried: UInt64 { self.hall.carried }

    private func settings(isBulk: Bool = false) -> Session.Settings {
        let index = randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Session.Settings(
            identity: self.identity, admission: self.state.withLockedValue { $0.admission },
            ephemeralSeed: randomBytes(32),
            datagramIndex: index, hasAES: self.useAES, unixSeconds: UInt64(max(0, now.tv_sec)), isBulk: isBulk,
            isFirst: { [state] gate in state.withLockedValue { $0.passed.isFirst(gate) } })
    }

    /// Small things at once, dead links noticed in 10 s, and BBR where the kernel has it: Wi-Fi loses packets that
    /// mean nothing.
    private static func tune(_ channel: any Channel) {
        let level = NIOBSDSocket.OptionLevel.tcp
        _ = channel.setOption(ChannelOptions.Types.SocketOption(level: level, name: .tcp_nodelay), value: 1)
        let userTimeout = NIOBSDSocket.Option(rawValue: 18)
        _ = channel.setOption(ChannelOptions.Types.SocketOption(level: level, name: userTimeout), value: 10_000)
        let bbr: (UInt8, UInt8, UInt8) = (0x62, 0x62, 0x72)
        _ = (channel as? any SocketOptionProvider)?.unsafeSetSocketOption(
            level: level, name: NIOBSDSocket.Option(rawValue: TCP_CONGESTION), value: bbr)
    }

    // MARK: what the node wants

    package func send(_ frames: [Frame], to link: LinkID) { self.on(link) { $0.send(frames) } }

    /// Stored envelopes, one after another as they are; at most 60 KiB.
    package func send(envelopes wire: [UInt8], to link: LinkID) { self.on(link) { $0.send(envelopes: wire) } }

    /// By UDP, if there is a way and it fits.
    package func send(_ frame: Frame, datagramTo link: LinkID) {
        guard let (channel, port) = self.state.withLockedValue({ $0.datagrams }) else { return }
        channel.eventLoop.execute { port.value.send(frame, to: link, on: channel) }
    }

    /// Whether the outgoing buffer of a link has room; `writable` tells when it has again.
    package func isWritable(_ link: LinkID) -> Bool {
        self.state.withLockedValue { $0.peers[link]?.isWritable ?? false }
    }

    package func close(_ link: LinkID, _ code: CloseCode) { self.on(link) { $0.close(code) } }
    package func hear(_ link: LinkID, envelopes on: Bool) { self.on(link) { $0.hear(on) } }

    /// The node has dealt with so many events of a link; it may read on.
    package func consumed(_ link: LinkID, events: Int) { self.on(link) { $0.consumed(events) } }

    package func admit(_ admission: Admission) { self.state.withLockedValue { $0.admission = admission } }

    /// Says goodbye on every link and closes everything.
    package func shutdown() async {
        let (peers, server, datagrams) = self.state.withLockedValue { state in
            state.isShut = true
            return (Array(state.peers.keys), state.server, state.datagrams)
        }
        for link in peers { self.close(link, .goingAway) }
        self.hall.shut()
        try? await server?.close().get()
        try? await datagrams?.channel.close().get()
    }

    private func on(_ link: LinkID, _ body: @escaping @Sendable (LinkHandler) -> Void) {
        guard let peer = self.state.withLockedValue({ $0.peers[link] }) else { return }
        if peer.loop.inEventLoop { body(peer.handler.value) } else { peer.loop.execute { body(peer.handler.value) } }
    }

    // MARK: what the handlers say

    func post(_ event: TransportEvent) { self.tell(event) }
    func post(bulk channel: BulkChannel) { self.tellBulk(channel) }

    func register(
        _ handler: LinkHandler, on loop: any EventLoop, datagrams: Datagrams, remote: Endpoint, called: Bool
    ) -> LinkID {
        let bound = NIOLoopBound(handler, eventLoop: loop)
        let (link, port) = self.state.withLockedValue { state in
            let link = LinkID(raw: state.nextLink)
            state.nextLink += 1
            state.peers[link] = Peer(handler: bound, loop: loop)
            return (link, state.datagrams)
        }
        // Over a relay there is no way for datagrams.
        if let port, !remote.isRelayed {
            port.channel.eventLoop.execute { port.port.value.add(link, datagrams, remote: remote, called: called) }
        }
        return link
    }

    func forget(_ link: LinkID?, index: UInt64?) {
        let port = self.state.withLockedValue { state in
            if let link { state.peers[link] = nil }
            return state.datagrams
        }
        if let port, let index { port.channel.eventLoop.execute { port.port.value.remove(index: index) } }
    }

    func note(_ link: LinkID, writable: Bool) { self.state.withLockedValue { $0.peers[link]?.isWritable = writable } }
    func leaves(_ source: [UInt8]) { self.state.withLockedValue { $0.handshakes.leaves(source) } }
    func deliver(datagram plaintext: [UInt8], to link: LinkID) { self.on(link) { $0.take(datagram: plaintext) } }
}
