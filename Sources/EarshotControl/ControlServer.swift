import Glibc
import NIOCore
import NIOPosix

/// The local socket: JSON-RPC 2.0, one object a line (docs/Control.md). Only our own user and root get in.
package struct ControlServer: Sendable {
    private let channel: any Channel
    private let path: String

    /// - Throws: `notRunning`'s opposite, so to speak: `failed` when another daemon answers on this socket.
    package static func start(path: String, door: any Door, group: any EventLoopGroup) async throws -> ControlServer {
        // A socket that nobody answers is left over from a crash.
        if (try? ControlClient(path: path)) != nil { throw DoorError(.failed, "Another earshotd answers on \(path).") }
        unlink(path)
        let mask = umask(0o177)
        defer { umask(mask) }
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlHandler(door: door))
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

/// What SO_PEERCRED tells, as unix(7) lays it out.
private struct Credentials {
    var pid: Int32 = 0
    var uid: UInt32 = .max
    var gid: UInt32 = .max
}

/// One client: lines in, lines out.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Requests under way before the socket is no longer read.
    private static let mostUnderWay = 512

    private let door: any Door
    private var caller: CallerID?
    private var buffer = ByteBuffer()
    /// How far the buffer was looked through for a line end.
    private var looked = 0
    private var underWay = 0
    private var isPaused = false
    private var hasMissed = false

    init(door: any Door) { self.door = door }

    func channelActive(context: ChannelHandlerContext) {
        guard self.isOurs(context.channel) else { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let channel = context.channel
        self.caller = self.door.enter { event in
            guard channel.isWritable else {
                // Perhaps there is room again by then, and nobody else would say so.
                loop.execute { bound.value.0.missed(bound.value.1) }
                return false
            }
            loop.execute { bound.value.0.write(event.line, bound.value.1) }
            return true
        }
    }

    private func missed(_ context: ChannelHandlerContext) {
        self.hasMissed = !context.channel.isWritable
        if !self.hasMissed, let caller = self.caller { self.door.resume(caller) }
    }

    private func isOurs(_ channel: any Channel) -> Bool {
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let credentials: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
        var isOurs = false
        // On its own loop the answer is there at once.
        credentials.assumeIsolated().whenSuccess { isOurs = $0.uid == geteuid() || $0.uid == 0 }
        return isOurs
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let caller = self.caller { self.door.leave(caller) }
        self.caller = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, self.hasMissed, let caller = self.caller else { return }
        self.hasMissed = false
        self.door.resume(caller)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = self.unwrapInboundIn(data)
        self.buffer.writeBuffer(&incoming)
        while let end = self.buffer.readableBytesView.dropFirst(self.looked).firstIndex(of: 0x0A) {
            let length = end - self.buffer.readerIndex
            let line = self.buffer.readBytes(length: length) ?? []
            self.buffer.moveReaderIndex(forwardBy: 1)
            self.looked = 0
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { self.take(line, context) }
        }
        self.looked = self.buffer.readableBytes
        self.buffer.discardReadBytes()
        if self.buffer.readableBytes > ControlLine.longest {
            self.write(ControlLine.reply(id: .null, .failure(DoorError(.badLine, "A line is at most 16 MiB."))), context)
            context.close(promise: nil)
        }
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        switch ControlLine.request(line) {
        case .failure(let failure): self.write(ControlLine.reply(id: failure.id, .failure(failure.error)), context)
        case .success(let (id, request)):
            guard let caller = self.caller else { return }
            self.underWay += 1
            if self.underWay >= Self.mostUnderWay, !self.isPaused {
                self.isPaused = true
                context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
            }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            self.door.ask(request, from: caller) { result in
                let line = id.map { ControlLine.reply(id: $0, result) }
                // At once where that can be: what else the node does in this round need not be waited for.
                if loop.inEventLoop { bound.value.0.answered(line, bound.value.1) } else { loop.execute { bound.value.0.answered(line, bound.value.1) } }
            }
        }
    }

    private func answered(_ line: String?, _ context: ChannelHandlerContext) {
        if let line { self.write(line, context) }
        self.underWay -= 1
        if self.isPaused, self.underWay < Self.mostUnderWay / 2 {
            self.isPaused = false
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }

    private func write(_ line: String, _ context: ChannelHandlerContext) {
        guard self.caller != nil || context.channel.isActive else { return }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: line + "\n")), promise: nil)
    }
}
