import EarshotModel
import EarshotWire

/// One device's chain in a conversation, as far as we hold it: where it ends, and what came too early.
package struct Log: Sendable {
    /// What becomes part of a log.
    package enum Entry: Hashable, Sendable {
        case envelope(VerifiedEnvelope)
        /// A body that was dropped: its place and id.
        case gone(seq: UInt64, EnvelopeID)
    }

    package enum Outcome: Hashable, Sendable {
        /// These follow the head now, in order.
        case taken([Entry])
        case known
        /// Something before it is missing.
        case parked
        /// It contradicts what we hold; what we hold stays.
        case fork
        /// There is no room for one more log.
        case refused
    }

    package let device: DeviceID
    /// 0 while nothing is held.
    package private(set) var seq: UInt64
    package private(set) var id: EnvelopeID?
    private var early: [UInt64: Entry] = [:]
    package private(set) var earlyBytes = 0

    package init(device: DeviceID, seq: UInt64 = 0, id: EnvelopeID? = nil) {
        self.device = device
        self.seq = seq
        self.id = id
    }

    package var earlyCount: Int { self.early.count }
    /// Where the first of what came too early belongs.
    package var firstEarly: UInt64? { self.early.keys.min() }

    /// Nothing before this is ever had.
    package mutating func begin(behind seq: UInt64, _ id: EnvelopeID) {
        guard seq > self.seq else { return }
        for early in self.early.keys where early <= seq { self.forget(early) }
        (self.seq, self.id) = (seq, id)
    }

    /// - Parameters:
    ///   - mayPark: whether there is room for what comes too early.
    ///   - takes: whether what waited for this becomes part of the log as well; where not, it goes on waiting.
    package mutating func receive(
        _ verified: VerifiedEnvelope, mayPark: Bool = true, takes: (VerifiedEnvelope) -> Bool = { _ in true }
    ) -> Outcome {
        let envelope = verified.envelope
        if envelope.seq <= self.seq {
            return envelope.seq == self.seq && envelope.id != self.id ? .fork : .known
        }
        if envelope.seq == self.seq + 1 {
            guard envelope.prev == self.id else { return .fork }
            return .taken(self.advance([.envelope(verified)], takes))
        }
        if let stubs = self.stubs(before: envelope) {
            return .taken(self.advance(stubs + [.envelope(verified)], takes))
        }
        return self.park(.envelope(verified), at: envelope.seq, bytes: envelope.wire.count, mayPark)
    }

    /// A stub counts once an envelope follows that names it (Protocol.md 9).
    package mutating func receive(
        _ gone: Gone, mayPark: Bool = true, takes: (VerifiedEnvelope) -> Bool = { _ in true }
    ) -> Outcome {
        guard gone.seq > self.seq else { return .known }
        let outcome = self.park(.gone(seq: gone.seq, gone.id), at: gone.seq, bytes: 40, mayPark)
        guard self.early[gone.seq] != nil else { return outcome }
        // The envelope that vouches for it may have been waiting.
        var next = gone.seq + 1
        while case .gone = self.early[next] { next += 1 }
        guard case .envelope(let waiting) = self.early[next], let stubs = self.stubs(before: waiting.envelope),
            takes(waiting)
        else { return outcome }
        self.forget(next)
        return .taken(self.advance(stubs + [.envelope(waiting)], takes))
    }

    /// Stubs for everything between our head and `envelope`, the last of them the one it names.
    private func stubs(before envelope: Envelope) -> [Entry]? {
        guard envelope.seq - self.seq - 1 <= UInt64(self.early.count) else { return nil }
        var stubs: [Entry] = []
        var last: EnvelopeID?
        for seq in self.seq + 1..<envelope.seq {
            guard case .gone(_, let id) = self.early[seq] else { return nil }
            stubs.append(.gone(seq: seq, id))
            last = id
        }
        return last == envelope.prev ? stubs : nil
    }

    private mutating func advance(_ entries: [Entry], _ takes: (VerifiedEnvelope) -> Bool) -> [Entry] {
        var taken: [Entry] = []
        for entry in entries { self.take(entry, &taken) }
        while true {
            if case .envelope(let next) = self.early[self.seq + 1], next.envelope.prev == self.id {
                guard takes(next) else { return taken }
                self.take(.envelope(next), &taken)
                continue
            }
            // Perhaps stubs and then an envelope that vouches for them.
            var end = self.seq + 1
            while case .gone = self.early[end] { end += 1 }
            guard end > self.seq + 1, case .envelope(let next) = self.early[end],
                let stubs = self.stubs(before: next.envelope), takes(next)
            else { return taken }
            for stub in stubs { self.take(stub, &taken) }
            self.take(.envelope(next), &taken)
        }
    }

    private mutating func take(_ entry: Entry, _ taken: inout [Entry]) {
        switch entry {
        case .envelope(let verified): (self.seq, self.id) = (verified.envelope.seq, verified.envelope.id)
        case .gone(let seq, let id): (self.seq, self.id) = (seq, id)
        }
        self.forget(self.seq)
        taken.append(entry)
    }

    private mutating func park(_ entry: Entry, at seq: UInt64, bytes: Int, _ mayPark: Bool) -> Outcome {
        guard mayPark, seq <= self.seq + Limits.parkedAhead, self.early[seq] == nil,
            self.early.count < Limits.parkedEnvelopes,
            self.earlyBytes + bytes <= Limits.parkedBytes
        else { return .parked }
        self.early[seq] = entry
        self.earlyBytes += bytes
        return .parked
    }

    private mutating func forget(_ seq: UInt64) {
        switch self.early.removeValue(forKey: seq) {
        case .envelope(let old): self.earlyBytes -= old.envelope.wire.count
        case .gone: self.earlyBytes -= 40
        case nil: break
        }
    }
}
