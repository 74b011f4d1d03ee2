import EarshotModel
import EarshotWire

/// Everything a rule can want done. Done in the order given; nothing after a `keep` leaves the node before it is on
/// disk.
package enum Effect: Sendable, Equatable {
    case keep(Fact)
    case transmit([Frame], LinkID)
    case datagram(Frame, LinkID)
    /// Read these from disk and send them.
    case serve(Want, LinkID)
    /// Whether envelopes on this link are looked at.
    case hear(LinkID, Bool)
    /// Take no further event from this link for so many milliseconds.
    case pause(LinkID, UInt64)
    case close(LinkID, CloseCode)
    case dial(DialID, Endpoint, Expectation)
    /// Find out what a typed address stands for.
    case resolve(String)
    case admit(Admission)
    /// Be found under this name from now on, and under no other.
    case advertise(AdvertName)
    /// Look at the free space, and tell.
    case measureSpace
    case announce(News)
    case bulk(BulkOrder)
    case mail(MailEffect)
    case relay(RelayOrder)
}

/// What relaying asks of whoever has the sockets (Protocol.md 20).
package enum RelayOrder: Sendable, Equatable {
    /// Whether anybody may knock at all.
    case open(Bool)
    /// Whoever knocked is let through to whoever comes with this ticket.
    case bring(KnockID, ticket: Hash16)
    case turnAway(KnockID)
    case end(KnockID)
    /// Somebody has called us at a relay: call there, and answer them. Its door is the ticket.
    case fetch(Endpoint)
}

/// What is told at once and not kept. What is kept is told by the store.
package enum News: Sendable, Equatable {
    case presence(PersonID, online: Bool)
    /// In a talk of two, or in a room.
    case typing(PersonID, RoomID?, on: Bool)
    /// Somebody has switched live text on or off, or is writing this, clean.
    case live(PersonID, text: String)
    /// A node appeared or changed what it calls itself.
    case peer(PersonID)
    case warning(Warning, PersonID)
    /// A room, or what it is to us, has changed.
    case room(RoomID)
    /// How much of a conversation was read, or what we want of it, has changed.
    case talk(ConversationID)
    /// An open room appeared on this network, or nobody here tells of it any more; as it was told last.
    case openRoom(ToldRoom)
    /// Comparing keys with somebody has come further.
    case verification(PersonID, Verification.Stage)
    /// Something happened to an invitation of ours.
    case invitation(Invitations.News)
    /// What came of somebody's being named by a file of this machine, or of their being named no more.
    case provision(Provisions.News, PersonID)
    /// Joining by a code is over.
    case join(Invitations.Outcome)
    /// Something sealed that was for us could not be opened. Each is told of once.
    case unreadableMail(from: PersonID)
    /// A transfer has changed or come further.
    case transfer(Transfer, running: Bool)
}

/// What people should look at with their own eyes.
package enum Warning: Sendable, Hashable {
    /// Two bodies for one place in a log.
    case fork
    /// Two device lists of one version.
    case equivocation
    /// Someone holds us down to an old version.
    case downgrade
    /// The same operations of a room lead to another state there than here.
    case divergence(RoomID)
    /// Owner of a number is somebody else than it was before: an owner has given the room away twice.
    case ownerReplaced(RoomID)
    /// A contact took a name that people read as another contact's.
    case nameTaken
    /// Comparing keys with somebody failed so often that it pauses.
    case verificationFails
    /// This device passed on bytes that are not the author's.
    case wrongBytes(DeviceID)
}
