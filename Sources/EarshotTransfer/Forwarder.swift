import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// Giving what somebody else has offered, with their proofs, while it still comes (Protocol.md 13).
package struct Forwarder {
    /// Ms.
    private static let beginning: UInt64 = 10_000
    private static let patience = Limits.receiverSilence

    let transfer: Transfer
    let chunks: ChunkStore
    let throttle: Throttle

    package init(_ transfer: Transfer, chunks: ChunkStore, throttle: Throttle) {
        self.transfer = transfer
        self.chunks = chunks
        self.throttle = throttle
    }

    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        self.chunks.watch(channel.bell)
        defer { self.chunks.unwatch(channel.bell) }
        let until = uptime() + Self.beginning
        while self.chunks.source == nil, uptime() < until { _ = try channel.receive(until: until) }
        guard let source = self.chunks.source else { return try self.stop(.busy, channel) }
        guard source.isProven else { return try self.stop(.notOffered, channel) }
        self.chunks.restore(self.transfer)
        try channel.send(.source(source))
        var pulls = PullQueue(length: source.length, isProven: true)
        let files = Reader(self.chunks)
        while true {
            guard let pull = pulls.first else {
                if let end = try pulls.take(channel.receive(within: Self.patience), have: { _ in }) { return end }
                continue
            }
            // There is nothing to be had at the end, whoever has how much.
            guard pull.from < source.length else {
                try channel.send(.end(at: source.length))
                pulls.removeFirst()
                continue
            }
            guard let available = self.chunks.available(from: pull.from) else { return try self.stop(.busy, channel) }
            if available == pull.from {
                if let incoming = try channel.receive(until: .max),
                    let end = try pulls.take(incoming, have: { _ in })
                {
                    return end
                }
                continue
            }
            let end = min(available, ChunkProof.end(of: pull.from, length: source.length))
            guard let at = try self.give(pull.from, to: end, of: source, files, worker, channel) else {
                return try self.stop(.busy, channel)
            }
            pulls.advance(to: at)
            if at == pull.to || at == source.length {
                try channel.send(.end(at: at))
                pulls.removeFirst()
            }
            while let incoming = try channel.receiveNow() {
                if let end = try pulls.take(incoming, have: { _ in }) { return end }
            }
        }
    }

    private func stop(_ reason: StopReason, _ channel: BulkChannel) throws -> BulkEnd {
        channel.part(with: .stop(reason, ""))
        return .halted
    }

    /// Gives one frame of a chunk, and what proves the chunk if it ends there. Says up to where; nothing if it is not
    /// to be had any more.
    private func give(
        _ start: UInt64, to end: UInt64, of source: BulkFrame.Source, _ files: Reader, _ worker: TransferWorker,
        _ channel: BulkChannel
    ) throws -> UInt64? {
        let room = try channel.room
        let most = Int(clamping: min(end - start, UInt64(self.throttle.portion(room.count))))
        let count: Int
        if start < source.listing {
            let part = self.chunks.listing(Int(start)..<min(Int(source.listing), Int(start) + most))
            room.copyBytes(from: part)
            count = part.count
        } else {
            count = files.read(
                at: start - source.listing, into: UnsafeMutableRawBufferPointer(rebasing: room[..<most]))
        }
        guard count > 0 else { return nil }
        try self.throttle.wait(for: count, to: worker.device, on: channel)
        try channel.sendData(count)
        let at = start + UInt64(count)
        if at == ChunkProof.end(of: start, length: source.length),
            let proof = self.chunks.proof((at - 1) / ChunkProof.chunk)
        {
            try channel.send(.proof(index: (at - 1) / ChunkProof.chunk, proof))
        }
        return at
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
