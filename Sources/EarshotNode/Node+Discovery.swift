import EarshotDiscovery
import EarshotModel
import EarshotRules
import Logging

/// What discovery tells.
extension Node {
    /// Where others call this machine, for those whom we have over a relay alone.
    func keepAddresses(_ state: inout RunState) -> [Effect] {
        let port = state.network.port
        let own = Interface.usable(self.configuration.interfaces).flatMap(\.addresses).compactMap {
            Endpoint(address: $0, port: port)
        }
        return state.engine.use(addresses: self.configuration.announced.isEmpty ? own : self.configuration.announced)
    }

    func take(_ event: DiscoveryEvent, _ state: inout RunState, _ now: Moment) -> [Effect] {
        switch event {
        case .found(let name, let endpoint, let interface):
            if interface != 0 { state.network.hear(on: interface) }
            switch name {
            case .id(let short): return state.engine.handle(.sighted(shortID: short, [endpoint]), at: now)
            case .tag(let tag): return state.engine.handle(.sightedTag(tag, [endpoint]), at: now)
            }
        case .lost(let short):
            return state.engine.handle(.vanished(shortID: short), at: now)
        case .advertised: state.network.isAdvertised = true
        case .backend(let name):
            state.network.backend = name
            self.log.info("discovery by \(name)")
        case .failed(let reason): self.log.warning("discovery: \(reason)")
        case .domain(let outcome):
            if state.network.domain != outcome { self.tell(outcome) }
            state.network.domain = outcome
        }
        return []
    }

    /// What came of looking into the domain, when it is something else than before.
    private func tell(_ outcome: Result<Int, DomainTrouble>) {
        let domain = self.configuration.domain ?? ""
        switch outcome {
        case .success(let count): self.log.info("discovery: \(count) announced in \(domain)")
        case .failure(.noAnswer): self.log.warning("discovery: no server answers for \(domain)")
        }
    }
}
