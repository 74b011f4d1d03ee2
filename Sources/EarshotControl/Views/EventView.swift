import EarshotModel

/// What a node warns of.
package enum WarningKind: String, Keyword {
    case fork, equivocation, downgrade, wrongBytes, divergence, nameTaken, verificationFails, ownerReplaced
}

/// Something that happened (docs/Control.md, Events).
package struct EventView: SchemaNamed, View {
    package enum What: Sendable, Hashable {
        case message(MessageView)
        case edit(MessageView)
        case delete(MessageView)
        case reaction(MessageView)
        case receipt(MessageView)
        /// Somebody asks to talk.
        case request(PersonView)
        case contact(PersonView)
        // What passes and is not repeated:
        case presence(PersonView, online: Bool)
        /// In a talk of two, or in a room.
        case typing(PersonView, on: Bool, room: RoomView? = nil)
        /// Somebody has switched text that is shown while it is typed on or off, or writes this.
        case live(PersonView, on: Bool, text: String)
        case peer(PersonView)
        /// Perhaps of a room.
        case warning(PersonView, WarningKind, room: RoomView? = nil)
        /// A room has changed; an open one appeared on this network, or went.
        case room(RoomView)
        /// How much of a conversation was read, or what one wants of it, has changed.
        case talk(TalkView)
        case offer(TransferView)
        case transfer(TransferView)
        case verification(PersonView, VerificationView)
        /// - Parameter triesLeft: where somebody failed.
        case invitation(InvitationState, by: PersonView?, triesLeft: Int64?)
    }

    /// The commit it belongs to, or during which it passed.
    package var cursor: UInt64
    /// Of what is kept: whoever comes back says the last one.
    package var place: EventPlace?
    package var what: What

    package init(cursor: UInt64, place: EventPlace? = nil, _ what: What) {
        self.cursor = cursor
        self.place = place
        self.what = what
    }

    /// Its word in JSON.
    package var name: String { self.kindOfEvent.rawValue }

    package enum Kind: String, Keyword {
        case message, edit, delete, reaction, receipt, request, contact, presence, typing, live, peer, warning, room
        case talk, offer, transfer, verification, invitation
    }

    package var kindOfEvent: Kind {
        switch self.what {
        case .message: .message
        case .edit: .edit
        case .delete: .delete
        case .reaction: .reaction
        case .receipt: .receipt
        case .request: .request
        case .contact: .contact
        case .presence: .presence
        case .typing: .typing
        case .live: .live
        case .peer: .peer
        case .warning: .warning
        case .room: .room
        case .talk: .talk
        case .offer: .offer
        case .transfer: .transfer
        case .verification: .verification
        case .invitation: .invitation
        }
    }

    private enum Key: String, CodingKey {
        case cursor, event, message, peer, room, transfer, online, on, text, warning, verification, invitation
        case triesLeft, talk, place
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(self.cursor, forKey: .cursor)
        try members.encode(self.kindOfEvent.rawValue, forKey: .event)
        try members.encodeIfPresent(self.place, forKey: .place)
        switch self.what {
        case .message(let message), .edit(let message), .delete(let message), .reaction(let message),
            .receipt(let message):
            try members.encode(message, forKey: .message)
        case .request(let person), .contact(let person), .peer(let person): try members.encode(person, forKey: .peer)
        case .presence(let person, let online):
            try members.encode(online, forKey: .online)
            try members.encode(person, forKey: .peer)
        case .typing(let person, let on, let room):
            try members.encode(on, forKey: .on)
            try members.encode(person, forKey: .peer)
            try members.encodeIfPresent(room, forKey: .room)
        case .live(let person, let on, let text):
            try members.encode(on, forKey: .on)
            try members.encode(person, forKey: .peer)
            try members.encode(text, forKey: .text)
        case .warning(let person, let warning, let room):
            try members.encode(warning, forKey: .warning)
            try members.encode(person, forKey: .peer)
            try members.encodeIfPresent(room, forKey: .room)
        case .room(let room): try members.encode(room, forKey: .room)
        case .talk(let talk): try members.encode(talk, forKey: .talk)
        case .offer(let transfer), .transfer(let transfer): try members.encode(transfer, forKey: .transfer)
        case .verification(let person, let verification):
            try members.encode(person, forKey: .peer)
            try members.encode(verification, forKey: .verification)
        case .invitation(let state, let person, let triesLeft):
            try members.encode(state, forKey: .invitation)
            try members.encodeIfPresent(person, forKey: .peer)
            try members.encodeIfPresent(triesLeft, forKey: .triesLeft)
        }
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        self.cursor = try members.decode(UInt64.self, forKey: .cursor)
        self.place = try members.decodeIfPresent(EventPlace.self, forKey: .place)
        func message() throws -> MessageView { try members.decode(MessageView.self, forKey: .message) }
        func person() throws -> PersonView { try members.decode(PersonView.self, forKey: .peer) }
        func room() throws -> RoomView? { try members.decodeIfPresent(RoomView.self, forKey: .room) }
        func transfer() throws -> TransferView { try members.decode(TransferView.self, forKey: .transfer) }
        self.what =
            switch try members.decode(Kind.self, forKey: .event) {
            case .message: .message(try message())
            case .edit: .edit(try message())
            case .delete: .delete(try message())
            case .reaction: .reaction(try message())
            case .receipt: .receipt(try message())
            case .request: .request(try person())
            case .contact: .contact(try person())
            case .presence: .presence(try person(), online: try members.decode(Bool.self, forKey: .online))
            case .typing:
                .typing(try person(), on: try members.decode(Bool.self, forKey: .on), room: try room())
            case .live:
                .live(
                    try person(), on: try members.decode(Bool.self, forKey: .on),
                    text: try members.decode(String.self, forKey: .text))
            case .peer: .peer(try person())
            case .warning:
                .warning(
                    try person(), try members.decode(WarningKind.self, forKey: .warning), room: try room())
            case .room: .room(try members.decode(RoomView.self, forKey: .room))
            case .talk: .talk(try members.decode(TalkView.self, forKey: .talk))
            case .offer: .offer(try transfer())
            case .transfer: .transfer(try transfer())
            case .verification:
                .verification(
                    try person(), try members.decode(VerificationView.self, forKey: .verification))
            case .invitation:
                .invitation(
                    try members.decode(InvitationState.self, forKey: .invitation),
                    by: try members.decodeIfPresent(PersonView.self, forKey: .peer),
                    triesLeft: try members.decodeIfPresent(Int64.self, forKey: .triesLeft))
            }
    }

    package static let kind = "an event"
    package static var schema: JSON {
        [
            "type": "object", "required": ["cursor", "event"],
            "properties": [
                "cursor": ["type": "integer"], "event": Kind.schema, "online": ["type": "boolean"],
                "place": EventPlace.schema,
                "on": ["type": "boolean"], "text": ["type": "string"], "warning": WarningKind.schema,
                "invitation": InvitationState.schema, "triesLeft": ["type": "integer"],
                "verification": ["$ref": "#/components/schemas/VerificationView"],
                "message": ["$ref": "#/components/schemas/MessageView"],
                "peer": ["$ref": "#/components/schemas/PersonView"],
                "room": ["$ref": "#/components/schemas/RoomView"],
                "talk": ["$ref": "#/components/schemas/TalkView"],
                "transfer": ["$ref": "#/components/schemas/TransferView"],
            ],
        ]
    }
    package static var sample: EventView {
        let person = PersonView(person: PersonID.sample, name: "", trust: .new, online: false)
        return EventView(cursor: 0, .peer(person))
    }
}
