import EarshotModel
import EarshotTesting
import NIOCore
import Testing

@testable import EarshotWire

/// Who gets an answer to a first message (Protocol.md 3), as bytes in and bytes out.
@Suite struct GateTests {
    let samples: Samples
    let key: DiscoveryKey
    init() throws {
        self.samples = try Samples()
        self.key = try #require(DiscoveryKey([UInt8](repeating: 7, count: 32)))
    }

    private func hello(_ expectation: EarshotWire.Expectation, _ byte: UInt8 = 21) throws -> [UInt8] {
        try Session.calling(expectation, self.settings(self.samples.anna, byte)).hello
    }

    private func settings(
        _ identity: Identity, _ byte: UInt8, gate: Gate = Gate(),
        isFirst: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }
    ) -> Session.Settings {
        .init(
            identity: identity, admission: Admission(gate: gate), ephemeralSeed: [UInt8](repeating: byte, count: 32),
            datagramIndex: UInt64(byte), hasAES: true, unixSeconds: 1_700_000_000, isFirst: isFirst)
    }

    /// What Bob answers, in bytes.
    private func answer(
        _ hello: [UInt8], _ gate: Gate, isFirst: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }
    ) -> Int {
        var bob = Session(answering: self.settings(self.samples.bob, 22, gate: gate, isFirst: isFirst))
        var buffer = ByteBuffer(bytes: hello)
        return bob.receive(&buffer).reduce(0) { if case .write(let bytes) = $1 { $0 + bytes.count } else { $0 } }
    }

    @Test func aClosedGateAnswersThoseWhoKnowTheKeyAndNobodyElse() throws {
        let bob = self.samples.bob.device
        let other = try #require(DiscoveryKey([UInt8](repeating: 8, count: 32)))
        let strangers: [EarshotWire.Expectation] = [
            .device(bob), .shortID(bob.shortID), .anyone, .keyed(bob, other),
            .shortID(Derive.tag(self.key, epoch: 1_888_888).text),
        ]
        let closed = Gate(isOpen: false, key: self.key)
        for one in strangers {
            #expect(self.answer(try self.hello(one), closed) == 0, "\(one)")
            #expect(self.answer(try self.hello(one), .shut) == 0)
        }
        #expect(self.answer(try self.hello(.keyed(bob, self.key)), closed) == 1_714)
        #expect(self.answer(try self.hello(.keyed(bob, self.key)), .shut) == 0)
        // While it is open, either will do.
        let open = Gate(key: self.key)
        for one in strangers.prefix(3) + [.keyed(bob, self.key)] {
            #expect(self.answer(try self.hello(one), open) == 1_714)
        }
        #expect(self.answer(try self.hello(.keyed(bob, self.key)), Gate()) == 0, "it has no key")
    }

    @Test func everyBitOfAKeyedHelloCounts() throws {
        let closed = Gate(isOpen: false, key: self.key)
        let hello = try self.hello(.keyed(self.samples.bob.device, self.key))
        for bit in stride(from: 0, to: hello.count * 8, by: 3) {
            var bad = hello
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(self.answer(bad, closed) == 0, "bit \(bit)")
        }
    }

    @Test func aHelloThatComesAgainIsAnsweredByAnOpenGateOnly() throws {
        let hello = try self.hello(.keyed(self.samples.bob.device, self.key))
        #expect(self.answer(hello, Gate(isOpen: false, key: self.key), isFirst: { _ in false }) == 0)
        #expect(self.answer(hello, Gate(key: self.key), isFirst: { _ in false }) == 1_714)
    }

    @Test func theLatestHellosAreRememberedAndNoMore() {
        var passed = PassedHellos()
        func gate(_ number: Int) -> [UInt8] {
            [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
                + [UInt8](repeating: 0, count: 14)
        }
        for number in 0..<Limits.passedHellos {
            let isFirst = passed.isFirst(gate(number))
            #expect(isFirst)
        }
        for number in [0, 1, Limits.passedHellos - 1] {
            let isFirst = passed.isFirst(gate(number))
            #expect(!isFirst)
        }
        let more = [passed.isFirst(gate(50_000)), passed.isFirst(gate(0)), passed.isFirst(gate(2))]
        #expect(more == [true, true, false], "the oldest made room")
        let isGate = passed.isFirst([1, 2, 3])
        #expect(!isGate)
    }

    @Test func aTagIsTenBytesOfAHashAndAKeyIsShownToNobody() throws {
        let tag = Derive.tag(self.key, epoch: 1_888_888)
        #expect(tag != Derive.tag(self.key, epoch: 1_888_889) && tag.text.count == 16)
        #expect(AdvertTag(tag.text) == tag)
        for bad in ["", "abc", tag.text + "a", tag.text.uppercased(), "abcdefghijklmn01"] {
            #expect(AdvertTag(bad) == nil)
        }
        #expect("\(self.key)" == "a discovery key" && DiscoveryKey(text: self.key.text) == self.key)
        #expect(DiscoveryKey(text: "no") == nil)
    }
}
