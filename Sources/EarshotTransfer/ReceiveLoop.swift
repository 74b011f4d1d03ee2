import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// What a receiver does once it has asked for the stream: takes frame after frame until it is complete, or ends
/// otherwise.
struct ReceiveLoop {
    /// Ms without a byte from the giver. Someone who only passes on is given up sooner.
    private static let patience = (author: Limits.authorSilence, holder: Limits.holderSilence)
    /// Synced in the background once so much is written, or so much time has gone by.
    private static let syncBytes: UInt64 = 64 << 20
    private static let syncEvery: UInt64 = 1_000

    private let plan: FetchPlan
    private let source: BulkFrame.Source
    private let downloads: DownloadFolder
    private let path: String
    private let worker: TransferWorker
    private let channel: BulkChannel
    private let subflows: Subflows
    private let check: ChunkCheck
    private let syncer: Syncer
    private let patience: UInt64
    private var stream: IncomingStream
    /// The last checkpoint, and when.
    private var synced: (at: UInt64, time: UInt64)
    /// When something came; uptime in ms.
    private var heard: UInt64

    /// - Parameter path: the folder everything has its place in when it is complete.
    init(
        _ plan: FetchPlan, _ stream: IncomingStream, into downloads: DownloadFolder, at path: String,
        _ worker: TransferWorker, _ channel: BulkChannel
    ) {
        let source = stream.source
        self.plan = plan
        self.source = source
        self.downloads = downloads
        self.path = path
        self.worker = worker
        self.channel = channel
        self.stream = stream
        self.check = ChunkCheck(
            share: source.share, length: source.length, key: source.isProven ? plan.authorKey : nil,
            holdsBack: !plan.isFromAuthor, at: stream.written)
        self.syncer = Syncer(channel.bell)
        self.subflows = Subflows(channel)
        self.subflows.length = source.length
        self.patience = plan.isFromAuthor ? Self.patience.author : Self.patience.holder
        let now = uptime()
        self.synced = (stream.written, now)
        self.heard = now
    }

    mutating func run() throws -> BulkEnd {
        while true {
            if let failure = self.syncer.failure { throw failure }
            if let have = self.syncer.news() {
                self.worker.post(.came(self.worker.id, have: self.source.listing + have))
            }
            if let have = self.worker.confirmed() { try self.channel.send(.have(at: have)) }
            for channel in self.worker.joined() { self.subflows.add(channel) }
            guard let incoming = try self.next() else { continue }
            self.heard = uptime()
            if let end = try self.take(incoming) { return end }
        }
    }

    private func next() throws -> BulkChannel.Incoming? {
        do throws(BulkChannel.Failure) {
            let until = self.heard + self.patience
            let next = try self.subflows.receive(
                at: self.check.received, awaitsProof: self.check.awaitsProof, until: until)
            if next == nil, uptime() >= until { throw .silent }
            return next
        } catch {
            self.settle()
            throw error
        }
    }

    private mutating func take(_ incoming: BulkChannel.Incoming) throws -> BulkEnd? {
        switch incoming {
        case .data(let bytes, let offset): try self.take(bytes, at: offset)
        case .frame(.proof(let index, let signature)): try self.take(signature, of: index)
        case .frame(.skip(let at, let file, let reason)): try self.skip(at, file, reason)
        case .frame(.end(let end)): return try self.complete(at: end)
        case .frame(.stop(let reason, let text)):
            self.settle()
            return .stopped(reason, SafeText.name(text))
        case .frame(.close):
            self.settle()
            return .broken(.closed)
        case .frame(.more(let count)):
            guard !self.subflows.isReordering else { throw ProtocolError.unexpected("more, twice") }
            self.subflows.expectMore()
            self.worker.wantMore(count)
        case .frame(.fetch), .frame(.source), .frame(.pull), .frame(.have), .frame(.refer), .frame(.join):
            throw ProtocolError.unexpected("not for a taker")
        }
        return nil
    }

    private mutating func take(_ bytes: Portion, at offset: UInt64?) throws {
        guard offset == nil || offset == self.check.received else {
            throw ProtocolError.unexpected("data of another place")
        }
        guard self.source.isOpen || self.check.received + UInt64(bytes.count) <= self.source.length else {
            throw DownloadError.overflowing
        }
        try bytes.withBytes { bytes in if try self.check.passes(bytes) { try self.stream.absorb(bytes) } }
        if let seen = self.stream.takeSeen() { self.worker.post(.looked(self.worker.id, seen)) }
        guard let sink = self.stream.sink, self.syncer.isIdle,
            self.stream.written - self.synced.at >= Self.syncBytes || uptime() - self.synced.time >= Self.syncEvery
        else { return }
        self.synced = (self.stream.written, uptime())
        self.syncer.begin(try sink.checkpoint())
    }

    private mutating func take(_ signature: [UInt8], of index: UInt64) throws {
        guard self.source.isProven else { throw ProtocolError.unexpected("a proof") }
        if let good = try self.check.prove(index, signature) { try self.stream.absorb(good) }
        if self.plan.authorKey != nil { self.stream.chunks.add(signature, index: index, end: self.check.received) }
    }

    private mutating func skip(_ at: UInt64, _ file: UInt64, _ reason: OmissionReason) throws {
        guard self.plan.isFromAuthor, !self.source.isOpen, at == self.check.received, at == self.stream.written,
            let index = Int(exactly: file), let end = try self.stream.skip(index, reason)
        else { throw ProtocolError.unexpected("a skip") }
        try self.check.skip(to: end)
        self.stream.chunks.skip(from: at, to: end)
    }

    /// Everything is here: it is put in its place.
    private func complete(at end: UInt64) throws -> BulkEnd {
        guard end == self.stream.written, end == self.check.received, self.source.isOpen || end == self.source.length,
            let writing = self.stream.writing
        else { throw ProtocolError.malformed("the end") }
        try self.syncer.wait()
        try writing.sink.finish()
        let notes = writing.tree.notes(with: writing.sink.omitted)
        if !notes.isEmpty { self.worker.post(.noted(self.worker.id, notes)) }
        let names = try self.downloads.place(self.stream.part, writing.tree.tops(without: writing.sink.omitted))
        if self.source.isProven, names.count == writing.tree.tops.count {
            self.stream.chunks.moved(writing.tree.files(in: self.path, as: names))
        }
        self.worker.post(.began(self.worker.id, listing: self.source.listing, length: end, have: end))
        try? self.channel.send(.close(.goingAway))
        return .complete(names.map(\.text))
    }

    /// What came until now is not fetched again.
    private func settle() {
        guard let sink = self.stream.sink, (try? self.syncer.wait()) != nil, (try? sink.checkpoint().sync()) != nil
        else { return }
        self.worker.post(.came(self.worker.id, have: self.source.listing + sink.offset))
    }
}
