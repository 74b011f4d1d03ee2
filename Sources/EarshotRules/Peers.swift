import EarshotModel
import EarshotWire

/// What the machines see of each other: who is on which link, and whom we talk to. To be read, never kept.
struct Peers: Sendable {
    private let links: Links
    private let people: People
    private let dialer: Dialer
    /// With whom we share a room, whether they are accepted or not.
    private let mates: Set<PersonID>
    let device: DeviceID
    /// Whether anything can be taken in or written now.
    let isWritable: Bool

    init(
        _ links: Links, _ people: People, _ dialer: Dialer, mates: Set<PersonID> = [], device: DeviceID,
        isWritable: Bool
    ) {
        self.links = links
        self.people = people
        self.dialer = dialer
        self.mates = mates
        self.device = device
        self.isWritable = isWritable
    }

    // MARK: who is here

    subscript(link: LinkID) -> LinkState? { self.links[link] }
    func links(of person: PersonID) -> [LinkID] { self.links.of(person) }
    func isHere(_ device: DeviceID) -> Bool { !self.links.of(device).isEmpty }
    func states(of device: DeviceID) -> [LinkState] { self.links.states(of: device) }
    /// The link to a device; of several the newest.
    func link(to device: DeviceID) -> LinkID? { self.links.of(device).last }
    /// Devices of others that are here, those we talk to first.
    var others: [DeviceID] {
        self.links.devices.filter { $0.person != self.people.me }
            .sorted { self.rank($0) < self.rank($1) }
            .map(\.device)
    }
    private func rank(_ link: LinkState) -> (Int, DeviceID) {
        (self.people.talks(link.person) ? 0 : 1, link.device)
    }
    /// Where a device says it can be called.
    func endpoints(of device: DeviceID) -> [Endpoint] { self.dialer.endpoints(of: device) }

    // MARK: whom we talk to

    func talks(_ person: PersonID) -> Bool { self.people.talks(person) }
    func talks(_ person: PersonID, _ device: DeviceID) -> Bool { self.people.talks(person, device) }
    func talks(_ link: LinkID) -> Bool { self.links[link].map { self.people.talks($0.person, $0.device) } ?? false }
    func blocks(_ person: PersonID) -> Bool { self.people.contacts[person]?.trust == .blocked }
    /// Whether a device is its person's, and the person is not one whom nobody wants to hear.
    func lists(_ person: PersonID, _ device: DeviceID) -> Bool {
        !self.blocks(person) && self.people.manifests.lists(person, device)
    }
    /// Whether more than a stranger's word is heard on a link: we talk to them, or share a room.
    func hears(_ link: LinkID) -> Bool {
        guard let state = self.links[link] else { return false }
        return self.hears(state.person, state.device)
    }
    func hears(_ person: PersonID, _ device: DeviceID) -> Bool {
        self.people.talks(person, device) || self.mates.contains(person) && self.lists(person, device)
    }
    func isBlocked(_ person: PersonID) -> Bool { self.people.contacts[person]?.trust == .blocked }
    func contact(_ person: PersonID) -> Contact? { self.people.contacts[person] }
    /// Which devices are whose.
    var manifests: ManifestChain { self.people.manifests }
}
