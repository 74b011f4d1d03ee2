/// Something that must be on disk. One commit takes a list of them, in order; each may be told twice without harm.
package enum Fact: Sendable, Equatable {
    /// An envelope of ours or of someone else, and when it came.
    case envelope(Envelope, Content, author: PersonID, arrived: Timestamp)
    /// A stub whose body nobody gives us; it counts for where the log ends.
    case gone(ConversationID, DeviceID, LogID, seq: UInt64, id: EnvelopeID)
    /// A device of a person says it holds a log on disk up to `seq`, where the id is `id`. Counts only if that is
    /// what we hold there.
    case held(ConversationID, LogID, by: DeviceID, of: PersonID, seq: UInt64, id: EnvelopeID, at: Timestamp)
    /// A person, perhaps ourselves, has read a log up to `seq`.
    case read(ConversationID, LogID, by: PersonID, seq: UInt64, at: Timestamp)
    case contact(Contact)
    case manifest(Manifest)
    case certificate(DeviceCertificate)
    /// An address that led to a device.
    case reached(DeviceID, PersonID, Endpoint, at: Timestamp)
    /// `host:port` as a person typed it, or no longer.
    case staticPeer(String, Bool)
    case setting(String, String?)
    /// From now on we write logs of this generation: the old ones went on elsewhere (Protocol.md 6).
    case generation([UInt8])
    case transfer(Transfer)
    /// How far a transfer has come, and nothing else of it.
    case came(EnvelopeID, have: UInt64)
    /// When a person was last here; `nil` to forget it.
    case seen(PersonID, at: Timestamp?)
    /// What a person, perhaps ourselves, tells of themselves; an empty one forgets it.
    case profile(PersonID, Profile)
    case picture(PictureID, [UInt8])
    /// The key by which a device of a person is found; `nil` to forget it.
    case discoveryKey(DeviceID, PersonID, DiscoveryKey?)
    case pictureGone(PictureID)
    case share(Share)
    case shareGone(ShareID)
    /// A room and what it is to us.
    case room(KnownRoom)
    /// The members of a conversation are these now.
    case members(ConversationID, Set<PersonID>)
    /// Up to where what was written in a conversation is shown. Until it is told, nothing with a membership is.
    case shown(ConversationID, Stretch, ShownLimit)
    /// We begin a log behind this place, and have nothing of it before.
    case begins(ConversationID, LogStart)
    /// Of mail for those who are not here, ours and others'.
    case mail(MailFact)

    /// Whether losing it to a power cut costs nothing because others tell it again: nobody was promised anything for
    /// it.
    package func isToldAgain(to me: PersonID) -> Bool {
        switch self {
        case .held, .reached, .came, .seen: true
        case .read(_, _, let person, _, _): person != me
        case .envelope, .gone, .contact, .manifest, .certificate, .staticPeer, .setting, .generation, .transfer, .share,
            .shareGone, .room, .members, .shown, .begins, .profile, .picture, .pictureGone, .discoveryKey,
            .mail:
            false
        }
    }
}
