import EarshotModel
import Foundation
import GRDB

/// What is shown of rooms (Protocol.md 17). An envelope of a stay that does not count is kept and folded into nothing;
/// it is folded once its stay counts, and taken back if it counts no more.
extension FactWriter {
    mutating func take(_ room: KnownRoom) throws {
        try RoomRecord(room).insert(self.db)
        try self.run(
            "INSERT OR REPLACE INTO conversation (id, kind) VALUES (?, 'operations')", [room.id.operations.data])
        self.rooms[room.id.operations] = true
    }

    mutating func setMembers(_ conversation: ConversationID, _ persons: Set<PersonID>) throws {
        try self.run("INSERT OR REPLACE INTO conversation (id, kind) VALUES (?, 'room')", [conversation.data])
        self.rooms[conversation] = true
        try self.run("DELETE FROM member WHERE conversation = ?", [conversation.data])
        for person in persons.sorted() {
            try self.run("INSERT INTO member (conversation, person) VALUES (?, ?)", [conversation.data, person.data])
        }
    }

    /// A log of which we have nothing before.
    mutating func begin(_ conversation: ConversationID, _ start: LogStart) throws {
        let seq = Int64(clamping: start.seq)
        try self.run(
            """
            INSERT INTO log (log, conversation, device, seq, id, after) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (log)
            DO UPDATE SET seq = excluded.seq, id = excluded.id, after = excluded.after WHERE excluded.seq > seq
            """,
            [start.log.data, conversation.data, start.device.data, seq, start.id.data, seq])
        self.forgetHead(of: start.log, before: start.seq)
    }

    /// Whether what an envelope says counts.
    mutating func isShown(_ content: Content, _ envelope: Envelope) throws -> Bool {
        guard !content.isOfRoom else { return false }
        // In a talk of two the number says nothing.
        guard envelope.membership != 0, try self.isOfRoom(envelope.conversation) else { return true }
        return envelope.seq <= (try self.limit(of: envelope)).reaches(content)
    }

    private mutating func isOfRoom(_ conversation: ConversationID) throws -> Bool {
        if let known = self.rooms[conversation] { return known }
        let kind = try String.fetchOne(
            self.db.cachedStatement(sql: "SELECT kind FROM conversation WHERE id = ?"), arguments: [conversation.data])
        let isRoom = kind == "room" || kind == "operations"
        self.rooms[conversation] = isRoom
        return isRoom
    }

    private mutating func limit(of envelope: Envelope) throws -> ShownLimit {
        let stretch = Stretch(log: envelope.log, membership: envelope.membership)
        if let known = self.limits[stretch] { return known }
        let limit = try self.limit(of: stretch)
        self.limits[stretch] = limit
        return limit
    }

    private func limit(of stretch: Stretch) throws -> ShownLimit {
        try ShownRecord.fetchOne(
            self.db.cachedStatement(sql: "SELECT * FROM shown WHERE log = ? AND membership = ?"),
            arguments: [stretch.log.data, Int64(clamping: stretch.membership)])?.limit ?? .nothing
    }

    private struct Kept: Decodable, FetchableRecord {
        let wire: Data
        let arrived: Int64?
    }

    /// From now on so much of a stretch is shown.
    mutating func show(_ conversation: ConversationID, _ stretch: Stretch, _ limit: ShownLimit) throws {
        if try !self.isOfRoom(conversation) {
            try self.run("INSERT OR REPLACE INTO conversation (id, kind) VALUES (?, 'room')", [conversation.data])
            self.rooms[conversation] = true
        }
        let before = try self.limit(of: stretch)
        guard before != limit else { return }
        try ShownRecord(stretch, limit).insert(self.db)
        self.limits[stretch] = limit
        let (low, high) = (min(before.words, limit.words), max(before.all, limit.all))
        let rows = try Kept.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT wire, arrived FROM envelope WHERE log = ? AND seq > ? AND seq <= ? AND wire IS NOT NULL
                    ORDER BY seq
                    """), arguments: [stretch.log.data, Int64(clamping: low), Int64(clamping: high)])
        guard !rows.isEmpty, let author = try self.author(of: stretch.log) else { return }
        for row in rows {
            guard let (envelope, content) = self.reader(Array(row.wire)), envelope.membership == stretch.membership,
                !content.isOfRoom
            else { continue }
            let was = envelope.seq <= before.reaches(content)
            let isNow = envelope.seq <= limit.reaches(content)
            guard was != isNow else { continue }
            let arrived = row.arrived.map(Timestamp.init(sql:)) ?? Timestamp(milliseconds: envelope.stamp.milliseconds)
            if isNow {
                try self.reveal(content, envelope, author, arrived)
            } else {
                try self.hide(content, envelope, author)
            }
        }
    }

    private mutating func reveal(
        _ content: Content, _ envelope: Envelope, _ author: PersonID, _ arrived: Timestamp
    ) throws {
        let isHere = try Bool.fetchOne(
            self.db.cachedStatement(sql: "SELECT 1 FROM message WHERE id = ?"), arguments: [envelope.id.data])
        if isHere ?? false {
            try self.run(
                "UPDATE message SET hidden = 0, changed = ?, change = 'said' WHERE id = ?",
                [self.cursor, envelope.id.data])
            return
        }
        let order = try Data.fetchOne(
            self.db.cachedStatement(sql: "SELECT ordering FROM marker WHERE id = ?"), arguments: [envelope.id.data])
        try self.run("DELETE FROM marker WHERE id = ?", [envelope.id.data])
        let place = Place(
            envelope, author: author, order: OrderKey(bytes: order.map { Array($0) } ?? []), arrived: arrived)
        try self.foldOrSetAside(content, place)
    }

    /// Takes back what an envelope did. What was deleted for it stays deleted: it was a request.
    private mutating func hide(_ content: Content, _ envelope: Envelope, _ author: PersonID) throws {
        let id = envelope.id.data
        switch content {
        case .text(let text):
            try self.run(
                "UPDATE message SET hidden = 1, changed = ? WHERE id = ?",
                [self.cursor, (text.first ?? envelope.id).data])
        case .file, .unknown:
            try self.run("UPDATE message SET hidden = 1, changed = ? WHERE id = ?", [self.cursor, id])
        case .edit(let target, _):
            try self.run("DELETE FROM amendment WHERE target = ? AND id = ?", [target.data, id])
            try self.editAgain(target, by: author)
        case .delete(let target): try self.run("DELETE FROM amendment WHERE target = ? AND id = ?", [target.data, id])
        case .reaction(let target, _, _):
            try self.run("DELETE FROM reaction WHERE target = ? AND id = ?", [target.data, id])
            try self.touch(target, "reacted")
        case .acknowledge(let target):
            try self.run("DELETE FROM acknowledgement WHERE target = ? AND id = ?", [target.data, id])
            try self.touch(target, "reacted")
        case .remind(let target):
            try self.run("DELETE FROM reminder WHERE target = ? AND id = ?", [target.data, id])
            try self.touch(target, "reacted")
        case .answer, .lifetime, .invitation, .room: break
        }
    }

    /// Something was put to a message.
    func touch(_ target: EnvelopeID, _ change: String) throws {
        try self.run(
            "UPDATE message SET changed = ?, change = ? WHERE id = ?", [self.cursor, change, target.data])
    }

    // MARK: what is asked of those who read

    func acknowledge(_ target: EnvelopeID, _ place: Place) throws {
        try self.run(
            "INSERT OR IGNORE INTO acknowledgement (target, id, person, at) VALUES (?, ?, ?, ?)",
            [target.data, place.envelope.id.data, place.author.data, place.at])
        try self.touch(target, "reacted")
    }

    func remind(_ target: EnvelopeID, _ place: Place) throws {
        try self.run(
            "INSERT OR IGNORE INTO reminder (target, id, person, at) VALUES (?, ?, ?, ?)",
            [target.data, place.envelope.id.data, place.author.data, place.at])
        try self.touch(target, "reacted")
    }

    /// The newest word on how long messages of a talk of two stay.
    func setLifetime(_ time: UInt64, _ place: Place) throws {
        guard place.envelope.membership == 0 else { return }
        try self.run(
            """
            INSERT INTO lifetime (conversation, time, ordering, id) VALUES (?, ?, ?, ?) ON CONFLICT (conversation)
            DO UPDATE SET time = excluded.time, ordering = excluded.ordering, id = excluded.id
            WHERE (excluded.ordering, excluded.id) > (ordering, id)
            """,
            [
                place.envelope.conversation.data, Int64(clamping: time), place.order.bytes.data,
                place.envelope.id.data,
            ])
    }
}

extension ShownLimit {
    /// Up to where this kind of content is shown.
    fileprivate func reaches(_ content: Content) -> UInt64 { content.isWords ? self.words : self.all }
}

extension Content {
    /// It says something in a room's conversation of operations alone, which nobody reads.
    fileprivate var isOfRoom: Bool {
        if case .room = self { true } else { false }
    }
}
