import EarshotModel
import EarshotTesting
import EarshotWire
import NIOCore
import Noise
import Testing

/// Two sessions back to back, with nothing between them but us.
@Suite struct SessionTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    func settings(_ identity: Identity, _ byte: UInt8, admission: Admission = Admission(), aes: Bool = true)
        -> Session.Settings
    {
        .init(
            identity: identity, admission: admission, ephemeralSeed: [UInt8](repeating: byte, count: 32),
            datagramIndex: UInt64(byte), hasAES: aes,
            unixSeconds: 1_700_000_000)
    }

    struct Pair {
        var anna: Session
        var bob: Session
        var introduction: (anna: Introduction, bob: Introduction)
        var datagrams: (anna: Datagrams, bob: Datagrams)
    }

    /// `#require` for what a mutating call returns.
    func need<T>(_ value: T?) throws -> T { try #require(value) }

    func written(_ actions: [Session.Action]) -> [UInt8] {
        actions.flatMap { action -> [UInt8] in if case .write(let bytes) = action { bytes } else { [] } }
    }

    func end(_ actions: [Session.Action]) -> Session.End? {
        actions.compactMap { if case .end(let end) = $0 { end } else { nil } }.first
    }

    func connect(_ expectation: EarshotWire.Expectation? = nil, annaAES: Bool = true) throws -> Pair {
        var (anna, hello) = try Session.calling(
            expectation ?? .device(self.samples.bob.device), self.settings(self.samples.anna, 21, aes: annaAES))
        var bob = Session(answering: self.settings(self.samples.bob, 22))
        var toBob = ByteBuffer(bytes: hello)
        var toAnna = ByteBuffer(bytes: self.written(bob.receive(&toBob)))
        var third = ByteBuffer(bytes: self.written(anna.receive(&toAnna)))
        #expect(!anna.isOpen, "until Ready was read the initiator is not open")
        let atBob = bob.receive(&third)
        var ready = ByteBuffer(bytes: self.written(atBob))
        let atAnna = anna.receive(&ready)
        func opened(_ actions: [Session.Action]) throws -> (Introduction, Datagrams) {
            try self.need(
                actions.compactMap {
                    if case .opened(let introduction, let datagrams) = $0 { (introduction, datagrams) } else { nil }
                }.first)
        }
        let (one, two) = (try opened(atAnna), try opened(atBob))
        return Pair(anna: anna, bob: bob, introduction: (one.0, two.0), datagrams: (one.1, two.1))
    }

    @Test func theyKnowEachOtherAndHearEveryFrame() throws {
        var pair = try self.connect()
        #expect(
            pair.introduction.anna.device == self.samples.bob.device
                && pair.introduction.bob.person == self.samples.anna.person)
        #expect(
            pair.introduction.anna.handshakeHash == pair.introduction.bob.handshakeHash
                && pair.introduction.anna.cipher == "AES-256-GCM")
        pair.bob.hearsEnvelopes = true
        for frame in self.samples.frames where frame != .ready && frame.type != 0 {
            var wire = ByteBuffer()
            _ = pair.anna.send([frame], into: &wire)
            let actions = pair.bob.receive(&wire)
            switch (frame, actions.first) {
            case (.envelopes(let envelopes), .envelopes(let unread)?):
                let (verified, others) = try unread.read()
                #expect(verified.map(\.envelope) == envelopes && others.isEmpty)
            case (_, .frame(let heard)?): #expect(heard == frame)
            default: Issue.record("\(frame) was not heard")
            }
        }
    }

    @Test func withoutAESOnBothSidesItIsChaCha() throws {
        #expect(try self.connect(annaAES: false).introduction.bob.cipher == "ChaCha20-Poly1305")
    }

    @Test func anAdvertAnAddressAndAKeyAllLeadThere() throws {
        _ = try self.connect(.shortID(self.samples.bob.device.shortID))
        _ = try self.connect(.anyone)
    }

    @Test func byteByByteIsTheSame() throws {
        var (anna, hello) = try Session.calling(.anyone, self.settings(self.samples.anna, 21))
        var bob = Session(answering: self.settings(self.samples.bob, 22))
        var buffer = ByteBuffer()
        var answer: [UInt8] = []
        for byte in hello {
            buffer.writeInteger(byte)
            answer += self.written(bob.receive(&buffer))
        }
        #expect(answer.count == 1_714 && hello.count == 1_250)
        var toAnna = ByteBuffer(bytes: answer)
        #expect(self.written(anna.receive(&toAnna)).count == 578)
    }

    @Test func aWrongGateGetsNoByteAndNoWork() throws {
        let (_, hello) = try Session.calling(.device(self.samples.anna.device), self.settings(self.samples.anna, 21))
        var bob = Session(answering: self.settings(self.samples.bob, 22))
        var buffer = ByteBuffer(bytes: hello)
        let actions = bob.receive(&buffer)
        #expect(self.written(actions).isEmpty && self.end(actions) == .violated(.handshake("gate")))
    }

    @Test func everyTouchedByteOfTheHandshakeEndsIt() throws {
        let (anna, hello) = try Session.calling(.anyone, self.settings(self.samples.anna, 21))
        func answers(_ bytes: [UInt8]) -> [Session.Action] {
            var bob = Session(answering: self.settings(self.samples.bob, 22))
            var buffer = ByteBuffer(bytes: bytes)
            return bob.receive(&buffer)
        }
        for bit in stride(from: 0, to: hello.count * 8, by: 1) {
            var bad = hello
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(self.written(answers(bad)).isEmpty, "bit \(bit)")
        }
        for length in stride(from: 0, to: hello.count, by: 7) {
            #expect(self.written(answers(Array(hello.prefix(length)))).isEmpty)
        }
        let two = self.written(answers(hello))
        for bit in stride(from: 0, to: two.count * 8, by: 37) {
            var (copy, bad) = (anna, two)
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            var buffer = ByteBuffer(bytes: bad)
            #expect(self.written(copy.receive(&buffer)).isEmpty, "bit \(bit)")
        }
    }

    @Test func whoIsBlockedOrSomeoneElseIsTurnedAway() throws {
        func meet(_ admission: Admission, calling expectation: EarshotWire.Expectation = .anyone) throws -> Session
            .End?
        {
            var (anna, hello) = try Session.calling(
                expectation, self.settings(self.samples.anna, 21, admission: admission))
            var bob = Session(answering: self.settings(self.samples.bob, 22))
            var buffer = ByteBuffer(bytes: hello)
            var answer = ByteBuffer(bytes: self.written(bob.receive(&buffer)))
            let actions = anna.receive(&answer)
            #expect(self.written(actions).isEmpty, "an impostor does not learn who calls")
            return self.end(actions)
        }
        #expect(try meet(Admission(blocked: [self.samples.bob.person])) == .notWanted)
        #expect(try meet(Admission(wireVersions: [self.samples.bob.person: 2])) == .violated(.downgrade))
        let expired = Admission(clockIsTrusted: true)
        var late = self.settings(self.samples.anna, 21, admission: expired)
        late = .init(
            identity: late.identity, admission: expired, ephemeralSeed: late.ephemeralSeed, datagramIndex: 5,
            hasAES: true,
            unixSeconds: 1_700_000_000 + 500 * 86_400)
        var (anna, hello) = try Session.calling(.anyone, late)
        var bob = Session(answering: self.settings(self.samples.bob, 22))
        var buffer = ByteBuffer(bytes: hello)
        var answer = ByteBuffer(bytes: self.written(bob.receive(&buffer)))
        #expect(self.end(anna.receive(&answer)) == .violated(.identity("an expired certificate")))
    }

    @Test func keysChangeEverySixteenThousandFramesInBothDirections() throws {
        var pair = try self.connect()
        for count in 0..<(1 << 14) + 3 {
            var wire = ByteBuffer()
            _ = pair.anna.send([.ping(UInt64(count))], into: &wire)
            _ = pair.bob.send([.pong(UInt64(count))], into: &wire)
            // Two streams in one buffer: split them by their lengths.
            let length = Int(wire.getInteger(at: 0, as: UInt16.self) ?? 0) + 2
            var toBob = try self.need(wire.readSlice(length: length))
            guard case .frame(.ping(UInt64(count)))? = pair.bob.receive(&toBob).first,
                case .frame(.pong(UInt64(count)))? = pair.anna.receive(&wire).first
            else {
                Issue.record("frame \(count) was not heard")
                return
            }
        }
    }

    @Test func framesThatAreNoneEndTheSession() throws {
        for bad in [
            [0, 0], [0, 16] + [UInt8](repeating: 0, count: 16), [0, 17] + [UInt8](repeating: 0, count: 17),
            [0xFF, 0xFF] + [UInt8](repeating: 0, count: 65_535),
        ] as [[UInt8]] {
            var pair = try self.connect()
            var buffer = ByteBuffer(bytes: bad)
            #expect(self.end(pair.bob.receive(&buffer)) != nil)
            #expect(pair.bob.isClosed)
        }
        var pair = try self.connect()
        var wire = ByteBuffer()
        _ = pair.anna.send([.ignorable(type: 0x80), .ignorable(type: 0x7F)], into: &wire)
        #expect(self.end(pair.bob.receive(&wire)) == .violated(.unknownFrame(0x7F)))
    }

    @Test func aStrangersEnvelopesAreNotEvenRead() throws {
        var pair = try self.connect()
        var wire = ByteBuffer()
        pair.anna.send(envelopes: [1, 2, 3], into: &wire)
        #expect(pair.bob.receive(&wire).isEmpty && pair.bob.isOpen)
        pair.bob.hearsEnvelopes = true
        pair.anna.send(envelopes: [1, 2, 3], into: &wire)
        guard case .envelopes(let unread)? = pair.bob.receive(&wire).first else {
            Issue.record("not heard")
            return
        }
        do throws(ProtocolError) {
            _ = try unread.read()
            Issue.record("that was no envelope")
        } catch {
            #expect(self.end(pair.bob.refuse(error)) == .violated(error) && pair.bob.isClosed)
        }
        // Whatever is found out behind it, the line ends once.
        #expect(pair.bob.receive(&wire).isEmpty)
    }

    @Test func datagramsCountOnceAndSayNothingToStrangers() throws {
        var pair = try self.connect()
        let first = try self.need(pair.datagrams.anna.seal(.ping(7), now: 0))
        #expect(Datagrams.index(of: first) == 22)
        #expect(pair.datagrams.bob.open(first, now: 0)?.plaintext.prefix(3) == [0, 3, 2])
        #expect(pair.datagrams.bob.open(first, now: 0) == nil, "a replay")
        for bit in 0..<first.count * 8 {
            var bad = first
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(pair.datagrams.bob.open(bad, now: 0) == nil)
        }
        for length in 0..<first.count { #expect(pair.datagrams.bob.open(Array(first.prefix(length)), now: 0) == nil) }
        let second = try self.need(pair.datagrams.anna.seal(.ping(8), now: 0))
        #expect(pair.datagrams.bob.open(second, now: 0) != nil, "forgeries have not moved the window")
        // A new epoch, and for a while the one before.
        let old = try self.need(pair.datagrams.anna.seal(.ping(9), now: 899_999))
        let new = try self.need(pair.datagrams.anna.seal(.ping(10), now: 900_000))
        #expect(pair.datagrams.bob.open(new, now: 900_001)?.isNewest == true)
        #expect(pair.datagrams.bob.open(old, now: 900_002) != nil)
        // A way that was blocked for three epochs works again; one that jumps further does not.
        var late = pair
        for at in [1_800_000, 2_700_000, 3_600_000] as [UInt64] { _ = late.datagrams.anna.seal(.ping(11), now: at) }
        let afterwards = try self.need(late.datagrams.anna.seal(.ping(12), now: 3_600_001))
        #expect(late.datagrams.bob.open(afterwards, now: 3_600_001) != nil)
        for at in 5...9 as ClosedRange<UInt64> { _ = pair.datagrams.anna.seal(.ping(11), now: at * 900_000) }
        let far = try self.need(pair.datagrams.anna.seal(.ping(12), now: 8_100_001))
        #expect(pair.datagrams.bob.open(far, now: 8_100_001) == nil)
        let older = try self.need(
            pair.datagrams.anna.seal(.request(text: String(repeating: "x", count: 1_000)), now: 900_003))
        #expect(older.count <= 1_200)
        #expect(pair.datagrams.anna.seal(.manifestGive([UInt8](repeating: 0, count: 1_200)), now: 900_004) == nil)
    }
}
