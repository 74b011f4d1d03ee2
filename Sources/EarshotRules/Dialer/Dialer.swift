import EarshotModel
import EarshotWire

/// Where nodes may be, and whom to call next (Protocol.md 8). It learns addresses from adverts, from what people
/// typed and from good sessions, and never believes any of them more than the handshake that follows.
package struct Dialer: Sendable {
    /// Whom an address is thought to lead to.
    package enum Target: Hashable, Sendable {
        /// The 16 characters of an advert.
        case shortID(String)
        /// What a person typed: `host:port`.
        case typed(String)
    }

    private struct Call {
        let target: Target
        let endpoint: Endpoint
    }

    private static let stagger = Limits.dialSpacing
    /// One address at most once in 5 s; one that keeps failing, up to every 30 s.
    private static let redial = Backoff(first: Limits.redialTime, longest: Limits.redialTimeMost)
    /// An advert brings the addresses of a node one by one: a link-local one waits so long for a better one, in ms.
    private static let linkLocalWaits: UInt64 = 100
    /// Where somebody said that they are, and are not, is not called more often.
    private static let toldTries = 6
    private static let resolveAgain: UInt64 = 30_000
    /// Where a call to a typed name failed it may lead elsewhere by now; in ms after the last look.
    private static let resolveAfterFailure: UInt64 = 5_000

    private let me: String
    private var nodes: [Target: Node] = [:]
    /// When each node that is not linked should be called or looked up: strangers apart, who are not always called.
    private var contacts = Timers<Target>()
    private var strangers = Timers<Target>()
    private var typed: Set<Target> = []
    #if DEBUG
        private let lookedAt = Looks()
        var looks: Int { self.lookedAt.total }
    #endif
    private var calls: [DialID: Call] = [:]
    private var nextDial: UInt64 = 1
    private var newcomers = Newcomers()
    private var keyring = Keyring()

    package init(me: DeviceID) { self.me = me.shortID }

    /// Every change of a node goes through here, so that its timer is right.
    subscript(target: Target) -> Node? {
        get {
            self.look()
            return self.nodes[target]
        }
        _modify {
            self.look()
            yield &self.nodes[target]
            let node = self.nodes[target]
            let at = node.flatMap(Self.wakeAt)
            self.contacts.set(target, at: node?.isContact ?? false ? at : nil)
            self.strangers.set(target, at: node?.isContact ?? true ? nil : at)
        }
    }

    private func look() {
        #if DEBUG
            self.lookedAt.add(1)
        #endif
    }

    package var knownTargets: Int { self.nodes.count }
    /// Calls under way.
    package var isCalling: Bool { !self.calls.isEmpty }

    /// Endpoints we know for a device.
    package func endpoints(of device: DeviceID) -> [Endpoint] {
        (self[.shortID(device.shortID)]?.candidates.keys.map { $0 } ?? []).sorted {
            $0.description < $1.description
        }
    }

    /// How many nodes announce themselves, and how many of those have never answered a call.
    package var census: (announced: Int, silent: Int) {
        let announced = self.nodes.values.filter { $0.candidates.values.contains(where: \.isAdvertised) }
        let silent = announced.count { node in !node.isLinked && node.candidates.values.allSatisfy { $0.failures > 0 } }
        return (announced.count, silent)
    }

    // MARK: what is learned

    /// An advert. It only ever adds addresses.
    /// - Parameter byTag: it was a private one, which we recognised.
    package mutating func sighted(
        _ shortID: String, _ endpoints: [Endpoint], isContact: Bool, byTag: Bool = false, now: UInt64
    ) {
        guard shortID != self.me else { return }
        let target = Target.shortID(shortID)
        // Of those we know there are only so many.
        guard self[target] != nil || isContact || self.newcomers.admits(shortID, endpoints, now: now) else { return }
        guard self[target] != nil || self.makeRoom() else { return }
        self.add(endpoints, to: target, advertised: true, now: now)
        for endpoint in endpoints { self[target]?.candidates[endpoint]?.isTagged = byTag }
        if isContact { self[target]?.isContact = true }
    }

    package func knows(_ shortID: String) -> Bool { self.nodes[.shortID(shortID)] != nil }

    /// The key by which a device answers although it is private; `nil` to forget it.
    package mutating func know(_ key: DiscoveryKey?, of device: DeviceID) { self.keyring.know(key, of: device) }
    mutating func forgetKeys() { self.keyring = Keyring() }

    /// An advert was taken back: its addresses are no longer tried for ever, but a session lives on (Protocol.md 8).
    package mutating func vanished(_ shortID: String) {
        let target = Target.shortID(shortID)
        for endpoint in self[target]?.candidates.keys.map({ $0 }) ?? [] {
            self[target]?.candidates[endpoint]?.isAdvertised = false
            self[target]?.candidates[endpoint]?.isTagged = false
        }
        self.newcomers.vanished(shortID)
        self.forgetStranger(target)
    }

    /// A stranger whom nobody announces and who is not linked is no longer looked for.
    private mutating func forgetStranger(_ target: Target) {
        guard let node = self[target], !node.isLinked, !node.isContact,
            node.candidates.values.allSatisfy({ $0.dial == nil && !$0.isAdvertised })
        else { return }
        self[target] = nil
    }

    /// An address that led to this device before.
    package mutating func restore(_ device: DeviceID, _ endpoint: Endpoint, now: UInt64) {
        guard device.shortID != self.me else { return }
        self.add([endpoint], to: .shortID(device.shortID), advertised: false, proven: true, now: now)
        self[.shortID(device.shortID)]?.isContact = true
    }

    /// Somebody typed an address; it is looked up first.
    package mutating func typed(_ text: String, now: UInt64) {
        if self[.typed(text)] == nil { self[.typed(text)] = Node(seenAt: now, resolveAt: now) }
        self.typed.insert(.typed(text))
        self[.typed(text)]?.isContact = true
    }

    package mutating func forget(typed text: String) {
        self[.typed(text)] = nil
        self.typed.remove(.typed(text))
    }

    package mutating func resolved(_ text: String, _ endpoints: [Endpoint], now: UInt64) {
        guard let node = self[.typed(text)] else { return }
        // The name leads elsewhere now.
        for (endpoint, candidate) in node.candidates
        where !endpoints.isEmpty && !endpoints.contains(endpoint) && candidate.failures > 0 && candidate.dial == nil {
            self[.typed(text)]?.candidates[endpoint] = nil
        }
        self.add(endpoints, to: .typed(text), advertised: false, now: now)
    }

    /// A device belongs to somebody with whom we have to do: it is called before strangers are.
    package mutating func expect(_ shortID: String) {
        if self[.shortID(shortID)] != nil { self[.shortID(shortID)]?.isContact = true }
    }

    /// From now on only these devices are called before strangers are.
    mutating func expectOnly(_ isExpected: (String) -> Bool) {
        for target in self.nodes.keys {
            if case .shortID(let shortID) = target { self[target]?.isContact = isExpected(shortID) }
        }
    }

    /// A device is linked: no more calls. A typed address that led here is as good as linked too.
    package mutating func linked(_ device: DeviceID, remote: Endpoint, dial: DialID?, isContact: Bool, now: UInt64) {
        let target = Target.shortID(device.shortID)
        if remote.isRelayed { return self.linked(device, over: remote, dial: dial, now: now) }
        if let dial, let call = self.calls[dial] {
            self.end(dial, failed: false)
            self[call.target]?.isLinked = true
            self[call.target]?.leads = device
            self.add([call.endpoint], to: target, advertised: false, proven: true, now: now)
            self[target]?.candidates[call.endpoint]?.failures = 0
        } else if self[target] == nil {
            self[target] = Node(seenAt: now)
        }
        self[target]?.isLinked = true
        self[target]?.isRelayed = false
        if isContact { self[target]?.isContact = true }
    }

    /// The last link to a device is gone: call again, at once the first time.
    package mutating func unlinked(_ device: DeviceID, isContact: Bool) {
        self.release(.shortID(device.shortID))
        self[.shortID(device.shortID)]?.isContact = isContact
        self.forgetStranger(.shortID(device.shortID))
        for target in self.typed where self[target]?.leads == device { self.release(target) }
    }

    private mutating func release(_ target: Target) {
        self[target]?.isLinked = false
        self[target]?.isRelayed = false
        self[target]?.calledAt = nil
        for endpoint in self[target]?.candidates.keys.map({ $0 }) ?? [] {
            self[target]?.candidates[endpoint]?.failures = 0
        }
    }

    /// A call led nowhere; the address is tried less from now on, not the node.
    package mutating func failed(_ dial: DialID) { self.end(dial, failed: true) }

    /// A call to a device that is linked already, to renew the session. `nil` while one is under way.
    package mutating func renewal(_ device: DeviceID, _ endpoint: Endpoint, now: UInt64) -> DialID? {
        let target = Target.shortID(device.shortID)
        guard !self.calls.values.contains(where: { $0.target == target }) else { return nil }
        let dial = DialID(raw: self.nextDial)
        self.nextDial += 1
        self.calls[dial] = Call(target: target, endpoint: endpoint)
        self[target]?.candidates[endpoint]?.triedAt = now
        return dial
    }

    /// Whom a call was for.
    package func target(of dial: DialID) -> Target? { self.calls[dial]?.target }

    /// Cables or addresses changed: what failed before may work now.
    package mutating func refresh(now: UInt64) {
        for target in self.nodes.keys {
            self[target]?.calledAt = nil
            if case .typed = target { self[target]?.resolveAt = now }
            for endpoint in self[target]?.candidates.keys.map({ $0 }) ?? [] {
                self[target]?.candidates[endpoint]?.failures = 0
                self[target]?.candidates[endpoint]?.triedAt = nil
            }
        }
    }

    // MARK: whom to call

    /// What to do now: calls that are due and addresses to look up.
    package mutating func due(now: UInt64, mayCallStrangers: Bool) -> [Effect] {
        for (shortID, endpoints) in self.newcomers.due(now: now) where self.makeRoom() {
            self.add(endpoints, to: .shortID(shortID), advertised: true, now: now)
        }
        var targets = self.contacts.due(now: now)
        if mayCallStrangers { targets += self.strangers.due(now: now) }
        return targets.flatMap { self.due($0, now: now) }
    }

    /// What to do for one node whose time has come.
    private mutating func due(_ target: Target, now: UInt64) -> [Effect] {
        guard var node = self[target], !node.isLinked else { return [] }
        var effects: [Effect] = []
        if case .typed(let text) = target, let at = node.resolveAt, at <= now {
            effects.append(.resolve(text))
            node.resolveAt = now + Self.resolveAgain
            node.resolvedAt = now
        }
        if let endpoint = self.choice(node, now: now) {
            let dial = DialID(raw: self.nextDial)
            self.nextDial += 1
            node.candidates[endpoint]?.dial = dial
            node.candidates[endpoint]?.triedAt = now
            node.owesProven = node.candidates[endpoint]?.isProven == false
            node.calledAt = now
            self.calls[dial] = Call(target: target, endpoint: endpoint)
            effects.append(.dial(dial, endpoint, self.expectation(target, node, endpoint)))
        }
        self[target] = node
        return effects
    }

    private func expectation(_ target: Target, _ node: Node, _ endpoint: Endpoint) -> Expectation {
        let candidate = node.candidates[endpoint]
        let failures = candidate?.failures ?? 0
        switch target {
        case .shortID(let shortID):
            let isOpen = endpoint.isRelayed || candidate.map { $0.isAdvertised && !$0.isTagged } ?? true
            return self.keyring.expectation(shortID, failures: failures, isOpen: isOpen)
        case .typed:
            return self.keyring.expectation(leads: node.leads, failures: failures) {
                self.nodes[.shortID($0)]?.isLinked ?? false
            }
        }
    }

    /// When `due` should be asked next.
    package func wakeAt(mayCallStrangers: Bool) -> UInt64? {
        [self.contacts.next, mayCallStrangers ? self.strangers.next : nil, self.newcomers.wakeAt].compactMap { $0 }
            .min()
    }

    /// When something is due for a node, if it may be called.
    private static func wakeAt(_ node: Node) -> UInt64? {
        guard !node.isLinked else { return nil }
        guard node.candidates.values.count(where: { $0.dial != nil }) < Limits.parallelDials else {
            return node.resolveAt
        }
        let spaced = node.calledAt.map { $0 + Self.stagger } ?? 0
        return node.candidates.filter { $0.value.dial == nil && !(node.isRelayed && $0.key.isRelayed) }
            .map { max(spaced, Self.dueAt($0.value)) }
            .reduce(node.resolveAt) { min($0 ?? $1, $1) }
    }

    private func choice(_ node: Node, now: UInt64) -> Endpoint? {
        if let called = node.calledAt, now < called + Self.stagger { return nil }
        guard node.candidates.values.count(where: { $0.dial != nil }) < Limits.parallelDials else { return nil }
        let due = node.candidates.filter { item in
            item.value.dial == nil && Self.dueAt(item.value) <= now && !(node.isRelayed && item.key.isRelayed)
        }
        let proven = node.owesProven ? due.filter(\.value.isProven) : [:]
        return (proven.isEmpty ? due : proven).min { Self.rank($0) < Self.rank($1) }?.key
    }

    /// Fewer failures first, then what led here before, then what was advertised, a relay last, then IPv4 before IPv6
    /// so that the order is settled.
    private static func rank(_ item: (key: Endpoint, value: Candidate)) -> (Int, Int, Int, String) {
        let standing = item.key.isRelayed ? 3 : item.value.isProven ? 0 : item.value.isAdvertised ? 1 : 2
        return (item.value.failures, standing, item.key.address.count, item.key.description)
    }

    private static func dueAt(_ candidate: Candidate) -> UInt64 {
        guard let tried = candidate.triedAt else { return candidate.notBefore }
        return tried + Self.redial.wait(afterFailures: UInt64(clamping: candidate.failures))
    }

    // MARK: bounds

    /// Of too many nodes the stranger seen longest ago goes; people we know stay.
    private mutating func makeRoom() -> Bool {
        guard self.nodes.count >= Limits.knownNodes else { return true }
        let oldest = self.nodes.filter { item in
            !item.value.isContact && !item.value.isLinked && item.value.candidates.values.allSatisfy { $0.dial == nil }
        }.min { $0.value.seenAt < $1.value.seenAt }
        guard let oldest else { return false }
        self[oldest.key] = nil
        return true
    }

    mutating func add(
        _ endpoints: [Endpoint], to target: Target, advertised: Bool, proven: Bool = false, now: UInt64
    ) {
        var node = self[target] ?? Node(seenAt: now)
        node.seenAt = now
        for endpoint in endpoints {
            if node.candidates[endpoint] != nil {
                if advertised { node.candidates[endpoint]?.isAdvertised = true }
                if proven { node.candidates[endpoint]?.isProven = true }
                continue
            }
            if node.candidates.count >= Limits.addressesPerNode, !Self.makeRoom(&node, proven: proven) { continue }
            let waits = advertised && endpoint.isLinkLocal ? Self.linkLocalWaits : 0
            node.candidates[endpoint] = Candidate(isAdvertised: advertised, isProven: proven, notBefore: now + waits)
        }
        self[target] = node
    }

    /// The worst address goes, unless it is being called. An advert can push out what failed, but of the addresses
    /// that led here once half stay whatever is advertised; one more of those pushes out anything.
    private static func makeRoom(_ node: inout Node, proven: Bool) -> Bool {
        let keptProven = node.candidates.values.count(where: \.isProven) <= Limits.addressesPerNode / 2
        let worst = node.candidates.filter { item in
            item.value.dial == nil && (proven || item.value.failures > 0) && !(item.value.isProven && keptProven)
        }.max { Self.rank($0) < Self.rank($1) }
        guard let worst else { return false }
        node.candidates[worst.key] = nil
        return true
    }

    /// Nobody is linked any more and no call is under way.
    package mutating func forgetLinks() {
        self.calls = [:]
        for target in self.nodes.keys {
            self.release(target)
            for endpoint in self[target]?.candidates.keys.map({ $0 }) ?? [] {
                self[target]?.candidates[endpoint]?.dial = nil
            }
        }
    }

    mutating func end(_ dial: DialID, failed: Bool) {
        guard let call = self.calls.removeValue(forKey: dial) else { return }
        self[call.target]?.candidates[call.endpoint]?.dial = nil
        guard failed else { return }
        self[call.target]?.candidates[call.endpoint]?.failures += 1
        if let one = self[call.target]?.candidates[call.endpoint], one.isTold, !one.isAdvertised, !one.isProven,
            one.failures >= Self.toldTries
        {
            self[call.target]?.candidates[call.endpoint] = nil
        }
        if let node = self[call.target], let at = node.resolveAt {
            self[call.target]?.resolveAt = min(at, node.resolvedAt + Self.resolveAfterFailure)
        }
        self.forgetStranger(call.target)
    }
}
