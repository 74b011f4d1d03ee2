import EarshotConfig
import EarshotHooks
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Posts an event to a web server, and waits for its answer. To be called from a thread of its own: names are looked
/// up there, since NIO would do that by libdispatch.
struct WebPost {
    let target: WebTarget
    /// Ms for all of it.
    let timeout: UInt64
    let loop: any EventLoop

    /// - Parameter headers: beside those that HTTP needs.
    func send(_ body: [UInt8], _ headers: [(String, String)]) -> HookResult {
        let addresses: [SocketAddress]
        do throws(Unresolved) { addresses = try self.addresses() } catch { return .notPosted(error.reason) }
        var last = HookResult.notPosted("no address answers")
        let until = HookClock.uptime + self.timeout
        for address in addresses {
            let now = HookClock.uptime
            guard now < until else { return .tookTooLong }
            last = self.send(body, headers, to: address, within: until - now)
            // Whoever was reached may have done it already, and is not asked twice.
            guard case .notPosted = last else { return last }
        }
        return last
    }

    private func send(
        _ body: [UInt8], _ headers: [(String, String)], to address: SocketAddress, within left: UInt64
    ) -> HookResult {
        let answer = self.loop.makePromise(of: HookResult.self)
        let alarm = self.loop.scheduleTask(in: .milliseconds(Int64(clamping: left))) { answer.succeed(.tookTooLong) }
        let connecting = ClientBootstrap(group: self.loop)
            .connectTimeout(.milliseconds(Int64(clamping: min(left, 5_000))))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer))
                }
            }
            .connect(to: address)
        let channel: any Channel
        do { channel = try connecting.wait() } catch {
            let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "no connection in time"
            alarm.cancel()
            answer.succeed(.notPosted(why))
            return .notPosted(why)
        }
        var fields = HTTPHeaders(headers)
        fields.add(name: "Host", value: self.target.authority)
        fields.add(name: "Content-Length", value: "\(body.count)")
        fields.add(name: "Connection", value: "close")
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: self.target.path, headers: fields)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        let result = (try? answer.futureResult.wait()) ?? .notPosted("the connection ended")
        alarm.cancel()
        channel.close(promise: nil)
        return result
    }

    private struct Unresolved: Error { let reason: String }

    private func addresses() throws(Unresolved) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        // A number needs no interface that is up.
        let isNumber = self.target.host.contains(":") || self.target.host.allSatisfy { $0.isNumber || $0 == "." }
        if isNumber || self.target.host == "localhost" { hints.ai_flags = 0 }
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(self.target.host, String(self.target.port), &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard status == 0 else { throw Unresolved(reason: String(cString: gai_strerror(status))) }
        var addresses: [SocketAddress] = []
        var next = found
        while let info = next?.pointee, addresses.count < 4 {
            next = info.ai_next
            guard let raw = info.ai_addr else { continue }
            switch info.ai_family {
            case AF_INET:
                addresses.append(SocketAddress(raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }))
            case AF_INET6:
                let address = raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee }
                addresses.append(SocketAddress(address))
            default: break
            }
        }
        return addresses
    }

    /// What comes back: its status, once all of it is there. What it says is not read, and bounded.
    private final class AnswerHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        private static let most = 1 << 20
        private let answer: EventLoopPromise<HookResult>
        private var status: Int?
        private var count = 0

        init(_ answer: EventLoopPromise<HookResult>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.status = Int(head.status.code)
            case .body(let bytes):
                self.count += bytes.readableBytes
                if self.count > Self.most { self.finish(context) }
            case .end: self.finish(context)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { self.finish(context) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { self.finish(context) }

        private func finish(_ context: ChannelHandlerContext) {
            self.answer.succeed(self.status.map { .posted(status: $0) } ?? .notPosted("it gave no answer"))
            context.close(promise: nil)
        }
    }
}
