import EarshotControl
import EarshotModel

extension ChatState {
    /// The other one.
    package struct Peer: Sendable, Hashable {
        package var name: String
        package var trust: Trust
        package var isOnline: Bool
        /// Everything that is told of them; `nil` for a room.
        package var view: PersonView?
        /// The contact whom this one's name imitates, with the beginning of their id.
        package var looksLike: String?
        package var request: String?
        package var requestedAt: Timestamp?
        /// Why it is not certain who they are, in words.
        package var problem: String?

        package init(_ view: PersonView) {
            self.name = view.name
            self.trust = view.trust
            self.isOnline = view.online
            self.view = view
            self.looksLike = view.looksLike.map { name in
                view.looksLikePerson.map { "\(name) (\($0.brief))" } ?? name
            }
            self.request = view.request
            self.requestedAt = view.requestedAt
            self.problem = view.problem
        }

        /// A room, as far as it is like a person.
        init(_ room: RoomView) {
            self.name = RoomResolver.shown(room.name)
            self.trust = .accepted
            self.isOnline = (room.members ?? []).contains { $0.online && $0.me != true }
        }

        /// What is told of them now. Their first words stay until the messages themselves are here.
        mutating func update(_ view: PersonView) {
            let request = (self.request, self.requestedAt)
            self = Peer(view)
            if self.request == nil { (self.request, self.requestedAt) = request }
        }

        /// What has to be known wherever their name stands.
        package var alarm: String? { self.looksLike.map { "looks like your contact \($0), but is someone else" } }
    }
}
