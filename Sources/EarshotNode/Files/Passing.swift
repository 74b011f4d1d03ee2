import EarshotModel
import EarshotNetwork
import EarshotProtocol
import EarshotVault
import FoundationEssentials

/// Giving what somebody else has offered, with his proofs, while it still comes (Protocol.md 13).
struct Passing {
    /// Ms.
    private static let beginning: UInt64 = 10_000
    private static let patience = Limits.receiverSilence
    /// Between looks whether more has come.
    private static let glance: UInt64 = 3

    let transfer: Transfer
    let relay: Relay
    let throttle: Throttle

    func run(_ porter: Porter, _ line: BulkLine) throws -> BulkEnd {
        let until = uptime() + Self.beginning
        while self.relay.source == nil, uptime() < until, !porter.isHalted {
            _ = try line.receive(orNothingWithin: Self.glance)
        }
        guard let source = self.relay.source else {
            try line.send(.stop(.busy, ""))
            return .halted
        }
        guard source.isProven else {
            try line.send(.stop(.notOffered, ""))
            return .halted
        }
        self.relay.recall(self.transfer)
        try line.send(.source(source))
        var pulls = PullQueue(length: source.length, isProven: true)
        let files = Reader(self.relay)
        while true {
            guard let pull = pulls.first else {
                if let end = try pulls.take(line.receive(within: Self.patience), have: { _ in }) { return end }
                continue
            }
            guard let available = self.relay.available(from: pull.from) else {
                try line.send(.stop(.busy, ""))
                return .halted
            }
            if available == pull.from, pull.from < source.length {
                if let incoming = try line.receive(orNothingWithin: Self.glance), let end = try pulls.take(incoming, have: { _ in }) { return end }
                continue
            }
            let room = try line.room
            let end = min(available, ChunkProof.end(of: pull.from, length: source.length))
            let most = Int(clamping: min(end - pull.from, UInt64(self.throttle.portion(room.count))))
            var count = 0
            if pull.from < source.listing {
                let part = self.relay.listing(Int(pull.from)..<min(Int(source.listing), Int(pull.from) + most))
                room.copyBytes(from: part)
                count = part.count
            } else {
                count = files.read(at: pull.from - source.listing, into: UnsafeMutableRawBufferPointer(rebasing: room[..<most]))
            }
            guard count > 0 || pull.from == source.length else {
                try line.send(.stop(.busy, ""))
                return .halted
            }
            if count > 0 {
                self.throttle.wait(for: count, to: porter.device) { porter.isHalted }
                try line.sendData(count)
                pulls.advance(to: pull.from + UInt64(count))
            }
            let at = pull.from + UInt64(count)
            if count > 0, at == ChunkProof.end(of: pull.from, length: source.length), let proof = self.relay.proof((at - 1) / ChunkProof.chunk) {
                try line.send(.proof(index: (at - 1) / ChunkProof.chunk, proof))
            }
            if at == pull.to || at == source.length {
                try line.send(.end(at: at))
                pulls.removeFirst()
            }
            while let incoming = try line.receiveNow() { if let end = try pulls.take(incoming, have: { _ in }) { return end } }
        }
    }

    /// Reads what is here, also while it is moved to its place. There its owner may do with it what he likes: what he has changed is not
    /// what the author has proven.
    private final class Reader {
        private let relay: Relay
        private var files: StreamSource?

        init(_ relay: Relay) { self.relay = relay }

        /// 0 if it cannot be read any more.
        func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
            for _ in 0..<2 {
                if self.files == nil {
                    let (files, isPlaced) = self.relay.files
                    self.files = StreamSource(files, state: isPlaced ? .received : .growing)
                }
                guard let files = self.files else { return 0 }
                if let count = try? files.read(at: offset, into: buffer), count > 0 { return count }
                self.files = nil
            }
            return 0
        }
    }
}
