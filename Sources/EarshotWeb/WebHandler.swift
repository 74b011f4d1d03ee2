import EarshotControl
import EarshotText
import NIOCore
import NIOHTTP1

/// One connection of a browser: requests in, one at a time, and their answers out. What is asked of the door is put to
/// a `ControlHandler` behind it, as lines, and what that writes becomes the body of the answer: so limits, order and
/// slow readers are dealt with as on the socket. Bytes of files leave the loop (`FileThreads`).
final class WebHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes of the head of a request at most.
    static let mostOfHead = 32 << 10
    /// Bytes of what is sent along with a link at most.
    private static let mostOfToken = 4_096
    /// Bytes that are read of a request that was refused, so that its sender sees why.
    private static let mostDropped = 64 << 20

    enum Stage {
        case idle
        /// The head is here; what is to be done once all of it is.
        case receiving(Gate.Admitted, HTTPRequestHead, ByteBuffer)
        /// The door answers.
        case door(Exchange)
        /// A file is about to be handed over, with what came of it.
        case file(FileJob, ByteBuffer)
        /// The answer waits for somebody else.
        case waiting
        /// Refused: what comes is dropped.
        case dropping(Int)
        case over
    }

    let desk: WebDesk
    var stage = Stage.idle
    /// Raw bytes since the last whole head.
    var headBytes = 0
    var keepsAlive = true
    private var deadline: Scheduled<Void>?
    /// Ends a connection whose client leaves what it is told unread.
    private var stall: Scheduled<Void>?
    var heartbeat: RepeatedTask?

    private var limits: WebLimits { self.desk.limits }

    init(desk: WebDesk) { self.desk = desk }

    /// Whether the next that should come is a head.
    var awaitsHead: Bool { if case .idle = self.stage { true } else { false } }

    // MARK: coming and going

    func channelActive(context: ChannelHandlerContext) {
        guard self.desk.open(ObjectIdentifier(self), self.closer(context)) else {
            self.stage = .over
            return context.close(promise: nil)
        }
        self.setDeadline(self.limits.idle, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.stall?.cancel()
        self.heartbeat?.cancel()
        self.desk.closed(ObjectIdentifier(self))
        if case .door(let exchange) = self.stage { self.leave(exchange) }
        self.stage = .over
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .idle = self.stage, error is HTTPParserError {
            return self.refuse(WebError(.notHTTP), context)
        }
        context.close(promise: nil)
    }

    /// Closes the connection, whatever goes on in it. To be called on the loop.
    func closer(_ context: ChannelHandlerContext) -> () -> Void {
        { [weak self] in
            guard let self else { return }
            if case .over = self.stage { return }
            context.close(promise: nil)
        }
    }

    private func setDeadline(_ time: TimeAmount?, _ context: ChannelHandlerContext) {
        self.deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        self.deadline = time.map { context.eventLoop.scheduleTask(in: $0) { bound.value.close(promise: nil) } }
    }

    /// Whoever reads nothing keeps a place that others need. A page comes back to where it was.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.stall?.cancel()
        self.stall = nil
        if !context.channel.isWritable {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            self.stall = context.eventLoop.scheduleTask(in: self.limits.reading) { bound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: what comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.begin(head, context)
        case .body(let bytes): self.take(bytes, context)
        case .end: self.whole(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .file(let job, let early) = self.stage { self.handOver(job, early, context) }
        context.fireChannelReadComplete()
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // Whoever asks before they were answered is answered no more than that.
        guard case .idle = self.stage else { return self.keepsAlive = false }
        self.headBytes = 0
        self.keepsAlive = head.isKeepAlive
        self.setDeadline(self.limits.sending, context)
        do throws(WebError) {
            guard let gate = self.desk.gate else { throw WebError(.nothingHere) }
            let admitted = try gate.admit(head)
            try self.desk.check(admitted)
            try self.begin(admitted, head, context)
        } catch { self.refuse(error, context) }
    }

    private func begin(
        _ admitted: Gate.Admitted, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) throws(WebError) {
        let expects = head.headers["expect"].contains { $0.lowercased() == "100-continue" }
        switch admitted.route {
        case .rpc:
            try self.ask(admitted, head, context)
        case .put(let upload, let names):
            let length = head.headers.first(name: "content-length").flatMap { UInt64($0) }
            guard let length else { throw WebError(.badLength) }
            let folder = try self.desk.uploads.add(length, to: upload)
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
            let job = UploadJob(
                folder: folder, names: names, length: length, expects: expects,
                room: self.desk.uploads.room)
            return self.stage = .file(.upload(job, of: upload), ByteBuffer())
        case .page, .check, .enter, .events, .newUpload, .takeBack, .file, .picture, .health, .metrics, .hook:
            self.stage = .receiving(admitted, head, ByteBuffer())
        }
        if expects {
            context.writeAndFlush(
                self.wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private func take(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        var bytes = bytes
        switch self.stage {
        case .receiving(let admitted, let head, var before):
            before.writeBuffer(&bytes)
            let most = if case .hook = admitted.route { Self.mostOfPost } else { Self.mostOfToken }
            guard before.readableBytes <= most else {
                return self.refuse(WebError(.tooLong), context)
            }
            self.stage = .receiving(admitted, head, before)
        case .door(let exchange):
            guard !exchange.isStream, !exchange.isAsked else { return }
            context.fireChannelRead(self.wrapInboundOut(Self.asLine(bytes)))
        case .file(let job, var early):
            early.writeBuffer(&bytes)
            self.stage = .file(job, early)
        case .dropping(let left):
            guard left > bytes.readableBytes else { return context.close(promise: nil) }
            self.stage = .dropping(left - bytes.readableBytes)
        case .idle, .waiting, .over: break
        }
    }

    /// Line ends mean nothing in JSON, and at the door they end a line.
    private static func asLine(_ bytes: ByteBuffer) -> ByteBuffer {
        guard bytes.readableBytesView.contains(0x0A) else { return bytes }
        return ByteBuffer(bytes: bytes.readableBytesView.map { $0 == 0x0A ? 0x20 : $0 })
    }

    private func whole(_ context: ChannelHandlerContext) {
        switch self.stage {
        case .receiving(let admitted, let head, let body):
            self.setDeadline(nil, context)
            do throws(WebError) { try self.answer(admitted, head, body, context) } catch {
                self.refuse(error, context, isWhole: true)
            }
        case .door(var exchange):
            guard !exchange.isStream, !exchange.isAsked else { return }
            self.setDeadline(nil, context)
            exchange.isAsked = true
            self.stage = .door(exchange)
            context.fireChannelRead(self.wrapInboundOut(ByteBuffer(string: "\n")))
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .dropping: context.close(promise: nil)
        case .idle, .file, .waiting, .over: break
        }
    }

    // MARK: answering at once

    private func answer(
        _ admitted: Gate.Admitted, _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) throws(WebError) {
        switch admitted.route {
        case .page(let path):
            guard let file = self.desk.page.file(path) else {
                throw WebError(.noName)
            }
            let headers = WebHeaders.page + [("ETag", file.tag), ("Content-Type", file.type)]
            let isKnown = head.headers["if-none-match"].contains(file.tag)
            self.write(isKnown ? .notModified : .ok, headers, isKnown ? [] : file.bytes, context)
        case .check:
            self.write(json: ["ok": true, "version": .string(ControlLine.version)], context)
        case .enter:
            guard let token = JSON(text: body.readableBytesView)?["token"]?.string else {
                throw WebError(.noToken)
            }
            let (cookie, key) = try self.desk.enter(token)
            let name = self.desk.gate?.cookieName ?? ""
            let field = "\(name)=\(cookie.text); HttpOnly; SameSite=Strict; Path=/; Max-Age=\(Visitors.browserLifetime)"
            self.write(
                .ok, WebHeaders.api + [("Set-Cookie", field), ("Content-Type", "application/json")],
                Array((["key": .string(key.text)] as JSON).line.utf8), context)
        case .events(let since): try self.listen(since, admitted.claim, context)
        case .newUpload: self.write(json: ["upload": .string(try self.desk.uploads.begin())], context)
        case .takeBack(let upload):
            try self.desk.uploads.takeBack(upload)
            self.write(.noContent, WebHeaders.api, [], context)
        case .file(let transfer, let index, let inline):
            self.fetch(transfer, index, DownloadJob.Asked(head.headers, inline: inline), context)
        case .picture(let person, let id): self.picture(of: person, id, context)
        case .health: self.tellHealth(context)
        case .metrics: try self.tellMetrics(context)
        case .hook(let name): try self.take(hook: name, head, body, context)
        case .rpc, .put: throw WebError(.wrongOrder)
        }
    }

    func write(json: JSON, _ context: ChannelHandlerContext) {
        self.write(.ok, WebHeaders.api + [("Content-Type", "application/json")], Array(json.line.utf8), context)
    }

    func write(
        _ status: HTTPResponseStatus, _ fields: [(String, String)], _ body: [UInt8], _ context: ChannelHandlerContext
    ) {
        var headers = WebHeaders.make(fields)
        if status != .noContent, status != .notModified { headers.add(name: "Content-Length", value: "\(body.count)") }
        if !self.keepsAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        self.finish(context)
    }

    /// The answer is whole; the next request may come.
    /// - Parameter isAsked: false where what was asked did not come to its end, and is dropped.
    func finish(_ context: ChannelHandlerContext, isAsked: Bool = true) {
        let isLast = !self.keepsAlive
        self.stage = isLast ? isAsked ? .over : .dropping(Self.mostDropped) : .idle
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let end = self.wrapOutboundOut(.end(nil))
        guard isLast else {
            context.writeAndFlush(end, promise: nil)
            return self.setDeadline(self.limits.idle, context)
        }
        self.setDeadline(self.limits.lingering, context)
        context.writeAndFlush(end).whenComplete { _ in
            bound.value.close(mode: isAsked ? .all : .output, promise: nil)
        }
    }

    /// Says why not. What is still to come of the request is read for a while: nobody reads while they send.
    func refuse(_ error: WebError, _ context: ChannelHandlerContext, isWhole: Bool = false) {
        if !isWhole { self.keepsAlive = false }
        guard !isWhole else {
            return self.write(
                error.status, WebHeaders.api + [("Content-Type", "application/json")], error.body, context)
        }
        var headers = WebHeaders.make(WebHeaders.api, [("Content-Type", "application/json"), ("Connection", "close")])
        headers.add(name: "Content-Length", value: "\(error.body.count)")
        self.stage = .dropping(Self.mostDropped)
        self.setDeadline(self.limits.lingering, context)
        let head = HTTPResponseHead(version: .http1_1, status: error.status, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: error.body)))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenSuccess {
            bound.value.close(mode: .output, promise: nil)
        }
    }
}
