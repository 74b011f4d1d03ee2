import EarshotModel
import EarshotRules
import EarshotWire

/// Those who are on the simulated network, and how bad it is.
extension SimulatedLAN {
    /// How bad the network is.
    package struct Weather: Sendable {
        /// One way, in ms.
        package var delay: ClosedRange<UInt64> = 1...5
        /// In so many of a thousand datagrams.
        package var loss = 0
        package var doubling = 0
        /// A line breaks at so many of a thousand frames.
        package var breaking = 0
        /// A host crashes at so many of a thousand commits, before it or after.
        package var crashing = 0
        /// The disk is full at so many of a thousand commits, and has room again when it is looked at the next time.
        package var filling = 0

        package init() {}
        package static var fair: Weather { Weather() }
        package static var storm: Weather {
            var storm = Weather()
            storm.delay = 1...200
            (storm.loss, storm.doubling, storm.breaking, storm.crashing) = (200, 100, 10, 5)
            return storm
        }
    }

    package struct Host: Sendable {
        package let identity: Identity
        package let endpoint: Endpoint
        package internal(set) var disk: SimulatedDisk
        /// Nothing while the host is down.
        package internal(set) var engine: Engine? { didSet { self.wakeAt = self.engine?.wakeAt } }
        /// When its engine wants to be woken.
        private(set) var wakeAt: UInt64?
        package internal(set) var news: [News] = []
        /// How far its clock is ahead, in ms.
        package internal(set) var ahead: Int64 = 0
        /// Its advert.
        package internal(set) var advert: AdvertName
        package internal(set) var isPrivate = false
        package internal(set) var mail = MailSettings()
        /// Calls that came to it, and those that it answered.
        package internal(set) var called = (all: 0, answered: 0)
        var generation = 0

        init(identity: Identity, endpoint: Endpoint, disk: SimulatedDisk) {
            self.identity = identity
            self.endpoint = endpoint
            self.disk = disk
            self.advert = .id(identity.device.shortID)
        }

        /// Lets something happen to the engine, of which there is no copy meanwhile: else all of it would be copied.
        mutating func with<Result>(_ body: (inout Engine) -> Result) -> Result? {
            guard var engine = self.engine else { return nil }
            self.engine = nil
            defer { self.engine = engine }
            return body(&engine)
        }
    }
}

extension SimulatedLAN {
    /// By a clock that is right.
    package var moment: Moment { Moment(wall: Timestamp(milliseconds: 1_700_000_000_000 + self.now), uptime: self.now) }

    /// By the clock of a host.
    package func moment(_ host: Int) -> Moment {
        let wall = Int64(clamping: self.moment.wall.milliseconds) + self.hosts[host].ahead
        return Moment(wall: Timestamp(milliseconds: UInt64(clamping: wall)), uptime: self.now)
    }

    /// Sets the clock of a host, so far ahead of the others in ms, or behind.
    package mutating func setClock(_ host: Int, ahead: Int64) { self.hosts[host].ahead = ahead }

    /// Switches private mode of a host on or off, also for when it comes back.
    package mutating func setPrivate(_ host: Int, _ isPrivate: Bool) {
        self.hosts[host].isPrivate = isPrivate
        self.ask(host) { engine, now in
            engine.use(isPrivate: isPrivate)
            return engine.settle(at: now)
        }
    }

    /// Whether a host keeps mail and where its own may be left, also for when it comes back.
    package mutating func keepMail(_ host: Int, _ settings: MailSettings) {
        self.hosts[host].mail = settings
        self.ask(host) { engine, now in
            engine.use(mail: settings)
            return engine.settle(at: now)
        }
    }

    /// Host `one` hears the advert of `other`.
    package mutating func sight(_ one: Int, _ other: Int) {
        guard self.reaches(one, other) else { return }
        self.sight(one, self.hosts[other].advert, self.hosts[other].endpoint)
    }

    /// A host hears any advert.
    package mutating func sight(_ host: Int, _ name: AdvertName, _ endpoint: Endpoint) {
        switch name {
        case .id(let id): self.tell(host, after: 1, .sighted(shortID: id, [endpoint]))
        case .tag(let tag): self.tell(host, after: 1, .sightedTag(tag, [endpoint]))
        }
    }

    /// The advert of a host has another name now: everybody hears the new one, and then that the old one is gone.
    mutating func advertise(_ host: Int, _ name: AdvertName) {
        let old = self.hosts[host].advert
        guard old != name else { return }
        self.hosts[host].advert = name
        for other in self.hosts.indices where other != host {
            self.sight(other, host)
            if self.reaches(other, host) { self.tell(other, after: 2, .vanished(shortID: old.text)) }
        }
    }

    /// Whether a call passes the gate and leads to who was meant, as `Session` decides it.
    package func answers(_ other: Int, _ expectation: Expectation) -> Bool {
        guard let gate = self.hosts[other].engine?.gate else { return false }
        let device = self.hosts[other].identity.device
        switch expectation {
        case .keyed(let called, let key): return called == device && gate.key == key
        case .device(let called): return called == device && gate.isOpen
        case .shortID(let called): return called == device.shortID && gate.isOpen
        case .anyone: return gate.isOpen
        }
    }

    /// Somebody calls a host. Says whether they are answered.
    mutating func take(call: Expectation, at host: Int) -> Bool {
        let isAnswered = self.answers(host, call)
        self.hosts[host].called.all += 1
        self.hosts[host].called.answered += isAnswered ? 1 : 0
        return isAnswered
    }

    /// Everybody has accepted everybody.
    package mutating func introduceAll() {
        for one in self.hosts.indices {
            for other in self.hosts.indices where other != one {
                let person = self.hosts[other].identity.person
                self.ask(one) { $0.accept(person, at: $1) }
            }
        }
    }

    /// Drops a body on one disk and keeps its place, as deleting does.
    package mutating func drop(_ id: EnvelopeID, on host: Int) { self.hosts[host].disk.drop(id) }
}
