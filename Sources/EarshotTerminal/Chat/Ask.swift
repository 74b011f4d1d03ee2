import EarshotModel

/// What a conversation asks of whoever runs it; the answers come back as `Screen.Input.answered`.
package enum Ask: Sendable, Hashable {
    case send(number: Int, String, replyTo: EnvelopeID?)
    case edit(id: EnvelopeID, String)
    case delete(id: EnvelopeID)
    case react(id: EnvelopeID, String)
    case typing(Bool)
    /// Somebody is at the keys.
    case active
    /// Shows what is typed while it is, or no longer.
    case live(Bool)
    /// What is being written, where both see it.
    case draft(String)
    case presence(Presence, String?)
    case markRead
    case acceptPerson
    case block
    case unblock
    case acceptFile(id: EnvelopeID, folder: String?)
    case transfer(Verb, id: EnvelopeID)
    case offer([String])
    case search(String)
    case acknowledge(id: EnvelopeID)
    // In a room:
    case topic(String)
    case invite([String])
    case pin(id: EnvelopeID, Bool)
    case leaveRoom
    case remove(String)
    /// What the room is called, or what we call the other.
    case rename(String)
    /// Comparing keys with the other.
    case verify(Verify)
    case trust
    /// Whom one may invite.
    case people
    /// Our own id, to be compared.
    case id
    /// Whom or what the conversation is with, as they are now.
    case person
    case transfers
    /// The newest messages, in the order of the store.
    case newest(Int)
    /// Those before one.
    case older(than: EnvelopeID)
    /// What is in a folder, for a path that is being typed.
    case complete(path: String)
    case startNode
    case redraw
    case suspend
    /// Leaves; what was not sent is kept for the next time.
    case leave

    package enum Verify: Sendable, Hashable {
        case start, stop
        case answer(Bool)
    }

    package enum Verb: String, Sendable, Hashable, CaseIterable {
        case decline, pause, resume, retry, cancel
    }
}
