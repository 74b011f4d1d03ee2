/// What an event is about, for whoever heeds only one kind of thing.
extension EventView {
    package var message: MessageView? {
        switch self.what {
        case .message(let message), .edit(let message), .delete(let message), .reaction(let message),
            .receipt(let message):
            message
        case .request, .contact, .presence, .typing, .live, .peer, .warning, .offer, .transfer: nil
        }
    }

    package var peer: PersonView? {
        switch self.what {
        case .request(let person), .contact(let person), .peer(let person), .presence(let person, online: _),
            .typing(let person, on: _), .live(let person, on: _, text: _), .warning(let person, _):
            person
        case .message, .edit, .delete, .reaction, .receipt, .offer, .transfer: nil
        }
    }

    package var transfer: TransferView? {
        switch self.what {
        case .offer(let transfer), .transfer(let transfer): transfer
        case .message, .edit, .delete, .reaction, .receipt, .request, .contact, .presence, .typing, .live, .peer,
            .warning:
            nil
        }
    }
}
