import EarshotModel

/// Bringing one conversation level over one link: what the other end offers and we have asked for, and what we
/// have told and pushed (Protocol.md 9). It knows numbers only; the logs are elsewhere.
package struct Sync: Sendable {
    private struct Incoming {
        var offered: UInt64 = 0
        var asked: UInt64 = 0
        /// When it last moved, uptime in ms.
        var movedAt: UInt64 = 0
    }

    /// A Want nobody answered is asked again after so long, in ms.
    private static let patience: UInt64 = 5_000
    /// Wants for one log that are open at a time: enough that the line never waits for our disk.
    private static let ahead: UInt64 = 4

    /// Whether the other end has sent Heads here: he has accepted us.
    package private(set) var isHeard = false
    private var incoming: [LogID: Incoming] = [:]
    /// The end of our own log as the other end was last told of it, and as it was last sent to him.
    private var told: UInt64 = 0
    private var sent: UInt64 = 0

    package init() {}

    package mutating func hear() { self.isHeard = true }

    /// The other end holds a log up to `offered`, we up to `held`.
    package mutating func offer(_ log: LogID, offered: UInt64, held: UInt64, now: UInt64) -> [ClosedRange<UInt64>] {
        guard offered > held || self.incoming[log] != nil else { return [] }
        var state = self.incoming[log] ?? Incoming(movedAt: now)
        state.offered = max(state.offered, offered)
        self.incoming[log] = state
        return self.moved(log, held: held, now: now)
    }

    /// Our copy of a log ends at `held` now: what to ask for next.
    package mutating func moved(_ log: LogID, held: UInt64, now: UInt64) -> [ClosedRange<UInt64>] {
        guard var state = self.incoming[log] else { return [] }
        var wants: [ClosedRange<UInt64>] = []
        state.asked = max(state.asked, held)
        state.movedAt = now
        // Whole spans: no flood of little Wants while the log grows.
        while state.asked < state.offered, state.asked - held <= (Self.ahead - 1) * Limits.wantSpan {
            let end = min(state.offered, state.asked + Limits.wantSpan)
            wants.append(state.asked + 1...end)
            state.asked = end
        }
        self.incoming[log] = state.offered <= held ? nil : state
        return wants
    }

    /// Whether envelope `seq` of a log was asked for.
    package func isAsked(_ log: LogID, _ seq: UInt64) -> Bool { seq <= self.incoming[log]?.asked ?? 0 }

    /// Wants that were never answered, asked again. `held` tells where our copy of a log ends.
    package mutating func overdue(now: UInt64, held: (LogID) -> UInt64) -> [(LogID, ClosedRange<UInt64>)] {
        var again: [(LogID, ClosedRange<UInt64>)] = []
        for (log, state) in self.incoming where now >= state.movedAt + Self.patience {
            let end = held(log)
            self.incoming[log]?.asked = end
            again += self.moved(log, held: end, now: now).map { (log, $0) }
        }
        return again
    }

    /// When `overdue` should be looked at, uptime in ms.
    package var wakeAt: UInt64? { self.incoming.values.map { $0.movedAt + Self.patience }.min() }

    /// What to do about our own log, which ends at `said` and which the other end holds up to `held`.
    package enum Telling: Equatable {
        /// Push these.
        case push(ClosedRange<UInt64>)
        /// Say where it ends and let him pull.
        case heads
        case nothing
    }

    package mutating func tell(said: UInt64, held: UInt64) -> Telling {
        guard self.isHeard, said > held, said > self.told else { return .nothing }
        self.sent = max(self.sent, held)
        if said - held <= Limits.pushed, self.sent >= self.told {
            defer { (self.sent, self.told) = (said, said) }
            return .push(self.sent + 1...said)
        }
        // One offer at a time: the next when this one was taken.
        guard held >= self.told else { return .nothing }
        self.told = said
        return .heads
    }

    /// We told the whole of it, as at the opening of a session.
    package mutating func toldHeads(said: UInt64) { self.told = max(self.told, said) }

    /// We answered a Want for our own log.
    package mutating func served(to seq: UInt64) { self.sent = max(self.sent, seq) }
}
