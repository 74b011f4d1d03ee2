import EarshotModel
import EarshotWire

/// Who may have what, and who is listened to.
extension Conversations {
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
}
