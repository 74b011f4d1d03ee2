import EarshotModel
import EarshotVault
import EarshotWire

/// The listing, and then what goes into files.
struct IncomingStream {
    let part: PartFolder
    let rules: NameRules
    let transfer: Transfer
    let source: BulkFrame.Source
    let chunks: ChunkStore
    let second: SecondThread
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
        at offset: UInt64, writing: Writing?, second: SecondThread
    ) {
        self.second = second
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
            let begun = try Writing(
                self.listing, self.transfer, self.part, self.rules, at: 0, self.second,
                isPassedOn: self.source.isProven)
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
struct Writing {
    let sink: StreamSink
    let tree: SafeTree
    /// What is in it, if nobody knew before.
    let seen: Contents?

    /// - Parameter isPassedOn: others have from us what has come, as soon as it is written.
    init(
        _ bytes: [UInt8], _ transfer: Transfer, _ part: PartFolder, _ rules: NameRules, at offset: UInt64,
        _ second: SecondThread, isPassedOn: Bool
    ) throws {
        let tree = try SafeTree(try Listing(decoding: bytes), for: rules)
        try self.init(tree, transfer, part, at: offset, second, isPassedOn: isPassedOn)
    }

    init(
        _ tree: SafeTree, _ transfer: Transfer, _ part: PartFolder, at offset: UInt64, _ second: SecondThread,
        isPassedOn: Bool
    ) throws {
        let listing = tree.listing
        if let why = transfer.offer.contradicts(listing, tree) { throw FetchStop.end(.dishonest(why)) }
        if let known = transfer.contents {
            guard known.hash == Contents.hash(of: listing) else {
                throw FetchStop.end(.dishonest(.seenListing))
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
            isWhole: offset == listing.size, behind: second, isReadMeanwhile: isPassedOn)
    }
}
