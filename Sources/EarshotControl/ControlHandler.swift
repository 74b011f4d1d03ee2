import EarshotText
import NIOCore
import NIOPosix

/// One client: lines in, lines out. What waits for a client is bounded, whatever it sends and however little it
/// reads: a line is read when the answer has room, a long answer is read from its source as the client takes it, and
/// events are told again. It stands at the end of a channel of the socket, or of one that carries the same lines.
package final class ControlHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Requests under way before the next is read.
    private static let mostUnderWay = 512
    /// How often a client that holds back others with a long line is looked at.
    private static let stallCheck = TimeAmount.seconds(2)

    private let door: any Door
    private let guests: ControlGuests
    private let entry: Entry
    /// Whom it speaks for, while it does.
    package private(set) var caller: CallerID?
    private var lines = LineBuffer()
    /// Requests that were asked and not answered.
    private var underWay = 0
    /// One of them may be answered with much, so that no other is asked meanwhile.
    private var isExclusive = false
    private var writing: ListWriting?
    private var batch: Batch?
    /// A batch that waits until everything before it is answered.
    private var nextBatch: Batch?
    /// Answers that came while a list was written.
    private var deferred: [[UInt8]] = []
    private var isReading = true
    private var isAdvancing = false
    private var waitsForPlace = false
    private var isFlushDue = false
    private var isInputClosed = false
    private var isSubscribed = false
    /// An event could not be taken.
    private var isBehind = false
    private var isOver = false

    package init(door: any Door, guests: ControlGuests, as entry: Entry) {
        self.door = door
        self.guests = guests
        self.entry = entry
    }

    // MARK: coming and going

    package func channelActive(context: ChannelHandlerContext) { self.enter(context) }

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.enter(context) }
    }

    private func enter(_ context: ChannelHandlerContext) {
        if case .socket = self.entry, !PeerCredentials.areOurs(context.channel) {
            self.isOver = true
            return context.close(promise: nil)
        }
        guard !self.guests.isFull else {
            let error = DoorError(.line(.manyClients(most: self.guests.most)))
            return self.end(with: error, context)
        }
        self.guests.enter()
        if case .sharing(let caller) = self.entry {
            self.caller = caller
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        self.caller = self.door.enter { event in
            guard loop.inEventLoop else {
                loop.execute { _ = bound.value.0.tell(event, bound.value.1) }
                return true
            }
            return bound.value.0.tell(event, bound.value.1)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) { self.leave() }
    package func handlerRemoved(context: ChannelHandlerContext) { self.leave() }

    private func leave() {
        self.isOver = true
        guard let caller = self.caller else { return }
        self.caller = nil
        self.writing = nil
        self.batch = nil
        self.nextBatch = nil
        self.deferred = []
        self.lines.clear()
        self.guests.leave(ObjectIdentifier(self))
        if case .sharing = self.entry { return }
        self.door.leave(caller)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            self.isInputClosed = true
            self.advance(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Nothing more is read; what is said last is written first.
    private func end(with error: DoorError, _ context: ChannelHandlerContext) {
        self.isOver = true
        let line = ControlLine.refusal(id: .null, error) + [UInt8(ascii: "\n")]
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: line))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }

    // MARK: events

    private func tell(_ event: DoorEvent, _ context: ChannelHandlerContext) -> Bool {
        guard !self.isOver else { return true }
        guard self.writing == nil, self.batch == nil, context.channel.isWritable else {
            self.isBehind = true
            return false
        }
        self.write(self.entry.form(of: event), context)
        return true
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        self.advance(context)
    }

    // MARK: reading

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isOver else { return }
        var incoming = self.unwrapInboundIn(data)
        self.lines.append(&incoming)
        self.advance(context)
    }

    /// Does what can be done now: writes on, asks the next, reads again or not.
    private func advance(_ context: ChannelHandlerContext) {
        guard !self.isAdvancing, !self.isOver else { return }
        self.isAdvancing = true
        defer { self.isAdvancing = false }
        while !self.isOver, context.channel.isWritable, self.step(context) {}
        guard !self.isOver else { return }
        if self.isBehind, self.writing == nil, self.batch == nil, context.channel.isWritable, let caller = self.caller {
            self.isBehind = false
            self.door.resume(caller)
        }
        self.setReading(context)
        if self.isInputClosed, !self.staysOpen, self.underWay == 0, self.writing == nil, self.batch == nil,
            self.nextBatch == nil, !self.lines.hasLine()
        {
            self.isOver = true
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer())).whenComplete { _ in
                bound.value.close(promise: nil)
            }
        }
    }

    /// Whether events are waited for though nothing more is asked.
    private var staysOpen: Bool {
        if case .sharing = self.entry { false } else { self.isSubscribed }
    }

    /// Says whether there may be more to do at once.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        if self.writing != nil { return self.writeOn(context) }
        if !self.deferred.isEmpty {
            for line in self.deferred { self.write(ByteBuffer(bytes: line), context) }
            self.deferred = []
            return true
        }
        guard !self.isExclusive, self.underWay < Self.mostUnderWay else { return false }
        if self.batch == nil, self.nextBatch != nil, self.underWay == 0 { swap(&self.batch, &self.nextBatch) }
        if self.batch != nil { return self.underWay == 0 && self.nextOfBatch(context) }
        guard self.nextBatch == nil else { return false }
        guard let line = self.nextLine(context) else { return false }
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { return true }
        switch ControlLine.read(line) {
        case .one(let call): self.take(call, context)
        case .batch(let calls): self.nextBatch = Batch(rest: calls[...])
        }
        return true
    }

    /// The next whole line.
    private func nextLine(_ context: ChannelHandlerContext) -> [UInt8]? {
        guard let line = self.lines.next() else {
            guard self.lines.count > ControlLine.longest else { return nil }
            self.end(with: DoorError(.line(.tooLong)), context)
            return nil
        }
        if line.count > ControlGuests.shortLine { self.guests.finished(ObjectIdentifier(self)) }
        return line
    }

    /// Reads on while there is room for what comes.
    private func setReading(_ context: ChannelHandlerContext) {
        let isShort = self.lines.count <= ControlGuests.shortLine
        let wants = !self.lines.hasLine() && (isShort || self.mayBeLong(context))
        guard wants != self.isReading else { return }
        self.isReading = wants
        context.channel.setOption(.autoRead, value: wants).whenFailure { _ in }
    }

    private func mayBeLong(_ context: ChannelHandlerContext) -> Bool {
        guard !self.waitsForPlace else { return false }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let isAdmitted = self.guests.admits(ObjectIdentifier(self), now: loop.now) {
            loop.execute {
                bound.value.0.waitsForPlace = false
                bound.value.0.advance(bound.value.1)
            }
        }
        self.waitsForPlace = !isAdmitted
        if isAdmitted { self.watchStall(context) }
        return isAdmitted
    }

    private var watchesStall = false

    /// Gives up a long line that comes no further and keeps others waiting.
    private func watchStall(_ context: ChannelHandlerContext) {
        guard !self.watchesStall else { return }
        self.watchesStall = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.stallCheck) {
            let (handler, context) = bound.value
            handler.watchesStall = false
            guard !handler.isOver, handler.lines.count > ControlGuests.shortLine, !handler.lines.hasLine() else {
                return
            }
            if handler.guests.isStalled(ObjectIdentifier(handler), now: context.eventLoop.now) {
                handler.end(with: DoorError(.line(.notEnded)), context)
            } else {
                handler.watchStall(context)
            }
        }
    }

    // MARK: asking

    private func nextOfBatch(_ context: ChannelHandlerContext) -> Bool {
        guard let call = self.batch?.rest.popFirst() else {
            if self.batch?.hasAnswered ?? false { self.write(ByteBuffer(string: "]\n"), context) }
            self.batch = nil
            return true
        }
        self.take(call, context)
        return true
    }

    private func take(_ call: Result<ControlLine.Call, ControlLine.Refusal>, _ context: ChannelHandlerContext) {
        switch call {
        case .failure(let refusal):
            if let id = refusal.id { self.answer(ControlLine.refusal(id: id, refusal.error), context) }
        case .success(let call):
            guard let caller = self.caller else { return }
            self.underWay += 1
            self.isExclusive = type(of: call.method).mayAnswerMuch
            if call.method is Methods.Subscribe { self.isSubscribed = true }
            if call.method is Methods.Unsubscribe { self.isSubscribed = false }
            if let list = call.method as? any ListMethod {
                self.ask(list: list, call.id, caller, context)
            } else {
                self.ask(call.method, call.id, caller, context)
            }
        }
    }

    private func ask<One: Method>(
        _ method: One, _ id: ControlLine.ID?, _ caller: CallerID, _ context: ChannelHandlerContext
    ) {
        let done = self.onLoop(context) { (handler, context, result: Result<One.Answer, DoorError>) in
            handler.answered(One.mayAnswerMuch, context) {
                guard let id else { return }
                handler.answer(ControlLine.reply(id: id, result), context)
            }
        }
        self.door.answer(method, from: caller, reply: done)
    }

    private func ask<One: ListMethod>(
        list method: One, _ id: ControlLine.ID?, _ caller: CallerID, _ context: ChannelHandlerContext
    ) {
        let done = self.onLoop(context) { (handler, context, result: Result<AnswerList<One.Element>, DoorError>) in
            handler.answered(true, context) {
                guard let id else { return }
                switch result {
                case .failure(let error): handler.answer(ControlLine.refusal(id: id, error), context)
                case .success(let list):
                    // No second list begins before this one is written: it was asked for alone.
                    handler.writing = ListWriting(list, id: id, separator: handler.separator())
                }
            }
        }
        self.door.list(method, from: caller, reply: done)
    }

    private func answered(_ wasExclusive: Bool, _ context: ChannelHandlerContext, _ write: () -> Void) {
        guard !self.isOver else { return }
        self.underWay -= 1
        if wasExclusive { self.isExclusive = false }
        write()
        self.advance(context)
    }

    /// Something to be told from any thread, at once where that is our own.
    private func onLoop<Value: Sendable>(
        _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (ControlHandler, ChannelHandlerContext, Value) -> Void
    ) -> @Sendable (Value) -> Void {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        return { value in
            guard loop.inEventLoop else {
                return loop.execute {
                    let (handler, context) = bound.value
                    body(handler, context, value)
                }
            }
            let (handler, context) = bound.value
            body(handler, context, value)
        }
    }

    // MARK: writing

    /// Writes an answer, as a line or as part of a batch; later, while a list is written.
    private func answer(_ text: [UInt8], _ context: ChannelHandlerContext) {
        self.write(answer: self.separator() + text, context)
    }

    private func write(answer: [UInt8], _ context: ChannelHandlerContext) {
        var out = answer
        if self.batch == nil { out.append(UInt8(ascii: "\n")) }
        guard self.writing == nil else { return self.deferred.append(out) }
        self.write(ByteBuffer(bytes: out), context)
        // Whoever waits for nothing else need not wait for what else the node does in this round.
        if self.underWay == 0 { context.flush() }
    }

    /// What stands before the next answer of a batch.
    private func separator() -> [UInt8] {
        guard let batch = self.batch else { return [] }
        self.batch?.hasAnswered = true
        return [UInt8(ascii: batch.hasAnswered ? "," : "[")]
    }

    /// Asks for the next elements of the list, if they are not on their way.
    private func writeOn(_ context: ChannelHandlerContext) -> Bool {
        guard let writing = self.writing, !writing.isAsked else { return false }
        self.writing?.isAsked = true
        writing.next(self.onLoop(context) { handler, context, result in handler.read(result, context) })
        return !(self.writing?.isAsked ?? false)
    }

    private func read(_ result: Result<ListWriting.Piece, DoorError>, _ context: ChannelHandlerContext) {
        guard !self.isOver, let writing = self.writing else { return }
        switch result {
        case .failure(let error):
            // Half an answer cannot be called back.
            guard !writing.isOpen else { return context.close(promise: nil) }
            self.writing = nil
            self.write(answer: writing.separator + ControlLine.refusal(id: writing.id, error), context)
        case .success(let piece):
            var out = self.writing?.write(piece) ?? []
            if piece.isEmpty {
                if self.batch == nil { out.append(UInt8(ascii: "\n")) }
                self.writing = nil
            }
            self.write(ByteBuffer(bytes: out), context)
        }
        self.advance(context)
    }

    /// What is written in one go of the loop leaves together, unless it is flushed before.
    private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        context.write(self.wrapOutboundOut(buffer), promise: nil)
        guard !self.isFlushDue else { return }
        self.isFlushDue = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.0.isFlushDue = false
            bound.value.1.flush()
        }
    }
}
