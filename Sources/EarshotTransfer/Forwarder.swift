import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// Giving what somebody else has offered, with their proofs, while it still comes (Protocol.md 13).
package struct Forwarder {
    /// Ms.
    private static let beginning: UInt64 = 10_000
    private static let patience = Limits.receiverSilence
    /// Between looks whether more has come.
    private static let glance: UInt64 = 3

    let transfer: Transfer
    let chunks: ChunkStore
    let throttle: Throttle

    package init(_ transfer: Transfer, chunks: ChunkStore, throttle: Throttle) {
        self.transfer = transfer
        self.chunks = chunks
        self.throttle = throttle
    }

    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {  // lint: loop
        let until = uptime() + Self.beginning
        while self.chunks.source == nil, uptime() < until, !worker.isHalted {
            _ = try channel.receive(orNothingWithin: Self.glance)
        }
        guard let source = self.chunks.source else {
            try channel.send(.stop(.busy, ""))
            return .halted
        }
        guard source.isProven else {
            try channel.send(.stop(.notOffered, ""))
            return .halted
        }
        self.chunks.restore(self.transfer)
        try channel.send(.source(source))
        var pulls = PullQueue(length: source.length, isProven: true)
        let files = Reader(self.chunks)
        while true {
            guard let pull = pulls.first else {
                if let end = try pulls.take(channel.receive(within: Self.patience), have: { _ in }) { return end }
                continue
            }
            guard let available = self.chunks.available(from: pull.from) else {
                try channel.send(.stop(.busy, ""))
                return .halted
            }
            if available == pull.from, pull.from < source.length {
                if let incoming = try channel.receive(orNothingWithin: Self.glance),
                    let end = try pulls.take(incoming, have: { _ in })
                {
                    return end
                }
                continue
            }
            let room = try channel.room
            let end = min(available, ChunkProof.end(of: pull.from, length: source.length))
            let most = Int(clamping: min(end - pull.from, UInt64(self.throttle.portion(room.count))))
            var count = 0
            if pull.from < source.listing {
                let part = self.chunks.listing(Int(pull.from)..<min(Int(source.listing), Int(pull.from) + most))
                room.copyBytes(from: part)
                count = part.count
            } else {
                count = files.read(
                    at: pull.from - source.listing, into: UnsafeMutableRawBufferPointer(rebasing: room[..<most]))
            }
            guard count > 0 || pull.from == source.length else {
                try channel.send(.stop(.busy, ""))
                return .halted
            }
            if count > 0 {
                self.throttle.wait(for: count, to: worker.device) { worker.isHalted }
                try channel.sendData(count)
                pulls.advance(to: pull.from + UInt64(count))
            }
            let at = pull.from + UInt64(count)
            if count > 0, at == ChunkProof.end(of: pull.from, length: source.length),
                let proof = self.chunks.proof((at - 1) / ChunkProof.chunk)
            {
                try channel.send(.proof(index: (at - 1) / ChunkProof.chunk, proof))
            }
            if at == pull.to || at == source.length {
                try channel.send(.end(at: at))
                pulls.removeFirst()
            }
            while let incoming = try channel.receiveNow() {
                if let end = try pulls.take(incoming, have: { _ in }) { return end }
            }
        }
    }

    /// Reads what is here, also while it is moved to its place. There its owner may do with it what they like: what
    /// they have changed is not what the author has proven.
    private final class Reader {
        private let chunks: ChunkStore
        private var files: StreamSource?

        init(_ chunks: ChunkStore) { self.chunks = chunks }

        /// 0 if it cannot be read any more.
        func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
            for _ in 0..<2 {
                if self.files == nil {
                    let (files, isPlaced) = self.chunks.files
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
