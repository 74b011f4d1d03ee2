import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// The taking side of a transfer: pulls, opens and writes (Protocol.md 13).
package struct Receiver {
    let plan: FetchPlan
    let me: DeviceID
    /// What the giver said, if they opened the channel.
    let source: BulkFrame.Source?
    /// Where others find what we have.
    let chunks: ChunkStore
    private let seen: SeenListings
    private let second = SecondThread()

    private var transfer: Transfer { self.plan.transfer }

    package init(
        _ plan: FetchPlan, me: DeviceID, source: BulkFrame.Source? = nil, chunks: ChunkStore, seen: SeenListings
    ) {
        self.plan = plan
        self.me = me
        self.source = source
        self.chunks = chunks
        self.seen = seen
    }

    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        defer {
            self.chunks.stop()
            self.second.stop()
        }
        do {
            let source = try self.source ?? self.plan.source(on: channel, self.me, looks: false)
            try self.plan.check(source)
            return try self.take(source, worker, channel)
        } catch FetchStop.end(let end) {
            // What is not what was offered is told as any broken rule is (Protocol.md 14).
            if case .dishonest = end { channel.part(with: .close(.protocolError)) }
            return end
        } catch let error as DownloadError {
            return self.failed(error, channel)
        } catch let error as ProtocolError {
            channel.part(with: .close(.protocolError))
            return .dishonest(.rule("\(error)"))
        }
    }

    /// Why our disk does not take it, and what the other end is told of that.
    private func failed(_ error: DownloadError, _ channel: BulkChannel) -> BulkEnd {
        switch error {
        case .full:
            channel.part(with: .stop(.full, ""))
            return .full
        case .overflowing:
            channel.part(with: .close(.protocolError))
            return .dishonest(.overflowing)
        case .vanished:
            DownloadFolder(existing: self.transfer.folder ?? "")?.discard(self.transfer.id.description)
            return .broken(.vanished)
        case .obstructed, .failed, .noFolder:
            channel.part(with: .stop(.unwritable, ""))
            return .unwritable(error)
        }
    }

    private func take(_ source: BulkFrame.Source, _ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        guard let path = self.transfer.folder else { return .unwritable(.noFolder) }
        let downloads = try DownloadFolder(opening: path)
        let part = try downloads.part(self.transfer.id.description)
        let rules = downloads.names
        self.chunks.prepare(source)
        _ = downloads.confineThread(for: part)
        let left = source.length > self.transfer.have ? source.length - self.transfer.have : 0
        guard downloads.hasRoom(for: source.size, left: left, in: part) else { throw DownloadError.full(path: path) }

        let stream = try self.resume(source, part, rules, in: downloads)
        let start = stream.written
        // What was agreed to unseen is known from here on.
        if let seen = stream.writing?.seen { worker.post(.looked(worker.id, seen)) }
        self.chunks.begin(source, at: start)
        worker.post(.began(worker.id, listing: source.listing, length: source.length, have: start))
        // Before the giver can have a reason to open any.
        worker.allowLines()
        try channel.send(.pull(from: start, to: 0))
        var loop = ReceiveLoop(self.plan, stream, into: downloads, at: path, worker, channel)
        return try loop.run()
    }

    /// Goes on where it was left; what is not as it was left is begun anew.
    private func resume(
        _ source: BulkFrame.Source, _ part: PartFolder, _ rules: NameRules, in downloads: DownloadFolder
    ) throws -> IncomingStream {
        // What is proven begins with a chunk.
        let have = source.isProven ? self.transfer.have / ChunkProof.chunk * ChunkProof.chunk : self.transfer.have
        var writing: Writing?
        if have >= source.listing, let kept = part.listing(count: Int(clamping: source.listing)) {
            writing = try? Writing(
                kept, self.transfer, part, rules, at: have - source.listing, self.second, isPassedOn: source.isProven)
            if let writing, source.isProven { self.chunks.learn(kept, writing.tree.files(in: part.path)) }
        }
        if let writing { return self.stream(source, part, rules, writing, at: have) }
        part.discard()
        let anew = try downloads.part(self.transfer.id.description)
        let begun = try self.begin(source, anew, rules)
        return self.stream(source, anew, rules, begun, at: begun == nil ? 0 : source.listing)
    }

    /// Behind a listing that was seen just now; nothing if it has to be fetched. What is proven is, from its first
    /// chunk on.
    private func begin(
        _ source: BulkFrame.Source, _ part: PartFolder, _ rules: NameRules
    ) throws -> Writing? {
        guard !source.isProven, let tree = self.seen.take(self.transfer.id, bytes: source.listing, for: rules)
        else { return nil }
        let writing = try Writing(tree, self.transfer, part, at: 0, self.second, isPassedOn: false)
        try part.keep(listing: tree.listing.encoded)
        return writing
    }

    private func stream(
        _ source: BulkFrame.Source, _ part: PartFolder, _ rules: NameRules, _ writing: Writing?, at offset: UInt64
    ) -> IncomingStream {
        IncomingStream(
            part: part, rules: rules, transfer: self.transfer, source: source, chunks: self.chunks, at: offset,
            writing: writing, second: self.second)
    }
}
