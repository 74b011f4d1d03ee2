import EarshotModel
import EarshotTesting
import Foundation
import Noise
import Testing

@testable import EarshotNetwork
@testable import EarshotWire

/// One stream over several subflows, each as slow or as fast as it likes (Protocol.md 13).
@Suite(.timeLimit(.minutes(5))) struct SubflowsTests {
    typealias Ends = (giver: BulkChannel, taker: BulkChannel)

    /// Both ends of a line, over a socket that takes little at a time.
    func line(_ number: Int) throws -> Ends {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        for end in ends {
            var size: Int32 = 1 << (12 + Int32(number % 6))
            setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let payload = HandshakePayload(
            certificate: try Samples().anna.certificate, manifestVersion: 1, manifestHash: .zero, datagramIndex: 0,
            features: HandshakePayload.bulk)
        let introduction = Introduction(
            peer: payload, isInitiator: true, handshakeHash: [UInt8](repeating: UInt8(number), count: 32),
            cipher: "ChaCha20-Poly1305", isBulk: true)
        func end(_ descriptor: Int32, _ send: UInt8, _ receive: UInt8) throws -> BulkChannel {
            let (send, receive) = (
                try CipherState(key: [UInt8](repeating: send, count: 32)),
                try CipherState(key: [UInt8](repeating: receive, count: 32))
            )
            return try #require(
                BulkChannel(
                    descriptor: descriptor, introduction: introduction, send: send, receive: receive, leftover: []))
        }
        return (try end(ends[0], 1, 2), try end(ends[1], 2, 1))
    }

    private static func byte(_ offset: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 0x9E37_79B9 >> 7) }

    /// Gives `length` bytes; the lines beside the first come in one after the other.
    private static func give(_ lines: [Ends], _ length: UInt64, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let subflows = Subflows(lines[0].giver)
        var beside = lines.dropFirst().map(\.giver)[...]
        var offset: UInt64 = 0
        while offset < length {
            if offset > 300_000 {
                if !subflows.isReordering {
                    try subflows.main.send(.more(beside.count))
                    subflows.expectMore()
                }
                if let next = beside.popFirst() { subflows.add(next) }
            }
            let subflow = try subflows.writable()
            let count = min(length - offset, UInt64.random(in: 1...UInt64(Subflows.portion), using: &random))
            let room = try subflow.room
            for index in 0..<count { room[Int(index)] = Self.byte(offset + index) }
            try subflows.sendData(Int(count), at: offset, on: subflow)
            offset += count
        }
        try subflows.flush()
        try subflows.main.send(.end(at: length))
        _ = try subflows.main.receive(within: 60_000)
    }

    @Test(arguments: 0..<6 as Range<UInt64>) func whatGoesApartComesTogether(seed: UInt64) async throws {
        let lines = try (0..<Int(2 + seed)).map(self.line)
        let length: UInt64 = 4_000_000
        let shared = lines
        let giving = Task.detached { try await Self.onThread { try Self.give(shared, length, seed: seed) } }
        let subflows = Subflows(lines[0].taker)
        subflows.length = length
        let came = try await Self.onThread {
            var offset: UInt64 = 0
            var wrong = 0
            var end: UInt64?
            while end == nil {
                guard let incoming = try subflows.receive(at: offset, until: .max) else { continue }
                switch incoming {
                case .data(let data, let at):
                    if at != nil, at != offset { wrong += 1 }
                    data.withBytes { data in
                        for (index, byte) in data.enumerated() where byte != Self.byte(offset + UInt64(index)) {
                            wrong += 1
                        }
                    }
                    offset += UInt64(data.count)
                case .frame(.more):
                    subflows.expectMore()
                    // The last that was opened is the first that is known here.
                    for line in shared.dropFirst().reversed() { subflows.add(line.taker) }
                case .frame(.end(let at)): end = at
                case .frame: wrong += 1
                }
            }
            try subflows.main.send(.have(at: offset))
            return (offset, wrong)
        }
        try await giving.value
        #expect(came == (length, 0))
    }

    /// Words belong on the first line; data that are not due are waited for, not taken.
    @Test func onlyWhatIsDueIsTaken() async throws {
        let (first, second) = (try self.line(5), try self.line(5))
        let subflows = Subflows(first.taker)
        subflows.length = 100
        subflows.expectMore()
        subflows.add(second.taker)
        try first.giver.room[0] = 1
        try second.giver.room[0] = 2
        try first.giver.sendData(1, at: 51)
        try first.giver.send(.end(at: 52))
        try first.giver.send(.stop(.busy, ""))
        first.taker.bell.ring()
        #expect(try subflows.receive(at: 50, until: .max) == nil)
        try second.giver.sendData(1, at: 50)
        guard case .data(let bytes, at: 50) = try #require(try subflows.receive(at: 50, until: .max)) else {
            Issue.record("not the data")
            return
        }
        bytes.withBytes { #expect(Array($0) == [2]) }
        guard case .data(_, at: 51) = try #require(try subflows.receive(at: 51, until: .max)) else {
            Issue.record("not the data")
            return
        }
        guard case .frame(.end(52)) = try #require(try subflows.receive(at: 52, until: .max)) else {
            Issue.record("not the end")
            return
        }
        try second.giver.send(.have(at: 1))
        #expect(throws: BulkChannel.Failure.violated(.unexpected("words on a subflow for data"))) {
            while try subflows.receive(at: 52, until: .max) != nil {}
        }
    }

    /// A line that was opened in vain is left out, at either end; one that has carried something is missed.
    @Test func aLineThatCarriedNothingMayGo() throws {
        let first = try self.line(5)
        let giving = Subflows(first.giver)
        let taking = Subflows(first.taker)
        taking.length = 100
        taking.expectMore()
        do {
            let (gone, alsoGone) = (try self.line(5), try self.line(5))
            giving.add(gone.giver)
            taking.add(alsoGone.taker)
        }
        for offset in 0..<20 as Range<UInt64> {
            let line = try giving.writable()
            try line.sendData(1, at: offset)
            guard case .data(_, at: offset) = try #require(try taking.receive(at: offset, until: .max)) else {
                Issue.record("not the data")
                return
            }
        }
        #expect(giving.isSingle && taking.isSingle)
        do {
            let second = try self.line(5)
            taking.add(second.taker)
            try second.giver.sendData(1, at: 20)
            guard case .data(_, at: 20) = try #require(try taking.receive(at: 20, until: .max)) else {
                Issue.record("not the data")
                return
            }
        }
        #expect(throws: BulkChannel.Failure.self) { _ = try taking.receive(at: 21, until: .max) }
    }

    static func onThread<T>(_ body: @escaping () throws -> T) async throws -> T {
        nonisolated(unsafe) let body = body
        return try await withCheckedThrowingContinuation { continuation in
            Thread {
                nonisolated(unsafe) let result = Result { try body() }
                continuation.resume(with: result)
            }.start()
        }
    }
}
