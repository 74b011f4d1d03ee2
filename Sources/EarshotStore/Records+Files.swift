import EarshotModel
import Foundation
import GRDB

struct TransferRecord: TableRow {
    static let databaseTableName = "transfer"
    let id: Data
    let share: Data
    let conversation: Data
    let person: Data
    let device: Data
    let incoming: Bool
    let offer: String
    let at: Int64
    let state: String
    let reason: String?
    let folder: String?
    let have: Int64
    let listing: Int64
    let length: Int64
    let names: String
    let contents: String?
    let agreed: Int64?
    let notes: String?
    let message: Data?

    init(_ transfer: Transfer) {
        self.id = transfer.id.data
        self.share = transfer.share.data
        self.conversation = transfer.conversation.data
        self.person = transfer.person.data
        self.device = transfer.device.data
        self.incoming = transfer.isIncoming
        self.offer = json(transfer.offer)
        self.at = transfer.at.sql
        self.state = transfer.state.rawValue
        self.reason = transfer.reason.map { json($0) }
        self.folder = transfer.folder
        self.have = Int64(clamping: transfer.have)
        self.listing = Int64(clamping: transfer.listing)
        self.length = Int64(clamping: transfer.length)
        self.names = json(transfer.names)
        self.contents = transfer.contents.map { json($0) }
        self.agreed = transfer.agreed?.sql
        self.notes = transfer.notes.isEmpty ? nil : json(transfer.notes)
        self.message = transfer.message == transfer.id ? nil : transfer.message.data
    }

    var value: Transfer? {
        guard let id = EnvelopeID(self.id), let share = ShareID(self.share),
            let conversation = ConversationID(self.conversation),
            let person = PersonID(self.person), let device = DeviceID(self.device),
            let offer = read(FileOffer.self, json: self.offer),
            let state = Transfer.State(rawValue: self.state)
        else { return nil }
        var transfer = Transfer(
            id: id, share: share, conversation: conversation, person: person, device: device, isIncoming: self.incoming,
            offer: offer,
            at: Timestamp(sql: self.at), state: state, message: self.message.flatMap { EnvelopeID($0) })
        // Before there were reasons it was a sentence.
        transfer.reason = self.reason.map { read(TransferReason.self, json: $0) ?? .told($0) }
        transfer.folder = self.folder
        transfer.have = UInt64(clamping: self.have)
        transfer.listing = UInt64(clamping: self.listing)
        transfer.length = UInt64(clamping: self.length)
        transfer.names = read([String].self, json: self.names) ?? []
        transfer.notes = read(TransferNotes.self, json: self.notes) ?? TransferNotes()
        transfer.contents = read(Contents.self, json: self.contents)
        transfer.agreed = self.agreed.map(Timestamp.init(sql:))
        return transfer
    }
}

struct ShareRecord: TableRow {
    static let databaseTableName = "share"
    let id: Data
    let key: Data
    let roots: String
    let listing: Int64
    let size: Int64
    let open: Bool

    init(_ share: Share) {
        self.id = share.id.data
        self.key = share.key.data
        self.roots = json(share.roots)
        self.listing = Int64(clamping: share.listing)
        self.size = Int64(clamping: share.size)
        self.open = share.isOpen
    }

    var value: Share? {
        guard let id = ShareID(self.id), let roots = read([Share.Root].self, json: self.roots) else { return nil }
        return Share(
            id: id, key: Array(self.key), roots: roots, listing: UInt64(clamping: self.listing),
            size: UInt64(clamping: self.size),
            isOpen: self.open)
    }
}

func json(_ value: some Encodable) -> String {
    (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

func read<T: Decodable>(_: T.Type, json text: String?) -> T? {
    text.flatMap { try? JSONDecoder().decode(T.self, from: Data($0.utf8)) }
}
