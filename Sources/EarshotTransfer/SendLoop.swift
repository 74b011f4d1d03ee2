import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// What a sender does once it has said what there is: gives what is pulled, until the other end closes.
struct SendLoop {
    /// Looks for what the other end says once in so many frames.
    private static let look = 4
    /// And whether the network loses what is sent, once in so many.
    private static let judge = 8
    /// Ms without a word from the receiver, who may have much to sync.
    private static let patience = Limits.receiverSilence
    /// Ms between looks at a file that grows, where the kernel does not tell.
    private static let unwatched: UInt64 = 500

    /// What lies at a place of the stream.
    private enum Found {
        case bytes(Int)
        /// Nothing yet: it is still being written.
        case notYet
        /// The file has changed: the receiver was told that it does not come, and it goes on behind it.
        case skipped
    }

    private let worker: TransferWorker
    private let channel: BulkChannel
    private let throttle: Throttle
    private let growth: Growth?
    private let listing: [UInt8]
    private let contents: OfferedContents
    private let spool: GrowingFile?
    private let head: UInt64
    private let length: UInt64
    private let subflows: Subflows
    private var pulls: PullQueue
    private var prover: Prover?
    private var frames = 0
    /// More is asked for than the listing, and that was told.
    private var isGiving = false

    init(
        _ sender: Sender, _ worker: TransferWorker, _ channel: BulkChannel, _ listing: [UInt8], _ spool: GrowingFile?
    ) {
        self.worker = worker
        self.channel = channel
        self.throttle = sender.throttle
        self.growth = sender.growth
        self.listing = listing
        self.contents = OfferedContents(sender.share, listing: listing, copies: sender.copies)
        self.spool = spool
        self.head = UInt64(listing.count)
        let length = self.head + sender.share.size
        self.length = length
        self.subflows = Subflows(channel)
        self.pulls = PullQueue(length: spool == nil ? length : nil, isProven: sender.signer != nil)
        self.prover = sender.signer.map { Prover(share: sender.share.id, length: length, signer: $0) }
    }

    mutating func run() throws -> BulkEnd {
        self.growth?.watch(self.channel.bell)
        defer { self.growth?.unwatch(self.channel.bell) }
        while true {
            if let pull = self.pulls.first {
                if let end = try self.give(pull) { return end }
            } else if let end = try self.take(self.channel.receive(within: Self.patience)) {
                return end
            }
        }
    }

    /// What the receiver says; an end if that is one.
    private mutating func take(_ incoming: BulkChannel.Incoming) throws -> BulkEnd? {
        let end = try self.pulls.take(incoming) { [worker] in worker.post(.came(worker.id, have: $0)) }
        if !self.isGiving, self.pulls.reaches(beyond: self.head) {
            self.isGiving = true
            self.worker.post(.gives(self.worker.id, to: self.worker.device))
        }
        return end
    }

    /// Gives one frame of what is pulled.
    private mutating func give(_ pull: PullQueue.Pull) throws -> BulkEnd? {
        self.frames += 1
        if self.frames % Self.look == 0 {
            while let incoming = try self.channel.receiveNow() { if let end = try self.take(incoming) { return end } }
        }
        try self.widen()
        let subflow = try self.subflows.writable()
        let whole = try subflow.room
        let room = UnsafeMutableRawBufferPointer(rebasing: whole[..<self.most(pull, in: whole.count)])
        switch try self.find(pull, into: room) {
        case .notYet:
            return try self.awaitGrowth()
        case .skipped:
            guard let next = self.pulls.first, next.from == self.length || next.from == next.to else { return nil }
            try self.finish(at: next.from)
        case .bytes(let count):
            let at = pull.from + UInt64(count)
            if count > 0 { try self.send(UnsafeRawBufferPointer(rebasing: room[..<count]), at: pull.from, on: subflow) }
            if count == 0 || at == pull.to || self.spool == nil && at == self.length { try self.finish(at: at) }
        }
        return nil
    }

    /// Until more was written, or the receiver says something.
    private mutating func awaitGrowth() throws -> BulkEnd? {
        guard let spool else { return nil }
        let until = spool.changes < 0 ? uptime() + Self.unwatched : .max
        let incoming = try self.channel.receive(until: until, or: spool.changes)
        // Before it is read: what is written from here on is told anew.
        spool.heed()
        return try incoming.flatMap { try self.take($0) }
    }

    /// Bytes of the next frame at most.
    private func most(_ pull: PullQueue.Pull, in room: Int) -> Int {
        var most = self.throttle.portion(self.subflows.isSingle ? room : Subflows.portion)
        if pull.to > 0 { most = Int(clamping: min(UInt64(most), pull.to - pull.from)) }
        if self.prover != nil {
            most = Int(clamping: min(UInt64(most), ChunkProof.end(of: pull.from, length: self.length) - pull.from))
        }
        return most
    }

    private mutating func find(_ pull: PullQueue.Pull, into room: UnsafeMutableRawBufferPointer) throws -> Found {
        guard pull.from >= self.head else {
            let part = self.listing[Int(pull.from)..<min(self.listing.count, Int(pull.from) + room.count)]
            room.copyBytes(from: part)
            return .bytes(part.count)
        }
        let offset = pull.from - self.head
        if let spool {
            let count = try spool.read(at: offset, into: room)
            // Grown to its end, or not yet.
            guard count == 0, let growth = self.growth, growth.now.isOpen || growth.now.size > offset else {
                return .bytes(count)
            }
            return .notYet
        }
        do throws(StreamSource.Failure) {
            return .bytes(try self.contents.source.read(at: offset, into: room))
        } catch {
            guard let fault = self.contents.skippable else { throw error }
            try self.skip(fault, at: pull.from)
            self.pulls.advance(to: pull.to > 0 ? min(pull.to, self.head + fault.end) : self.head + fault.end)
            return .skipped
        }
    }

    /// - Parameter bytes: in the room of the subflow.
    private mutating func send(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, on subflow: BulkChannel) throws {
        try self.throttle.wait(for: bytes.count, to: self.worker.device, on: self.channel)
        let proof = self.prover?.add(bytes, at: offset)
        let end = offset + UInt64(bytes.count)
        try self.subflows.sendData(bytes.count, at: offset, on: subflow)
        self.pulls.advance(to: end)
        if let proof { try self.channel.send(.proof(index: (end - 1) / ChunkProof.chunk, proof)) }
    }

    /// All that was pulled has been given.
    private mutating func finish(at end: UInt64) throws {
        if self.spool == nil, end == self.length {
            for fault in try self.contents.source.staleEmpties() {
                guard self.contents.skips(fault) else { throw fault.failure }
                try self.skip(fault, at: end)
            }
        }
        try self.subflows.flush()
        try self.channel.send(.end(at: end))
        self.pulls.removeFirst()
    }

    /// Says that a file does not come, or no more of it.
    private mutating func skip(_ fault: StreamSource.Fault, at offset: UInt64) throws {
        try self.subflows.flush()
        try self.channel.send(.skip(at: offset, file: UInt64(fault.index), fault.reason))
        // Of more than are named the receiver tells how many they are.
        guard self.contents.skipped <= TransferNotes.most else { return }
        var notes = TransferNotes()
        notes.omit(self.contents.path(fault.index), fault.reason)
        self.worker.post(.noted(self.worker.id, notes))
    }

    /// Takes in channels that have joined; and wishes for some, once, where one alone is held up by losses.
    private mutating func widen() throws {
        for channel in self.worker.joined() { self.subflows.add(channel) }
        guard !self.subflows.isReordering, self.frames % Self.judge == 0, self.channel.isLosing else { return }
        self.subflows.expectMore()
        // Allowed before it is said: the answer may be quick.
        self.worker.wantMore(Subflows.most)
        try self.channel.send(.more(Subflows.most))
    }
}
