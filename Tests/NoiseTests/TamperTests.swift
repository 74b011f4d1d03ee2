import Noise
import Testing

/// What a stranger in between may try.
@Suite struct TamperTests {
    private func pair() throws -> (HandshakeState, HandshakeState) {
        let settings = HandshakeState.Settings(pattern: try #require(Pattern("XXhfs")), kem: MLKEM768KEM(), prologue: [1, 2, 3])
        func keys(_ byte: UInt8) throws -> HandshakeState.Keys {
            .init(ephemeral: [UInt8](repeating: byte, count: 32), own: try StaticKeyPair(seed: [UInt8](repeating: byte + 1, count: 32)))
        }
        return (
            try HandshakeState(settings, isInitiator: true, keys: keys(1)),
            try HandshakeState(settings, isInitiator: false, keys: keys(3))
        )
    }

    @Test func everyTruncationAndManyFlipsOfEveryMessageAreRefused() throws {
        var (initiator, responder) = try self.pair()
        let one = try initiator.write([])
        var refused = 0
        let beforeOne = responder
        for length in 0..<one.count {
            var copy = beforeOne
            #expect(throws: NoiseError.self) { _ = try copy.read(Array(one.prefix(length))); _ = try copy.write([]) }
            refused += 1
        }
        _ = try responder.read(one)
        let two = try responder.write([UInt8](repeating: 7, count: 100))
        let beforeTwo = initiator
        for length in 0..<two.count {
            var copy = beforeTwo
            #expect(throws: NoiseError.self) { try copy.read(Array(two.prefix(length))) }
        }
        for bit in stride(from: 0, to: two.count * 8, by: 3) {
            var (copy, bad) = (beforeTwo, two)
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NoiseError.self) { try copy.read(bad) }
            #expect(throws: NoiseError.order) { try copy.write([]) }
        }
        _ = try initiator.read(two)
        let three = try initiator.write([9])
        let beforeThree = responder
        for bit in 0..<three.count * 8 {
            var (copy, bad) = (beforeThree, three)
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NoiseError.self) { try copy.read(bad) }
        }
        #expect(try responder.read(three) == [9])
        #expect(refused == 1_216)
    }

    @Test func aPointOfSmallOrderEndsTheHandshake() throws {
        for point in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31)] {
            var (initiator, responder) = try self.pair()
            var one = try initiator.write([])
            one.replaceSubrange(0..<32, with: point)
            _ = try responder.read(one)
            #expect(throws: NoiseError.zeroResult) { try responder.write([]) }
        }
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
            try sender.rekey()
            try receiver.rekey()
            #expect(sender.key == receiver.key && sender.counter == UInt64(round + 1))
        }
        #expect(sender.key != key)
    }

    @Test func aCounterIsTakenOnceAndTheLastOneNever() {
        var window = ReplayWindow()
        #expect(window.set(5_000) && !window.set(5_000))
        #expect(window.set(5_000 - 2_048) && !window.admits(5_000 - 2_049))
        #expect(!window.admits(.max) && window.set(.max - 1) && !window.set(5_001))
    }
}
