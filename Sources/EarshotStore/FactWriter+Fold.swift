import EarshotModel
import Foundation
import GRDB

/// Where an envelope stands, for what it does to messages.
struct Place {
    let envelope: Envelope
    let author: PersonID
    let order: OrderKey
    let arrived: Timestamp

    init(_ envelope: Envelope, author: PersonID, order: OrderKey, arrived: Timestamp) {
        self.envelope = envelope
        self.author = author
        self.order = order
        self.arrived = arrived
    }

    var stamp: Int64 { Int64(clamping: self.envelope.stamp.raw) }

    /// When it goes by itself, so many ms after it came.
    func expires(after lifetime: UInt64) -> Int64 {
        let (end, isBeyond) = self.arrived.milliseconds.addingReportingOverflow(lifetime)
        return isBeyond ? .max : Int64(clamping: end)
    }

    /// 2025: a clock before it was never set and says nothing of others.
    private static let unset = Timestamp(milliseconds: 1_735_689_600_000)

    /// When it was written, as it is shown: the stamp, unless that cannot be. It is not ahead of when it came, and
    /// not long before what it answers.
    var at: Int64 {
        let stamp = Timestamp(milliseconds: self.envelope.stamp.milliseconds)
        guard self.arrived >= Self.unset else { return stamp.sql }
        if self.envelope.stamp.isFar(ahead: self.arrived) { return self.arrived.sql }
        if let above = self.order.above, !above.isFar(ahead: self.arrived), above.isFar(ahead: stamp) {
            return self.arrived.sql
        }
        return stamp.sql
    }
}

/// Folding envelopes into messages (Protocol.md 7), in whatever order they come.
extension FactWriter {
    mutating func fold(_ content: Content, _ place: Place) throws {
        guard try self.isShown(content, place.envelope) else { return try self.mark(place.envelope.id, place.order) }
        if !content.isShown { try self.mark(place.envelope.id, place.order) }
        switch content {
        case .text(let text) where text.part > 0: try self.add(part: text, place)
        case .text(let text): try self.add(text, unknown: nil, place)
        case .file(let offer): try self.add(Content.Text(offer.name), unknown: nil, offer: offer, place)
        // Of transfers the rules have their own facts.
        case .answer: break
        case .acknowledge(let target): try self.acknowledge(target, place)
        case .remind(let target): try self.remind(target, place)
        case .lifetime(let time): try self.setLifetime(time, place)
        case .invitation(let invitation):
            try self.add(Content.Text(invitation.charter.name), unknown: nil, invitation: invitation, place)
        case .room: break
        case .unknown(let kind): try self.add(Content.Text(""), unknown: kind, place)
        case .edit(let target, let text): try self.amend(target, text: text, place)
        case .delete(let target): try self.amend(target, text: nil, place)
        case .reaction(let target, let emoji, let on): try self.react(target, emoji, on, place)
        }
    }

    /// The line of an envelope that could not be put into the history, so that people see that there is something.
    mutating func stand(in content: Content, _ place: Place, _ why: String) throws {
        guard content.isShown else { return try self.mark(place.envelope.id, place.order) }
        try self.add(Content.Text(""), unknown: nil, place)
        try self.run("UPDATE message SET problem = ? WHERE id = ?", [why, place.envelope.id.data])
    }

    private mutating func add(
        _ text: Content.Text, unknown: UInt32?, offer: FileOffer? = nil, invitation: Invitation? = nil, _ place: Place
    ) throws {
        let envelope = place.envelope
        if text.parts > 1 { try self.keep(text, of: envelope.id, place) }
        let seq = Int64(clamping: envelope.seq)
        try self.run(
            hot: """
                INSERT OR IGNORE INTO message
                (id, conversation, author, device, log, seq, last, text, parts, held, reply, at, stamp, arrived,
                    unknown, offer, changed, change, ordering, membership, asks, mentions, expires, invitation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'said', ?, ?, ?, ?, ?, ?)
                """,
            [
                .id(envelope.id), .id(envelope.conversation), .id(place.author), .id(envelope.device),
                .log(envelope.log), .integer(seq),
                .integer(Int64(clamping: envelope.seq &+ UInt64(max(1, text.parts)) &- 1)), .text(text.text.kept),
                .integer(Int64(text.parts)), .integer(1),
                text.replyTo.map { .id($0) } ?? .nothing, .integer(place.at), .integer(place.stamp),
                .integer(place.arrived.sql),
                unknown.map { .integer(Int64($0)) } ?? .nothing, offer.map { .text(json($0)) } ?? .nothing,
                .integer(self.cursor),
                .bytes(place.order.bytes), .integer(Int64(clamping: envelope.membership)),
                .integer(text.extras.asks ? 1 : 0),
                text.extras.mentions.isEmpty ? .nothing : .bytes(text.extras.mentions.flatMap(\.bytes)),
                text.extras.lifetime == 0 ? .nothing : .integer(place.expires(after: text.extras.lifetime)),
                invitation.map { .text(json(InvitationRecord($0))) } ?? .nothing,
            ])
        if text.parts > 1 { try self.join(envelope.id, by: place.author) }
        try self.applyWaiting(to: envelope.id, by: place.author)
    }

    /// Where a part lies is its key: the same part may be told of in two places, and only one of them counts.
    private func keep(_ text: Content.Text, of first: EnvelopeID, _ place: Place) throws {
        try self.run(
            "INSERT OR IGNORE INTO part (first, log, seq, part, author, text) VALUES (?, ?, ?, ?, ?, ?)",
            [
                first.data, place.envelope.log.data, Int64(clamping: place.envelope.seq), Int64(text.part),
                place.author.data,
                text.text.kept,
            ])
    }

    /// A later part of a long text: kept, and joined once all are here.
    private mutating func add(part text: Content.Text, _ place: Place) throws {
        guard let first = text.first else { return }
        try self.keep(text, of: first, place)
        try self.join(first, by: place.author)
        try self.applyWaiting(to: first, by: place.author)
    }

    /// Counts the parts of a long text that are where they belong, in its log and as far behind part 0 as their
    /// number says (Protocol.md 7): whatever else calls itself a part of it, and in whatever order they come, is
    /// nothing to it. The text is joined once, when all of it is here; until then its beginning stands for it.
    private func join(_ first: EnvelopeID, by author: PersonID) throws {
        guard let row = try self.message(first, by: author), !row.isDeleted, row.held < row.parts else { return }
        let held =
            try Int64.fetchOne(
                self.db.cachedStatement(
                    sql: "SELECT count(*) FROM part WHERE first = ?1 AND log = ?2 AND seq = ?3 + part AND part < ?4"),
                arguments: [first.data, row.log, row.seq, row.parts]) ?? 0
        guard held > row.held else { return }
        try self.run(
            "UPDATE message SET held = ?, changed = ?, change = 'said' WHERE number = ?",
            [held, self.cursor, row.number])
        guard held == row.parts, row.edited == nil else { return }
        let parts = try String.fetchAll(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT text FROM part WHERE first = ?1 AND log = ?2 AND seq = ?3 + part AND part < ?4 ORDER BY
                        part
                    """
            ),
            arguments: [first.data, row.log, row.seq, row.parts])
        try self.reword(row, parts.joined())
    }

    /// Where a message stands that is here.
    private struct Standing: Decodable, FetchableRecord {
        let number: Int64
        let isDeleted: Bool
        let edited: Int64?
        let editStamp: Int64?
        let editID: Data?
        let log: Data
        let seq: Int64
        let held: Int64
        let parts: Int64
        let isOffer: Bool
    }

    private func message(_ id: EnvelopeID, by author: PersonID) throws -> Standing? {
        try Standing.fetchOne(
            self.db.cachedStatement(
                sql: """
                    SELECT number, deleted AS isDeleted, edited, edit_stamp AS editStamp, edit_id AS editID, log,
                        seq, held, parts,
                        offer IS NOT NULL AS isOffer
                    FROM message WHERE id = ? AND author = ?
                    """), arguments: [id.data, author.data])
    }

    private struct Edit: Decodable, FetchableRecord {
        let text: String
        let stamp: Int64
        let id: Data
        let at: Int64
    }

    private struct LogPlace: Decodable, FetchableRecord {
        let log: Data
        let seq: Int64
    }

    private func reword(_ row: Standing, _ text: String) throws {
        try self.run("UPDATE message SET text = ? WHERE number = ?", [text, row.number])
        // What is not in the index yet comes into it as it is then.
        if row.number <= self.indexed { try self.run("INSERT OR IGNORE INTO stale (number) VALUES (?)", [row.number]) }
    }

    /// An edit, or with no text a deletion. It waits if its target is not here.
    private mutating func amend(_ target: EnvelopeID, text: String?, _ place: Place) throws {
        try self.run(
            """
            INSERT OR IGNORE INTO amendment (target, id, author, text, stamp, at, log, seq, ordering) VALUES (?, ?,
                ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                target.data, place.envelope.id.data, place.author.data, text?.kept, place.stamp, place.at,
                place.envelope.log.data,
                Int64(clamping: place.envelope.seq), place.order.bytes.data,
            ])
        try self.applyWaiting(to: target, by: place.author)
    }

    /// Applies what waits for a message: a deletion is final, else the highest edit counts.
    func applyWaiting(to target: EnvelopeID, by author: PersonID) throws {
        // Of almost every message nothing does.
        let waits = try self.first(
            hot: "SELECT 1 FROM amendment WHERE target = ? AND author = ? LIMIT 1", [.id(target), .id(author)]
        ) { _ in true }
        guard waits != nil else { return }
        let isDeleted =
            try Bool.fetchOne(
                self.db.cachedStatement(
                    sql: "SELECT 1 FROM amendment WHERE target = ? AND author = ? AND text IS NULL LIMIT 1"),
                arguments: [target.data, author.data]) ?? false
        if isDeleted { return try self.forget(target, author) }
        guard let row = try self.message(target, by: author), !row.isOffer else { return }
        let best = try Edit.fetchOne(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT text, stamp, id, at FROM amendment WHERE target = ? AND author = ? ORDER BY ordering
                        DESC, id DESC LIMIT 1
                    """
            ),
            arguments: [target.data, author.data])
        guard let best, best.stamp != row.editStamp || best.id != row.editID else { return }
        try self.reword(row, best.text)
        try self.run(
            """
            UPDATE message SET edited = ?, edit_stamp = ?, edit_id = ?, changed = ?, change = 'edited' WHERE number
                = ?
            """,
            [best.at, best.stamp, best.id, self.cursor, row.number])
    }

    /// The words of a message after one of its edits was taken back.
    func editAgain(_ target: EnvelopeID, by author: PersonID) throws {
        guard let row = try self.message(target, by: author), !row.isDeleted else { return }
        let wire = try Data.fetchOne(
            self.db.cachedStatement(sql: "SELECT wire FROM envelope WHERE log = ? AND seq = ?"),
            arguments: [row.log, row.seq])
        if let (_, content) = wire.flatMap({ self.reader(Array($0)) }), case .text(let text) = content {
            try self.reword(row, text.text.kept)
        }
        try self.run(
            """
            UPDATE message SET edited = NULL, edit_stamp = NULL, edit_id = NULL, held = min(held, 1), changed = ?,
                change = 'edited' WHERE number = ?
            """, [self.cursor, row.number])
        if row.parts > 1 { try self.join(target, by: author) }
        try self.applyWaiting(to: target, by: author)
    }

    /// Words go, places stay: the bodies of the message, its parts and its edits are dropped from the disk, also of
    /// those that come when it is deleted already.
    func forget(_ target: EnvelopeID, _ author: PersonID) throws {
        if let row = try self.message(target, by: author), !row.isDeleted {
            try self.reword(row, "")
            try self.run(
                """
                UPDATE message SET deleted = 1, held = parts, edited = NULL, edit_stamp = NULL, edit_id = NULL,
                    offer = NULL, problem = NULL,
                changed = ?, change = 'deleted' WHERE number = ?
                """, [self.cursor, row.number])
            try self.drop(row.log, row.seq, target)
        }
        let places = try LogPlace.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT log, seq FROM part WHERE first = ?1 AND author = ?2
                    UNION ALL SELECT log, seq FROM amendment WHERE target = ?1 AND author = ?2 AND text <> ''
                    """), arguments: [target.data, author.data])
        for place in places { try self.drop(place.log, place.seq, nil) }
        guard !places.isEmpty else { return }
        try self.run("DELETE FROM part WHERE first = ? AND author = ?", [target.data, author.data])
        try self.run(
            "UPDATE amendment SET text = '' WHERE target = ? AND author = ? AND text <> ''", [target.data, author.data])
    }

    /// A body goes; what it says of the order stays (Protocol.md 7).
    private func drop(_ log: Data, _ seq: Int64, _ id: EnvelopeID?) throws {
        let wire = try Data.fetchOne(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT wire FROM envelope WHERE log = ?1 AND seq = ?2 AND (?3 IS NULL OR id = ?3) AND wire IS
                        NOT NULL
                    """
            ),
            arguments: [log, seq, id?.data])
        guard let wire else { return }
        let envelope = self.reader(Array(wire))?.0
        try self.run(
            "UPDATE envelope SET wire = NULL, stamp = ?, ancestors = ? WHERE log = ? AND seq = ?",
            [
                envelope.map { Int64(clamping: $0.stamp.raw) }, envelope.map { $0.ancestors.flatMap(\.bytes).data },
                log, seq,
            ])
        try self.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('forgotten', 1)", [])
    }

    private func react(_ target: EnvelopeID, _ emoji: String, _ on: Bool, _ place: Place) throws {
        try self.put(
            reaction: target, emoji, on, by: place.author, stamp: place.envelope.stamp, id: place.envelope.id,
            place.order)
        try self.run("UPDATE message SET changed = ?, change = 'reacted' WHERE id = ?", [self.cursor, target.data])
    }

    /// The last word of a person for that emoji counts.
    func put(
        reaction target: EnvelopeID, _ emoji: String, _ on: Bool, by person: PersonID, stamp: HybridTime,
        id: EnvelopeID, _ order: OrderKey
    ) throws {
        try self.run(
            """
            INSERT INTO reaction (target, person, emoji, state, stamp, id, ordering) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (target, person, emoji)
            DO UPDATE SET state = excluded.state, stamp = excluded.stamp, id = excluded.id, ordering = excluded.ordering
            WHERE (excluded.ordering, excluded.id) > (ordering, id)
            """,
            [target.data, person.data, emoji.kept, on, Int64(clamping: stamp.raw), id.data, order.bytes.data])
    }
}

extension String {
    /// As SQLite keeps it: to it a text ends at U+0000, which nobody is shown.
    var kept: String { self.utf8.contains(0) ? self.filter { $0 != "\0" } : self }
}

extension Envelope {
    /// What it comes after.
    var ancestors: [EnvelopeID] { [self.prev].compactMap { $0 } + self.parents }
}

extension Content {
    /// Whether it has a line of its own in the history.
    var isShown: Bool {
        switch self {
        case .text(let text): text.part == 0
        case .file, .unknown: true
        case .edit, .delete, .reaction, .answer, .acknowledge, .remind, .lifetime, .room: false
        case .invitation: true
        }
    }
}
