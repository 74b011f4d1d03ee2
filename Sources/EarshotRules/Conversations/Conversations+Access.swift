import EarshotModel
import EarshotWire

/// Who may have what, and who is listened to.
extension Conversations {
    func reach(of log: LogID, in id: ConversationID) -> (held: UInt64, read: UInt64) {
        self.all[id]?.reach(of: log) ?? (0, 0)
    }

    /// Whether the device at the other end may have a conversation.
    func admits(_ link: LinkID, to id: ConversationID, _ peers: Peers) -> Bool {
        // Devices of our own are not talked to yet, though they may have everything.
        guard let state = peers[link], peers.hears(link) else { return false }
        return self.membership.admits(state.device, of: state.person, to: id, peers)
    }

    /// Whether what the device at the other end says of a conversation is looked at.
    func hears(_ link: LinkID, in id: ConversationID, _ peers: Peers) -> Bool {
        guard let state = peers[link], peers.hears(link) else { return false }
        return self.membership.hears(state.device, of: state.person, in: id, peers)
    }

    func key(for envelope: Envelope, _ link: LinkID, _ peers: Peers) -> [UInt8]? {
        self.author(envelope.device, in: envelope.conversation, link, peers).flatMap {
            peers.manifests.key(for: envelope, of: $0)
        }
    }

    /// Whose device it is, of those who may have written in a conversation, as one may hear it on a link.
    func author(_ device: DeviceID, in id: ConversationID, _ link: LinkID, _ peers: Peers) -> PersonID? {
        guard let room = self.membership.room(of: id) else {
            return peers.manifests.owner(of: device, among: self.membership.persons(in: id))
        }
        if let author = peers.manifests.owner(of: device, first: self.me, where: room.authors.contains) {
            return author
        }
        // Who comes into an open room adds themselves.
        guard room.state.charter.isOpen, let person = peers[link]?.person else { return nil }
        return peers.manifests.owner(of: device, among: [person])
    }

    /// How far each of those holds a log of ours for whom it is, the furthest first: the other members of a room who
    /// have joined, or the devices of a person.
    func holders(of log: LogID, in id: ConversationID, _ peers: Peers) -> [UInt64] {
        guard let conversation = self.all[id] else { return [] }
        guard let room = self.membership.room(of: id) else {
            return self.membership.devices(in: id, peers).map { conversation.held(log, by: $0) }.sorted(by: >)
        }
        var furthest: [PersonID: UInt64] = [:]
        for person in room.state.joined where person != self.me {
            furthest[person] = conversation.read(log, by: person)
        }
        for (device, seq) in conversation.holders(of: log) {
            let person = peers.manifests.owner(of: device, first: self.me) { furthest[$0] != nil }
            if let person { furthest[person] = max(furthest[person] ?? 0, seq) }
        }
        return furthest.values.sorted(by: >)
    }
}
