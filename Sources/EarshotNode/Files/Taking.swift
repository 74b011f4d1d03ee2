import EarshotModel
import EarshotNetwork
import EarshotProtocol
import EarshotVault
import FoundationEssentials
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// The taking side of a transfer: pulls, opens and writes (Protocol.md 13).
struct Taking {
    /// Ms without a byte from the giver.
    private static let patience: UInt64 = 60_000
    /// Synced in the background once so much is written, or so much time has gone by.
    private static let syncBytes: UInt64 = 64 << 20
    private static let syncEvery: UInt64 = 1_000
    /// Left free on the disk.
    private static let reserve: UInt64 = 32 << 20

    let transfer: Transfer
    /// What the giver said, if he opened the line.
    let source: BulkFrame.Source?
    let confines: Bool

    private enum Stop: Error {
        case end(BulkEnd)
    }

    func run(_ porter: Porter, _ line: BulkLine) throws -> BulkEnd {
        do {
            let source = try self.source ?? self.fetch(line)
            try self.check(source)
            return try self.take(source, porter, line)
        } catch Stop.end(let end) {
            return end
        } catch let error as DownloadError {
            switch error {
            case .full:
                try? line.send(.stop(.full, ""))
                return .full
            case .overflowing: return .dishonest("more came than was listed")
            case .obstructed, .failed:
                try? line.send(.stop(.unwritable, ""))
                return .unwritable(error.description)
            }
        } catch let error as ProtocolError {
            try? line.send(.close(.protocolError))
            return .dishonest("\(error)")
        }
    }

    private func fetch(_ line: BulkLine) throws -> BulkFrame.Source {
        try line.send(.fetch(self.transfer.share))
        guard case .frame(let frame) = try line.receive(within: 15_000) else { throw ProtocolError.unexpected("data before a source") }
        switch frame {
        case .source(let source): return source
        case .stop(let reason, let text): throw Stop.end(.stopped(reason, SafeText.name(text)))
        case .close: throw Stop.end(.broken("the other end closed"))
        case .fetch, .pull, .end, .have: throw ProtocolError.unexpected("instead of a source")
        }
    }

    /// It is what was offered, and what it was the last time.
    private func check(_ source: BulkFrame.Source) throws {
        guard source.share == self.transfer.share else { throw ProtocolError.unexpected("another share") }
        guard source.isOpen == self.transfer.offer.isOpen, source.isOpen || source.size == self.transfer.offer.size else {
            throw Stop.end(.dishonest("the size is another"))
        }
        guard self.transfer.have == 0 || source.listing == self.transfer.listing else { throw Stop.end(.dishonest("the listing is another")) }
    }

    private func take(_ source: BulkFrame.Source, _ porter: Porter, _ line: BulkLine) throws -> BulkEnd {
        guard let path = self.transfer.folder else { return .unwritable("no folder was named") }
        let downloads = try DownloadFolder(opening: path)
        let id = self.transfer.id.description
        var part = try downloads.part(id)
        if self.confines { _ = downloads.confineThread() }
        let left = source.length > self.transfer.have ? source.length - self.transfer.have : 0
        guard downloads.freeSpace > left.addingReportingOverflow(Self.reserve).partialValue else { throw DownloadError.full(path: path) }

        var writing: Writing?
        if self.transfer.have >= source.listing, let kept = part.listing(count: Int(clamping: source.listing)) {
            // What is not as it was left is begun anew.
            writing = try? Writing(kept, self.transfer, part, at: self.transfer.have - source.listing)
        }
        if writing == nil {
            part.discard()
            part = try downloads.part(id)
        }
        let start = writing == nil ? 0 : self.transfer.have
        porter.post(.began(porter.id, listing: source.listing, length: source.length, have: start))
        try line.send(.pull(from: start, to: 0))

        var listing: [UInt8] = []
        var at = start
        let syncer = Syncer()
        var synced = (at: start, time: uptime())
        while true {
            if let failure = syncer.failure { throw failure }
            if let have = syncer.news() { porter.post(.came(porter.id, have: source.listing + have)) }
            if let have = porter.confirmed() { try line.send(.have(at: have)) }
            let incoming: BulkLine.Incoming
            do throws(BulkLine.Failure) {
                incoming = try line.receive(within: Self.patience)
            } catch {
                // What came until now is not fetched again.
                if let sink = writing?.sink, (try? syncer.wait()) != nil, (try? sink.checkpoint().sync()) != nil {
                    porter.post(.came(porter.id, have: source.listing + sink.offset))
                }
                throw error
            }
            switch incoming {
            case .data(let bytes):
                var rest = bytes
                at += UInt64(bytes.count)
                if UInt64(listing.count) < source.listing, writing == nil {
                    listing += rest.prefix(Int(clamping: source.listing) - listing.count)
                    rest = rest.dropFirst(bytes.count - max(0, Int(clamping: Int64(at) - Int64(source.listing))))
                    guard at >= source.listing else { continue }
                    let begun = try Writing(listing, self.transfer, part, at: 0)
                    try part.keep(listing: listing)
                    listing = []
                    writing = begun
                }
                guard let sink = writing?.sink else { continue }
                try rest.withUnsafeBytes { bytes in try sink.write(bytes) }
                guard source.isOpen || at <= source.length else { throw DownloadError.overflowing }
                if syncer.isIdle, at - synced.at >= Self.syncBytes || uptime() - synced.time >= Self.syncEvery {
                    synced = (at, uptime())
                    syncer.begin(try sink.checkpoint())
                }
            case .frame(.end(let end)):
                guard end == at, source.isOpen || end == source.length, let writing else { throw ProtocolError.malformed("the end") }
                try syncer.wait()
                try writing.sink.finish()
                let names = try downloads.take(part, id, writing.tops)
                porter.post(.began(porter.id, listing: source.listing, length: end, have: end))
                return .complete(names.map(\.text))
            case .frame(.stop(let reason, let text)):
                if let sink = writing?.sink, (try? syncer.wait()) != nil, (try? sink.checkpoint().sync()) != nil {
                    porter.post(.came(porter.id, have: source.listing + sink.offset))
                }
                return .stopped(reason, SafeText.name(text))
            case .frame(.close): return .broken("the other end closed")
            case .frame(.fetch), .frame(.source), .frame(.pull), .frame(.have): throw ProtocolError.unexpected("not for a taker")
            }
        }
    }

    /// Where the contents go, once the listing is known and was found to be what was offered.
    private struct Writing {
        let sink: StreamSink
        let tops: [SafeName]

        init(_ bytes: [UInt8], _ transfer: Transfer, _ part: PartFolder, at offset: UInt64) throws {
            let listing = try Listing(decoding: bytes)
            let tree = try SafeTree(listing)
            let offer = transfer.offer
            guard listing.size == (offer.isOpen ? 0 : offer.size), UInt64(listing.entries.count { $0.kind == .file }) == offer.files else {
                throw Stop.end(.dishonest("other files are listed"))
            }
            guard !offer.isOpen || listing.entries.count == 1 else { throw Stop.end(.dishonest("an open offer of several")) }
            var tops: [SafeName] = []
            var known: Set<SafeName> = []
            for path in tree.paths { if let top = path.first, known.insert(top).inserted { tops.append(top) } }
            self.tops = tops
            let entries = zip(listing.entries, tree.paths).map { entry, path in
                StreamSink.Entry(path: path, isFolder: entry.kind == .folder, size: entry.size, modified: entry.modified)
            }
            self.sink = try StreamSink(part, entries, origin: "earshot:\(transfer.person)", isOpen: offer.isOpen, at: offset)
        }
    }
}

/// Syncs in the background what a taker has written, one checkpoint after the other.
private final class Syncer: Sendable {
    private struct State {
        var isBusy = false
        var done: UInt64?
        var failure: DownloadError?
    }

    private let busy = ConditionLock(value: false)
    private let state = NIOLockedValueBox(State())

    var isIdle: Bool { self.state.withLockedValue { !$0.isBusy } }
    var failure: DownloadError? { self.state.withLockedValue { $0.failure } }

    /// What is on disk now, if that is more than was told.
    func news() -> UInt64? {
        self.state.withLockedValue { state in
            defer { state.done = nil }
            return state.done
        }
    }

    func begin(_ checkpoint: StreamSink.Checkpoint) {
        self.state.withLockedValue { $0.isBusy = true }
        self.busy.lock()
        self.busy.unlock(withValue: true)
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            var failure: DownloadError?
            do throws(DownloadError) { try checkpoint.sync() } catch { failure = error }
            self.state.withLockedValue { state in
                state.isBusy = false
                state.failure = failure
                if failure == nil { state.done = checkpoint.offset }
            }
            self.busy.lock()
            self.busy.unlock(withValue: false)
        }
    }

    func wait() throws {
        self.busy.lock(whenValue: false)
        self.busy.unlock()
        if let failure = self.failure { throw failure }
    }
}
