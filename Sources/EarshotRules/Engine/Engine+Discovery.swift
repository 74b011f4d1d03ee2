import EarshotModel
import EarshotWire

/// Finding others and being found (Protocol.md 8), where one side or both are private.
extension Engine {
    // MARK: what is told

    /// What our advert is called just now.
    package var advertName: AdvertName { self.whereabouts.ownAdvert.name }
    /// Whom we answer at all.
    package var gate: Gate { self.whereabouts.ownAdvert.gate }
    package var isPrivate: Bool { self.whereabouts.ownAdvert.isPrivate }
    /// We are private, and an invitation lets everybody find us and call.
    package var isOpenForGuests: Bool { self.whereabouts.ownAdvert.isOpenForGuests }
    /// Of those we talk to, who has told us how to recognise them: a node without private mode does not.
    package var recognised: Set<PersonID> {
        self.whereabouts.recognition.persons.filter { self.trust.people.talks($0) }
    }

    /// How a device is called that is here: with its key, if it has told us, it answers in any case.
    package func expectation(of device: DeviceID) -> Expectation {
        let told = self.links.of(device).reversed().compactMap { self.links[$0]?.key }.first
        return told.map { .keyed(device, $0) } ?? .device(device)
    }

    /// Rooms of which we hear nothing while we are private: no member of them is somebody we talk to.
    package var deafRooms: [RoomSummary] {
        guard self.isPrivate else { return [] }
        return self.roomList.filter { room in
            let others = room.state.members.filter { $0 != self.me }
            return room.known.standing == .joined && !others.isEmpty && !others.contains { self.trust.people.talks($0) }
        }
    }

    // MARK: what our own people want

    package mutating func use(isPrivate: Bool) {
        guard isPrivate != self.isPrivate else { return }
        self.whereabouts.ownAdvert.use(isPrivate: isPrivate)
        self.whereabouts.dialer.expectOnly { [self] in self.isExpected(shortID: $0) }
    }

    // MARK: whom we look for

    /// Whether we call a person of our own accord: private, only somebody whom we talk to.
    func isSought(_ person: PersonID) -> Bool {
        self.trust.people.talks(person) || !self.isPrivate && self.trust.mates.contains(person)
    }

    /// Whether an advert is of somebody whom we look for.
    func isExpected(shortID: String) -> Bool {
        self.trust.people.isContact(shortID: shortID)
            || !self.isPrivate
                && self.trust.mates.contains {
                    self.manifests[$0]?.active.contains { $0.device.shortID == shortID } ?? false
                }
    }

    mutating func sighted(_ tag: AdvertTag, _ endpoints: [Endpoint], at now: Moment) {
        guard .tag(tag) != self.whereabouts.ownAdvert.name,
            let device = self.whereabouts.recognition.sighted(tag, endpoints, at: now.wall)
        else { return }
        self.whereabouts.dialer.sighted(device.shortID, endpoints, isContact: true, byTag: true, now: now.uptime)
    }

    mutating func vanished(_ tag: AdvertTag, at now: Moment) -> [Effect] {
        guard let device = self.whereabouts.recognition.vanished(tag) else { return [] }
        self.whereabouts.dialer.vanished(device.shortID)
        return self.links.of(device).flatMap { self.perform(self.links.doubt($0, now: now.uptime)) }
    }

    // MARK: keys

    /// Our key, for a link to somebody we talk to. Of whom it is not certain who they are, nobody is told.
    mutating func keyFrames(to person: PersonID) -> [Frame] {
        guard self.mayKnowKey(person) else { return [] }
        return [.discoveryKey(self.whereabouts.ownAdvert.take(self.chance))]
    }

    private func mayKnowKey(_ person: PersonID) -> Bool {
        self.trust.people.talks(person) && self.contacts[person]?.trust != .conflict
    }

    /// The device at the other end tells its key. Before we talk to its person it is kept for as long as they are here.
    mutating func receive(_ key: DiscoveryKey, _ link: LinkID, _ state: LinkState, at now: Moment) -> [Effect] {
        guard self.links.mayTellKey(link, now: now.uptime) else { return [] }
        self.links.keep(link, key)
        return self.learnKey(on: link)
    }

    /// What was told on a link counts once we talk to who told it.
    mutating func learnKey(on link: LinkID) -> [Effect] {
        guard let state = self.links[link], let key = state.key, self.talks(state.person, state.device),
            self.whereabouts.recognition.learn(key, of: state.device, state.person)
        else { return [] }
        self.whereabouts.dialer.know(key, of: state.device)
        return [.keep(.discoveryKey(state.device, state.person, key)), .admit(self.admission)]
    }

    /// Nothing of these devices is recognised any more, and they shall not recognise us.
    mutating func forgetKeys(of devices: [DeviceID], _ person: PersonID) -> [Effect] {
        devices.filter { self.whereabouts.recognition.forget($0) }.map { device in
            self.whereabouts.dialer.know(nil, of: device)
            return .keep(.discoveryKey(device, person, nil))
        }
    }

    /// Devices that are not their person's any more know our key: it is drawn anew.
    mutating func settleKeys(of person: PersonID) -> [Effect] {
        let gone = self.whereabouts.recognition.devices(of: person).filter { !self.manifests.lists(person, $0) }
        guard !gone.isEmpty else { return [] }
        self.whereabouts.ownAdvert.redraw(self.chance)
        return self.forgetKeys(of: gone, person)
    }

    // MARK: the end of a round

    mutating func settleDiscovery(at now: Moment) -> [Effect] {
        for (device, endpoints) in self.whereabouts.recognition.settle(at: now.wall) {
            self.whereabouts.dialer.sighted(device.shortID, endpoints, isContact: true, byTag: true, now: now.uptime)
        }
        self.whereabouts.recognition.wait(from: now)
        let guests = (self.trust.invitations.open != nil, self.trust.invitations.isJoining)
        return self.whereabouts.ownAdvert.settle(guests, at: now, self.chance).flatMap { action -> [Effect] in
            switch action {
            case .keep(let fact): [.keep(fact)]
            case .advertise(let name): [.advertise(name)]
            case .admit: [.admit(self.admission)]
            case .close: self.closeStrangers()
            case .tell(let key): self.tell(key)
            }
        }
    }

    private func closeStrangers() -> [Effect] {
        self.links.all.filter { link in
            self.links[link].map { $0.person != self.me && !self.trust.people.talks($0.person) } ?? false
        }.map { .close($0, .notWanted) }
    }

    private func tell(_ key: DiscoveryKey) -> [Effect] {
        self.links.all.filter { link in
            self.links[link].map { self.talks($0.person, $0.device) && self.mayKnowKey($0.person) } ?? false
        }.map { .transmit([.discoveryKey(key)], $0) }
    }
}
