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
    let last: Int64
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
    let membership: Int64
    let asks: Bool
    let mentions: Data?
    let expires: Int64?
    let invitation: String?

    func message(_ receipts: [ReceiptRecord]) -> Message? {
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
            reactions: [], deliveredAt: time(.delivered), readAt: time(.read),
            unknownKind: self.unknown.map { UInt32(clamping: $0) },
            order: self.number)
        message.problem = self.problem
        message.offer = read(FileOffer.self, json: self.offer)
        message.membership = UInt64(clamping: self.membership)
        message.asks = self.asks
        message.mentions = Self.persons(self.mentions ?? Data())
        message.expires = self.expires.map(Timestamp.init(sql:))
        message.invitation = read(InvitationRecord.self, json: self.invitation)?.value
        return message
    }

    /// Persons, one after the other.
    static func persons(_ bytes: Data) -> [PersonID] {
        let bytes = Array(bytes)
        return stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).compactMap {
            PersonID(bytes[$0..<$0 + 32])
        }
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
                var message = record.message(receipts)
            else { return nil }
            if record.membership != 0 { try self.count(&message, record, receipts, db) }
            try self.putSigns(to: &message, db)
            if receipts.isEmpty {
                message.keepers = try self.keepers(of: message.log, UInt64(clamping: record.last), db)
            }
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

    /// How many of a room have a message. It is read when all have read it.
    private func count(
        _ message: inout Message, _ record: MessageRecord, _ receipts: [ReceiptRecord], _ db: Database
    ) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(DISTINCT member.person) AS members,
                        count(DISTINCT CASE receipt.state WHEN 1 THEN member.person END) AS delivered,
                        count(DISTINCT CASE receipt.state WHEN 2 THEN member.person END) AS read,
                        max(CASE receipt.state WHEN 2 THEN receipt.at END) AS at
                    FROM member LEFT JOIN recipient ON recipient.person = member.person
                    LEFT JOIN receipt ON receipt.message = ?1 AND receipt.recipient = recipient.number
                    WHERE member.conversation = ?2 AND member.person <> ?3
                    """), arguments: [record.number, record.conversation, record.author])
        guard let row else { return }
        let receipts = Message.RoomReceipts(
            members: try row.decode(Int.self, forColumn: "members"),
            delivered: try row.decode(Int.self, forColumn: "delivered"),
            read: try row.decode(Int.self, forColumn: "read"))
        message.receipts = receipts
        message.readAt =
            receipts.members > 0 && receipts.read == receipts.members
            ? try row.decode(Int64?.self, forColumn: "at").map(Timestamp.init(sql:)) : nil
    }

    /// Reactions, acknowledgements and reminders, in the order of what they came with: of each person and emoji the
    /// last word counts.
    private func putSigns(to message: inout Message, _ db: Database) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT kind, person, emoji, state, at FROM sign WHERE target = ?1 AND hidden = 0
                        AND (conversation IS NULL OR conversation = ?2) ORDER BY ordering, id
                    """), arguments: [message.id.data, message.conversation.data])
        let signs = try self.values(rows, of: "sign") { row -> (SignRecord, PersonID)? in
            let record = try SignRecord(row: row)
            return PersonID(record.person).map { (record, $0) }
        }
        var acknowledged: [PersonID: Timestamp] = [:]
        for (sign, person) in signs {
            let at = Timestamp(sql: sign.at)
            switch FactWriter.Sign(rawValue: sign.kind) {
            case .reaction:
                let reaction = Message.Reaction(person: person, emoji: sign.emoji)
                message.reactions.removeAll { $0 == reaction }
                if sign.state { message.reactions.append(reaction) }
            case .acknowledge: acknowledged[person] = min(at, acknowledged[person] ?? at)
            case .remind where person == message.author: message.remindedAt = max(at, message.remindedAt ?? at)
            case .remind, nil: break
            }
        }
        message.acknowledgements = acknowledged.map { .init(person: $0, at: $1) }
            .sorted { ($0.at, $0.person) < ($1.at, $1.person) }
    }
}
