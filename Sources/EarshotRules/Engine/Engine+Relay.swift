import EarshotModel
import EarshotWire

/// Relaying, and being relayed (Protocol.md 20).
extension Engine {
    // MARK: what our own people want

    /// Relays for our contacts, called at this port; or for nobody.
    package mutating func use(relayPort port: UInt16?) -> [Effect] {
        guard port != self.whereabouts.relaying.desk.port else { return [] }
        let ended = self.perform(self.whereabouts.relaying.desk.use(port: port))
        return ended + [.relay(.open(port != nil))]
            + self.links.devices.flatMap { state in self.relayFrames(to: state) }
    }

    /// Where this machine is called on its own networks, from now on: whom we have over a relay alone is told.
    package mutating func use(addresses: [Endpoint]) -> [Effect] {
        guard self.whereabouts.relaying.own.use(addresses: addresses) else { return [] }
        return self.links.all.flatMap { link in self.links[link].map { self.addressFrames(on: link, $0) } ?? [] }
    }

    /// A contact whom we reach over somebody else finds us without them, where routers have a way.
    private func addressFrames(on link: LinkID, _ state: LinkState) -> [Effect] {
        guard state.remote.isRelayed, self.talks(state.person, state.device),
            self.contacts[state.person]?.trust != .conflict
        else { return [] }
        let steps = self.whereabouts.relaying.own.steps
        return steps.isEmpty ? [] : [.transmit(steps.map { .relay($0) }, link)]
    }

    /// How many connections are relayed here just now.
    package var relayMeetings: Int { self.whereabouts.relaying.desk.meetingCount }
    package var relays: Bool { self.whereabouts.relaying.desk.port != nil }

    /// Over whom a link goes, if it goes over somebody.
    package func relay(of endpoint: Endpoint) -> PersonID? {
        guard let device = self.whereabouts.relaying.own.relay(at: endpoint) else { return nil }
        return self.links.states(of: device).first?.person
    }

    // MARK: relaying

    private func relayFrames(to state: LinkState) -> [Effect] {
        guard self.talks(state.person, state.device), let link = self.links.of(state.device).last,
            !state.remote.isRelayed
        else { return [] }
        return [.transmit([.relay(self.whereabouts.relaying.desk.port.map { .offer(port: $0) } ?? .withdraw)], link)]
    }

    /// A contact is here: they are told that we relay, if we do, and may be whom a relay shall find.
    mutating func openedRelay(_ link: LinkID) -> [Effect] {
        self.whereabouts.relaying.own.changed()
        guard let state = self.links[link] else { return [] }
        if state.remote.isRelayed { return self.addressFrames(on: link, state) }
        return self.whereabouts.relaying.desk.port == nil ? [] : self.relayFrames(to: state)
    }

    mutating func handle(_ event: RelayEvent, at now: Moment) -> [Effect] {
        switch event {
        case .knocked(let knock, let door):
            return self.perform(
                self.whereabouts.relaying.desk.knocked(knock, door, chance: self.chance, now: now.uptime))
        case .left(let knock):
            self.whereabouts.relaying.desk.ended(knock)
            return []
        }
    }

    private func perform(_ actions: [RelayDesk.Action]) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .transmit(let step, let device):
                self.links.of(device).last.map { [.transmit([.relay(step)], $0)] } ?? []
            case .bring(let knock, let ticket): [.relay(.bring(knock, ticket: ticket))]
            case .turnAway(let knock): [.relay(.turnAway(knock))]
            case .end(let knock): [.relay(.end(knock))]
            }
        }
    }

    // MARK: frames

    mutating func receive(_ step: RelayStep, _ link: LinkID, _ state: LinkState, at now: Moment) -> [Effect] {
        guard self.talks(state.person, state.device) else { return [] }
        let device = state.device
        // Over a relay nobody relays: each way has one of them.
        guard !state.remote.isRelayed else {
            guard case .at(let addresses, let port) = step else { return [] }
            self.whereabouts.dialer.told(device, Relayed.endpoints(addresses, port: port), now: now.uptime)
            return []
        }
        switch step {
        case .offer(let port):
            guard port >= Limits.lowestPort else { return [] }
            self.whereabouts.relaying.own.offered(by: device, at: state.remote.through(nil, port: port))
        case .withdraw: self.leaveRelay(device)
        case .seek(let tags):
            return self.perform(self.whereabouts.relaying.desk.seek(tags, device, chance: self.chance, now: now.uptime))
        case .there(let tag, let door):
            guard let found = self.whereabouts.relaying.own.there(tag, door, at: device, self.sought) else { return [] }
            self.whereabouts.dialer.relayed(found.device, found.endpoint, now: now.uptime)
        case .gone(let door):
            if let gone = self.whereabouts.relaying.own.gone(door, at: device) {
                self.whereabouts.dialer.forget(gone.device, gone.endpoint)
            }
        case .come(let ticket):
            return self.whereabouts.relaying.own.come(ticket, at: device, now: now.uptime).map { [.relay(.fetch($0))] }
                ?? []
        case .at, .other: break
        }
        return []
    }

    private mutating func leaveRelay(_ device: DeviceID) {
        for gone in self.whereabouts.relaying.own.left(device) {
            self.whereabouts.dialer.forget(gone.device, gone.endpoint)
        }
    }

    // MARK: who comes and goes

    /// The last link to a device is gone.
    mutating func closedRelay(_ device: DeviceID) -> [Effect] {
        self.leaveRelay(device)
        self.whereabouts.relaying.own.changed()
        return self.perform(self.whereabouts.relaying.desk.left(device))
    }

    /// We have nothing more to do with these devices.
    mutating func refuseRelay(_ devices: [DeviceID]) -> [Effect] {
        self.whereabouts.relaying.own.changed()
        for device in devices { self.leaveRelay(device) }
        return devices.flatMap { self.perform(self.whereabouts.relaying.desk.refuse($0)) }
    }

    /// The end of a round: relays learn whom we seek, if that has changed.
    mutating func settleRelays() -> [Effect] {
        guard self.whereabouts.relaying.own.isDue else { return [] }
        return self.whereabouts.relaying.own.settle(self.sought).compactMap { relay, step in
            self.links.of(relay).last.map { .transmit([.relay(step)], $0) }
        }
    }

    /// Whom we would meet at a relay: devices of our contacts, and our own others, to which no way of our own leads.
    private var sought: [DeviceID: [UInt8]] {
        var sought: [DeviceID: [UInt8]] = [:]
        let persons = self.trust.people.contacts.all.map(\.person).filter { self.trust.people.talks($0) } + [self.me]
        for certificate in persons.flatMap({ self.manifests[$0]?.active ?? [] }) where certificate.device != self.device
        {
            let isReached = self.links.states(of: certificate.device).contains { !$0.remote.isRelayed }
            if !isReached { sought[certificate.device] = certificate.staticKey }
        }
        return sought
    }
}
