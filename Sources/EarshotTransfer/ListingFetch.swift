import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// Fetching the listing of an offer and nothing else, so that it is known what would come before anybody agrees to it
/// (Protocol.md 13). Nothing is written.
package struct ListingFetch {
    /// Ms without a byte from the author.
    private static let patience = Limits.sourceTime

    let plan: FetchPlan
    let me: DeviceID
    /// What the author said, if they opened the channel.
    let source: BulkFrame.Source?
    /// Where what was seen is kept for a while.
    let seen: SeenListings

    package init(_ plan: FetchPlan, me: DeviceID, source: BulkFrame.Source? = nil, seen: SeenListings) {
        self.plan = plan
        self.me = me
        self.source = source
        self.seen = seen
    }

    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        do {
            let source = try self.source ?? self.plan.source(on: channel, self.me, looks: true)
            try self.plan.check(source)
            guard source.listing <= UInt64(Limits.lookedBytes) else {
                try? channel.send(.close(.goingAway))
                return .tooLarge
            }
            let listing = try Listing(decoding: try self.listing(source, channel))
            let tree = try SafeTree(listing)
            if let why = self.plan.transfer.offer.contradicts(listing, tree) { throw FetchStop.end(.dishonest(why)) }
            try? channel.send(.close(.goingAway))
            self.seen.keep(tree, of: worker.id)
            worker.post(.looked(worker.id, Contents(of: tree)))
            return .seen
        } catch FetchStop.end(let end) {
            // What is not what was offered is told as any broken rule is (Protocol.md 14).
            if case .dishonest = end { channel.part(with: .close(.protocolError)) }
            return end
        } catch let error as ProtocolError {
            channel.part(with: .close(.protocolError))
            return .dishonest(.rule("\(error)"))
        }
    }

    private func listing(_ source: BulkFrame.Source, _ channel: BulkChannel) throws -> [UInt8] {
        let count = Int(clamping: source.listing)
        try channel.send(.pull(from: 0, to: source.listing))
        var bytes: [UInt8] = []
        while true {
            switch try channel.receive(within: Self.patience) {
            case .data(let data, let offset):
                guard offset == nil || offset == UInt64(bytes.count), data.count <= count - bytes.count else {
                    throw ProtocolError.unexpected("data beyond the listing")
                }
                data.withBytes { bytes.append(contentsOf: $0) }
            case .frame(.end(let end)):
                guard end == source.listing, bytes.count == count else { throw ProtocolError.malformed("the end") }
                return bytes
            // It comes from its author, in a session with them.
            case .frame(.proof), .frame(.more): continue
            case .frame(.stop(let reason, let text)): throw FetchStop.end(.stopped(reason, SafeText.name(text)))
            case .frame(.close): throw FetchStop.end(.broken(.closed))
            case .frame(.fetch), .frame(.source), .frame(.pull), .frame(.have), .frame(.refer), .frame(.join),
                .frame(.skip):
                throw ProtocolError.unexpected("not for a receiver")
            }
        }
    }
}

/// Fetching ends before it could begin.
enum FetchStop: Error {
    case end(BulkEnd)
}

extension FetchPlan {
    /// Asks on a channel of ours, and says what is to be had.
    func source(on channel: BulkChannel, _ me: DeviceID, looks: Bool) throws -> BulkFrame.Source {
        let proof = Derive.fetchProof(key: self.transfer.offer.key, handshake: channel.introduction.handshakeHash, me)
        try channel.send(
            .fetch(Fetch(self.transfer.share, proof: self.isFromAuthor ? nil : proof, avoid: self.avoid, looks: looks)))
        guard case .frame(let frame) = try channel.receive(within: Limits.sourceTime) else {
            throw ProtocolError.unexpected("data before a source")
        }
        switch frame {
        case .source(let source): return source
        case .stop(let reason, let text): throw FetchStop.end(.stopped(reason, SafeText.name(text)))
        case .close: throw FetchStop.end(.broken(.closed))
        case .refer(let referral): throw FetchStop.end(.referred(referral))
        case .fetch, .pull, .end, .have, .proof, .join, .more, .skip:
            throw ProtocolError.unexpected("instead of a source")
        }
    }

    /// It is what was offered, and what it was the last time.
    func check(_ source: BulkFrame.Source) throws {
        guard source.share == self.transfer.share else { throw ProtocolError.unexpected("another share") }
        guard source.isOpen == self.transfer.offer.isOpen, source.isOpen || source.size == self.transfer.offer.size
        else {
            throw FetchStop.end(.dishonest(.size))
        }
        guard source.isProven && !source.isOpen && self.authorKey != nil || self.isFromAuthor else {
            throw FetchStop.end(.dishonest(.unproven))
        }
        guard self.transfer.have == 0 || source.listing == self.transfer.listing else {
            throw FetchStop.end(.dishonest(.listing))
        }
    }
}
