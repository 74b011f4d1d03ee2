import EarshotModel
import EarshotRules
import EarshotWire

/// Being let through by a host that relays.
extension SimulatedLAN {
    struct Knock: Sendable {
        let caller: Int
        let relay: Int
        let dial: DialID
        let endpoint: Endpoint
        let whom: Expectation
    }

    mutating func knock(_ knock: Knock, _ door: Hash16, after delay: UInt64) {
        let id = KnockID(raw: UInt64(self.steps))
        self.knocks[id] = knock
        self.tell(knock.relay, after: delay, .relay(.knocked(id, door: door)))
    }

    mutating func perform(_ order: RelayOrder, _ host: Int) {
        switch order {
        case .open, .end: break
        case .bring(let knock, let ticket): self.tickets[ticket] = knock
        case .turnAway(let knock):
            guard let gone = self.knocks.removeValue(forKey: knock) else { return }
            self.tell(
                gone.caller, after: 1, .transport(.dialFailed(gone.dial, gone.endpoint, .hungUp)))
        case .fetch(let endpoint):
            guard let ticket = endpoint.door, let knock = self.tickets.removeValue(forKey: ticket),
                let waiting = self.knocks.removeValue(forKey: knock)
            else { return }
            self.tell(waiting.relay, after: 1, .relay(.left(knock)))
            guard self.reaches(host, waiting.relay), self.take(call: waiting.whom, at: host) else {
                return self.tell(
                    waiting.caller, after: 1, .transport(.dialFailed(waiting.dial, waiting.endpoint, .hungUp)))
            }
            self.connect(
                waiting.caller, host, waiting.dial, self.someDelay() * 3,
                relay: waiting.relay, remotes: [waiting.endpoint, endpoint])
        }
    }
}
