import Noise
import Testing

/// What a stranger in between may try.
@Suite struct TamperTests {
    private func pair() throws -> (HandshakeState, HandshakeState) {
        let settings = HandshakeState.Settings(
            pattern: try #require(Pattern("XXhfs")), kem: MLKEM768KEM(), prologue: [1, 2, 3])
        func keys(_ byte: UInt8) throws -> HandshakeState.Keys {
            .init(
                ephemeral: [UInt8](repeating: byte, count: 32),
                own: try StaticKeyPair(seed: [UInt8](repeating: byte + 1, count: 32)))
        }
        return (
            try HandshakeState(settings, isInitiator: true, keys: keys(1)),
            try HandshakeState(settings, isInitiator: false, keys: keys(3))
        )
    }

    /// Calls `body` with each bit of a message flipped.
    private func flips(of message: [UInt8], every step: Int = 1, _ body: ([UInt8]) throws -> Void) rethrows {
        var bad = message
        for bit in stride(from: 0, to: message.count * 8, by: step) {
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            try body(bad)
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    /// After a failure a handshake does nothing any more, whatever is asked of it.
    private func expectRefusal(_ state: HandshakeState, _ message: [UInt8], _ place: SourceLocation = #_sourceLocation)
    {
        var copy = state
        #expect(throws: NoiseError.self, sourceLocation: place) { try copy.read(message) }
        #expect(throws: NoiseError.order, sourceLocation: place) { try copy.read(message) }
        #expect(throws: NoiseError.order, sourceLocation: place) { try copy.write([]) }
        #expect(throws: NoiseError.order, sourceLocation: place) { try copy.finish() }
    }

    /// Message 1 is not sealed, so a flipped bit is found by the responder (the key is none) or by the initiator
    /// (another hash).
    @Test func aFlippedBitInMessageOneEndsTheHandshakeAtOneOfTheEnds() throws {
        var (initiator, responder) = try self.pair()
        let one = try initiator.write([])
        var (atResponder, atInitiator) = (0, 0)
        try self.flips(of: one, every: 7) { bad in
            var (other, own) = (responder, initiator)
            _ = try other.read(bad)
            guard let two = try? other.write([]) else {
                atResponder += 1
                return
            }
            #expect(throws: NoiseError.tag) { try own.read(two) }
            atInitiator += 1
        }
        #expect(atResponder > 0 && atInitiator > 0 && atResponder + atInitiator == (one.count * 8 + 6) / 7)
        _ = try responder.read(one)
    }

    @Test func everyFlippedBitOfTheSealedMessagesIsRefused() throws {
        var (initiator, responder) = try self.pair()
        _ = try responder.read(try initiator.write([]))
        let two = try responder.write([UInt8](repeating: 7, count: 512))
        #expect(two.count == 1_712)
        self.flips(of: two) { self.expectRefusal(initiator, $0) }
        #expect(try initiator.read(two).count == 512)
        let three = try initiator.write([UInt8](repeating: 8, count: 512))
        #expect(three.count == 576)
        self.flips(of: three) { self.expectRefusal(responder, $0) }
        #expect(try responder.read(three).count == 512)
    }

    @Test func everyTruncationAndAnyAdditionIsRefused() throws {
        var (initiator, responder) = try self.pair()
        let one = try initiator.write([])
        for length in 0..<one.count { self.expectRefusal(responder, Array(one.prefix(length))) }
        var longer = responder
        // What follows the keys of message 1 is a payload in the clear. The session takes none there; here it goes
        // into the hash.
        #expect(try longer.read(one + [1]) == [1])
        let answer = try longer.write([])
        var lied = initiator
        #expect(throws: NoiseError.tag) { try lied.read(answer) }
        _ = try responder.read(one)
        let two = try responder.write([7])
        for length in 0..<two.count { self.expectRefusal(initiator, Array(two.prefix(length))) }
        self.expectRefusal(initiator, two + [0])
        _ = try initiator.read(two)
        let three = try initiator.write([9])
        for length in 0..<three.count { self.expectRefusal(responder, Array(three.prefix(length))) }
        self.expectRefusal(responder, three + [0])
        self.expectRefusal(responder, [UInt8](repeating: 0, count: 65_536))
        #expect(try responder.read(three) == [9])
    }

    @Test func verbsOutOfTurnAreRefusedAndDoNoHarm() throws {
        var (initiator, responder) = try self.pair()
        #expect(throws: NoiseError.order) { try initiator.read([]) }
        #expect(throws: NoiseError.order) { try initiator.finish() }
        #expect(throws: NoiseError.order) { try responder.write([]) }
        let one = try initiator.write([])
        #expect(throws: NoiseError.order) { try initiator.write([]) }
        // Our own message thrown back at us is no answer.
        self.expectRefusal(initiator, one)
        _ = try responder.read(one)
        _ = try initiator.read(try responder.write([]))
        _ = try responder.read(try initiator.write([]))
        #expect(initiator.isFinished && responder.isFinished)
        #expect(throws: NoiseError.order) { try initiator.write([]) }
        #expect(throws: NoiseError.order) { try responder.read([]) }
        var (ours, theirs) = (try initiator.finish(), try responder.finish())
        #expect(ours.hash == theirs.hash && ours.exporter == theirs.exporter)
        var (send, receive) = (ours.send, theirs.receive)
        #expect(try receive.decrypt(send.encrypt([1, 2])) == [1, 2])
        (ours, theirs) = (theirs, ours)
        (send, receive) = (ours.send, theirs.receive)
        #expect(try receive.decrypt(send.encrypt([3])) == [3])
    }

    @Test func anotherPrologueOrNameIsAnotherHandshake() throws {
        var (initiator, responder) = try self.pair()
        var other = try HandshakeState(
            .init(pattern: #require(Pattern("XXhfs")), kem: MLKEM768KEM(), prologue: [1, 2, 4]), isInitiator: false,
            keys: .init(
                ephemeral: [UInt8](repeating: 3, count: 32), own: StaticKeyPair(seed: [UInt8](repeating: 4, count: 32)))
        )
        let one = try initiator.write([])
        _ = try other.read(one)
        self.expectRefusal(initiator, try other.write([]))
        _ = try responder.read(one)
        _ = try initiator.read(try responder.write([]))
    }

    @Test func aPointOfSmallOrderEndsTheHandshake() throws {
        let orderEight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
        let points = try [
            [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31), #require(bytes(hex: orderEight)),
            [UInt8](repeating: 0, count: 31) + [0x80], [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        ]
        for point in points {
            var (initiator, responder) = try self.pair()
            var one = try initiator.write([])
            var two = one
            one.replaceSubrange(0..<32, with: point)
            _ = try responder.read(one)
            #expect(throws: NoiseError.zeroResult) { try responder.write([]) }
            #expect(throws: NoiseError.order) { try responder.write([]) }
            two = [UInt8](repeating: 0, count: 1_712)
            two.replaceSubrange(0..<32, with: point)
            #expect(throws: NoiseError.zeroResult) { try initiator.read(two) }
            #expect(throws: NoiseError.zeroResult) {
                try StaticKeyPair(seed: [UInt8](repeating: 1, count: 32)).agree(point)
            }
        }
    }

    @Test func keysAndPatternsThatAreNoneAreErrors() throws {
        let short = [UInt8](repeating: 1, count: 31)
        #expect(throws: NoiseError.key) { try StaticKeyPair(seed: short) }
        #expect(throws: NoiseError.key) { try SigningKeyPair(seed: short) }
        #expect(throws: NoiseError.key) { try StaticKeyPair(seed: short + [1]).agree(short) }
        #expect(throws: NoiseError.key) { try CipherState(key: short) }
        #expect(!Ed25519.verify(short, of: [], key: short + [1]))
        for name in ["", "XY", "XXpsk4", "XXpsk-1", "XXpsk", "XX+", "IKhfs", "NNpsk99999999999999999999"] {
            #expect(Pattern(name) == nil || name == "XX+", "\(name)")
        }
        let ik = HandshakeState.Settings(pattern: try #require(Pattern("IK")), prologue: [])
        #expect(throws: NoiseError.key) {
            _ = try HandshakeState(ik, isInitiator: true, keys: .init(ephemeral: short + [1], remote: short))
        }
        #expect(throws: NoiseError.key) {
            _ = try HandshakeState(ik, isInitiator: true, keys: .init(ephemeral: short + [1]))
        }
        let psk = HandshakeState.Settings(pattern: try #require(Pattern("NNpsk0")), prologue: [])
        #expect(throws: NoiseError.key) {
            _ = try HandshakeState(psk, isInitiator: true, keys: .init(ephemeral: short + [1], psks: [short]))
        }
        var without = try HandshakeState(psk, isInitiator: true, keys: .init(ephemeral: short + [1]))
        #expect(throws: NoiseError.key) { try without.write([]) }
        let xx = HandshakeState.Settings(pattern: try #require(Pattern("XXhfs")), prologue: [])
        var withoutKEM = try HandshakeState(xx, isInitiator: true, keys: .init(ephemeral: short + [1]))
        #expect(throws: NoiseError.kem) { try withoutKEM.write([]) }
    }

    @Test func aCounterEndsAtTwoToTheSixtyThree() throws {
        let key = [UInt8](repeating: 5, count: 32)
        var sender = try CipherState(key: key, counter: 1 << 63 - 1)
        var receiver = sender
        let sealed = try sender.encrypt([1])
        #expect(try receiver.decrypt(sealed) == [1])
        #expect(throws: NoiseError.exhausted) { try sender.encrypt([2]) }
        #expect(throws: NoiseError.exhausted) { try receiver.decrypt(sealed) }
        #expect(sender.counter == 1 << 63 && receiver.counter == 1 << 63)
    }

    @Test(arguments: [Cipher.chaChaPoly, .aesGCM])
    func ciphersAgreeAfterRekeyAndRefuseWhatWasTouched(cipher: Cipher) throws {
        let key = [UInt8](repeating: 5, count: 32)
        var sender = try CipherState(key: key, cipher: cipher)
        var receiver = sender
        for round in 0..<3 {
            let sealed = try sender.encrypt(Array("round \(round)".utf8))
            var bad = sealed
            bad[0] ^= 1
            #expect(throws: NoiseError.tag) { try receiver.decrypt(bad) }
            #expect(throws: NoiseError.length) { try receiver.decrypt([UInt8](repeating: 0, count: 15)) }
            #expect(try receiver.decrypt(sealed) == Array("round \(round)".utf8))
            #expect(throws: NoiseError.tag) { try receiver.decrypt(sealed) }
            try sender.rekey()
            try receiver.rekey()
            #expect(sender.key == receiver.key && sender.counter == UInt64(round + 1))
        }
        #expect(sender.key != key)
    }

    /// Of each length around the sizes that ciphers work in: what was sealed where it stood is what was sealed into
    /// another place; one bit of anything changed is refused, and leaves nothing of the plaintext behind.
    @Test(arguments: [Cipher.chaChaPoly, .aesGCM], [0, 1, 15, 16, 17, 255, 16_383, 16_384, 16_385, 262_145])
    func sealingInPlaceIsSealingElsewhere(cipher: Cipher, count: Int) throws {
        let key = [UInt8](repeating: 5, count: 32)
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let sealed = try cipher.seal(plain, key: key, counter: 3)
        var (sender, receiver) = (
            try CipherState(key: key, cipher: cipher, counter: 3), try CipherState(key: key, cipher: cipher, counter: 3)
        )
        var message = plain + [UInt8](repeating: 0, count: Cipher.tagLength)
        try message.withUnsafeMutableBytes { try sender.seal(inPlace: $0) }
        #expect(message == sealed)
        for place in Set([0, count / 2, max(0, count - 1), count, count + 15]) {
            var bad = sealed
            bad[place] ^= 0x10
            #expect(throws: NoiseError.tag) { try bad.withUnsafeMutableBytes { try receiver.open(inPlace: $0) } }
            #expect(bad.prefix(count).allSatisfy { $0 == 0 })
            #expect(throws: NoiseError.tag) { try cipher.open(bad, key: key, counter: 3) }
        }
        for length in Set([0, 15, 16, count + 15]) where length < sealed.count {
            #expect(throws: NoiseError.self) { try receiver.decrypt(Array(sealed.prefix(length))) }
        }
        let others: [() throws -> [UInt8]] = [
            { try cipher.open(sealed, key: [6] + key.dropFirst(), counter: 3) },
            { try cipher.open(sealed, key: key, counter: 4) },
            { try cipher.open(sealed, key: key, counter: 3, ad: [1]) },
        ]
        for other in others { #expect(throws: NoiseError.tag) { try other() } }
        #expect(receiver.counter == 3)
        try message.withUnsafeMutableBytes { try receiver.open(inPlace: $0) }
        #expect(message.prefix(count).elementsEqual(plain))
    }
}
