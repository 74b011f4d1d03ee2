import EarshotModel
import EarshotWire

/// The links that are open: who is at the other end of each, and whether they still are. Of several with one device one
/// stays. What is said there is not its concern.
struct Links: Sendable {
    /// All times are uptime in ms.
    enum Action: Hashable, Sendable {
        /// Ask whether they are still there.
        case ping(LinkID, at: UInt64)
        /// Show by a datagram that we are.
        case beat(LinkID, at: UInt64)
        case close(LinkID, CloseCode)
        /// A new session should take the place of this one.
        case renew(LinkID, at: UInt64)
    }

    private var table = TimedTable<LinkID, LinkState>()
    private var ofDevice: [DeviceID: [LinkID]] = [:]
    private var ofPerson: [PersonID: [LinkID]] = [:]
    /// Of the devices that are here.
    private var shortIDs: [String: DeviceID] = [:]
    private var strangers: Set<LinkID> = []
    private let device: DeviceID

    init(device: DeviceID) { self.device = device }

    // MARK: who is here

    subscript(link: LinkID) -> LinkState? { self.table[link] }
    /// Every link, in order. For what concerns all of them; nothing else should ask.
    var all: [LinkID] { self.table.all.keys.sorted() }
    var count: Int { self.table.count }
    /// Of them, those that others called.
    var incoming: Int { self.table.all.values.count { !$0.isOurs } }
    var mayTakeStrangers: Bool {
        self.count < Limits.sessions && self.strangers.count < Limits.strangerSessions
    }
    /// When `wake` should be asked.
    var wakeAt: UInt64? { self.table.next }

    /// In order.
    func of(_ person: PersonID) -> [LinkID] { self.ofPerson[person] ?? [] }
    func of(_ device: DeviceID) -> [LinkID] { self.ofDevice[device] ?? [] }
    func states(of person: PersonID) -> [LinkState] { self.of(person).compactMap { self.table[$0] } }
    func states(of device: DeviceID) -> [LinkState] { self.of(device).compactMap { self.table[$0] } }
    /// One of each device that is here.
    var devices: [LinkState] { self.ofDevice.values.compactMap { $0.first.flatMap { self.table[$0] } } }
    func of(shortID: String) -> [LinkID] { self.shortIDs[shortID].map { self.of($0) } ?? [] }

    // MARK: what happens to them

    mutating func add(_ link: LinkID, _ state: LinkState) {
        self.table[link] = state
        self.shortIDs[state.device.shortID] = state.device
        self.ofDevice[state.device, default: []].insert(link)
        self.ofPerson[state.person, default: []].insert(link)
    }

    mutating func remove(_ link: LinkID) -> LinkState? {
        guard let state = self.table[link] else { return nil }
        self.table[link] = nil
        self.strangers.remove(link)
        self.ofDevice[state.device]?.removeAll { $0 == link }
        self.ofPerson[state.person]?.removeAll { $0 == link }
        if self.ofDevice[state.device]?.isEmpty ?? false {
            self.ofDevice[state.device] = nil
            self.shortIDs[state.device.shortID] = nil
        }
        if self.ofPerson[state.person]?.isEmpty ?? false { self.ofPerson[state.person] = nil }
        return state
    }

    /// Which links a fresh one replaces, or by which it is replaced itself: of two called at once the one that the
    /// lower device opened stays, else the newer. One over a relay gives way to one that is not.
    func losers(to link: LinkID, now: UInt64) -> [LinkID] {
        guard let fresh = self.table[link] else { return [] }
        var losers: [LinkID] = []
        for rival in self.of(fresh.device) where rival != link {
            guard let old = self.table[rival] else { continue }
            if old.remote.isRelayed != fresh.remote.isRelayed {
                guard old.remote.isRelayed else { return losers + [link] }
                losers.append(rival)
                continue
            }
            let crossed = old.isOurs != fresh.isOurs && now < old.openedAt + Limits.crossing && !old.isRenewed
            guard !(crossed && fresh.isOurs != (self.device < fresh.device)) else { return losers + [link] }
            losers.append(rival)
        }
        return losers
    }

    /// Something came. Says whether the link is one of ours.
    mutating func hear(_ link: LinkID, _ path: LinkPath, now: UInt64) -> Bool {
        guard self.table[link] != nil else { return false }
        self.table[link]?.hear(path, now: now)
        return true
    }

    /// Whether the device at the other end is somebody's whom we talk to; so many strangers are let in, and no more.
    mutating func note(_ link: LinkID, isStranger: Bool) {
        guard self.table[link] != nil else { return }
        if isStranger { self.strangers.insert(link) } else { self.strangers.remove(link) }
    }

    mutating func welcome(_ link: LinkID) { self.table[link]?.welcome() }
    mutating func keep(_ link: LinkID, name: String, _ profile: Profile) {
        self.table[link]?.keep(name: name, profile)
    }
    mutating func keep(_ link: LinkID, request: String) { self.table[link]?.keep(request: request) }
    mutating func takeRequest(_ link: LinkID, hasWords: Bool) -> Bool {
        self.table[link]?.takeRequest(hasWords: hasWords) ?? false
    }
    mutating func hearRequest(_ link: LinkID) -> Int { self.table[link]?.hearRequest() ?? 0 }
    mutating func mayType(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayType(now: now) ?? false }
    mutating func mayVerify(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayVerify(now: now) ?? false }
    mutating func mayTellPresence(_ link: LinkID, now: UInt64) -> Bool {
        self.table[link]?.mayTellPresence(now: now) ?? false
    }
    mutating func mayTellProfile(_ link: LinkID) -> Bool { self.table[link]?.mayTellProfile() ?? false }
    mutating func mayAskForPicture(_ link: LinkID, now: UInt64) -> Bool {
        self.table[link]?.mayAskForPicture(now: now) ?? false
    }
    mutating func mayTellKey(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayTellKey(now: now) ?? false }
    mutating func mayTellPrekey(_ link: LinkID, now: UInt64) -> Bool {
        self.table[link]?.mayTellPrekey(now: now) ?? false
    }
    mutating func keep(_ link: LinkID, _ prekey: Prekey) { self.table[link]?.keep(prekey) }
    mutating func keep(_ link: LinkID, takes: Bool) { self.table[link]?.keep(takes: takes) }
    mutating func takeUnheardMail(_ link: LinkID) -> (prekey: Prekey?, takes: Bool?) {
        self.table[link]?.takeUnheardMail() ?? (nil, nil)
    }
    mutating func mailWait(_ link: LinkID, now: UInt64) -> UInt64? { self.table[link]?.mailWait(now: now) }
    mutating func mayTakeMail(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayTakeMail(now: now) ?? false }
    mutating func keep(_ link: LinkID, _ key: DiscoveryKey) { self.table[link]?.keep(key) }
    mutating func mayDraft(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayDraft(now: now) ?? false }
    mutating func hear(_ link: LinkID, _ presence: HeardPresence) { self.table[link]?.hear(presence) }
    mutating func hear(_ link: LinkID, live: Bool) { self.table[link]?.hear(live: live) }
    mutating func mayFetch(_ link: LinkID, now: UInt64) -> Bool { self.table[link]?.mayFetch(now: now) ?? false }

    /// A session is worn before its time. Only who called calls again.
    mutating func wear(_ link: LinkID, now: UInt64) -> [Action] {
        guard self.table[link]?.isOurs ?? false else { return [] }
        self.table[link]?.renew(now: now)
        return [.renew(link, at: now)]
    }

    mutating func doubt(_ link: LinkID, now: UInt64) -> [Action] {
        self.table[link]?.doubt(now: now) ?? false ? [.ping(link, at: now)] : []
    }

    /// The network changed under us: all of them are asked.
    mutating func doubtAll(now: UInt64) -> [Action] { self.all.flatMap { self.doubt($0, now: now) } }

    /// Time has gone by for some of them.
    mutating func wake(now: UInt64) -> [Action] {
        var actions: [Action] = []
        self.table.wake(now: now) { link, state in
            actions += state.due(now: now).map { due in
                switch due {
                case .silence: .close(link, .goingAway)
                case .question: .ping(link, at: now)
                case .beat: .beat(link, at: now)
                case .renewal: .renew(link, at: now)
                }
            }
        }
        return actions
    }
}

#if DEBUG
    extension Links {
        var looks: Int { self.table.looks.total }
    }
#endif

extension [LinkID] {
    /// Keeps the order.
    fileprivate mutating func insert(_ link: LinkID) {
        self.insert(link, at: self.firstIndex { $0 > link } ?? self.endIndex)
    }
}
