import EarshotModel

/// What a room is to us.
package enum RoomStanding: String, Keyword {
    /// Somebody added us; we have not answered.
    case invited
    case joined
    case left
    /// The owner took us out.
    case removed
    /// Others here are in it, and anybody may join.
    case open
    /// It was open, and nobody here tells of it any more.
    case gone
}

/// From where on who comes into a room may read.
package enum RoomHistory: String, Keyword {
    case all
    case fromJoin = "from-join"
}

/// What may be done in a room.
package enum RoomRight: String, Keyword {
    case write, invite, remove, topic, rename, transfer, writer, pin, lifetime, leave, join, decline
}

/// Somebody who is in a room.
package struct RoomMemberView: View {
    package var person: PersonID
    package var name: String
    package var trust: Trust
    package var online: Bool
    /// `invited` or `joined`; of those who are not in it any more `left` or `removed`.
    package var standing: RoomStanding
    package var owner: Bool?
    /// They may write in an announcement room.
    package var writer: Bool?
    /// It is ourselves.
    package var me: Bool?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(person: PersonID, name: String, trust: Trust, online: Bool, standing: RoomStanding) {
        self.person = person
        self.name = name
        self.trust = trust
        self.online = online
        self.standing = standing
    }
}

/// A room as the door shows it (docs/Control.md, Rooms).
package struct RoomView: View {
    package var id: RoomID
    package var name: String
    package var topic: String?
    package var standing: RoomStanding
    package var owner: PersonID?
    package var ownerName: String?
    /// Who invited us, while we have not answered.
    package var inviter: PersonID?
    package var inviterName: String?
    /// How many are in it, and how many of them have joined and are here. Of an open room that we are not in only the
    /// first is known, and as others tell it.
    package var memberCount: Int64
    package var joinedCount: Int64?
    package var onlineCount: Int64?
    /// All of them, where one room is asked for.
    package var members: [RoomMemberView]?
    /// Those who were in it and are not any more, there.
    package var former: [RoomMemberView]?
    /// What follows from its operations, as a hash in base32: alike wherever the same operations are, where one room is
    /// asked for.
    package var state: String?
    /// Messages of others that were not read.
    package var unread: Int64?
    /// Ms after which messages are dropped.
    package var lifetime: Int64?
    package var pins: [EnvelopeID]?
    /// Anybody may join.
    package var open: Bool
    /// Only the owner and writers write.
    package var announce: Bool
    package var history: RoomHistory
    /// Only the owner invites.
    package var ownerInvites: Bool
    /// What we may do there.
    package var may: [RoomRight]
    /// When the standing last changed.
    package var since: Timestamp?

    package init(
        id: RoomID, name: String, standing: RoomStanding, memberCount: Int64, open: Bool, announce: Bool,
        history: RoomHistory, ownerInvites: Bool, may: [RoomRight]
    ) {
        self.id = id
        self.name = name
        self.standing = standing
        self.memberCount = memberCount
        self.open = open
        self.announce = announce
        self.history = history
        self.ownerInvites = ownerInvites
        self.may = may
    }
}

/// Whom a word means: a person, or a room.
package enum RecipientView: SchemaNamed, View {
    case person(PersonView)
    case room(RoomView)

    package static let kind = "a person or a room"
    package static var schema: JSON {
        ["oneOf": [["$ref": "#/components/schemas/PersonView"], ["$ref": "#/components/schemas/RoomView"]]]
    }
    package static var sample: RecipientView {
        .person(PersonView(person: PersonID.sample, name: "", trust: .new, online: false))
    }

    private enum Key: String, CodingKey { case person }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        self = members.contains(.person) ? .person(try PersonView(from: decoder)) : .room(try RoomView(from: decoder))
    }
    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .person(let person): try person.encode(to: encoder)
        case .room(let room): try room.encode(to: encoder)
        }
    }
}

extension RecipientView {
    /// What to call them: `Anna`, `#ops`.
    package var shownName: String {
        switch self {
        case .person(let person): person.name
        case .room(let room): RoomResolver.shown(room.name)
        }
    }
}
