import EarshotControl
import EarshotModel
import EarshotText
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves the page to browsers of this machine: HTTP/1.1 on the loopback addresses and nowhere else, and behind it the
/// same lines as on the socket (`ControlHandler`). What it does for a request is in `WebHandler`.
package final class WebServer: LocalPage {
    /// Where it should be; 0 is any free port.
    private let port: UInt16
    private let isEnabled: Bool
    private let hooks: (any LocalHooks)?
    private let servesMetrics: Bool
    private let limits: WebLimits
    private let running = NIOLockedValueBox<Running?>(nil)
    private let told = NIOLockedValueBox(PageView(.notStarted))

    private struct Running: Sendable {
        let channels: [any Channel]
        let desk: NIOLoopBound<WebDesk>
        let files: FileThreads
        let links: NIOLockedValueBox<Visitors>
        let port: UInt16
    }

    /// - Parameter hooks: what takes posts of programs.
    package init(
        port: UInt16, isEnabled: Bool, hooks: (any LocalHooks)? = nil, servesMetrics: Bool = false,
        limits: WebLimits = WebLimits()
    ) {
        self.limits = limits
        self.hooks = hooks
        self.servesMetrics = servesMetrics
        self.port = port
        self.isEnabled = isEnabled
    }

    package var place: PageView { self.told.withLockedValue { $0 } }

    package func start(
        door: any Door, state: String, loop: any EventLoop, drop: @escaping @Sendable (String) -> Void
    ) async {
        guard self.isEnabled else {
            return self.say(
                PageView(enabled: false, .isOff))
        }
        do {
            let (running, problem) = try await self.open(door, state, loop, drop)
            self.running.withLockedValue { $0 = running }
            self.say(PageView(address: "http://127.0.0.1:\(running.port)/", problem))
        } catch let error as DoorError {
            self.say(PageView(problem: error.message))
        } catch {
            let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            self.say(PageView(.noPort(detail: why)))
        }
    }

    private func say(_ place: PageView) { self.told.withLockedValue { $0 = place } }

    private func open(
        _ door: any Door, _ state: String, _ loop: any EventLoop, _ drop: @escaping @Sendable (String) -> Void
    ) async throws -> (Running, problem: PageProblem?) {
        let file = VisitorsFile(state: state)
        let visitors = NIOLockedValueBox(Visitors(browsers: file.browsers(), key: try file.key().hash))
        let (limits, files) = (self.limits, FileThreads(patience: self.limits.file))
        let bound = try await loop.submit {
            let uploads = Uploads(spool: state + "/spool", limits: limits, loop: loop, drop: drop)
            return NIOLoopBound(
                WebDesk(
                    door: door, visitors: visitors, file: file, files: files, uploads: uploads, limits: limits,
                    loop: loop, hooks: self.hooks, servesMetrics: self.servesMetrics),
                eventLoop: loop)
        }.get()
        let bootstrap = Self.bootstrap(loop, bound)
        var first: any Channel
        var problem: PageProblem?
        do { first = try await bootstrap.bind(host: "127.0.0.1", port: Int(self.port)).get() } catch {
            guard self.port != 0 else { throw error }
            first = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            problem = .portTaken(self.port)
        }
        let port = UInt16(clamping: first.localAddress?.port ?? 0)
        try await loop.submit { bound.value.gate = Gate(port: port) }.get()
        // A machine may have no IPv6, and somebody else may have the port there.
        let second = try? await bootstrap.bind(host: "::1", port: Int(port)).get()
        let channels = [first, second].compactMap { $0 }
        return (Running(channels: channels, desk: bound, files: files, links: visitors, port: port), problem)
    }

    private static func bootstrap(_ loop: any EventLoop, _ desk: NIOLoopBound<WebDesk>) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = WebHandler(desk: desk.value)
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderFieldSize = WebHandler.mostOfHead
                    limits.maxHeaderListSize = WebHandler.mostOfHead
                    limits.maxHeaderFieldCount = 100
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HeadMeter(handler))
                    try pipeline.addHandler(HTTPResponseEncoder())
                    try pipeline.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
                    try pipeline.addHandler(handler)
                }
            }
    }

    package func stop() async {
        guard let running = self.running.withLockedValue({ $0 }) else { return }
        self.running.withLockedValue { $0 = nil }
        self.say(PageView(.isEnding))
        for channel in running.channels { try? await channel.close().get() }
        running.files.halt()
        let desk = running.desk
        try? await desk.eventLoop.submit { desk.value.closeAll() }.get()
    }

    package func offered(_ path: String) {
        guard let desk = self.running.withLockedValue({ $0?.desk }) else { return }
        desk.eventLoop.execute { desk.value.uploads.offered(path) }
    }

    package func link() -> Result<PageLinkView, DoorError> {
        guard let running = self.running.withLockedValue({ $0 }) else {
            return .failure(DoorError(.own(.pageNotServed(why: self.place.problem))))
        }
        let token = Secret.random()
        running.links.withLockedValue { $0.expect(token, at: WebClock.uptime) }
        return .success(
            PageLinkView(
                link: "http://127.0.0.1:\(running.port)/#\(token.text)",
                lifetime: Int64(clamping: Visitors.linkLifetime)))
    }
}

/// What time it is.
enum WebClock {
    /// Ms since the machine started.
    static var uptime: UInt64 { Self.read(CLOCK_BOOTTIME, perSecond: 1_000) }
    /// Seconds since 1970.
    static var wall: UInt64 { Self.read(CLOCK_REALTIME, perSecond: 1) }

    private static func read(_ clock: clockid_t, perSecond: UInt64) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) * perSecond + UInt64(clamping: time.tv_nsec) * perSecond / 1_000_000_000
    }
}

extension PageView {
    fileprivate init(address: String? = nil, enabled: Bool = true, _ problem: PageProblem?) {
        self.init(
            address: address, enabled: enabled, problem: problem.map { Language.english.say(.pageProblem($0)) })
    }
}
