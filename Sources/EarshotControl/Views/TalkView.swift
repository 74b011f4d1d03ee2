import EarshotModel

/// A conversation as a list shows it (docs/Control.md, Conversations).
package struct TalkView: View {
    /// What other methods know it by: the id of a person, or `room:` and that of a room.
    package var who: String
    package var person: PersonID?
    package var room: RoomID?
    package var name: String
    /// What was said last.
    package var last: MessageView?
    /// Messages of others that were not read, how many of them name us, and how many wait for us to acknowledge them.
    package var unread: Int64
    package var mentions: Int64
    package var owed: Int64
    /// It stands at the top.
    package var pinned: Bool?
    /// It is silent; until when, unless for good.
    package var muted: Bool?
    package var mutedUntil: Timestamp?
    /// How the person is.
    package var peer: PersonView?
    /// What the room is to us.
    package var standing: RoomStanding?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(who: String, name: String) {
        self.who = who
        self.name = name
        (self.unread, self.mentions, self.owed) = (0, 0, 0)
    }
}
