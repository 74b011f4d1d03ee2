import EarshotControl
import EarshotHooks
import EarshotModel

enum Sample {
    static let bob = PersonID(hash: .zero)
    static let room = RoomID(hash: .zero)

    static func message(
        _ text: String = "hello", mine: Bool = false, trust: Trust? = .accepted, in room: String? = nil,
        name: String = "Bob"
    ) -> EventView {
        var view = MessageView(
            id: EnvelopeID(hash: .zero), from: Self.bob, fromName: name, to: nil, toName: "Anna", mine: mine,
            text: text, state: .received, at: Timestamp(milliseconds: 0))
        view.trust = trust
        if let room {
            view.room = Self.room
            view.roomName = room
        }
        return EventView(cursor: 1, .message(view))
    }
}
