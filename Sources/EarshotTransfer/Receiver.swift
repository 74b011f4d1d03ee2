import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// The taking side of a transfer: pulls, opens and writes (Protocol.md 13).
package struct Receiver {
    /// Ms without a byte from the giver.
    private static let patience = Limits.authorSilence
    /// Synced in the background once so much is written, or so much time has gone by.
    private static let syncBytes: UInt64 = 64 << 20
    private static let syncEvery: UInt64 = 1_000
    /// Someone who only passes on is given up sooner.
    private static let impatience = Limits.holderSilence

    let plan: FetchPlan
    let me: DeviceID
    /// What the giver said, if they opened the channel.
    let source: BulkFrame.Source?
    /// Where others find what we have.
    let chunks: ChunkStore
    private let finisher = Finisher()

    private var transfer: Transfer { self.plan.transfer }

    package init(_ plan: FetchPlan, me: DeviceID, source: BulkFrame.Source? = nil, chunks: ChunkStore) {
        self.plan = plan
        self.me = me
        self.source = source
        self.chunks = chunks
    }

    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        defer {
            self.chunks.stop()
            self.finisher.stop()
        }
        do {
            let source = try self.source ?? self.plan.source(on: channel, self.me, looks: false)
            try self.plan.check(source)
            return try self.take(source, worker, channel)
        } catch FetchStop.end(let end) {
            // What is not what was offered is told as any broken rule is (Protocol.md 14).
            if case .dishonest = end { try? channel.send(.close(.protocolError)) }
            return end
        } catch let error as DownloadError {
            switch error {
            case .full:
                try? channel.send(.stop(.full, ""))
                return .full
            case .overflowing:
                try? channel.send(.close(.protocolError))
                return .dishonest("more came than was listed")
            case .vanished:
                DownloadFolder(existing: self.transfer.folder ?? "")?.discard(self.transfer.id.description)
                return .broken(error.description)
            case .obstructed, .failed:
                try? channel.send(.stop(.unwritable, ""))
                return .unwritable(error.description)
            }
        } catch let error as ProtocolError {
            try? channel.send(.close(.protocolError))
            return .dishonest("\(error)")
        }
    }

    private func take(  // lint: loop
        _ source: BulkFrame.Source, _ worker: TransferWorker, _ channel: BulkChannel
    ) throws -> BulkEnd {
        guard let path = self.transfer.folder else { return .unwritable("no folder was named") }
        let downloads = try DownloadFolder(opening: path)
        let id = self.transfer.id.description
        var part = try downloads.part(id)
        let rules = downloads.names
        self.chunks.prepare(source)
        _ = downloads.confineThread()
        let left = source.length > self.transfer.have ? source.length - self.transfer.have : 0
        guard downloads.hasRoom(for: source.size, left: left, in: part) else { throw DownloadError.full(path: path) }

        // What is proven begins with a chunk.
        let have = source.isProven ? self.transfer.have / ChunkProof.chunk * ChunkProof.chunk : self.transfer.have
        var writing: Writing?
        if have >= source.listing, let kept = part.listing(count: Int(clamping: source.listing)) {
            // What is not as it was left is begun anew.
            writing = try? Writing(kept, self.transfer, part, rules, at: have - source.listing, self.finisher)
            if let writing, source.isProven { self.chunks.learn(kept, writing.tree.files(in: part.path)) }
        }
        if writing == nil {
            part.discard()
            part = try downloads.part(id)
        }
        // What was agreed to unseen is known from here on.
        if let seen = writing?.seen { worker.post(.looked(worker.id, seen)) }
        let start = writing == nil ? 0 : have
        var stream = Stream(
            part: part, rules: rules, transfer: self.transfer, source: source, chunks: self.chunks, at: start,
            writing: writing, finisher: self.finisher)
        self.chunks.begin(source, at: start)
        worker.post(.began(worker.id, listing: source.listing, length: source.length, have: start))
        // Before the giver can have a reason to open any.
        worker.allowLines()
        try channel.send(.pull(from: start, to: 0))

        let check = ChunkCheck(
            share: source.share, length: source.length, key: source.isProven ? self.plan.authorKey : nil,
            holdsBack: !self.plan.isFromAuthor, at: start)
        let subflows = Subflows(channel)
        subflows.length = source.length
        let syncer = Syncer()
        let patience = self.plan.isFromAuthor ? Self.patience : Self.impatience
        var synced = (at: start, time: uptime())
        var heard = uptime()
        while true {
            if let failure = syncer.failure { throw failure }
            if let have = syncer.news() { worker.post(.came(worker.id, have: source.listing + have)) }
            if let have = worker.confirmed() { try channel.send(.have(at: have)) }
            for channel in worker.joined() { subflows.add(channel) }
            let next: BulkChannel.Incoming?
            do throws(BulkChannel.Failure) {
                next = try subflows.receive(at: check.received, awaitsProof: check.awaitsProof)
                if next == nil, uptime() >= heard + patience { throw .silent }
            } catch {
                self.settle(stream, syncer, worker)
                throw error
            }
            guard let incoming = next else { continue }
            heard = uptime()
            switch incoming {
            case .data(let bytes, let offset):
                guard offset == nil || offset == check.received else {
                    throw ProtocolError.unexpected("data of another place")
                }
                guard source.isOpen || check.received + UInt64(bytes.count) <= source.length else {
                    throw DownloadError.overflowing
                }
                try bytes.withBytes { bytes in if try check.passes(bytes) { try stream.absorb(bytes) } }
                if let seen = stream.takeSeen() { worker.post(.looked(worker.id, seen)) }
                if let sink = stream.sink, syncer.isIdle,
                    stream.written - synced.at >= Self.syncBytes || uptime() - synced.time >= Self.syncEvery
                {
                    synced = (stream.written, uptime())
                    syncer.begin(try sink.checkpoint())
                }
            case .frame(.proof(let index, let signature)):
                guard source.isProven else { throw ProtocolError.unexpected("a proof") }
                if let good = try check.prove(index, signature) { try stream.absorb(good) }
                if self.plan.authorKey != nil { self.chunks.add(signature, index: index, end: check.received) }
            case .frame(.end(let end)):
                guard end == stream.written, end == check.received, source.isOpen || end == source.length,
                    let writing = stream.writing
                else {
                    throw ProtocolError.malformed("the end")
                }
                try syncer.wait()
                try writing.sink.finish()
                let notes = writing.tree.notes(with: writing.sink.omitted)
                if !notes.isEmpty { worker.post(.noted(worker.id, notes)) }
                let names = try downloads.place(part, writing.tree.tops(without: writing.sink.omitted))
                if source.isProven, names.count == writing.tree.tops.count {
                    self.chunks.moved(writing.tree.files(in: path, as: names))
                }
                worker.post(.began(worker.id, listing: source.listing, length: end, have: end))
                try? channel.send(.close(.goingAway))
                return .complete(names.map(\.text))
            case .frame(.stop(let reason, let text)):
                self.settle(stream, syncer, worker)
                return .stopped(reason, SafeText.name(text))
            case .frame(.close):
                self.settle(stream, syncer, worker)
                return .broken("the other end closed")
            case .frame(.more(let count)):
                guard !subflows.isReordering else { throw ProtocolError.unexpected("more, twice") }
                subflows.expectMore()
                worker.wantMore(count)
            case .frame(.skip(let at, let file, let reason)):
                guard self.plan.isFromAuthor, !source.isOpen, at == check.received, at == stream.written,
                    let index = Int(exactly: file),
                    let end = try stream.skip(index, reason)
                else { throw ProtocolError.unexpected("a skip") }
                try check.skip(to: end)
                self.chunks.skip(from: at, to: end)
            case .frame(.fetch), .frame(.source), .frame(.pull), .frame(.have), .frame(.refer), .frame(.join):
                throw ProtocolError.unexpected("not for a taker")
            }
        }
    }

    /// What came until now is not fetched again.
    private func settle(_ stream: Stream, _ syncer: Syncer, _ worker: TransferWorker) {
        guard let sink = stream.sink, (try? syncer.wait()) != nil, (try? sink.checkpoint().sync()) != nil else {
            return
        }
        worker.post(.came(worker.id, have: stream.source.listing + sink.offset))
    }

    /// The listing, and then what goes into files.
    private struct Stream {
        let part: PartFolder
        let rules: NameRules
        let transfer: Transfer
        let source: BulkFrame.Source
        let chunks: ChunkStore
        let finisher: Finisher
        /// How far it is written.
        private(set) var written: UInt64
        private(set) var writing: Writing?
        private var listing: [UInt8] = []
        /// What was just learned of the contents.
        private var seen: Contents?

        mutating func takeSeen() -> Contents? {
            defer { self.seen = nil }
            return self.seen
        }

        init(
            part: PartFolder, rules: NameRules, transfer: Transfer, source: BulkFrame.Source, chunks: ChunkStore,
            at offset: UInt64, writing: Writing?, finisher: Finisher
        ) {
            self.finisher = finisher
            self.part = part
            self.rules = rules
            self.transfer = transfer
            self.source = source
            self.chunks = chunks
            self.written = offset
            self.writing = writing
        }

        var sink: StreamSink? { self.writing?.sink }

        /// Nothing more comes of a file; says where the stream goes on, or nothing if that cannot be.
        mutating func skip(_ index: Int, _ reason: OmissionReason) throws -> UInt64? {
            guard let end = try self.sink?.omit(index, reason) else { return nil }
            self.written = self.source.listing + end
            return self.written
        }

        mutating func absorb(_ bytes: UnsafeRawBufferPointer) throws {
            var rest = bytes
            if self.written < self.source.listing {
                let count = Int(clamping: min(UInt64(rest.count), self.source.listing - self.written))
                if self.listing.isEmpty { self.listing.reserveCapacity(Int(clamping: self.source.listing)) }
                self.listing += rest.prefix(count)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                self.written += UInt64(count)
                guard self.written == self.source.listing else { return }
                let begun = try Writing(self.listing, self.transfer, self.part, self.rules, at: 0, self.finisher)
                try self.part.keep(listing: self.listing)
                if self.source.isProven { self.chunks.learn(self.listing, begun.tree.files(in: self.part.path)) }
                self.listing = []
                self.seen = begun.seen
                self.writing = begun
            }
            guard !rest.isEmpty, let sink else { return }
            try sink.write(rest)
            self.written += UInt64(rest.count)
        }
    }

    /// Where the contents go, once the listing is known and was found to be what was offered.
    private struct Writing {
        let sink: StreamSink
        let tree: SafeTree
        /// What is in it, if nobody knew before.
        let seen: Contents?

        init(
            _ bytes: [UInt8], _ transfer: Transfer, _ part: PartFolder, _ rules: NameRules, at offset: UInt64,
            _ finisher: Finisher
        ) throws {
            let listing = try Listing(decoding: bytes)
            let tree = try SafeTree(listing, for: rules)
            if let why = transfer.offer.contradicts(listing, tree) { throw FetchStop.end(.dishonest(why)) }
            if let known = transfer.contents {
                guard known.hash == Contents.hash(of: listing) else {
                    throw FetchStop.end(.dishonest("it is not the listing that was looked at before"))
                }
                self.seen = nil
            } else if transfer.offer.saysAll {
                self.seen = nil
            } else {
                let contents = Contents(of: tree)
                guard contents.suspicion == nil else { throw FetchStop.end(.unexpected(contents)) }
                self.seen = contents
            }
            self.tree = tree
            self.sink = try StreamSink(
                part, tree.sinkEntries, origin: transfer.origin, isOpen: transfer.offer.isOpen, at: offset,
                isWhole: offset == listing.size,
                behind: finisher)
        }
    }
}
