import NIOCore

/// Bytes of a head that is not whole yet are bounded, its first line too, which the decoder does not bound.
final class HeadMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let handler: WebHandler

    init(_ handler: WebHandler) { self.handler = handler }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.handler.headBytes += self.unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        // Were it whole, its handler would count from 0.
        if self.handler.headBytes > WebHandler.mostOfHead, self.handler.awaitsHead { context.close(promise: nil) }
    }
}
