import EarshotModel

/// What an event is about, for whoever heeds only one kind of thing.
extension EventView {
    package var message: MessageView? {
        switch self.what {
        case .message(let message), .edit(let message), .delete(let message), .reaction(let message),
            .receipt(let message):
            message
        case .request, .contact, .presence, .typing, .live, .peer, .warning, .room, .talk, .offer, .transfer,
            .verification, .invitation:
            nil
        }
    }

    package var peer: PersonView? {
        switch self.what {
        case .request(let person), .contact(let person), .peer(let person), .presence(let person, online: _),
            .typing(let person, on: _, room: _), .live(let person, on: _, text: _), .warning(let person, _, room: _),
            .verification(let person, _):
            person
        case .invitation(_, let person, _): person
        case .message, .edit, .delete, .reaction, .receipt, .room, .talk, .offer, .transfer: nil
        }
    }

    package var transfer: TransferView? {
        switch self.what {
        case .offer(let transfer), .transfer(let transfer): transfer
        case .message, .edit, .delete, .reaction, .receipt, .request, .contact, .presence, .typing, .live, .peer,
            .warning, .room, .talk, .verification, .invitation:
            nil
        }
    }

    /// Whether a person did it, or it is about them.
    package func isOf(_ person: PersonID) -> Bool {
        [self.message?.from, self.peer?.person, self.transfer?.person].contains(person)
            || self.talk?.person == person
    }

    package var talk: TalkView? {
        if case .talk(let talk) = self.what { talk } else { nil }
    }

    /// The room it happened in, or that has changed.
    package var room: RoomID? {
        switch self.what {
        case .room(let room): return room.id
        case .typing(_, on: _, let room), .warning(_, _, let room): return room?.id
        case .offer(let transfer), .transfer(let transfer): return transfer.room
        default: return self.message?.room ?? self.talk?.room
        }
    }
}
