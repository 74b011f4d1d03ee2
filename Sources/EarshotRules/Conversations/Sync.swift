import EarshotModel
import EarshotWire

/// Bringing one conversation level over one link: what the other end offers and we have asked for, and what we
/// have told and pushed (Protocol.md 9). It knows numbers only; the logs are elsewhere.
package struct Sync: Sendable {
    /// Envelopes to ask for.
    package struct Ask: Hashable, Sendable {
        package let log: LogID
        package let range: ClosedRange<UInt64>
    }

    private struct Incoming: Sendable {
        var offered: UInt64
        var held: UInt64
        var asked: UInt64
        /// When it last moved, uptime in ms.
        var movedAt: UInt64

        /// Wants that are under way.
        var open: Int {
            Int(clamping: (self.asked - min(self.held, self.asked) + Limits.wantSpan - 1) / Limits.wantSpan)
        }
    }

    /// A Want nobody answered is asked again after so long, in ms.
    private static let patience = Limits.wantTime
    /// Wants for one log that are open at a time: enough that the link never waits for our disk.
    private static let ahead = Limits.openWantsPerLog

    /// Whether the other end has sent Heads here: they have accepted us.
    package private(set) var isHeard = false
    private var incoming: [LogID: Incoming] = [:]
    /// The end of our own log as the other end was last told of it, and as it was last sent to them.
    private var told: UInt64 = 0
    private var sent: UInt64 = 0

    package init() {}

    package mutating func hear() { self.isHeard = true }

    /// The other end holds a log up to `offered`, we up to `held`. `next` says what to ask for.
    package mutating func offer(_ log: LogID, offered: UInt64, held: UInt64, now: UInt64) {
        guard offered > held || self.incoming[log] != nil else { return }
        var state = self.incoming[log] ?? Incoming(offered: 0, held: held, asked: held, movedAt: now)
        state.offered = max(state.offered, offered)
        self.incoming[log] = state
    }

    /// Our copy of a log ends at `held` now.
    package mutating func moved(_ log: LogID, held: UInt64, now: UInt64) {
        guard var state = self.incoming[log] else { return }
        state.held = held
        state.asked = max(state.asked, held)
        state.movedAt = now
        self.incoming[log] = state.offered <= held ? nil : state
    }

    /// Our copies of the logs end here now; what of them came from elsewhere is not asked for.
    package mutating func refresh(_ held: (LogID) -> UInt64) {
        for (log, state) in self.incoming {
            let held = held(log)
            guard held > state.held else { continue }
            self.incoming[log]?.held = held
            self.incoming[log]?.asked = max(state.asked, held)
            if state.offered <= held { self.incoming[log] = nil }
        }
    }

    /// Whether there is something of a log here that we lack.
    package func offers(_ log: LogID, beyond held: UInt64) -> Bool { (self.incoming[log]?.offered ?? 0) > held }

    /// What is offered and not known to be had.
    package var offered: [LogID] { self.incoming.keys.sorted() }

    /// What to ask for now: whole spans, and never more than eight Wants open, whatever is offered.
    /// - Parameter mayAsk: whether a log may be asked for here; it may be under way from somebody else.
    package mutating func next(now: UInt64, mayAsk: (LogID) -> Bool = { _ in true }) -> [Ask] {
        var asks: [Ask] = []
        var open = self.incoming.values.reduce(0) { $0 + $1.open }
        for log in self.incoming.keys.sorted() {
            guard open < Limits.openWants else { break }
            guard self.incoming[log].map({ $0.asked < $0.offered }) ?? false, mayAsk(log) else { continue }
            guard var state = self.incoming[log] else { continue }
            while open < Limits.openWants, state.asked < state.offered,
                state.asked - state.held <= (Self.ahead - 1) * Limits.wantSpan
            {
                let end = min(state.offered, state.asked + Limits.wantSpan)
                asks.append(Ask(log: log, range: state.asked + 1...end))
                state.asked = end
                state.movedAt = now
                open += 1
            }
            self.incoming[log] = state
        }
        return asks
    }

    /// Whether envelope `seq` of a log was asked for.
    package func isAsked(_ log: LogID, _ seq: UInt64) -> Bool { seq <= self.incoming[log]?.asked ?? 0 }

    /// Wants that were never answered are forgotten, so that `next` asks again.
    package mutating func forgetOverdue(now: UInt64) {
        for (log, state) in self.incoming where state.asked > state.held && now >= state.movedAt + Self.patience {
            self.incoming[log]?.asked = state.held
            self.incoming[log]?.movedAt = now
        }
    }

    /// When `forgetOverdue` should be called, uptime in ms.
    package var wakeAt: UInt64? {
        self.incoming.values.filter { $0.asked > $0.held }.map { $0.movedAt + Self.patience }.min()
    }

    /// What to do about our own log, which ends at `said` and which the other end holds up to `held`.
    package enum Telling: Equatable {
        /// Push these.
        case push(ClosedRange<UInt64>)
        /// Say where it ends and let them pull.
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

    /// Our own log is another one from now on.
    package mutating func beganAnew() { (self.told, self.sent) = (0, 0) }

    /// We answered a Want for our own log.
    package mutating func served(to seq: UInt64) { self.sent = max(self.sent, seq) }
}
