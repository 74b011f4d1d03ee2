import EarshotModel
import EarshotNetwork
import EarshotProtocol
import EarshotVault
import FoundationEssentials
import NIOConcurrencyHelpers

/// How far a share has grown that nobody knows the end of.
final class Growth: Sendable {
    private let state: NIOLockedValueBox<(size: UInt64, isOpen: Bool)>
    init(size: UInt64, isOpen: Bool) { self.state = NIOLockedValueBox((size, isOpen)) }
    var now: (size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 } }
    func set(size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 = (size, isOpen) } }
}

/// The giving side of a transfer: reads, seals and writes (Protocol.md 13).
struct Giving {
    private struct Pull {
        var from: UInt64
        let to: UInt64
    }

    /// Looks for what the other end says once in so many frames.
    private static let look = 4
    /// Ms without a word from the receiver, who may have much to sync.
    private static let patience: UInt64 = 300_000
    private static let growing: UInt64 = 20

    let share: Share
    /// Where the listing lies.
    let listing: String
    let growth: Growth?
    let throttle: Throttle

    /// Until the other end has what it wants, and closes.
    func run(_ porter: Porter, _ line: BulkLine) throws -> BulkEnd {
        let bytes: [UInt8]
        let source: StreamSource
        do {
            bytes = try ListingFile.read(self.listing, atMost: Limits.listingBytes)
            source = StreamSource(try self.entries(bytes))
        } catch {
            try line.send(.stop(.unreadable, ""))
            return .unreadable("\(error)")
        }
        // Of an open share that is complete by now the size is told by End all the same: the receiver was offered no size.
        let isOpen = self.growth != nil
        try line.send(.source(.init(share: self.share.id, listing: UInt64(bytes.count), size: isOpen ? 0 : source.size, isOpen: isOpen)))
        let spool = self.growth.flatMap { _ in self.share.roots.first.map { GrowingFile(path: $0.path) } }
        do {
            return try self.serve(porter, line, bytes, source, spool)
        } catch let failure as StreamSource.Failure {
            switch failure {
            case .changed(let path):
                try line.send(.stop(.changed, self.shown(path)))
                return .changed(path)
            case .unreadable(let path, let reason):
                try line.send(.stop(.unreadable, self.shown(path)))
                return .unreadable("\(path): \(reason)")
            }
        }
    }

    /// Of a path what the other knows too.
    private func shown(_ path: String) -> String { SafeText.name(String(path.split(separator: "/").last ?? "")) }

    private func entries(_ bytes: [UInt8]) throws -> [StreamSource.Entry] {
        let roots = Dictionary(self.share.roots.map { ($0.name, $0.path) }, uniquingKeysWith: { first, _ in first })
        return try Listing(decoding: bytes).entries.compactMap { entry in
            guard entry.kind == .file, let top = entry.path.first, let root = roots[top] else { return nil }
            return .init(path: ([root] + entry.path.dropFirst()).joined(separator: "/"), size: entry.size, modified: entry.modified)
        }
    }

    private func serve(_ porter: Porter, _ line: BulkLine, _ listing: [UInt8], _ source: StreamSource, _ spool: GrowingFile?) throws -> BulkEnd {
        let head = UInt64(listing.count)
        var pulls: [Pull] = []
        var frames = 0
        while true {
            guard var pull = pulls.first else {
                if let end = try self.take(line.receive(within: Self.patience), porter, &pulls, head, source, spool) { return end }
                continue
            }
            frames += 1
            if frames % Self.look == 0 {
                while let incoming = try line.receiveNow() {
                    if let end = try self.take(incoming, porter, &pulls, head, source, spool) { return end }
                }
                pull = pulls[0]
            }
            let room = line.room
            var count = 0
            if pull.from < head {
                let part = listing[Int(pull.from)..<min(listing.count, Int(pull.from) + room.count)]
                part.withUnsafeBytes { room.copyMemory(from: $0) }
                count = part.count
            } else if let spool {
                count = try spool.read(at: pull.from - head, into: room)
                // Grown to its end, or not yet.
                if count == 0, let growth = self.growth, growth.now.isOpen || growth.now.size > pull.from - head {
                    if let incoming = try? line.receive(within: Self.growing), let end = try self.take(incoming, porter, &pulls, head, source, spool) { return end }
                    if porter.isHalted { throw BulkLine.Failure.halted }
                    continue
                }
            } else {
                count = try source.read(at: pull.from - head, into: room)
            }
            if pull.to > 0 { count = Int(clamping: min(UInt64(count), pull.to - pull.from)) }
            if count > 0 {
                self.throttle.wait(for: count, to: porter.device) { porter.isHalted }
                try line.sendData(count)
                pull.from += UInt64(count)
                pulls[0] = pull
            }
            if count == 0 || pull.from == pull.to || (spool == nil && pull.from == head + source.size) {
                try line.send(.end(at: pull.from))
                pulls.removeFirst()
            }
        }
    }

    /// What the receiver says; an end if that is one.
    private func take(
        _ incoming: BulkLine.Incoming, _ porter: Porter, _ pulls: inout [Pull], _ head: UInt64, _ source: StreamSource, _ spool: GrowingFile?
    ) throws -> BulkEnd? {
        guard case .frame(let frame) = incoming else { throw BulkLine.Failure.violated(.unexpected("data from a receiver")) }
        switch frame {
        case .pull(let from, let to):
            let length = spool == nil ? head + source.size : UInt64(Int64.max)
            guard from <= length, to <= length, pulls.count < Limits.waitingPulls else { throw BulkLine.Failure.violated(.malformed("pull beyond the end")) }
            pulls.append(Pull(from: from, to: to))
        case .have(let at): porter.post(.came(porter.id, have: at))
        case .stop(let reason, let text): return .stopped(reason, SafeText.name(text))
        case .close: return .broken("the other end closed")
        case .fetch, .source, .end: throw BulkLine.Failure.violated(.unexpected("not for a giver"))
        }
        return nil
    }
}
