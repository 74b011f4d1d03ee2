import EarshotModel
import EarshotWire
import Glibc
import NIOCore
import NIOPosix

/// Runs one `Session` on its event loop: bytes to frames, frames to bytes, and no rule of its own.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// More than this before a session is open is not a handshake.
    private static let longestHandshake = 8_192
    /// Bytes of envelopes that are read at once: a message as people write it is sooner read than handed over.
    private static let soonRead = 1_500
    /// Read the others, so that signatures are checked beside the loop. They sleep while there are none.
    private static let readers: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: max(1, min(System.coreCount - 1, 4)))
        pool.start()
        return pool
    }()

    private let transport: Transport
    private var session: Session
    private let hello: [UInt8]
    private let dial: DialID?
    private let remote: Endpoint
    /// Who called for a bulk channel waits for it here; told once.
    private var bulk: (@Sendable (BulkChannel?) -> Void)?
    /// It became a bulk channel: what comes now is for whoever takes it over.
    private var introduction: Introduction?
    /// The source counted as half-open, until it is not.
    private var counted: [UInt8]?
    private var link: LinkID?
    private var context: ChannelHandlerContext?
    private var buffer = ByteBuffer()
    private var backlog = Backlog<TransportEvent>()
    /// Told and not dealt with yet, or still being read.
    private var outstanding = 0
    private var isPaused = false
    private var deadline: Scheduled<Void>?
    private var index: UInt64?
    /// What is told when the channel is gone; the first reason counts.
    private var end: LinkEnd?
    private var failure: DialFailure?

    init(
        transport: Transport, session: Session, hello: [UInt8] = [], dial: DialID? = nil, remote: Endpoint,
        counted: [UInt8]? = nil,
        bulk: (@Sendable (BulkChannel?) -> Void)? = nil
    ) {
        self.transport = transport
        self.session = session
        self.hello = hello
        self.dial = dial
        self.remote = remote
        self.counted = counted
        self.bulk = bulk
    }

    // MARK: channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard self.deadline == nil else { return }
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(self.transport.limits.handshakeDeadline)
        ) {
            guard self.link == nil, self.introduction == nil else { return }
            self.failure = self.failure ?? .timeout
            context.close(promise: nil)
        }
        if !self.hello.isEmpty {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: self.hello)), promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = self.unwrapInboundIn(data)
        if self.buffer.readableBytes == 0 { self.buffer = incoming } else { self.buffer.writeBuffer(&incoming) }
        self.act(self.session.receive(&self.buffer), context)
        self.buffer.discardReadBytes()
        if self.link == nil, self.introduction == nil, self.buffer.readableBytes > Self.longestHandshake {
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if let link = self.link {
            self.transport.note(link, writable: context.channel.isWritable)
            if context.channel.isWritable { self.transport.post(.writable(link)) }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.end = self.end ?? .broken(NetworkError.words(for: error))
        self.failure = self.failure ?? .unreachable(NetworkError.words(for: error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.stopCounting()
        self.transport.forget(self.link, index: self.index)
        if let link = self.link {
            self.tell(self.backlog.add(.closed(link, self.end ?? .broken("the stream ended without a close"))))
        } else if let dial = self.dial {
            self.transport.post(.dialFailed(dial, self.remote, self.failure ?? .hungUp))
        }
        self.bulk?(nil)
        self.bulk = nil
        self.context = nil
        context.fireChannelInactive()
    }

    // MARK: what the session says

    private func act(_ actions: [Session.Action], _ context: ChannelHandlerContext) {
        var unread: [UnreadEnvelopes] = []
        for action in actions {
            if case .envelopes(let envelopes) = action {
                unread.append(envelopes)
                continue
            }
            self.read(&unread, context)
            switch action {
            case .write(let bytes): context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .opened(let introduction, let datagrams): self.opened(introduction, datagrams, context)
            case .frame(.ping(let nonce)):
                // Answered here, so that a busy node is not taken for a dead one.
                self.send([.pong(nonce)])
                if let link = self.link { self.post(.frame(link, .ping(nonce), .stream), context) }
            case .frame(let frame): if let link = self.link { self.post(.frame(link, frame, .stream), context) }
            case .envelopes: break  // Above.
            case .worn: if let link = self.link { self.post(.worn(link), context) }
            case .end(let end): self.ended(end, context)
            }
        }
        self.read(&unread, context)
    }

    // MARK: envelopes

    private struct WasRead {
        var events: [TransportEvent] = []
        var failure: ProtocolError?

        init(_ unread: [UnreadEnvelopes], on link: LinkID) {
            do throws(ProtocolError) {
                for envelopes in unread {
                    let (verified, others) = try envelopes.read()
                    self.events.append(.envelopes(link, verified, unverified: others, .stream))
                }
            } catch {
                self.failure = error
            }
        }
    }

    /// Reads envelopes: here if they are few and nothing waits, else beside the loop.
    private func read(_ unread: inout [UnreadEnvelopes], _ context: ChannelHandlerContext) {
        guard let link = self.link, !unread.isEmpty else { return }
        let envelopes = unread
        unread = []
        let place =
            self.backlog.isEmpty && envelopes.reduce(0) { $0 + $1.count } <= Self.soonRead
            ? nil : self.backlog.keepPlace()
        self.take(envelopes.count, context)
        guard let place else { return self.wasRead(WasRead(envelopes, on: link), in: nil) }
        let loop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: loop)
        Self.readers.submit { _ in
            let result = WasRead(envelopes, on: link)
            loop.execute { handler.value.wasRead(result, in: place) }
        }
    }

    private func wasRead(_ result: WasRead, in place: Backlog<TransportEvent>.Place?) {
        if result.failure != nil, let place, !self.backlog.cut(behind: place) { return }
        self.tell(place.map { self.backlog.fill($0, result.events) } ?? result.events)
        guard let failure = result.failure else { return }
        if let context = self.context {
            self.act(self.session.refuse(failure), context)
        } else if let link = self.link {
            self.tell(self.backlog.add(.closed(link, .violated(failure))))
        }
    }

    private func tell(_ events: [TransportEvent]) { for event in events { self.transport.post(event) } }

    private func opened(_ introduction: Introduction, _ datagrams: Datagrams, _ context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.stopCounting()
        if introduction.isBulk { return self.handOver(introduction, context) }
        let link = self.transport.register(
            self, on: context.eventLoop, datagrams: datagrams, remote: self.remote, called: self.dial != nil)
        self.link = link
        self.index = datagrams.mine
        self.post(.opened(link, introduction, remote: self.remote, dial: self.dial), context)
    }

    /// Once all that was written is out, the socket leaves the event loop and belongs to a thread.
    private func handOver(_ introduction: Introduction, _ context: ChannelHandlerContext) {
        self.introduction = introduction
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let isOut = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        isOut.futureResult.assumeIsolated().whenSuccess { self.handedOver(introduction, bound.value) }
        // Behind Ready, which follows.
        context.eventLoop.assumeIsolated().execute {
            bound.value.writeAndFlush(self.wrapOutboundOut(ByteBuffer()), promise: isOut)
        }
    }

    private func handedOver(_ introduction: Introduction, _ context: ChannelHandlerContext) {
        defer { context.close(promise: nil) }
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        guard let descriptor, descriptor >= 0, let keys = self.session.handOver() else { return }
        let line = BulkChannel(
            descriptor: descriptor, introduction: introduction, send: keys.send, receive: keys.receive,
            leftover: Array(self.buffer.readableBytesView))
        guard let line else { return _ = Glibc.close(descriptor) }
        if let bulk = self.bulk { bulk(line) } else { self.transport.post(bulk: line) }
        self.bulk = nil
    }

    private func ended(_ end: Session.End, _ context: ChannelHandlerContext) {
        switch end {
        case .byPeer(let code): self.end = self.end ?? .byPeer(code)
        case .violated(let error):
            self.end = self.end ?? .violated(error)
            self.failure = self.failure ?? .violated(error)
            self.tellRefused("\(error)")
        case .wrongIdentity: self.failure = self.failure ?? .wrongIdentity
        case .notWanted:
            self.failure = self.failure ?? .notWanted
            self.tellRefused("blocked, or this device itself")
        case .revoked:
            self.failure = self.failure ?? .revoked
            self.tellRefused("its person has revoked this device")
        case .unlisted:
            self.failure = self.failure ?? .unlisted
            self.tellRefused("this device is not among its person's devices")
        }
        context.close(promise: nil)
    }

    /// Someone called and was turned away in the handshake: for the log.
    private func tellRefused(_ reason: String) {
        if self.dial == nil, self.bulk == nil, self.link == nil { self.transport.post(.refused(self.remote, reason)) }
    }

    private func post(_ event: TransportEvent, _ context: ChannelHandlerContext) {
        self.take(1, context)
        self.tell(self.backlog.add(event))
    }

    /// So many events more are outstanding.
    private func take(_ count: Int, _ context: ChannelHandlerContext) {
        self.outstanding += count
        if self.outstanding >= self.transport.limits.outstanding, !self.isPaused {
            self.isPaused = true
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func stopCounting() {
        if let counted = self.counted { self.transport.leaves(counted) }
        self.counted = nil
    }

    // MARK: what the node wants; on this channel's event loop

    func send(_ frames: [Frame]) {
        guard let context = self.context, self.takesMore(context) else { return }
        var out = context.channel.allocator.buffer(capacity: 256)
        let worn = self.session.send(frames, into: &out)
        if out.readableBytes > 0 { context.writeAndFlush(self.wrapOutboundOut(out), promise: nil) }
        if worn, let link = self.link { self.post(.worn(link), context) }
    }

    /// Whoever asks and does not read what they are answered is let go: it would pile up here.
    private func takesMore(_ context: ChannelHandlerContext) -> Bool {
        guard !context.channel.isWritable,
            let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes),
            waiting > self.transport.limits.unread
        else { return true }
        self.end = self.end ?? .byUs(.tooMany)
        context.close(promise: nil)
        return false
    }

    func send(envelopes wire: [UInt8]) {
        guard let context = self.context, self.takesMore(context) else { return }
        var out = context.channel.allocator.buffer(capacity: wire.count + 128)
        self.session.send(envelopes: wire, into: &out)
        context.writeAndFlush(self.wrapOutboundOut(out), promise: nil)
    }

    func take(datagram plaintext: [UInt8]) {
        guard let context = self.context, let link = self.link, let action = self.session.take(datagram: plaintext)
        else { return }
        // A datagram is nothing to wait for: with too much waiting already it is lost, as datagrams may be.
        guard !self.isPaused else { return }
        switch action {
        case .frame(.ping(let nonce)):
            self.transport.send(.pong(nonce), datagramTo: link)
            self.post(.frame(link, .ping(nonce), .datagram), context)
        case .frame(let frame): self.post(.frame(link, frame, .datagram), context)
        case .envelopes(let unread):
            guard let (verified, others) = try? unread.read() else { return }
            self.post(.envelopes(link, verified, unverified: others, .datagram), context)
        case .write, .opened, .worn, .end: break
        }
    }

    func close(_ code: CloseCode) {
        guard let context = self.context else { return }
        self.end = self.end ?? .byUs(code)
        self.send([.close(code)])
        context.close(promise: nil)
    }

    func hear(_ on: Bool) { self.session.hearsEnvelopes = on }

    func consumed(_ events: Int) {
        self.outstanding = max(0, self.outstanding - events)
        guard self.isPaused, self.outstanding < self.transport.limits.outstanding / 2, let context = self.context else {
            return
        }
        self.isPaused = false
        context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }
}
