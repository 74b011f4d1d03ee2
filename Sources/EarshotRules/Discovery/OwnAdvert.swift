import EarshotModel
import EarshotWire

/// How we are found ourselves: by our id, by anybody; or in private mode by a tag that changes, by those who know our
/// key. Who does not is not answered either (Protocol.md 3 and 8).
struct OwnAdvert: Sendable {
    enum Action: Equatable, Sendable {
        case keep(Fact)
        /// Announce us under this name.
        case advertise(AdvertName)
        /// The gate, or whom we call, is another now.
        case admit
        /// Strangers who are here have to go.
        case close
        /// Those we talk to are told the key.
        case tell(DiscoveryKey)
    }

    enum Key { static let own = "own.discovery.key" }

    private let device: DeviceID
    /// `nil` until somebody is to be told.
    private(set) var key: DiscoveryKey?
    private(set) var isPrivate = false
    private(set) var name: AdvertName
    private var rotation = Rotation()
    /// While an invitation is open everybody may find us and call.
    private var isInviting = false
    /// While we join somebody we call strangers.
    private var isJoining = false
    /// What is to be done at the end of the round.
    private var actions: [Action] = []
    /// Uptime in ms.
    private(set) var wakeAt: UInt64?

    init(device: DeviceID, _ snapshot: Snapshot) {
        self.device = device
        self.name = .id(device.shortID)
        self.key = snapshot.settings[Key.own].flatMap { DiscoveryKey(text: $0) }
    }

    /// What was decided could not be kept: a key that is not on disk was told to nobody.
    init(again old: OwnAdvert, _ snapshot: Snapshot) {
        self = old
        let kept = snapshot.settings[Key.own].flatMap { DiscoveryKey(text: $0) }
        if kept != self.key { self.rotation = Rotation() }
        self.key = kept
        self.actions = [.admit]
    }

    var gate: Gate { Gate(isOpen: !self.isPrivate || self.isInviting, key: self.key) }
    var mayCallStrangers: Bool { !self.isPrivate || self.isJoining }
    /// Everybody may call us just now, although we are private.
    var isOpenForGuests: Bool { self.isPrivate && self.isInviting }

    mutating func use(isPrivate: Bool) {
        guard isPrivate != self.isPrivate else { return }
        self.isPrivate = isPrivate
        self.rotation = Rotation()
        self.actions += isPrivate ? [.admit, .close] : [.admit]
    }

    /// Our key for somebody who is to be told.
    /// - Parameter chance: so many random bytes.
    mutating func take(_ chance: (Int) -> [UInt8]) -> DiscoveryKey {
        if let key = self.key { return key }
        return self.draw(chance)
    }

    /// Somebody who knows the key shall not find us any more.
    mutating func redraw(_ chance: (Int) -> [UInt8]) {
        guard self.key != nil else { return }
        self.actions.append(.tell(self.draw(chance)))
    }

    private mutating func draw(_ chance: (Int) -> [UInt8]) -> DiscoveryKey {
        guard let key = DiscoveryKey(chance(32)) else { preconditionFailure("chance gives the length it is asked for") }
        self.key = key
        self.rotation = Rotation()
        self.actions += [.keep(.setting(Key.own, key.text)), .admit]
        return key
    }

    /// The end of a round.
    /// - Parameter guests: whether an invitation is open, and whether we join somebody.
    mutating func settle(_ guests: (isInviting: Bool, isJoining: Bool), at now: Moment, _ chance: (Int) -> [UInt8])
        -> [Action]
    {
        if guests != (self.isInviting, self.isJoining) {
            let isOver = !guests.isInviting && !guests.isJoining
            (self.isInviting, self.isJoining) = guests
            self.rotation = Rotation()
            if self.isPrivate { self.actions += isOver ? [.admit, .close] : [.admit] }
        }
        self.rename(at: now, chance)
        defer { self.actions = [] }
        return self.actions
    }

    private mutating func rename(at now: Moment, _ chance: (Int) -> [UInt8]) {
        guard self.isPrivate, !self.isInviting else {
            self.wakeAt = nil
            return self.show(.id(self.device.shortID))
        }
        let key = self.take(chance)
        // Not drawn anew each time it is asked: only where the tag changes.
        var rotation = self.rotation
        if rotation.next(at: now.wall, delay: 0) != nil {
            let delay = chance(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % Limits.tagDelay
            if let epoch = self.rotation.next(at: now.wall, delay: delay) {
                self.show(.tag(Derive.tag(key, epoch: epoch)))
            }
        }
        self.wakeAt = self.rotation.wakeAt(now)
    }

    private mutating func show(_ name: AdvertName) {
        guard name != self.name else { return }
        self.name = name
        self.actions.append(.advertise(name))
    }
}
