import EarshotModel
import EarshotWire
import NIOCore

/// Stands first on a connection that others opened, until its first bytes say whether they call us or want to be let
/// through to somebody else (Protocol.md 20). For a call it makes room for what answers calls.
final class Doorstep: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let hall: RelayHall
    private let source: [UInt8]
    private let answer: () -> LinkHandler
    /// It was taken over, or somebody else looks after it.
    private let leaves: @Sendable () -> Void
    private var buffer = ByteBuffer()
    private var isDecided = false
    private var deadline: Scheduled<Void>?

    /// - Parameters:
    ///   - answer: makes the handler of a call.
    ///   - leaves: told once, when this is no call and the connection does not count as half-open any more.
    init(
        _ hall: RelayHall, source: [UInt8], answer: @escaping () -> LinkHandler, leaves: @escaping @Sendable () -> Void
    ) {
        self.hall = hall
        self.source = source
        self.answer = answer
        self.leaves = leaves
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(Int64(clamping: Limits.relayWait))
        ) { if !self.isDecided { context.close(promise: nil) } }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isDecided else { return context.fireChannelRead(data) }
        var incoming = self.unwrapInboundIn(data)
        self.buffer.writeBuffer(&incoming)
        switch RelayHello(self.buffer.readableBytesView) {
        case .incomplete: break
        case .call:
            self.isDecided = true
            self.deadline?.cancel()
            do { try context.pipeline.syncOperations.addHandler(self.answer(), position: .after(self)) } catch {
                self.leaves()
                return context.close(promise: nil)
            }
            context.fireChannelRead(self.wrapInboundOut(self.buffer))
            self.buffer.clear()
            _ = context.pipeline.syncOperations.removeHandler(self)
        case .knock(let door): self.leave(context) { self.hall.knocked(door, $0, context.eventLoop, self.leaves) }
        case .fetch(let ticket): self.leave(context) { self.hall.came(ticket, $0, self.leaves) }
        }
    }

    /// The socket is nothing for the event loop any more.
    private func leave(_ context: ChannelHandlerContext, to next: (RelayHalf) -> Void) {
        self.isDecided = true
        self.deadline?.cancel()
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        self.buffer.moveReaderIndex(forwardBy: RelayHello.length)
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { RelayHalf.copy($0) }
        if let descriptor, descriptor >= 0 {
            next(RelayHalf(descriptor, leftover: Array(self.buffer.readableBytesView)))
        } else {
            self.leaves()
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        if !self.isDecided { self.leaves() }
        self.isDecided = true
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.isDecided else { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }
}
