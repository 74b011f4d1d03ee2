import EarshotModel
import EarshotRules
import EarshotWire

/// Several nodes in one process, one clock and one seed: lines that delay and break, datagrams that get lost, doubled
/// and late, hosts that crash and come back with what was on their disk. No socket and no real time.
package struct SimulatedLAN: Sendable {
    private enum Happening: Sendable {
        case event(Event)
        case transport(Int, Carried)
        case restart
        case bulk(Int)
    }
    enum Carried: Sendable {
        case opened(Introduction, Endpoint, DialID?)
        case bytes([(UInt8, [UInt8])], LinkPath)
        case closed(LinkEnd)
    }
    private struct Scheduled: Sendable {
        let host: Int
        let generation: Int?
        let happening: Happening
    }
    struct Wire: Sendable {
        let ends: [Int]
        /// The host over which it goes, if it goes over one.
        var relay: Int?
        /// When the last thing sent arrives, by receiving end: a stream keeps its order.
        var arrives: [UInt64] = [0, 0]
        var isUp = true
        /// Something that was sent on it got lost: it never goes on.
        var isStalled = false
        /// Hosts that gave it up while they could not tell the other.
        var left: Set<Int> = []
        var hears = [false, false]
        /// Whoever ended it still hears what was on its way to them.
        var endedBy: Int?
        /// Where it has not opened yet at the end that called.
        var calling: (dial: DialID, remote: Endpoint)?
    }

    package var weather: Weather
    package internal(set) var hosts: [Host] = []
    package private(set) var now: UInt64 = 1_000
    package private(set) var steps = 0
    /// Of all frames that were sent.
    package private(set) var bytes = 0
    private var random: SeededRandom
    private var queue = EventQueue<Scheduled>()
    var wires: [Wire] = []
    private var wakes: Soonest
    private var numbers: [Endpoint: Int] = [:]
    /// Who waits at a relay, and with which ticket they are fetched.
    var knocks: [KnockID: Knock] = [:]
    var tickets: [Hash16: KnockID] = [:]
    var bulks: [Bulk] = []
    /// Where files go on every host, if nothing else is said.
    package var downloads: String? {
        didSet { for index in self.hosts.indices { self.hosts[index].engine?.downloads = self.downloads } }
    }
    /// What a look at a listing shows; of what is not in here, nothing to worry about.
    package var contents: [ShareID: Contents] = [:]
    /// How often somebody looked.
    package internal(set) var looks = 0
    /// How much of a file comes at a time.
    package var stepBytes: UInt64 = 1_000
    /// Hosts in different groups do not reach each other.
    private var group: [Int] = []
    /// Hosts that are in all groups.
    package var everywhere: Set<Int> = []

    package init(names: [String], seed: UInt64, weather: Weather = .fair) throws {
        self.weather = weather
        self.random = SeededRandom(seed: seed)
        self.wakes = Soonest(names.count)
        for (index, name) in names.enumerated() {
            let identity = try Identity.create(
                personSeed: self.random.bytes(32), signingSeed: self.random.bytes(32),
                agreementSeed: self.random.bytes(32),
                name: name, issued: 1_700_000_000)
            guard
                let endpoint = Endpoint(
                    address: [
                        10, 77, UInt8(truncatingIfNeeded: (index + 1) >> 8), UInt8(truncatingIfNeeded: index + 1),
                    ],
                    port: 47_447)
            else { continue }
            self.hosts.append(
                Host(identity: identity, endpoint: endpoint, disk: SimulatedDisk(generation: self.random.bytes(32))))
            self.numbers[endpoint] = self.hosts.count - 1
            self.group.append(0)
        }
        for index in self.hosts.indices { self.start(index) }
    }

    // MARK: what a story does

    package mutating func say(_ text: String, from: Int, to: Int) -> EnvelopeID? {
        let person = self.hosts[to].identity.person
        var said: EnvelopeID?
        let isKept = self.ask(from) { engine, now in
            guard let (messages, effects) = try? engine.say(text, to: [person], at: now) else { return [] }
            said = messages.first?.id
            return effects
        }
        return isKept ? said : nil
    }

    /// Says whether what it did is on disk.
    @discardableResult
    package mutating func ask(_ host: Int, _ verb: (inout Engine, Moment) -> [Effect]) -> Bool {
        let now = self.moment(host)
        let effects = self.hosts[host].with { verb(&$0, now) }
        self.wakes.set(host, at: self.hosts[host].wakeAt)
        guard let effects else { return false }
        return self.perform(effects, host)
    }

    package mutating func partition(_ groups: [Int]) {
        self.group = groups
        for wire in self.wires.indices where self.wires[wire].isUp {
            if self.wires[wire].isStalled || !self.carries(self.wires[wire]) {
                self.cut(wire)
            }
        }
    }

    /// The same by a cable that is pulled far away: nobody is told, and what is sent is lost.
    package mutating func unplug(_ groups: [Int]) { self.group = groups }

    package mutating func crash(_ host: Int, downFor: UInt64) {
        self.hosts[host].engine = nil
        self.wakes.set(host, at: nil)
        self.hosts[host].generation += 1
        for wire in self.wires.indices
        where self.wires[wire].isUp
            && (self.wires[wire].ends.contains(host) || self.wires[wire].relay == host)
        {
            self.cut(wire)
        }
        self.schedule(host, after: downFor, .restart, always: true)
    }

    /// A host goes down and comes back with a disk as it was once. With a new `generation` the node knows that it is
    /// a copy.
    package mutating func restore(_ host: Int, _ disk: SimulatedDisk, generation: [UInt8]?, downFor: UInt64 = 0) {
        self.crash(host, downFor: downFor)
        self.hosts[host].disk = disk
        if let generation { self.hosts[host].disk.commit([.generation(generation)]) }
    }

    /// Lets so many ms pass, or fewer if nothing is left to happen.
    package mutating func run(for duration: UInt64) {
        let end = self.now + duration
        while true {
            let wake = self.wakes.first
            if let next = self.queue.next, next <= max(wake?.at ?? .max, self.now) {
                guard next <= end, let (at, scheduled) = self.queue.takeFirst() else { break }
                self.now = max(self.now, at)
                self.happen(scheduled)
            } else if let wake, wake.at <= end {
                // Each wake takes a little time, so that a rule that asks for "now" again and again shows itself.
                self.now = max(self.now + 1, wake.at)
                self.handle(.woke, wake.host)
            } else {
                break
            }
            self.steps += 1
        }
        self.now = end
    }

    package mutating func chance(_ count: Int) -> [UInt8] { self.random.bytes(count) }

    // MARK: for bulk channels

    func reachable(_ endpoint: Endpoint, from host: Int) -> Int? {
        self.numbers[endpoint].flatMap {
            self.reaches(host, $0) && self.hosts[$0].engine != nil ? $0 : nil
        }
    }

    mutating func someDelay() -> UInt64 { UInt64.random(in: self.weather.delay, using: &self.random) }
    mutating func breaks() -> Bool { self.random.happens(self.weather.breaking) }
    mutating func tell(_ host: Int, _ event: BulkEvent) {
        self.schedule(host, after: UInt64.random(in: self.weather.delay, using: &self.random), .event(.bulk(event)))
    }
    mutating func tell(_ host: Int, after delay: UInt64, _ event: Event) {
        self.schedule(host, after: delay, .event(event))
    }
    mutating func tellNow(_ host: Int, _ event: BulkEvent) { self.handle(.bulk(event), host) }
    mutating func moveOn(_ bulk: Int) {
        self.schedule(0, after: UInt64.random(in: self.weather.delay, using: &self.random), .bulk(bulk), always: true)
    }

    // MARK: machinery

    private mutating func start(_ index: Int) {
        self.hosts[index].engine = Engine(
            identity: self.hosts[index].identity, snapshot: self.hosts[index].disk.snapshot, now: self.moment(index))
        self.hosts[index].engine?.downloads = self.downloads
        let mail = self.hosts[index].mail
        self.hosts[index].engine?.use(mail: mail)
        self.wakes.set(index, at: self.hosts[index].wakeAt)
        if self.hosts[index].isPrivate { self.setPrivate(index, true) }
        for other in self.hosts.indices where other != index {
            self.sight(index, other)
            if self.hosts[other].engine != nil { self.sight(other, index) }
        }
    }

    func reaches(_ one: Int, _ other: Int) -> Bool {
        self.group[one] == self.group[other] || self.everywhere.contains(one) || self.everywhere.contains(other)
    }
    private func carries(_ wire: Wire) -> Bool {
        guard let relay = wire.relay else { return self.reaches(wire.ends[0], wire.ends[1]) }
        return wire.ends.allSatisfy { self.reaches($0, relay) }
    }

    private mutating func schedule(
        _ host: Int, at: UInt64? = nil, after: UInt64 = 0, _ happening: Happening, always: Bool = false
    ) {
        self.queue.add(
            Scheduled(host: host, generation: always ? nil : self.hosts[host].generation, happening: happening),
            at: at ?? self.now + after)
    }

    private mutating func happen(_ scheduled: Scheduled) {
        if let generation = scheduled.generation, generation != self.hosts[scheduled.host].generation { return }
        switch scheduled.happening {
        case .event(let event): self.handle(event, scheduled.host)
        case .restart: self.start(scheduled.host)
        case .bulk(let bulk): self.move(bulk)
        case .transport(let wire, let carried): self.arrive(wire, carried, scheduled.host)
        }
    }

    mutating func handle(_ event: Event, _ host: Int) {
        let now = self.moment(host)
        let effects = self.hosts[host].with { engine in engine.handle(event, at: now) + engine.settle(at: now) }
        self.wakes.set(host, at: self.hosts[host].wakeAt)
        if let effects { _ = self.perform(effects, host) }
    }

    /// As the node does: first the commit, then the rest. Says whether the commit happened.
    private mutating func perform(_ effects: [Effect], _ host: Int) -> Bool {
        let facts = effects.compactMap { if case .keep(let fact) = $0 { fact } else { nil } }
        let crashes = !facts.isEmpty && self.random.happens(self.weather.crashing)
        if crashes, Bool.random(using: &self.random) {
            self.crash(host, downFor: UInt64.random(in: 1...5_000, using: &self.random))
            return false
        }
        if !facts.isEmpty, self.weather.filling > 0, self.random.happens(self.weather.filling) {
            self.fill(host)
            return false
        }
        self.hosts[host].disk.commit(facts)
        if crashes {
            self.crash(host, downFor: UInt64.random(in: 1...5_000, using: &self.random))
            return true
        }
        for effect in effects { self.perform(effect, host) }
        return true
    }

    /// A commit found no room: as the node does, the engine begins again from what is on disk.
    private mutating func fill(_ host: Int) {
        guard let engine = self.hosts[host].engine else { return }
        for wire in self.wires.indices where self.wires[wire].isUp && self.wires[wire].ends.contains(host) {
            self.cut(wire, by: host, code: .goingAway)
        }
        var again = Engine(again: engine, snapshot: self.hosts[host].disk.snapshot, now: self.moment(host))
        again.note(.full, at: self.moment(host))
        self.hosts[host].engine = again
        self.wakes.set(host, at: self.hosts[host].wakeAt)
    }

    private mutating func perform(_ effect: Effect, _ host: Int) {
        switch effect {
        case .keep, .admit, .pause, .resolve: break
        case .bulk(let order): self.perform(order, host)
        case .mail(let mail): self.perform(mail, host)
        case .relay(let order): self.perform(order, host)
        case .measureSpace: self.schedule(host, after: 1, .event(.space(1 << 40)))
        case .announce(let news): self.hosts[host].news.append(news)
        case .hear(let link, let on):
            let wire = Int(link.raw)
            self.wires[wire].hears[self.wires[wire].ends[0] == host ? 0 : 1] = on
        case .transmit(let frames, let link): self.send(frames, Int(link.raw), from: host)
        case .datagram(let frame, let link): self.datagram(frame, Int(link.raw), from: host)
        case .serve(let want, let link):
            let answer = self.hosts[host].disk.frames(
                conversation: want.conversation, log: want.log, from: want.from, to: want.to)
            self.send(
                answer.map { item in
                    item.body.map { .envelopes([$0]) }
                        ?? .gone(Gone(conversation: want.conversation, log: want.log, seq: item.seq, id: item.id))
                }, Int(link.raw), from: host)
        case .close(let link, let code): self.cut(Int(link.raw), by: host, code: code)
        case .advertise(let name): self.advertise(host, name)
        case .dial(let dial, let endpoint, let whom): self.dial(dial, endpoint, whom, from: host)
        }
    }

    private mutating func dial(_ dial: DialID, _ endpoint: Endpoint, _ whom: Expectation, from host: Int) {
        let delay = UInt64.random(in: self.weather.delay, using: &self.random) * 3
        if let door = endpoint.door, let relay = self.reachable(endpoint.through(nil), from: host) {
            let knock = Knock(caller: host, relay: relay, dial: dial, endpoint: endpoint, whom: whom)
            return self.knock(knock, door, after: delay)
        }
        guard let other = self.numbers[endpoint], self.reaches(host, other),
            self.hosts[other].engine != nil, !self.random.happens(self.weather.breaking)
        else { return self.schedule(host, after: delay, .event(.transport(.dialFailed(dial, endpoint, .timeout)))) }
        guard self.take(call: whom, at: other) else {
            return self.schedule(host, after: delay, .event(.transport(.dialFailed(dial, endpoint, .hungUp))))
        }
        self.connect(host, other, dial, delay, remotes: [endpoint, self.hosts[host].endpoint])
    }

    /// - Parameter remotes: what each of the two takes for the other's address.
    mutating func connect(
        _ host: Int, _ other: Int, _ dial: DialID, _ delay: UInt64, relay: Int? = nil, remotes: [Endpoint]
    ) {
        var made = Wire(ends: [host, other], relay: relay)
        made.calling = (dial, remotes[0])
        self.wires.append(made)
        let wire = self.wires.count - 1
        let hash = self.random.bytes(32)
        for (end, one) in [host, other].enumerated() {
            let peer = self.hosts[[other, host][end]].identity
            let payload = HandshakePayload(
                certificate: peer.certificate, manifestVersion: peer.manifest.version, manifestHash: peer.manifest.hash,
                datagramIndex: self.random.next() | 1, features: 1)
            let introduction = Introduction(peer: payload, isInitiator: end == 0, handshakeHash: hash, cipher: "none")
            let at = self.now + delay + (end == 0 ? UInt64.random(in: self.weather.delay, using: &self.random) : 0)
            self.wires[wire].arrives[end] = at
            self.schedule(
                one, at: at,
                .transport(wire, .opened(introduction, remotes[end], end == 0 ? dial : nil)))
        }
    }

    mutating func send(_ frames: [Frame], _ wire: Int, from host: Int) {
        guard self.wires[wire].isUp else { return }
        guard self.carries(self.wires[wire]), !self.wires[wire].isStalled else {
            return self.wires[wire].isStalled = true
        }
        let end = self.wires[wire].ends[0] == host ? 1 : 0
        for frame in frames {
            if self.random.happens(self.weather.breaking) { return self.cut(wire) }
            let at = max(
                self.wires[wire].arrives[end], self.now + UInt64.random(in: self.weather.delay, using: &self.random))
            self.wires[wire].arrives[end] = at
            let body = frame.body
            self.bytes += body.count + 21
            self.schedule(self.wires[wire].ends[end], at: at, .transport(wire, .bytes([(frame.type, body)], .stream)))
        }
    }

    private mutating func datagram(_ frame: Frame, _ wire: Int, from host: Int) {
        guard self.wires[wire].isUp, self.carries(self.wires[wire]) else { return }
        let other = self.wires[wire].ends[self.wires[wire].ends[0] == host ? 1 : 0]
        for _ in 0..<(self.random.happens(self.weather.doubling) ? 2 : 1) where !self.random.happens(self.weather.loss)
        {
            let delay = UInt64.random(in: self.weather.delay, using: &self.random)
            self.schedule(other, after: delay, .transport(wire, .bytes([(frame.type, frame.body)], .datagram)))
        }
    }

    /// The line ends. What was under way towards an end after this moment is lost with it.
    mutating func cut(_ wire: Int, by host: Int? = nil, code: CloseCode = .goingAway) {
        guard self.wires[wire].isUp else { return }
        if let host, !self.carries(self.wires[wire]) {
            if self.wires[wire].left.insert(host).inserted {
                self.schedule(host, after: 1, .transport(wire, .closed(.byUs(code))))
            }
            self.wires[wire].isStalled = true
            return
        }
        self.wires[wire].isUp = false
        self.wires[wire].endedBy = host
        if let (dial, endpoint) = self.wires[wire].calling {
            self.schedule(
                self.wires[wire].ends[0], after: 1, .event(.transport(.dialFailed(dial, endpoint, .hungUp))))
        }
        for one in self.wires[wire].ends where !self.wires[wire].left.contains(one) {
            let end: LinkEnd = host == nil ? .broken("cut") : one == host ? .byUs(code) : .byPeer(code)
            self.schedule(
                one, after: UInt64.random(in: self.weather.delay, using: &self.random), .transport(wire, .closed(end)))
        }
    }
}
