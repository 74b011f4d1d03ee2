import EarshotModel
import EarshotWire
import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// Where those wait who want to be let through, and from where their bytes go on (Protocol.md 20). It decides nothing.
final class RelayHall: Sendable {
    private struct Waiting {
        let half: RelayHalf
        let leaves: @Sendable () -> Void
        var ticket: Hash16?
    }
    private struct State {
        var isOpen = false
        var next: UInt64 = 1
        var waiting: [KnockID: Waiting] = [:]
        var tickets: [Hash16: KnockID] = [:]
        var running: [KnockID: Splice] = [:]
        var carried: UInt64 = 0
    }

    private let state = NIOLockedValueBox(State())
    private let tell: @Sendable (RelayEvent) -> Void

    /// - Parameter tell: told who knocks and who has left, on any thread; it must not block.
    init(tell: @escaping @Sendable (RelayEvent) -> Void) { self.tell = tell }

    var isOpen: Bool { self.state.withLockedValue { $0.isOpen } }
    /// Bytes that went through, of connections that have ended.
    var carried: UInt64 { self.state.withLockedValue { $0.carried } }

    func open(_ isOpen: Bool) { self.state.withLockedValue { $0.isOpen = isOpen } }

    // MARK: at the door

    func knocked(
        _ door: Hash16, _ half: RelayHalf, _ loop: any EventLoop, _ leaves: @escaping @Sendable () -> Void
    ) {
        let knock: KnockID? = self.state.withLockedValue { state in
            guard state.isOpen, state.waiting.count < Limits.relayMeetings else { return nil }
            let knock = KnockID(raw: state.next)
            state.next += 1
            state.waiting[knock] = Waiting(half: half, leaves: leaves)
            return knock
        }
        guard let knock else { return leaves() }
        self.tell(.knocked(knock, door: door))
        loop.scheduleTask(in: .milliseconds(Int64(clamping: Limits.relayWait))) { self.turnAway(knock) }
    }

    /// Whoever comes with this ticket is the one they wait for.
    func bring(_ knock: KnockID, _ ticket: Hash16) {
        self.state.withLockedValue { state in
            guard state.waiting[knock] != nil else { return }
            state.waiting[knock]?.ticket = ticket
            state.tickets[ticket] = knock
        }
    }

    func turnAway(_ knock: KnockID) {
        let gone = self.take(knock)
        gone?.leaves()
        if gone != nil { self.tell(.left(knock)) }
    }

    private func take(_ knock: KnockID) -> Waiting? {
        self.state.withLockedValue { state in
            guard let gone = state.waiting.removeValue(forKey: knock) else { return nil }
            if let ticket = gone.ticket { state.tickets[ticket] = nil }
            return gone
        }
    }

    func came(_ ticket: Hash16, _ half: RelayHalf, _ leaves: @Sendable () -> Void) {
        leaves()
        guard let knock = self.state.withLockedValue({ $0.tickets[ticket] }), let other = self.take(knock) else {
            return
        }
        other.leaves()
        guard let splice = Splice(other.half, half) else { return self.tell(.left(knock)) }
        self.state.withLockedValue { $0.running[knock] = splice }
        let isBegun = splice.start { bytes in
            self.state.withLockedValue { state in
                state.running[knock] = nil
                state.carried &+= bytes
            }
            self.tell(.left(knock))
        }
        guard !isBegun else { return }
        self.state.withLockedValue { $0.running[knock] = nil }
        self.tell(.left(knock))
    }

    // MARK: ending

    func end(_ knock: KnockID) {
        self.turnAway(knock)
        self.state.withLockedValue { $0.running[knock] }?.halt()
    }

    func shut() {
        let (waiting, running) = self.state.withLockedValue { state in
            state.isOpen = false
            return (Array(state.waiting.keys), Array(state.running.values))
        }
        for knock in waiting { self.turnAway(knock) }
        for splice in running { splice.halt() }
    }
}
