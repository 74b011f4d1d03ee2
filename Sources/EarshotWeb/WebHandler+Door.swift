import EarshotControl
import EarshotText
import NIOCore
import NIOHTTP1

/// What is asked of the door: the request becomes a line, and what the door writes the answer.
extension WebHandler {
    /// What the door writes, and how far that is.
    struct Exchange {
        let handler: ControlHandler
        let browser: Gate.Claim
        /// The stream that it is, or in whose name it asks.
        var stream: String?
        let isStream: Bool
        /// Of a stream: after which place.
        var since: EventPlace?
        var hasBegun = false
        /// The last that was written was the end of a line: the answer is whole.
        var isWhole = false
        /// All of the request has come.
        var isAsked = false
    }

    func ask(
        _ admitted: Gate.Admitted, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) throws(WebError) {
        let stream = head.headers.first(name: "earshot-stream")
        var entry = ControlHandler.Entry.admitted { $0.line }
        if let stream {
            let leave = self.closer(context)
            guard let caller = self.desk.join(stream, ObjectIdentifier(self), from: admitted.claim, leave) else {
                throw WebError(.noStream)
            }
            entry = .sharing(caller)
        }
        let handler = ControlHandler(door: self.desk.door, guests: self.desk.guests, as: entry)
        let exchange = Exchange(handler: handler, browser: admitted.claim, stream: stream, isStream: false)
        try self.begin(exchange, context)
    }

    /// A stream of events: a client of the door that stays.
    func listen(
        _ since: EventPlace?, _ browser: Gate.Claim, _ context: ChannelHandlerContext
    ) throws(WebError) {
        let handler = ControlHandler(
            door: self.desk.door, guests: self.desk.guests, as: .admitted(form: EventStream.form))
        let exchange = Exchange(handler: handler, browser: browser, stream: nil, isStream: true, since: since)
        try self.begin(exchange, context)
        context.fireChannelRead(self.wrapInboundOut(EventStream.subscription(since: since)))
    }

    private func begin(_ exchange: Exchange, _ context: ChannelHandlerContext) throws(WebError) {
        self.stage = .door(exchange)
        do { try context.pipeline.syncOperations.addHandler(exchange.handler) } catch {
            self.leave(exchange)
            throw WebError(.closing)
        }
    }

    /// Nobody waits for it any more.
    func leave(_ exchange: Exchange) {
        guard let stream = exchange.stream else { return }
        if exchange.isStream { self.desk.ended(stream) } else { self.desk.left(stream, ObjectIdentifier(self)) }
    }

    // MARK: what the door writes

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .door(var exchange) = self.stage else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var bytes = self.unwrapOutboundIn(data)
        guard bytes.readableBytes > 0 else {
            return context.write(self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        }
        exchange.isWhole = bytes.readableBytesView.last == 0x0A
        if !exchange.hasBegun {
            exchange.hasBegun = true
            var type = "application/json"
            if exchange.isStream {
                let caller = exchange.handler.caller
                let name = caller.map { self.desk.begin($0, for: exchange.browser) } ?? ""
                exchange.stream = name
                self.stage = .door(exchange)
                switch EventStream.opening(bytes, name: name, since: exchange.since) {
                case .failure(let error): return self.refuseStream(error, exchange, context, promise)
                case .success(let opening): bytes = opening
                }
                type = "text/event-stream"
                self.startHeartbeat(context)
            }
            var headers = WebHeaders.make(WebHeaders.api, [("Content-Type", type)])
            if !self.keepsAlive { headers.add(name: "Connection", value: "close") }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        }
        self.stage = .door(exchange)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
    }

    private func refuseStream(
        _ error: DoorError, _ exchange: Exchange, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        self.leave(exchange)
        let kind: WebError.Kind = error.kind == .refused ? .tooMany : .badRequest
        self.refuse(WebError(kind, error.message), context)
        context.pipeline.syncOperations.removeHandler(exchange.handler, promise: nil)
        promise?.fail(ChannelError.ioOnClosedChannel)
    }

    private func startHeartbeat(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.heartbeat = context.eventLoop.scheduleRepeatedTask(
            initialDelay: EventStream.heartbeat, delay: EventStream.heartbeat
        ) { _ in
            let (handler, context) = bound.value
            guard case .door = handler.stage, context.channel.isWritable else { return }
            context.writeAndFlush(handler.wrapOutboundOut(.body(.byteBuffer(EventStream.comment))), promise: nil)
        }
    }

    /// The door has said all, or gives up.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .door(let exchange) = self.stage, mode == .all else {
            return context.close(mode: mode, promise: promise)
        }
        self.heartbeat?.cancel()
        self.leave(exchange)
        // Half an answer cannot be called back, and a stream has no end of its own.
        guard !exchange.isStream, exchange.isWhole || !exchange.hasBegun else {
            self.stage = .over
            return context.close(mode: mode, promise: promise)
        }
        context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        if !exchange.isAsked { self.keepsAlive = false }
        if exchange.hasBegun {
            self.finish(context, isAsked: exchange.isAsked)
        } else {
            self.write(.noContent, WebHeaders.api, [], context)
        }
        context.pipeline.syncOperations.removeHandler(exchange.handler, promise: nil)
        promise?.succeed(())
    }
}
