import EarshotModel
import EarshotNetwork
import EarshotTesting
import EarshotWire
import NIOCore
import NIOPosix
import Noise
import Testing

/// Real sockets on loopback.
@Suite(.timeLimit(.minutes(5))) struct TransportTests {
    let samples: Samples
    let group = MultiThreadedEventLoopGroup.singleton
    init() throws { self.samples = try Samples() }

    struct Party {
        let transport: Transport
        let events: AsyncStream<TransportEvent>
        let port: UInt16
    }

    func party(_ identity: Identity, limits: TransportLimits = TransportLimits(), admission: Admission = Admission())
        async throws -> Party
    {
        let (events, post) = AsyncStream.makeStream(of: TransportEvent.self)
        let transport = Transport(identity: identity, group: self.group, admission: admission, limits: limits) {
            post.yield($0)
        }
        return Party(
            transport: transport, events: events, port: try await transport.listen(port: 0, loopbackOnly: true))
    }

    func endpoint(_ port: UInt16) throws -> Endpoint { try #require(Endpoint(address: [127, 0, 0, 1], port: port)) }

    func opened(_ party: Party) async throws -> (LinkID, Introduction) {
        for await event in party.events {
            if case .opened(let link, let introduction, _, _) = event { return (link, introduction) }
        }
        throw CancellationError()
    }

    func frame(_ party: Party, on wanted: LinkPath = .stream) async throws -> Frame {
        for await event in party.events { if case .frame(_, let frame, wanted) = event { return frame } }
        throw CancellationError()
    }

    @Test func twoLinesTalkByBothRoads() async throws {
        let anna = try await self.party(self.samples.anna)
        let bob = try await self.party(self.samples.bob)
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .device(self.samples.bob.device))
        let (toBob, introduction) = try await self.opened(anna)
        let (toAnna, _) = try await self.opened(bob)
        #expect(introduction.person == self.samples.bob.person)
        anna.transport.send([.profile(name: "Anna")], to: toBob)
        #expect(try await self.frame(bob) == .profile(name: "Anna"))
        bob.transport.hear(toAnna, envelopes: true)
        anna.transport.send(.typing(self.samples.conversation, on: true), datagramTo: toBob)
        #expect(try await self.frame(bob, on: .datagram) == .typing(self.samples.conversation, on: true))
        // Bob learned where Anna's datagrams come from.
        bob.transport.send(.ping(5), datagramTo: toAnna)
        #expect(try await self.frame(anna, on: .datagram) == .ping(5))
        let words = self.samples.words("one", "two")
        anna.transport.send([.envelopes(words.map(\.envelope))], to: toBob)
        for await event in bob.events {
            guard case .envelopes(_, let verified, _, .stream) = event else { continue }
            #expect(verified == words)
            break
        }
        anna.transport.close(toBob, .goingAway)
        for await event in bob.events {
            if case .closed(_, let end) = event {
                #expect(end == .byPeer(.goingAway))
                break
            }
        }
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    /// No word of why. Both ends wait equally long: on a busy machine either may be the first to give up.
    private func isSilence(_ failure: DialFailure) -> Bool { failure == .hungUp || failure == .timeout }

    @Test func callsThatLeadNowhereSaySo() async throws {
        let anna = try await self.party(self.samples.anna)
        let bob = try await self.party(self.samples.bob)
        func failure(_ endpoint: Endpoint, _ expectation: EarshotWire.Expectation) async -> DialFailure? {
            anna.transport.dial(DialID(raw: 9), endpoint, expecting: expectation)
            for await event in anna.events { if case .dialFailed(_, _, let failure) = event { return failure } }
            return nil
        }
        guard case .unreachable? = await failure(try self.endpoint(1), .anyone) else {
            Issue.record("nobody listens there")
            return
        }
        let wrong = await failure(try self.endpoint(bob.port), .device(self.samples.anna.device))
        #expect(wrong.map(self.isSilence) ?? false)
        #expect(await failure(try self.endpoint(anna.port), .anyone) == .notWanted)
        await #expect(throws: (any Error).self) { try await anna.transport.listen(port: bob.port, loopbackOnly: true) }
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    /// Slowloris: many half-open transports are cut by their deadline, and meanwhile somebody real gets in.
    @Test func halfOpenLinesAreFewAndShort() async throws {
        var limits = TransportLimits()
        limits.handshakeDeadline = 3_000
        limits.halfOpenPerSource = 8
        let bob = try await self.party(self.samples.bob, limits: limits)
        let anna = try await self.party(self.samples.anna)
        var channels: [any Channel] = []
        for _ in 0..<7 {
            channels.append(
                try await ClientBootstrap(group: self.group).connect(
                    to: SocketAddress(ipAddress: "127.0.0.1", port: Int(bob.port))
                ).get())
        }
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .anyone)
        _ = try await self.opened(anna)
        for channel in channels { try await channel.closeFuture.get() }
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    @Test func whoFloodsIsNotReadUntilWeCaughtUp() async throws {
        var limits = TransportLimits()
        limits.outstanding = 16
        limits.unread = 64 << 20
        let anna = try await self.party(self.samples.anna, limits: limits)
        let bob = try await self.party(self.samples.bob, limits: limits)
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .anyone)
        let (toBob, _) = try await self.opened(anna)
        let (toAnna, _) = try await self.opened(bob)
        for number in 0..<20_000 {
            anna.transport.send([.request(text: "\(number) " + String(repeating: "x", count: 900))], to: toBob)
        }
        var heard = 0
        for await event in bob.events {
            guard case .frame = event else { continue }
            heard += 1
            bob.transport.consumed(toAnna, events: 1)
            if heard == 20_000 { break }
        }
        #expect(heard == 20_000)
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    @Test func whoDoesNotReadWhatHeIsToldIsLetGo() async throws {
        var limits = TransportLimits()
        limits.unread = 1 << 20
        let anna = try await self.party(self.samples.anna, limits: limits)
        limits.outstanding = 1
        let bob = try await self.party(self.samples.bob, limits: limits)
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .anyone)
        let (toBob, _) = try await self.opened(anna)
        // Bob takes one frame and no more; what the system's buffers do not hold piles up at Anna's, to a limit.
        for _ in 0..<20_000 { anna.transport.send([.request(text: String(repeating: "x", count: 1_000))], to: toBob) }
        for await event in anna.events {
            guard case .closed(toBob, let end) = event else { continue }
            #expect(end == .byUs(.tooMany))
            break
        }
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    /// Many envelopes are read beside the loop; what follows them waits for them, the end of the transport too.
    @Test func whatComesWithManyEnvelopesIsToldInOrder() async throws {
        let anna = try await self.party(self.samples.anna)
        let bob = try await self.party(self.samples.bob)
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .anyone)
        let (toBob, _) = try await self.opened(anna)
        let (toAnna, _) = try await self.opened(bob)
        bob.transport.hear(toAnna, envelopes: true)
        // Bob listens from now on.
        anna.transport.send([.profile(name: "Anna")], to: toBob)
        bob.transport.send([.profile(name: "Bob")], to: toAnna)
        #expect(try await self.frame(anna) == .profile(name: "Bob"))
        let words = self.samples.chain((0..<600).map { .text(.init("word \($0)")) })
        for start in stride(from: 0, to: 600, by: 30) {
            anna.transport.send(
                [.envelopes(words[start..<start + 30].map(\.envelope)), .profile(name: "\(start + 30)")], to: toBob)
        }
        anna.transport.close(toBob, .goingAway)
        var heard: [VerifiedEnvelope] = []
        for await event in bob.events {
            switch event {
            case .envelopes(_, let verified, _, .stream): heard += verified
            case .frame(_, .profile(let name, _), _) where name != "Anna": #expect(name == "\(heard.count)")
            case .closed(_, let end):
                #expect(end == .byPeer(.goingAway) && heard == words)
                await anna.transport.shutdown()
                await bob.transport.shutdown()
                return
            default: continue
            }
        }
    }

    /// One forged signature among many: what came before it counts, nothing behind it, and only this transport ends.
    @Test(arguments: [1, 40]) func aForgedEnvelopeEndsItsLine(count: Int) async throws {
        let anna = try await self.party(self.samples.anna)
        let bob = try await self.party(self.samples.bob)
        anna.transport.dial(DialID(raw: 1), try self.endpoint(bob.port), expecting: .anyone)
        let (toBob, _) = try await self.opened(anna)
        let (toAnna, _) = try await self.opened(bob)
        bob.transport.hear(toAnna, envelopes: true)
        bob.transport.send([.profile(name: "Bob")], to: toAnna)
        #expect(try await self.frame(anna) == .profile(name: "Bob"))
        let words = self.samples.chain((0..<3 * count).map { .text(.init("word \($0)")) }).map(\.envelope)
        var wire = words[2 * count - 1].wire
        wire[wire.count - 1] ^= 1
        let forged = words[count..<2 * count - 1] + [try Envelope(decoding: wire)]
        anna.transport.send(
            [.envelopes(Array(words[..<count])), .envelopes(Array(forged)), .envelopes(Array(words[(2 * count)...]))],
            to: toBob)
        var heard = 0
        for await event in bob.events {
            if case .envelopes(_, let verified, _, .stream) = event { heard += verified.count }
            guard case .closed(_, let end) = event else { continue }
            #expect(heard == count && end == .violated(.badSignature("envelope")))
            break
        }
        for await event in anna.events {
            if case .closed(_, let end) = event {
                #expect(end == .byPeer(.protocolError))
                break
            }
        }
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    /// Whoever opens a connection and speaks, but does not know the key, hears not one byte.
    @Test func aPrivateNodeIsMuteToStrangers() async throws {
        let key = try #require(DiscoveryKey([UInt8](repeating: 7, count: 32)))
        let bob = try await self.party(
            self.samples.bob, admission: Admission(gate: Gate(isOpen: false, key: key)))
        let anna = try await self.party(self.samples.anna)
        let device = self.samples.bob.device
        func failure(_ number: UInt64, _ expectation: EarshotWire.Expectation) async throws -> DialFailure? {
            anna.transport.dial(DialID(raw: number), try self.endpoint(bob.port), expecting: expectation)
            for await event in anna.events { if case .dialFailed(_, _, let failure) = event { return failure } }
            return nil
        }
        for (number, expectation) in [(1, EarshotWire.Expectation.anyone), (2, .device(device))] {
            let silence = try await failure(UInt64(number), expectation)
            #expect(silence.map(self.isSilence) ?? false)
        }
        // A file's call by the wrong key tries once more as anybody, and is not answered either.
        let channel = await withCheckedContinuation { told in
            guard let endpoint = try? self.endpoint(bob.port) else { return told.resume(returning: true) }
            anna.transport.dialBulk(endpoint, device) { told.resume(returning: $0 != nil) }
        }
        #expect(!channel)

        let (_, hello) = try Session.calling(
            .keyed(device, key),
            .init(
                identity: self.samples.anna, admission: Admission(), ephemeralSeed: [UInt8](repeating: 1, count: 32),
                datagramIndex: 1, hasAES: false, unixSeconds: 1_700_000_000))
        var strange = hello
        strange[20] ^= 1
        let speeches = [
            [0x47, 0x45, 0x54], strange, [UInt8](repeating: 0, count: 2_000), Array(hello.prefix(12)) + [1],
        ]
        for speech in speeches where speech.count > 20 || speech[0] == 0x47 {
            #expect(try await self.heard(bob.port, speech) == 0)
        }
        #expect(try await self.heard(bob.port, hello) == 1_714, "who knows it is answered")
        #expect(try await self.heard(bob.port, hello) == 0, "once: who recorded that is a stranger")
        anna.transport.dial(DialID(raw: 9), try self.endpoint(bob.port), expecting: .keyed(device, key))
        #expect(try await self.opened(anna).1.device == device)
        await anna.transport.shutdown()
        await bob.transport.shutdown()
    }

    /// How many bytes come back until the other end closes, or has said as much as message 2.
    private func heard(_ port: UInt16, _ speech: [UInt8]) async throws -> Int {
        let count = self.group.next().makePromise(of: Int.self)
        let channel = try await ClientBootstrap(group: self.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Speaker(speech, enough: 1_714, heard: count))
            }
        }.connect(host: "127.0.0.1", port: Int(port)).get()
        let heard = try await count.futureResult.get()
        try? await channel.close().get()
        return heard
    }
}

/// Says one thing as soon as somebody is there, and counts what comes back: on the event loop, where a deadline for
/// handshakes is kept as well.
private final class Speaker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let speech: [UInt8]
    private let enough: Int
    private let heard: EventLoopPromise<Int>
    private var count = 0

    init(_ speech: [UInt8], enough: Int, heard: EventLoopPromise<Int>) {
        self.speech = speech
        self.enough = enough
        self.heard = heard
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: self.speech)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.count += self.unwrapInboundIn(data).readableBytes
        if self.count >= self.enough { self.heard.succeed(self.count) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.heard.succeed(self.count) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
