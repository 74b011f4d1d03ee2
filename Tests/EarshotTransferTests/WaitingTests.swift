import EarshotModel
import EarshotNetwork
import EarshotTesting
import EarshotVault
import EarshotWire
import Foundation
import Noise
import Testing

@testable import EarshotTransfer

/// Threads with nothing to do sleep, and what they wait for wakes them. Whoever is not woken here sleeps for ever.
@Suite(.timeLimit(.minutes(5))) struct WaitingTests {
    private let pair: ChannelPair
    private let place: Place
    private let share: ShareID
    private let samples: Samples
    /// Whom a worker gives to, as often as it says so.
    private let givesTo: AsyncStream<DeviceID>
    private let gives: AsyncStream<DeviceID>.Continuation

    init() throws {
        (self.givesTo, self.gives) = AsyncStream.makeStream(of: DeviceID.self)
        self.pair = try ChannelPair()
        self.place = try Place()
        self.share = try #require(ShareID([UInt8](repeating: 3, count: 16)))
        self.samples = try Samples()
    }

    private func id() throws -> EnvelopeID { try #require(EnvelopeID([UInt8](repeating: 4, count: 32))) }

    /// A worker that does this, and how it ended.
    private func start(
        _ work: @escaping @Sendable (TransferWorker, BulkChannel) throws -> BulkEnd
    ) throws -> (worker: TransferWorker, end: AsyncStream<BulkEnd>) {
        let (ends, told) = AsyncStream.makeStream(of: BulkEnd.self)
        let gives = self.gives
        let worker = TransferWorker(try self.id(), with: self.samples.bob.device, more: { _, _ in }) { _, event in
            if case .gives(_, let device) = event { gives.yield(device) }
            guard case .ended(_, let end) = event else { return }
            gives.finish()
            told.yield(end)
            told.finish()
        }
        worker.start(self.pair.ours, work)
        return (worker, ends)
    }

    private func listing(_ size: Int) throws -> Listing {
        try Listing([.init(kind: .file, path: ["a"], size: UInt64(size), modified: FileTime(milliseconds: 0))])
    }

    @Test func aWorkerHearsWhatIsKeptAndWhoJoins() async throws {
        let (worker, ends) = try self.start { worker, channel in
            var told: UInt64?
            var joined = 0
            while told == nil || joined == 0 {
                told = worker.confirmed() ?? told
                joined += worker.joined().count
                if told == nil || joined == 0 { _ = try channel.receive(until: .max) }
            }
            return .complete(["\(told ?? 0) \(joined)"])
        }
        worker.confirm(7)
        worker.join(try ChannelPair().ours)
        for await end in ends { #expect(end == .complete(["7 1"])) }
    }

    @Test func aWorkerThatWaitsIsHalted() async throws {
        let (worker, ends) = try self.start { _, channel in
            _ = try channel.receive(until: .max)
            return .incomplete
        }
        worker.halt(.paused)
        for await end in ends { #expect(end == .halted) }
        guard case .stop(.paused, _) = try self.pair.frame() else {
            Issue.record("not told why")
            return
        }
    }

    @Test func whatGrowsGoesWhenItIsThere() async throws {
        let listing = try self.listing(0)
        let path = self.place.path
        try ListingFile.write(listing.encoded, "\(path)/listing")
        try self.place.append([1], to: "a")
        let growth = Growth(size: 0, isOpen: true)
        let sender = Sender(
            Share(
                id: self.share, key: [UInt8](repeating: 0, count: 32), roots: [.init(name: "a", path: "\(path)/a")],
                listing: UInt64(listing.encoded.count), size: 0, isOpen: true),
            listing: "\(path)/listing", copies: "\(path)/copies", growth: growth, signer: nil, throttle: Throttle())
        let (_, ends) = try self.start(sender.run)
        guard case .source(let source) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        #expect(source.isOpen)
        try self.pair.theirs.send(.pull(from: 0, to: 0))
        #expect(try self.pair.data() == listing.encoded)
        for byte in 1...5 as ClosedRange<UInt8> {
            #expect(try self.pair.data() == [byte])
            if byte < 5 { try self.place.append([byte + 1], to: "a") }
        }
        // Nobody tells but who writes it.
        growth.set(size: 5, isOpen: false)
        guard case .end(let end) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        #expect(end == UInt64(listing.encoded.count) + 5)
        try self.pair.theirs.send(.close(.goingAway))
        for await end in ends { #expect(end == .broken(.closed)) }
    }

    /// Whoever was let see a listing may have said yes meanwhile.
    @Test func aLookThatBecomesTheFetchIsToldOnce() async throws {
        let listing = try self.listing(3)
        let path = self.place.path
        try ListingFile.write(listing.encoded, "\(path)/listing")
        try self.place.append([1, 2, 3], to: "a")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: "\(path)/a")
        let head = UInt64(listing.encoded.count)
        let sender = Sender(
            Share(
                id: self.share, key: [UInt8](repeating: 0, count: 32), roots: [.init(name: "a", path: "\(path)/a")],
                listing: head, size: 3, isOpen: false),
            listing: "\(path)/listing", copies: "\(path)/copies", signer: nil, throttle: Throttle())
        let (_, ends) = try self.start(sender.run)
        guard case .source = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        try self.pair.theirs.send(.pull(from: 0, to: head))
        #expect(try self.pair.data() == listing.encoded)
        guard case .end(head) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        try self.pair.theirs.send(.pull(from: head, to: 0))
        try self.pair.theirs.send(.pull(from: head, to: 0))
        try self.pair.theirs.send(.close(.goingAway))
        for await _ in ends {}
        var told: [DeviceID] = []
        for await device in self.givesTo { told.append(device) }
        #expect(told == [self.samples.bob.device])
    }

    @Test func whoGivesAllCountsFromThenOn() throws {
        let worker = TransferWorker(try self.id(), with: self.samples.bob.device, more: { _, _ in }, tell: { _, _ in })
        var table = TransferTable()
        let early = table.promote(worker)
        #expect(!early, "nobody's")
        table.beginPassing(worker, to: self.samples.bob.person)
        #expect(!table.counts(worker))
        let promoted = table.promote(worker)
        #expect(promoted && table.counts(worker))
        let again = table.promote(worker)
        #expect(!again, "once")
        let isPassing = table.endedPassing(worker)
        #expect(!isPassing)
    }

    @Test func whoPassesOnToSomebodyIsHalted() throws {
        var table = TransferTable()
        let workers = try [self.samples.bob, self.samples.anna].map { other in
            let worker = TransferWorker(try self.id(), with: other.device, more: { _, _ in }, tell: { _, _ in })
            table.beginPassing(worker, to: other.person)
            return worker
        }
        table.haltPassing(to: self.samples.bob.person, self.samples.anna.device)
        #expect(workers.map(\.isHalted) == [false, false], "that device is not theirs")
        table.haltPassing(to: self.samples.bob.person, self.samples.bob.device)
        #expect(workers.map(\.isHalted) == [true, false])
        table.haltPassing(to: self.samples.anna.person, nil)
        #expect(workers.map(\.isHalted) == [true, true])
    }

    @Test func whatComesIsPassedOnAtOnceUntilNoMoreComes() async throws {
        let chunk = Int(ChunkProof.chunk)
        let listing = try self.listing(2 * chunk)
        let head = listing.encoded
        let source = BulkFrame.Source(
            share: self.share, listing: UInt64(head.count), size: UInt64(2 * chunk), isOpen: false, isProven: true)
        let bytes = (0..<2 * chunk).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
        try self.place.append(bytes, to: "a")
        let chunks = ChunkStore(path: "\(self.place.path)/proofs")
        let offer = FileOffer(key: [UInt8](repeating: 0, count: 32), name: "a", files: 1, size: UInt64(2 * chunk))
        let transfer = Transfer(
            id: try self.id(), share: self.share, conversation: self.samples.conversation,
            person: self.samples.anna.person, device: self.samples.anna.device, isIncoming: true, offer: offer,
            at: Timestamp(milliseconds: 0), state: .accepted)
        let (_, ends) = try self.start(Forwarder(transfer, chunks: chunks, throttle: Throttle()).run)
        // It waits until somebody has begun to fetch it.
        chunks.prepare(source)
        chunks.learn(
            head,
            .init(
                [.init(path: "\(self.place.path)/a", size: UInt64(2 * chunk), modified: FileTime(milliseconds: 0))],
                size: UInt64(2 * chunk)))
        chunks.begin(source, at: 0)
        guard case .source(source) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        try self.pair.theirs.send(.pull(from: 0, to: 0))
        let whole = head + bytes
        for index in 0..<2 {
            let proof = [UInt8](repeating: UInt8(index + 1), count: 64)
            chunks.add(proof, index: UInt64(index), end: UInt64((index + 1) * chunk))
            var came: [UInt8] = []
            while came.count < chunk { came += try self.pair.data() }
            #expect(came == Array(whole[index * chunk..<(index + 1) * chunk]))
            guard case .proof(UInt64(index), proof) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        }
        chunks.stop()
        guard case .stop(.busy, _) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        for await end in ends { #expect(end == .halted) }
    }

    /// It has come in part, and no more comes: there is nothing at the end all the same, which is no reason to stop.
    @Test func aPullThatBeginsAtTheEndIsAnsweredAtOnce() async throws {
        let listing = try self.listing(3).encoded
        let source = BulkFrame.Source(
            share: self.share, listing: UInt64(listing.count), size: 3, isOpen: false, isProven: true)
        let chunks = ChunkStore(path: "\(self.place.path)/proofs")
        let offer = FileOffer(key: [UInt8](repeating: 0, count: 32), name: "a", files: 1, size: 3)
        let transfer = Transfer(
            id: try self.id(), share: self.share, conversation: self.samples.conversation,
            person: self.samples.anna.person, device: self.samples.anna.device, isIncoming: true, offer: offer,
            at: Timestamp(milliseconds: 0), state: .accepted)
        let (_, ends) = try self.start(Forwarder(transfer, chunks: chunks, throttle: Throttle()).run)
        chunks.prepare(source)
        chunks.begin(source, at: 0)
        chunks.stop()
        guard case .source(source) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        try self.pair.theirs.send(.pull(from: source.length, to: 0))
        guard case .end(source.length) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        try self.pair.theirs.send(.pull(from: 0, to: 0))
        guard case .stop(.busy, _) = try self.pair.frame() else { throw ChannelPair.Unexpected() }
        for await end in ends { #expect(end == .halted) }
    }

    @Test func whoIsThrottledGoesOnWhenTheLimitIsLifted() async throws {
        let throttle = Throttle()
        throttle.set(total: 1, perDevice: 0)
        let (_, ends) = try self.start { worker, channel in
            // Days.
            try throttle.wait(for: 1_000_000, to: worker.device, on: channel)
            return .complete([])
        }
        throttle.set(total: 0, perDevice: 0)
        for await end in ends { #expect(end == .complete([])) }
    }

    @Test func whoIsThrottledIsHalted() async throws {
        let throttle = Throttle()
        throttle.set(total: 0, perDevice: 1)
        let (worker, ends) = try self.start { worker, channel in
            try throttle.wait(for: 1_000_000, to: worker.device, on: channel)
            return .complete([])
        }
        worker.halt(.busy)
        for await end in ends { #expect(end == .halted) }
    }
}
