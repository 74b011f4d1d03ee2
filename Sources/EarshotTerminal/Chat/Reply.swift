import EarshotControl

/// What the door answers to an `Ask`.
package enum Reply: Sendable, Hashable {
    case sent([SentView])
    case messages([MessageView])
    case person(PersonView)
    case room(RoomView)
    case transfers([TransferView])
    case transfer(TransferView)
    case offered(OfferAnswer)
    case identity(IdentityView)
    case verification(VerificationView)
    case people([PersonView])
    case live(LiveView)
    case presence(PresenceView)
    /// It was done, and there is nothing to be made of what it says.
    case done
}
