import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire
import NIOConcurrencyHelpers
import Noise

/// How far a share has grown that nobody knows the end of.
package final class Growth: Sendable {
    private let state: NIOLockedValueBox<(size: UInt64, isOpen: Bool)>
    package init(size: UInt64, isOpen: Bool) { self.state = NIOLockedValueBox((size, isOpen)) }
    var now: (size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 } }
    package func set(size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 = (size, isOpen) } }
}

/// The giving side of a transfer: reads, seals and writes (Protocol.md 13).
package struct Sender {
    /// Looks for what the other end says once in so many frames.
    private static let look = 4
    /// And whether the network loses what is sent, once in so many.
    private static let judge = 8
    /// Ms without a word from the receiver, who may have much to sync.
    private static let patience = Limits.receiverSilence
    private static let growing: UInt64 = 20

    let share: Share
    /// Where the listing lies.
    let listing: String
    /// Copies of what has no length of its own, if there are any.
    let copies: String
    let growth: Growth?
    /// What proves each chunk, if others are to pass it on.
    let signer: SigningKeyPair?
    let throttle: Throttle

    package init(
        _ share: Share, listing: String, copies: String, growth: Growth? = nil, signer: SigningKeyPair?,
        throttle: Throttle
    ) {
        self.share = share
        self.listing = listing
        self.copies = copies
        self.growth = growth
        self.signer = signer
        self.throttle = throttle
    }

    /// Until the other end has what it wants, and closes.
    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        let bytes: [UInt8]
        let files: OfferedFiles
        do {
            bytes = try ListingFile.read(self.listing, atMost: Limits.listingBytes)
            files = OfferedFiles(try Listing(decoding: bytes), self.share.roots, copies: self.copies)
        } catch {
            try channel.send(.stop(.unreadable, ""))
            return .unreadable(NetworkError.words(for: error))
        }
        let source = StreamSource(.init(files, size: files.listing.size))
        // Of an open share that is complete by now the size is told by End all the same: the receiver was offered no
        // size.
        let isOpen = self.growth != nil
        try channel.send(
            .source(
                .init(
                    share: self.share.id, listing: UInt64(bytes.count), size: isOpen ? 0 : source.size, isOpen: isOpen,
                    isProven: self.signer != nil)))
        let spool = self.growth.flatMap { _ in self.share.roots.first.map { GrowingFile(path: $0.path) } }
        do {
            return try self.serve(worker, channel, files.listing, source, spool)
        } catch let failure as StreamSource.Failure {
            switch failure {
            case .changed(let path):
                try channel.send(.stop(.changed, self.shown(path)))
                return .changed(path)
            case .unreadable(let path, let reason):
                try channel.send(.stop(.unreadable, self.shown(path)))
                return .unreadable("\(path): \(reason)")
            }
        }
    }

    /// Of a path what the other knows too.
    private func shown(_ path: String) -> String { SafeText.name(String(path.split(separator: "/").last ?? "")) }

    private func serve(  // lint: loop
        _ worker: TransferWorker, _ channel: BulkChannel, _ listed: Listing, _ source: StreamSource,
        _ spool: GrowingFile?
    ) throws -> BulkEnd {
        let listing = listed.encoded
        let head = UInt64(listing.count)
        let length = head + source.size
        let subflows = Subflows(channel)
        var skipping = SkippedFiles(listed)
        var pulls = PullQueue(length: spool == nil ? length : nil, isProven: self.signer != nil)
        var prover = self.signer.map { Prover(share: self.share.id, length: length, signer: $0) }
        var frames = 0
        func take(_ incoming: BulkChannel.Incoming) throws -> BulkEnd? {
            try pulls.take(incoming) { worker.post(.came(worker.id, have: $0)) }
        }
        while true {
            guard let pull = pulls.first else {
                if let end = try take(channel.receive(within: Self.patience)) { return end }
                continue
            }
            frames += 1
            if frames % Self.look == 0 {
                while let incoming = try channel.receiveNow() { if let end = try take(incoming) { return end } }
            }
            try self.widen(subflows, worker, frames)
            let subflow = try subflows.writable()
            let whole = try subflow.room
            var most = self.throttle.portion(subflows.isSingle ? whole.count : Subflows.portion)
            if pull.to > 0 { most = Int(clamping: min(UInt64(most), pull.to - pull.from)) }
            if prover != nil {
                most = Int(clamping: min(UInt64(most), ChunkProof.end(of: pull.from, length: length) - pull.from))
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: whole[..<most])
            var count = 0
            if pull.from < head {
                let part = listing[Int(pull.from)..<min(listing.count, Int(pull.from) + room.count)]
                room.copyBytes(from: part)
                count = part.count
            } else if let spool {
                count = try spool.read(at: pull.from - head, into: room)
                // Grown to its end, or not yet.
                if count == 0, let growth = self.growth, growth.now.isOpen || growth.now.size > pull.from - head {
                    if let incoming = try channel.receive(orNothingWithin: Self.growing), let end = try take(incoming) {
                        return end
                    }
                    continue
                }
            } else {
                do throws(StreamSource.Failure) {
                    count = try source.read(at: pull.from - head, into: room)
                } catch {
                    guard let fault = source.fault, skipping.skips(fault) else { throw error }
                    try self.skip(fault, at: pull.from, skipping, subflows, worker)
                    pulls.advance(to: pull.to > 0 ? min(pull.to, head + fault.end) : head + fault.end)
                    if let next = pulls.first, next.from < length, next.from != next.to { continue }
                }
            }
            let at = (pulls.first?.from ?? pull.from) + UInt64(count)
            if count > 0 {
                self.throttle.wait(for: count, to: worker.device) { worker.isHalted }
                let proof = prover?.add(UnsafeRawBufferPointer(rebasing: room[..<count]), at: pull.from)
                try subflows.sendData(count, at: pull.from, on: subflow)
                pulls.advance(to: at)
                if let proof { try channel.send(.proof(index: (at - 1) / ChunkProof.chunk, proof)) }
            }
            if count == 0 || at == pull.to || (spool == nil && at == length) {
                if spool == nil, at == length {
                    for fault in source.staleEmpties() {
                        guard skipping.skips(fault) else { throw fault.failure }
                        try self.skip(fault, at: at, skipping, subflows, worker)
                    }
                }
                try subflows.flush()
                try channel.send(.end(at: at))
                pulls.removeFirst()
            }
        }
    }

    /// Says that a file does not come, or no more of it, and goes on behind it.
    private func skip(
        _ fault: StreamSource.Fault, at offset: UInt64, _ skipping: SkippedFiles, _ subflows: Subflows,
        _ worker: TransferWorker
    ) throws {
        try subflows.flush()
        try subflows.main.send(.skip(at: offset, file: UInt64(fault.index), fault.reason))
        // Of more than are named the receiver tells how many they are.
        guard skipping.count <= TransferNotes.most else { return }
        var notes = TransferNotes()
        notes.omit(skipping.path(fault.index), fault.reason)
        worker.post(.noted(worker.id, notes))
    }

    /// Takes in channels that have joined; and wishes for some, once, where one alone is held up by losses.
    private func widen(_ subflows: Subflows, _ worker: TransferWorker, _ frames: Int) throws {
        for channel in worker.joined() { subflows.add(channel) }
        guard !subflows.isReordering, frames % Self.judge == 0, subflows.main.isLosing else { return }
        subflows.expectMore()
        // Allowed before it is said: the answer may be quick.
        worker.wantMore(Subflows.most)
        try subflows.main.send(.more(Subflows.most))
    }
}

/// Signs each chunk of a stream that goes by, if it goes by whole.
private struct Prover {
    let share: ShareID
    let length: UInt64
    let signer: SigningKeyPair
    private var hash = ChunkHash()
    /// Up to where the chunk was hashed; nothing if its beginning was missed.
    private var at: UInt64?

    init(share: ShareID, length: UInt64, signer: SigningKeyPair) {
        self.share = share
        self.length = length
        self.signer = signer
    }

    /// The proof, when a chunk ends.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> [UInt8]? {
        if offset % ChunkProof.chunk == 0 {
            self.hash = ChunkHash()
            self.at = offset
        }
        guard self.at == offset else {
            self.at = nil
            return nil
        }
        self.hash.update(bytes)
        let end = offset + UInt64(bytes.count)
        self.at = end
        guard end == ChunkProof.end(of: offset, length: self.length) else { return nil }
        return ChunkProof.sign(
            self.share, index: offset / ChunkProof.chunk, hash: self.hash.finish(), with: self.signer)
    }
}
