import EarshotModel
import EarshotWire

extension Conversations {
    /// What it wants done.
    enum Action: Sendable {
        case keep(Fact)
        case transmit([Frame], LinkID)
        case datagram(Frame, LinkID)
        /// Read these from disk and send them.
        case serve(Want, LinkID)
        /// They ask what we hold of a conversation.
        case greet(LinkID, ConversationID)
        /// A member of a room holds these manifests.
        case persons([ManifestVersion], ConversationID, LinkID, at: Moment)
        /// More comes unasked than is read: nothing for so many ms.
        case pause(LinkID, UInt64)
        case close(LinkID, CloseCode)
        case warn(Warning, PersonID)
        /// An envelope has its place in its log. Its author is one of those who have the conversation.
        case came(Envelope, Content, by: PersonID, at: Moment)
    }

    /// What a session begins with.
    struct Greeting: Sendable {
        let heads: Heads
        /// Nobody has ever answered there.
        let isUnanswered: Bool
    }
}
