import EarshotModel
import Foundation
import GRDB

/// A message as it lies in its table, without what others put to it.
struct MessageRecord: Decodable, FetchableRecord {
    let number: Int64
    let id: Data
    let conversation: Data
    let author: Data
    let device: Data
    let log: Data
    let seq: Int64
    let text: String
    let parts: Int64
    let held: Int64
    let reply: Data?
    let at: Int64
    let arrived: Int64
    let edited: Int64?
    let deleted: Bool
    let unknown: Int64?
    let offer: String?
    let problem: String?
    let changed: Int64
    let change: String

    func message(_ reactions: [Message.Reaction], _ receipts: [ReceiptRecord]) -> Message? {
        guard let id = EnvelopeID(self.id), let conversation = ConversationID(self.conversation),
            let author = PersonID(self.author),
            let device = DeviceID(self.device), let log = LogID(self.log)
        else { return nil }
        func time(_ state: ReceiptState) -> Timestamp? {
            receipts.first { $0.state == state.rawValue }.map { Timestamp(sql: $0.at) }
        }
        var message = Message(
            id: id, conversation: conversation, author: author, device: device, log: log,
            seq: UInt64(clamping: self.seq), text: self.text,
            isComplete: self.held >= self.parts, replyTo: self.reply.flatMap { EnvelopeID($0) },
            at: Timestamp(sql: self.at),
            arrived: Timestamp(sql: self.arrived), editedAt: self.edited.map(Timestamp.init(sql:)),
            isDeleted: self.deleted,
            reactions: reactions, deliveredAt: time(.delivered), readAt: time(.read),
            unknownKind: self.unknown.map { UInt32(clamping: $0) },
            order: self.number)
        message.problem = self.problem
        message.offer = read(FileOffer.self, json: self.offer)
        return message
    }
}

extension Store {
    func messages(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Message] {
        try self.found(db, sql, arguments).map(\.message)
    }

    /// Messages with the last thing that happened to each.
    func changes(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Change] {
        try self.found(db, sql, arguments).map { Change(cursor: $0.changed, subject: .message($0.message, $0.kind)) }
    }

    private struct Found {
        let message: Message
        let changed: UInt64
        let kind: Change.Kind
    }

    private func found(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Found] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        return try self.values(rows, of: "message") { row in
            let record = try MessageRecord(row: row)
            let receipts = try ReceiptRecord.fetchAll(
                db.cachedStatement(
                    sql:
                        """
                        SELECT state, min(at) AS at, max(changed) AS changed FROM receipt WHERE message = ? GROUP
                            BY state ORDER BY state
                        """
                ),
                arguments: [record.number])
            guard let kind = Change.Kind(rawValue: record.change),
                let message = record.message(try self.reactions(db, record.id), receipts)
            else { return nil }
            // A receipt that came later than all that happened to the message itself is the last thing that did.
            guard let last = receipts.max(by: { ($0.changed, $0.state) < ($1.changed, $1.state) }),
                last.changed > record.changed
            else {
                return Found(message: message, changed: UInt64(clamping: record.changed), kind: kind)
            }
            return Found(
                message: message, changed: UInt64(clamping: last.changed),
                kind: last.state == ReceiptState.read.rawValue ? .read : .delivered)
        }
    }

    private func reactions(_ db: Database, _ id: Data) throws -> [Message.Reaction] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT person, emoji FROM reaction WHERE target = ? AND state = 1 ORDER BY ordering, id"),
            arguments: [id])
        return try self.values(rows, of: "reaction") { row in
            let record = try ReactionRecord(row: row)
            return PersonID(record.person).map { Message.Reaction(person: $0, emoji: record.emoji) }
        }
    }
}
