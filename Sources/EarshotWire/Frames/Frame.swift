import EarshotModel

/// What one node says to another inside a session, in the order of the type numbers (Protocol.md 4).
package enum Frame: Hashable, Sendable {
    /// 0x00: the session ends.
    case close(CloseCode)
    /// 0x01: the responder has the keys.
    case ready
    /// 0x02
    case ping(UInt64)
    /// 0x03
    case pong(UInt64)
    /// 0x10: what I hold and have read.
    case heads(Heads)
    /// 0x11: give me these.
    case want(Want)
    /// 0x12: one or more; well-formed, their signatures not looked at.
    case envelopes([Envelope])
    /// 0x13: a body that was dropped.
    case gone(Gone)
    /// 0x20: call me with a bulk channel and these files.
    case fetch(Fetch)
    /// 0x21: ask them instead.
    case refer(Referral)
    /// 0x30
    case manifestAsk(PersonID)
    /// 0x31: a manifest, not looked at.
    case manifestGive([UInt8])
    /// 0x32: what I call myself and tell of myself, as it came.
    case profile(name: String, Profile = Profile())
    /// 0x33: I would like to talk, as it came.
    case request(text: String)
    /// 0x40
    case typing(ConversationID, on: Bool)
    /// 0x98: open rooms that I am in.
    case rooms([ToldRoom])
    /// 0x50: comparing keys, or joining by a code.
    case verify(Verify)
    /// 0x90: how present my person is.
    case presence(PresenceNotice)
    /// 0x91: give me this picture of yours.
    case pictureAsk(PictureID)
    /// 0x92
    case picturePart(PicturePart)
    /// 0x93: what I am writing.
    case draft(Draft)
    /// 0x94: what it takes to find me while I am announced privately.
    case discoveryKey(DiscoveryKey)
    /// 0x60–0x63, 0x95, 0x96: mail for those who are not here.
    case mail(MailFrame)
    /// 0x99: relaying for two who cannot reach each other.
    case relay(RelayStep)
    /// 0x80 and above: something newer that may be ignored.
    case ignorable(type: UInt8)
}
