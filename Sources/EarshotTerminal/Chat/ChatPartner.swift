import EarshotControl
import EarshotModel

/// Who a conversation is with.
struct ChatPartner: Sendable {
    let place: Recipient
    /// The other; in a room what is said of it where else the other is.
    var peer: ChatState.Peer
    /// The room it is in, as it is now.
    var room: RoomView?
}

/// What a person is asked, or told, before anything else is done.
struct ChatPrompt: Sendable {
    var question: ChatState.Question?
    /// What is to be said at once: a refusal, a hint.
    var notice: String?
}
